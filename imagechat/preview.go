package imagechat

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat/finish"
)

// PreviewRequest asks what the files of an export would be.
type PreviewRequest struct {
	Purposes []string // ids, 1–100 files in all
	// Width and Height are the pixels of the purpose custom; default: the
	// session's.
	Width, Height int
	// Formats, if given, previews every purpose in each of them.
	Formats []string
	Fit     string
	Focus   *Point // nil: found, for each file its own
	// Focuses are those of single purposes, by id; they come before Focus.
	Focuses map[string]Point
	// Background is as in ExportSpec.
	Background string
}

// ExportPreview is what an export would yield.
type ExportPreview struct {
	// Focus is what stands out in the picture as a whole. With no focus in
	// the request each file has its own, which its Crop shows.
	Focus Point
	Files []PreviewedFile // in the order asked for
}

// PreviewedFile is one file as Export and ExportPack would make it, byte for
// byte. Err says why it cannot be made; then the rest but Purpose is not set.
type PreviewedFile struct {
	Purpose       string
	Format        string
	MIMEType      string
	Width, Height int
	Bytes         int64
	MaxBytes      int64 // the purpose's limit; 0: none is known
	SHA256        BlobKey
	Quality       int // of a JPEG; 0 for PNG
	// Transparent says that some of the file's pixels are not opaque.
	Transparent bool
	// Crop is the part of the picture that is seen, in fractions of it.
	Crop        Area
	CropPercent float64
	Scale       float64 // file pixels per picture pixel; above 1 it is enlarged
	Warnings    []ExportWarning
	Err         error
}

// Area is a part of a picture as fractions 0…1 of it.
type Area struct{ X, Y, Width, Height float64 }

// ExportWarning names something about a file that a person should look at.
type ExportWarning string

// The warnings. Each has a figure that it is seen from.
const (
	WarnCropped  ExportWarning = "cropped"  // more than a quarter is cut away
	WarnEnlarged ExportWarning = "enlarged" // by a third and more, which is seen
	WarnCoarse   ExportWarning = "coarse"   // the byte limit cost visible quality
	WarnOpaque   ExportWarning = "opaque"   // the placement wants a clear background, and the file has none
	// WarnLowContrast: next to nothing of a transparent picture can be told from
	// the background that it is set on.
	WarnLowContrast ExportWarning = "low_contrast"
	// WarnUnsigned: the byte limit left no room for the signed provenance.
	WarnUnsigned ExportWarning = "unsigned"
)

const (
	cropSeen      = 25   // percent of the area
	enlargeSeen   = 1.33 // times
	coarseJPEG    = 70   // quality below which edges and even areas show it
	coarseColours = 128  // of a PNG, dithered: even areas show the grain
	faintShare    = 0.1  // of a transparent picture, that stands out
)

// PreviewExport does what [Service.PreviewExport] promises.
func (s *pictures) PreviewExport(ctx context.Context, id ImageID, r PreviewRequest) (*ExportPreview, error) {
	img, err := s.image(ctx, s.repo, id)
	if err != nil {
		return nil, err
	}
	refused := map[int]error{}
	specs, purposes, err := s.packSpecs(ctx, img, PackRequest{
		Purposes: r.Purposes, Width: r.Width, Height: r.Height, Formats: r.Formats, Fit: r.Fit, Focus: r.Focus, Focuses: r.Focuses,
		Background: r.Background,
	}, refused)
	if err != nil {
		return nil, err
	}
	focus, err := s.foundFocus(ctx, img)
	if err != nil {
		return nil, keptError(err)
	}
	out := &ExportPreview{Focus: focus, Files: make([]PreviewedFile, len(specs))}
	var missing []int
	for i, spec := range specs {
		if why := refused[i]; why != nil {
			out.Files[i] = PreviewedFile{Err: why}
		} else if f, ok := s.previews.get(previewKey(img, spec)); ok {
			out.Files[i] = f
		} else {
			missing = append(missing, i)
		}
	}
	if err := s.preview(ctx, img, specs, missing, out.Files); err != nil {
		return nil, keptError(err)
	}
	for i := range out.Files { // several purposes share a file
		f := &out.Files[i]
		f.Purpose, f.MaxBytes = purposes[i].ID, purposes[i].MaxBytes
		if f.Err == nil && purposes[i].Alpha == AlphaPreferred && !f.Transparent {
			f.Warnings = append(slices.Clone(f.Warnings), WarnOpaque)
		}
	}
	return out, nil
}

// preview makes the missing files from one decoding and keeps their figures.
func (s *pictures) preview(ctx context.Context, img *Image, specs []finish.Spec, missing []int, files []PreviewedFile) error {
	if len(missing) == 0 {
		return nil
	}
	src, err := s.lib.openBlob(ctx, img.Blob)
	if err != nil {
		return err
	}
	defer src.Close()
	wanted := make([]finish.Spec, len(missing))
	for i, at := range missing {
		wanted[i] = specs[at]
	}
	o := s.exportOptions(ctx, img)
	o.Workers = 1 // people who save something come first
	err = finish.Pack(forOwner(ctx), src, wanted, o, func(i int, r finish.Result, err error) error {
		if err != nil && ctx.Err() != nil {
			return err
		}
		f := previewed(img, &r, o.Signer != nil)
		if err != nil {
			f = PreviewedFile{Err: keptError(src.reason(err))}
		}
		files[missing[i]] = f
		// That no file is small enough stays so; another failure may pass.
		var over *finish.OverLimitError
		if err == nil || errors.As(err, &over) {
			s.previews.put(previewKey(img, wanted[i]), f)
		}
		return nil
	})
	return src.reason(err)
}

// foundFocus is the subject of a picture, found once.
func (s *pictures) foundFocus(ctx context.Context, img *Image) (Point, error) {
	if p, ok := s.focuses.get(string(img.Blob)); ok {
		return p, nil
	}
	src, err := s.lib.openBlob(ctx, img.Blob)
	if err != nil {
		return Point{}, err
	}
	defer src.Close()
	found, err := finish.FindSubject(forOwner(ctx), src, &finish.Options{Limits: ownLimits})
	if err != nil {
		return Point{}, src.reason(err)
	}
	p := Point{X: found.X, Y: found.Y}
	s.focuses.put(string(img.Blob), p)
	return p, nil
}

func previewed(img *Image, r *finish.Result, signing bool) PreviewedFile {
	w, h := float64(img.Width), float64(img.Height)
	f := PreviewedFile{
		Format: string(r.Format), MIMEType: r.MIMEType, Width: r.Width, Height: r.Height, Bytes: r.Bytes, SHA256: BlobKey(r.SHA256),
		Quality: r.Quality, Transparent: r.Transparent, CropPercent: r.CropPercent, Scale: r.Scale,
		Crop: Area{float64(r.Crop.Min.X) / w, float64(r.Crop.Min.Y) / h, float64(r.Crop.Dx()) / w, float64(r.Crop.Dy()) / h},
	}
	for _, warning := range []struct {
		name ExportWarning
		on   bool
	}{
		{WarnCropped, r.CropPercent > cropSeen},
		{WarnEnlarged, r.Scale > enlargeSeen},
		{WarnCoarse, r.Format == finish.JPEG && r.Quality < coarseJPEG || r.Format == finish.PNG && r.Merged && r.Colors <= coarseColours},
		{WarnLowContrast, r.StandsOut < faintShare},
		{WarnUnsigned, signing && !r.Signed},
	} {
		if warning.on {
			f.Warnings = append(f.Warnings, warning.name)
		}
	}
	return f
}

// previewKey is everything that a file's bytes depend on.
func previewKey(img *Image, s finish.Spec) string {
	focus, background := "found", "own"
	if s.Focus != nil {
		focus = fmt.Sprint(*s.Focus)
	}
	if s.Background != nil {
		background = fmt.Sprint(*s.Background)
	}
	s.Focus, s.Background = nil, nil // written out, as %+v would tell where they are and not what
	return fmt.Sprintf("%s %s %s %s %+v", img.ID, img.Blob, focus, background, s)
}

// recent remembers the newest values by their keys.
type recent[V any] struct {
	most int

	mu    sync.Mutex
	byKey map[string]V
	order []string
}

func newRecent[V any](most int) *recent[V] { return &recent[V]{most: most, byKey: map[string]V{}} }

func (r *recent[V]) get(key string) (V, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	v, ok := r.byKey[key]
	return v, ok
}

func (r *recent[V]) put(key string, v V) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, known := r.byKey[key]; !known {
		if len(r.order) == r.most {
			delete(r.byKey, r.order[0])
			r.order = slices.Delete(r.order, 0, 1)
		}
		r.order = append(r.order, key)
	}
	r.byKey[key] = v
}
