package wire

import "github.com/gemini-image-chat/gemini-image-chat/imagechat"

// ExportPreview is what an export would yield.
type ExportPreview struct {
	Focus FocusPoint        `json:"focus" doc:"What stands out in the picture as a whole"`
	Files []ExportedPreview `json:"files" doc:"In the order asked for; a purpose named twice comes once"`
}

// FocusPoint is a place in a picture.
type FocusPoint struct {
	X float64 `json:"x" minimum:"0" maximum:"1" doc:"Fraction from the left" example:"0.5"`
	Y float64 `json:"y" minimum:"0" maximum:"1" doc:"Fraction from the top" example:"0.4"`
}

// ExportedPreview is one file of an export as it would be.
type ExportedPreview struct {
	Purpose     string                    `json:"purpose" example:"sns_instagram_square"`
	Format      ExportFormat              `json:"format,omitempty"`
	MIMEType    string                    `json:"mime_type,omitempty" example:"image/jpeg"`
	Width       int32                     `json:"width,omitempty" doc:"Pixels" example:"1080"`
	Height      int32                     `json:"height,omitempty" doc:"Pixels" example:"1080"`
	Bytes       int64                     `json:"bytes,omitempty" doc:"Of the whole file; an export of the same request has exactly these" example:"287412"`
	MaxBytes    int64                     `json:"max_bytes,omitempty" doc:"The purpose's limit; absent where none is known" example:"8000000"`
	SHA256      string                    `json:"sha256,omitempty" doc:"Of the file's bytes"`
	Quality     int32                     `json:"quality,omitempty" doc:"JPEG quality, 1 to 100; absent for PNG" example:"90"`
	Crop        *CropArea                 `json:"crop,omitempty" doc:"The part of the picture that is seen"`
	CropPercent float64                   `json:"crop_percent" doc:"Share of the picture's area that is cut away, 0 to 100" example:"25"`
	Scale       float64                   `json:"scale,omitempty" doc:"File pixels per picture pixel; above 1 it is enlarged" example:"1.05"`
	Warnings    []imagechat.ExportWarning `json:"warnings" doc:"What a person should look at"`
	Error       *Problem                  `json:"error,omitempty" doc:"Why this file cannot be made; then only purpose and max_bytes are told"`
}

// CropArea is a part of a picture in fractions of it.
type CropArea struct {
	X      float64 `json:"x" minimum:"0" maximum:"1" doc:"Fraction from the left" example:"0"`
	Y      float64 `json:"y" minimum:"0" maximum:"1" doc:"Fraction from the top" example:"0.125"`
	Width  float64 `json:"width" minimum:"0" maximum:"1" example:"1"`
	Height float64 `json:"height" minimum:"0" maximum:"1" example:"0.75"`
}

// NewExportPreview shows a preview. requestID goes into the files' problems.
func NewExportPreview(p *imagechat.ExportPreview, l Locale, requestID string) ExportPreview {
	return ExportPreview{Focus: FocusPoint(p.Focus), Files: list(p.Files, func(f *imagechat.PreviewedFile) ExportedPreview {
		w := ExportedPreview{Purpose: f.Purpose, MaxBytes: f.MaxBytes, Warnings: notNil(f.Warnings)}
		if f.Err != nil {
			problem := NewProblem(f.Err, l)
			problem.RequestID = requestID
			w.Error = &problem
			return w
		}
		w.Format, w.MIMEType, w.Width, w.Height = ExportFormat(f.Format), f.MIMEType, int32(f.Width), int32(f.Height)
		w.Bytes, w.SHA256, w.Quality = f.Bytes, string(f.SHA256), int32(f.Quality)
		w.Crop, w.CropPercent, w.Scale = (*CropArea)(&f.Crop), f.CropPercent, f.Scale
		return w
	})}
}
