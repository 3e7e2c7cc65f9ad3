package humaapi

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/wire"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

type exportInput struct {
	ImagePath
	Purpose string            `query:"purpose" maxLength:"64" doc:"Where the file will be used; or give width and height" example:"sns_instagram_square"`
	Width   int               `query:"width" minimum:"1" maximum:"4096" doc:"Pixels; the purpose custom has the conversation's by default"`
	Height  int               `query:"height" minimum:"1" maximum:"4096" doc:"Pixels; the purpose custom has the conversation's by default"`
	Format  wire.ExportFormat `query:"format" doc:"Default: the purpose's"`
	Fit     wire.FitMode      `query:"fit" doc:"Default: cover"`
	Focus   string            `query:"focus" maxLength:"40" doc:"What a crop keeps, as fractions x,y from the top left; default: found in the picture" example:"0.5,0.4"`

	Background string `query:"background" maxLength:"7" doc:"Colour as #RRGGBB that a transparent picture is set on, and of the margins of contain; default: white where the file cannot be transparent. The # is written as %23 or left out" example:"f6d860"`
}

// CreateExportRequest asks for several files of one picture.
type CreateExportRequest struct {
	ImageID  string                     `json:"image_id" minLength:"1" maxLength:"100"`
	Purposes []string                   `json:"purposes" minItems:"1" maxItems:"100" example:"sns_instagram_square,banner_web"`
	Width    wire.Whole                 `json:"width,omitempty" format:"int64" minimum:"1" maximum:"4096" doc:"Pixels of the purpose custom; default: the conversation's"`
	Height   wire.Whole                 `json:"height,omitempty" format:"int64" minimum:"1" maximum:"4096" doc:"Pixels of the purpose custom; default: the conversation's"`
	Formats  []wire.ExportFormat        `json:"formats,omitempty" maxItems:"2" doc:"Default: each purpose's own"`
	Fit      wire.FitMode               `json:"fit,omitempty" doc:"Default: cover"`
	Focus    *wire.FocusPoint           `json:"focus,omitempty" doc:"What a crop keeps; default: found in the picture"`
	Focuses  map[string]wire.FocusPoint `json:"focuses,omitempty" doc:"What the crops of single purposes keep, by the purpose's id; they come before focus"`

	Background string `json:"background,omitempty" maxLength:"7" doc:"Colour as #RRGGBB that a transparent picture is set on, and of the margins of contain; default: white where the file cannot be transparent" example:"#F6D860"`
}

// PreviewExportRequest asks what the files of an export would be.
type PreviewExportRequest struct {
	Purposes []string                   `json:"purposes" minItems:"1" maxItems:"100" example:"sns_instagram_square,banner_web"`
	Width    wire.Whole                 `json:"width,omitempty" format:"int64" minimum:"1" maximum:"4096" doc:"Pixels of the purpose custom; default: the conversation's"`
	Height   wire.Whole                 `json:"height,omitempty" format:"int64" minimum:"1" maximum:"4096" doc:"Pixels of the purpose custom; default: the conversation's"`
	Formats  []wire.ExportFormat        `json:"formats,omitempty" maxItems:"2" doc:"Default: each purpose's own"`
	Fit      wire.FitMode               `json:"fit,omitempty" doc:"Default: cover"`
	Focus    *wire.FocusPoint           `json:"focus,omitempty" doc:"What a crop keeps; default: found in the picture, for each file its own"`
	Focuses  map[string]wire.FocusPoint `json:"focuses,omitempty" doc:"What the crops of single purposes keep, by the purpose's id; they come before focus"`

	Background string `json:"background,omitempty" maxLength:"7" doc:"Colour as #RRGGBB that a transparent picture is set on, and of the margins of contain; default: white where the file cannot be transparent" example:"#F6D860"`
}

type previewExportInput struct {
	ImagePath
	Body PreviewExportRequest
}

type createExportInput struct {
	SessionPath
	Body CreateExportRequest
}

type uploadInput struct {
	Role imagechat.ImageRole `query:"role" doc:"reference (default) or logo"`
}

func (ops *operations) registerExports(api huma.API) {
	add(api, huma.Operation{
		OperationID: "exportImage", Method: http.MethodGet, Path: base + "/images/{image_id}/export",
		Tags: []string{"exports"}, Summary: "Finish a picture to exact pixels",
		Description: "The file has exactly the purpose's pixels and stays under its byte limit, or the answer says why it cannot. Encoding it anew ends the maker's C2PA signature; a generated picture's file says in XMP that it was made by AI (IPTC DigitalSourceType trainedAlgorithmicMedia) and from which original.",
		Errors:      with(http.StatusNotFound),
		Responses:   map[string]*huma.Response{"200": {Description: "The file", Content: binary("image/png", "image/jpeg")}},
	}, ops.exportImage)
	add(api, huma.Operation{
		OperationID: "previewExport", Method: http.MethodPost, Path: base + "/images/{image_id}/export/preview",
		Tags: []string{"exports"}, Summary: "Tell what the files of an export would be",
		Description: "The exact size, bytes and crop of every file, and what stands out in the picture. Nothing is kept and the picture does not count as exported; an export of the same request has the very bytes that are announced. What cannot be made says why in its place.",
		Errors:      with(http.StatusBadRequest, http.StatusNotFound),
		Metadata:    map[string]any{readsOnly: true},
	}, ops.previewExport)
	add(api, huma.Operation{
		OperationID: "createExport", Method: http.MethodPost, Path: base + "/sessions/{session_id}/exports",
		Tags: []string{"exports"}, Summary: "Finish a picture for several purposes, as a ZIP",
		Description: "The ZIP holds every file at its exact size and a manifest.json that lists them.",
		Errors:      with(http.StatusBadRequest, http.StatusNotFound, http.StatusRequestEntityTooLarge),
		Responses:   map[string]*huma.Response{"200": {Description: "The ZIP", Content: binary("application/zip")}},
		Metadata:    map[string]any{readsOnly: true}, // that it was exported is noted where there is room
	}, ops.createExport)
	add(api, huma.Operation{
		OperationID: "uploadImage", Method: http.MethodPost, Path: base + "/uploads", DefaultStatus: http.StatusCreated,
		Tags: []string{"images"}, Summary: "Upload a picture to refer to",
		Description: "PNG, JPEG, WebP or GIF (its first frame), at most 20 MB and 50 megapixels. It is encoded anew without its metadata.",
		Errors:      with(http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType),
	}, ops.uploadImage, withRequest)
	documentUpload(api, base+"/uploads")
}

func (ops *operations) registerLogo(api huma.API) {
	add(api, huma.Operation{
		OperationID: "uploadBrandLogo", Method: http.MethodPost, Path: base + "/brands/{brand_id}/logo",
		Tags: []string{"brands"}, Summary: "Upload a brand's logo",
		Errors: with(http.StatusBadRequest, http.StatusNotFound, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType),
	}, ops.uploadLogo, withRequest)
	documentUpload(api, base+"/brands/{brand_id}/logo")
}

// documentUpload says what the body is after the route was registered:
// huma would read a body that it knows of into memory.
func documentUpload(api huma.API, path string) {
	api.OpenAPI().Paths[path].Post.RequestBody = &huma.RequestBody{
		Required: true,
		Content: map[string]*huma.MediaType{"multipart/form-data": {
			Schema: &huma.Schema{
				Type: huma.TypeObject, Required: []string{"file"},
				Properties: map[string]*huma.Schema{"file": {Type: huma.TypeString, Format: "binary", Description: "The picture"}},
			},
			Example: map[string]any{"file": "(the bytes of latte.png)"},
		}},
	}
}

func (ops *operations) exportImage(ctx context.Context, in *exportInput) (*raw, error) {
	focus, err := parseFocus(in.Focus)
	if err != nil {
		return nil, err
	}
	f, err := ops.svc.Export(ctx, in.ImageID, imagechat.ExportSpec{
		Purpose: in.Purpose, Width: in.Width, Height: in.Height, Format: string(in.Format), Fit: string(in.Fit), Focus: focus,
		Background: in.Background,
	})
	if err != nil {
		return nil, err
	}
	return stream(func(w http.ResponseWriter, r *http.Request) {
		defer f.Close()
		h := w.Header()
		imageHeaders(h, f.MIMEType, string(f.SHA256))
		h.Set("Cache-Control", "private, no-cache") // the same address may be finished differently by a later version
		h.Set("Content-Disposition", disposition(f.Name))
		serve(w, r, time.Time{}, f.Content)
	}), nil
}

// parseFocus reads "x,y", both fractions from 0 to 1.
func parseFocus(s string) (*imagechat.Point, error) {
	if s == "" {
		return nil, nil
	}
	xs, ys, _ := strings.Cut(s, ",")
	x, errX := strconv.ParseFloat(strings.TrimSpace(xs), 64)
	y, errY := strconv.ParseFloat(strings.TrimSpace(ys), 64)
	if errX != nil || errY != nil || !(x >= 0 && x <= 1) || !(y >= 0 && y <= 1) {
		return nil, &imagechat.Error{Code: imagechat.InvalidRequest, Fields: []imagechat.FieldError{{Location: "focus", Rule: "format"}}}
	}
	return &imagechat.Point{X: x, Y: y}, nil
}

func (ops *operations) previewExport(ctx context.Context, in *previewExportInput) (*body[wire.ExportPreview], error) {
	p, err := ops.svc.PreviewExport(ctx, in.ImageID, imagechat.PreviewRequest{
		Purposes: in.Body.Purposes, Width: int(in.Body.Width), Height: int(in.Body.Height), Formats: formatNames(in.Body.Formats),
		Fit: string(in.Body.Fit), Focus: (*imagechat.Point)(in.Body.Focus), Focuses: points(in.Body.Focuses), Background: in.Body.Background,
	})
	if err != nil {
		return nil, err
	}
	return answer(wire.NewExportPreview(p, wire.LocaleOf(ctx), wire.CallerOf(ctx).RequestID), nil)
}

func points(of map[string]wire.FocusPoint) map[string]imagechat.Point {
	out := make(map[string]imagechat.Point, len(of))
	for id, p := range of {
		out[id] = imagechat.Point(p)
	}
	return out
}

func formatNames(formats []wire.ExportFormat) []string {
	var names []string
	for _, f := range formats {
		names = append(names, string(f))
	}
	return names
}

func (ops *operations) createExport(ctx context.Context, in *createExportInput) (*raw, error) {
	pack, err := ops.svc.ExportPack(ctx, in.SessionID, imagechat.PackRequest{
		ImageID: imagechat.ImageID(in.Body.ImageID), Purposes: in.Body.Purposes, Width: int(in.Body.Width), Height: int(in.Body.Height),
		Formats: formatNames(in.Body.Formats), Fit: string(in.Body.Fit), Focus: (*imagechat.Point)(in.Body.Focus), Focuses: points(in.Body.Focuses), Background: in.Body.Background,
	})
	if err != nil {
		return nil, err
	}
	return stream(func(w http.ResponseWriter, req *http.Request) {
		first := &firstByte{w: w, begin: func(h http.Header) {
			h.Set("Content-Type", "application/zip")
			h.Set("Content-Disposition", disposition(pack.Name))
			h.Set("Cache-Control", "no-store")
		}}
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(fileWriteTime))
		err := pack.Write(req.Context(), first)
		switch {
		case err == nil:
		case !first.began:
			writeProblem(w, req, err, 0)
		default: // cut the connection: half a ZIP must not look whole
			noteFailure(ctx, imagechat.CodeOf(err), err)
			panic(http.ErrAbortHandler)
		}
	}), nil
}

// firstByte sends the headers with the first byte, so that a failure before
// it can still be told.
type firstByte struct {
	w     http.ResponseWriter
	begin func(http.Header)
	began bool
}

// Write passes b on.
func (f *firstByte) Write(b []byte) (int, error) {
	if !f.began {
		f.began = true
		f.begin(f.w.Header())
	}
	return f.w.Write(b)
}

// Limits of an upload. The part's headers and the multipart frame get a
// little room beside the picture itself.
const (
	maxUploadBody  = imagechat.MaxUploadBytes + 64<<10
	uploadReadTime = 5 * time.Minute
)

func (ops *operations) uploadImage(ctx context.Context, in *uploadInput) (*created[wire.Image], error) {
	role := in.Role
	switch role {
	case "":
		role = imagechat.ImageReference
	case imagechat.ImageReference, imagechat.ImageLogo:
	default:
		return nil, &imagechat.Error{Code: imagechat.InvalidRequest, Fields: []imagechat.FieldError{{Location: "role", Rule: "unknown"}}}
	}
	i, err := ops.upload(ctx, role)
	if err != nil {
		return nil, err
	}
	return &created[wire.Image]{Location: base + "/images/" + string(i.ID), Body: wire.NewImage(i, wire.LocaleOf(ctx))}, nil
}

func (ops *operations) uploadLogo(ctx context.Context, in *BrandPath) (*body[wire.Brand], error) {
	if _, err := ops.svc.Brand(ctx, in.BrandID); err != nil { // before a picture is stored
		return nil, err
	}
	i, err := ops.upload(ctx, imagechat.ImageLogo)
	if err != nil {
		return nil, err
	}
	b, err := ops.svc.UpdateBrand(ctx, in.BrandID, imagechat.BrandPatch{LogoImageID: &i.ID})
	if err != nil {
		return nil, err
	}
	return answer(wire.NewBrand(b, wire.LocaleOf(ctx)), nil)
}

type exchangeKey struct{}

// exchange is a request and its writer, for operations that read the body themselves.
type exchange struct {
	w http.ResponseWriter
	r *http.Request
}

// withRequest is a middleware that lets an operation read the body itself.
func withRequest(ctx huma.Context, next func(huma.Context)) {
	r, w := humago.Unwrap(ctx)
	next(huma.WithValue(ctx, exchangeKey{}, exchange{w, r}))
}

// upload reads the multipart body's file part straight into the service,
// without a copy in memory or on disk.
func (ops *operations) upload(ctx context.Context, role imagechat.ImageRole) (*imagechat.Image, error) {
	x := ctx.Value(exchangeKey{}).(exchange)
	if x.r.ContentLength > maxUploadBody {
		return nil, tooLargeUpload // without reading any of it
	}
	_ = http.NewResponseController(x.w).SetReadDeadline(time.Now().Add(uploadReadTime)) // not every writer has one
	x.r.Body = http.MaxBytesReader(x.w, x.r.Body, maxUploadBody)
	parts, err := x.r.MultipartReader()
	if err != nil {
		wrong := notOfType("multipart/form-data")
		wrong.Err = err
		return nil, wrong
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, &imagechat.Error{Code: imagechat.InvalidRequest, Fields: []imagechat.FieldError{{Location: "file", Rule: "required"}}}
		}
		if err != nil {
			return nil, uploadError(err)
		}
		if part.FormName() != "file" {
			continue
		}
		file := &bodyReader{r: part}
		i, err := ops.svc.Upload(ctx, file, role) // which bounds the picture itself
		if file.err != nil {
			return nil, uploadError(file.err)
		}
		return i, err
	}
}

// uploadError is the failure of reading a form, which is its sender's: it is
// too large, cut off, or no form.
func uploadError(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return tooLargeUpload
	}
	return &imagechat.Error{Code: imagechat.MalformedRequest, Err: err}
}

// bodyReader keeps what went wrong in reading, to tell it from what becomes
// of what was read.
type bodyReader struct {
	r   io.Reader
	err error
}

// Read passes on.
func (b *bodyReader) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		b.err = err
	}
	return n, err
}

var tooLargeUpload = &imagechat.Error{Code: imagechat.PayloadTooLarge, Params: map[string]string{"max_bytes": strconv.Itoa(imagechat.MaxUploadBytes)}}
