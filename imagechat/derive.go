package imagechat

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"strconv"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat/finish"
)

// Bounds of thumbnails and uploads.
const (
	MinThumbnail   = 64
	MaxThumbnail   = 2048
	MaxUploadBytes = 20 << 20
)

// finishError gives finish's failures their codes. limits are those that the
// picture was held against. A failure of the store keeps the code that the
// store gave it; what nobody foresaw is Internal, never the storage's fault.
func finishError(err error, limits finish.Limits) error {
	if over, ok := errors.AsType[*finish.OverLimitError](err); ok {
		return &Error{Code: InvalidRequest, Fields: []FieldError{{Location: "format", Rule: "over_limit"}}, Err: err,
			Params: map[string]string{"max_bytes": strconv.FormatInt(over.MaxBytes, 10), "smallest_bytes": strconv.FormatInt(over.Smallest, 10)}}
	}
	switch {
	case err == nil:
		return nil
	case CodeOf(err) != Internal: // the store's, or the end of the context
		return err
	case errors.Is(err, finish.ErrTooLarge):
		return &Error{Code: PayloadTooLarge, Params: map[string]string{"max_bytes": strconv.FormatInt(limits.MaxBytes, 10)}, Err: err}
	case errors.Is(err, finish.ErrUnsupported):
		kind := ""
		if e, ok := errors.AsType[*finish.UnsupportedError](err); ok {
			kind = e.Kind
		}
		return &Error{Code: UnsupportedImage, Params: map[string]string{"cause": kind}, Err: err}
	case errors.Is(err, finish.ErrSpec):
		return &Error{Code: InvalidRequest, Fields: []FieldError{{Location: "size", Rule: "range"}}, Err: err}
	case errors.Is(err, finish.ErrInvalid):
		return invalidImage(err, limits)
	}
	return &Error{Code: Internal, Err: err}
}

// invalidImage says what of a picture cannot be worked with.
func invalidImage(err error, limits finish.Limits) *Error {
	p := map[string]string{"cause": "damaged"}
	switch {
	case errors.Is(err, finish.ErrTooMuchMemory):
		p["cause"] = "memory"
	case errors.Is(err, finish.ErrTooManyPixels):
		p["cause"], p["max_pixels"] = "pixels", strconv.FormatInt(limits.MaxPixels, 10)
	case errors.Is(err, finish.ErrTooLong):
		p["cause"], p["max_side"] = "side", strconv.Itoa(finish.MaxJPEGSide)
	}
	return &Error{Code: InvalidImage, Params: p, Err: err}
}

// keptError is finishError for a picture that is in a conversation already:
// the person did not upload this file just now, so its sentence speaks of the
// picture and not of an upload.
func keptError(err error) error {
	out := finishError(err, ownLimits)
	if e, ok := errors.AsType[*Error](out); ok && (e.Code == InvalidImage || e.Code == UnsupportedImage || e.Code == PayloadTooLarge) {
		kept := *e
		kept.Params = maps.Clone(e.Params)
		kept.Params["of"] = "kept"
		return &kept
	}
	return out
}

// storedBlob is a picture's bytes being read. It keeps what the store failed
// with, because a decoder turns that into a fault of the picture.
type storedBlob struct {
	io.ReadSeekCloser
	failed error
}

// openBlob opens a picture's bytes for a decoder. What the decoder says is to
// go through reason.
func (s *Service) openBlob(ctx context.Context, key BlobKey) (*storedBlob, error) {
	f, err := s.blobs.Open(ctx, key)
	if err != nil {
		return nil, err
	}
	return &storedBlob{ReadSeekCloser: f}, nil
}

// Read passes on.
func (b *storedBlob) Read(p []byte) (int, error) {
	n, err := b.ReadSeekCloser.Read(p)
	return n, b.note(err)
}

// Seek passes on.
func (b *storedBlob) Seek(offset int64, whence int) (int64, error) {
	n, err := b.ReadSeekCloser.Seek(offset, whence)
	return n, b.note(err)
}

func (b *storedBlob) note(err error) error {
	if err != nil && !errors.Is(err, io.EOF) && b.failed == nil {
		b.failed = err
	}
	return err
}

// reason is err, or what the store failed with underneath.
func (b *storedBlob) reason(err error) error {
	switch {
	case err == nil || b.failed == nil:
		return err
	case CodeOf(b.failed) != Internal:
		return b.failed
	}
	return &Error{Code: StorageUnavailable, Retryable: true, Err: b.failed}
}

// ownLimits are those of pictures that came from the generator, which the
// person did not choose: 4K of 8:1 is 16.5 megapixels, some makers go higher.
var ownLimits = finish.Limits{MaxBytes: 256 << 20, MaxPixels: 100_000_000}

// arrivalLimits bound what is taken from the generator at all. They lie far
// above ownLimits: a picture that was paid for is kept and can be downloaded,
// even where it is too large to be scaled here.
var arrivalLimits = finish.Limits{MaxBytes: 256 << 20, MaxPixels: 300_000_000}

// Thumbnail returns a copy scaled to width pixels (clamped to 64…2048; never
// enlarged): JPEG, or PNG where transparency matters. It is made once and
// kept. Where that fails the original is served instead.
func (s *Service) Thumbnail(ctx context.Context, id ImageID, width int) (*Variant, io.ReadSeekCloser, error) {
	img, err := s.image(ctx, s.repo, id)
	if err != nil {
		return nil, nil, err
	}
	width = min(max(width, MinThumbnail), MaxThumbnail)
	name := "w=" + strconv.Itoa(width)
	v, err := s.repo.GetVariant(ctx, img.Blob, name)
	if err == nil {
		f, err := s.blobs.Open(ctx, v.Blob)
		if CodeOf(err) != NotFound {
			return v, f, err
		}
	} else if CodeOf(err) != NotFound {
		return nil, nil, err
	}
	return s.makeThumbnail(ctx, img, name, width)
}

func (s *Service) makeThumbnail(ctx context.Context, img *Image, name string, width int) (*Variant, io.ReadSeekCloser, error) {
	src, err := s.openBlob(ctx, img.Blob)
	if err != nil {
		return nil, nil, err
	}
	defer src.Close()
	r, err := finish.Thumbnail(ctx, src, width, &finish.Options{Limits: ownLimits})
	if err != nil {
		return nil, nil, keptError(src.reason(err))
	}
	v := &Variant{
		Source: img.Blob, Name: name, Blob: BlobKey(r.SHA256), MIMEType: r.MIMEType,
		Width: r.Width, Height: r.Height, Bytes: r.Bytes,
	}
	s.blobUse.RLock()
	defer s.blobUse.RUnlock()
	if err := s.keepVariant(ctx, v, r.Data); err != nil {
		s.log.Warn("cannot keep thumbnail", "image", img.ID, "err", err)
	}
	return v, memoryFile{bytes.NewReader(r.Data)}, nil
}

func (s *Service) keepVariant(ctx context.Context, v *Variant, data []byte) error {
	if err := s.blobs.Put(ctx, v.Blob, bytes.NewReader(data)); err != nil {
		return err
	}
	return s.repo.PutVariant(ctx, v)
}

type memoryFile struct{ *bytes.Reader }

func (memoryFile) Close() error { return nil }

// Upload stores a picture of the person's, re-encoded without its metadata:
// PNG, JPEG, WebP or GIF (first frame), at most 20 MB and 50 megapixels.
// role is ImageReference or ImageLogo.
func (s *Service) Upload(ctx context.Context, r io.Reader, role ImageRole) (*Image, error) {
	if role != ImageReference && role != ImageLogo {
		return nil, invalid("role", "unknown")
	}
	if err := s.checkSpace(ctx); err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(r, MaxUploadBytes+1))
	if err != nil {
		return nil, err
	}
	if len(data) > MaxUploadBytes {
		return nil, &Error{Code: PayloadTooLarge, Params: map[string]string{"max_bytes": strconv.Itoa(MaxUploadBytes)}}
	}
	clean, err := finish.Clean(ctx, bytes.NewReader(data), nil)
	if err != nil {
		return nil, finishError(err, finish.DefaultLimits)
	}
	now := s.now()
	img := &Image{
		ID: ImageID(newID(now)), Owner: OwnerOf(ctx), Role: role, Blob: BlobKey(clean.SHA256), Width: clean.Width,
		Height: clean.Height, MIMEType: clean.MIMEType, Format: string(clean.Format), Bytes: clean.Bytes, CreatedAt: now,
	}
	s.blobUse.RLock()
	defer s.blobUse.RUnlock()
	if err := s.blobs.Put(ctx, img.Blob, bytes.NewReader(clean.Data)); err != nil {
		return nil, err
	}
	return img, s.repo.CreateImage(ctx, img)
}

// ExportSpec says what file is wanted: a purpose's, or one of Width × Height pixels.
type ExportSpec struct {
	Purpose       string
	Width, Height int
	Format        string // png, jpeg; "" lets the purpose decide
	Fit           string // cover (default), contain
	Focus         *Point // what a cover crop keeps in its middle; nil: found
}

// Point is a place in a picture as fractions 0…1 from the top left.
type Point struct {
	X float64 `json:"x"`
	Y float64 `json:"y"`
}

// ExportFile is a finished file.
type ExportFile struct {
	Name        string // says session, purpose and size
	Purpose     string
	MIMEType    string
	Width       int
	Height      int
	CropPercent float64
	SHA256      BlobKey
	Data        []byte
}

// Export finishes an image to exact pixels, under the purpose's byte limit,
// or fails with InvalidRequest that says why it cannot be met.
func (s *Service) Export(ctx context.Context, id ImageID, spec ExportSpec) (*ExportFile, error) {
	img, err := s.image(ctx, s.repo, id)
	if err != nil {
		return nil, err
	}
	wish, purpose, err := s.finishSpec(ctx, img, spec)
	if err != nil {
		return nil, err
	}
	src, err := s.openBlob(ctx, img.Blob)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	r, err := finish.Do(ctx, src, wish, exportOptions(img))
	if err != nil {
		return nil, keptError(src.reason(err))
	}
	s.markExported(ctx, id)
	return &ExportFile{
		Name: s.FileName(ctx, img, purpose.ID, r.Width, r.Height, r.Format.Extension()), Purpose: purpose.ID,
		MIMEType: r.MIMEType, Width: r.Width, Height: r.Height, CropPercent: r.CropPercent, SHA256: BlobKey(r.SHA256), Data: r.Data,
	}, nil
}

// demoModel is the offline generator's model. Its pictures say what they are
// in every file, whatever a crop leaves of them.
const demoModel = "demo"

func exportOptions(img *Image) *finish.Options {
	p := &finish.Provenance{ImageID: string(img.ID), SourceSHA256: string(img.Blob), Model: img.ModelUsed, Software: "Gemini Image Chat"}
	if img.Role != ImageGenerated {
		p = nil // a person's own photograph must not be called machine-made
	}
	stamp := ""
	if img.Role == ImageGenerated && img.ModelUsed == demoModel {
		stamp = "DEMO"
	}
	return &finish.Options{Limits: ownLimits, Provenance: p, Stamp: stamp}
}

// exportPurpose is the purpose of a wish, with its size. A custom one is of
// the size that the image's session was given, where the wish says none.
func (s *Service) exportPurpose(ctx context.Context, img *Image, spec ExportSpec) (Purpose, error) {
	if spec.Purpose != "" && spec.Purpose != CustomPurpose {
		p, ok := s.o.Purposes.Get(spec.Purpose)
		if !ok {
			return p, invalid("purpose", "unknown")
		}
		return p, nil
	}
	if spec.Purpose == CustomPurpose && spec.Width == 0 && spec.Height == 0 && img.SessionID != "" {
		sess, err := s.session(ctx, s.repo, img.SessionID)
		if err != nil {
			return Purpose{}, err
		}
		spec.Width, spec.Height = sess.CustomWidth, sess.CustomHeight
	}
	switch {
	case spec.Width == 0 && spec.Height == 0:
		return Purpose{}, invalid("width", "no_size")
	case spec.Width < 1 || spec.Width > MaxCustomSide:
		return Purpose{}, invalid("width", "range", 1, MaxCustomSide)
	case spec.Height < 1 || spec.Height > MaxCustomSide:
		return Purpose{}, invalid("height", "range", 1, MaxCustomSide)
	}
	return Purpose{ID: CustomPurpose, Width: spec.Width, Height: spec.Height, Formats: []string{"jpeg", "png"}, Alpha: AlphaAllowed}, nil
}

// finishSpec turns a wish into the finisher's words.
func (s *Service) finishSpec(ctx context.Context, img *Image, spec ExportSpec) (finish.Spec, Purpose, error) {
	p, err := s.exportPurpose(ctx, img, spec)
	if err != nil {
		return finish.Spec{}, p, err
	}
	out := finish.Spec{
		Width: p.Width, Height: p.Height, MaxBytes: p.MaxBytes, Fit: finish.Fit(spec.Fit),
		Alpha: p.Alpha != AlphaNone,
	}
	switch spec.Fit {
	case "", string(finish.Cover), string(finish.Contain):
	default:
		return out, p, invalid("fit", "unknown")
	}
	switch spec.Format {
	case "":
		for _, f := range p.Formats {
			out.Formats = append(out.Formats, finish.Format(f))
		}
	case "png", "jpeg":
		out.Formats = []finish.Format{finish.Format(spec.Format)}
	default:
		return out, p, invalid("format", "unknown")
	}
	if f := spec.Focus; f != nil {
		if !(f.X >= 0 && f.X <= 1 && f.Y >= 0 && f.Y <= 1) {
			return out, p, invalid("focus", "range", 0, 1)
		}
		out.Focus = &finish.Point{X: f.X, Y: f.Y}
	}
	return out, p, nil
}

func (s *Service) markExported(ctx context.Context, id ImageID) {
	if _, err := s.changeImage(context.WithoutCancel(ctx), id, func(i *Image) { i.Exported = true }); err != nil {
		s.log.Warn("cannot mark image as exported", "image", id, "err", err)
	}
}

// FileName names a download of an image: session, purpose and size.
func (s *Service) FileName(ctx context.Context, img *Image, purpose string, width, height int, extension string) string {
	title := "image"
	if img.SessionID != "" {
		if sess, err := s.repo.GetSession(ctx, img.SessionID); err == nil && sess.Title != "" {
			title = sess.Title
		}
	}
	if purpose == "" {
		purpose = img.ImagePurpose
	}
	if purpose != "" {
		title += "_" + purpose
	}
	return finish.SafeName(fmt.Sprintf("%s_%dx%d.%s", title, width, height, extension))
}
