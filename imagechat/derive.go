package imagechat

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"image/color"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"

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
func (s *library) openBlob(ctx context.Context, key BlobKey) (*storedBlob, error) {
	f, err := s.openBytes(ctx, key)
	if err != nil {
		return nil, err
	}
	return &storedBlob{ReadSeekCloser: f}, nil
}

// openBytes opens the bytes of a picture that is on record. Where they are gone
// that is damage, not something that was never there.
func (s *library) openBytes(ctx context.Context, key BlobKey) (io.ReadSeekCloser, error) {
	f, err := s.vault.Open(ctx, key)
	if CodeOf(err) == NotFound {
		return nil, &Error{Code: StorageUnavailable, Params: map[string]string{"cause": "bytes_lost"}, Err: err}
	}
	return f, err
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

// thumbnailWidths are the widths that copies are kept in, so that a picture
// has few of them: others are rounded up.
var thumbnailWidths = []int{MinThumbnail, 96, 128, 192, 256, 320, 400, 512, 640, 768, 1024, 1536, MaxThumbnail}

// thumbnailWidth is the kept width for a wish.
func thumbnailWidth(wish int) int {
	i, _ := slices.BinarySearch(thumbnailWidths, wish)
	return thumbnailWidths[min(i, len(thumbnailWidths)-1)]
}

func thumbnailName(width int) string { return "w=" + strconv.Itoa(width) }

// Thumbnail does what [Service.Thumbnail] promises.
func (s *pictures) Thumbnail(ctx context.Context, id ImageID, width int) (*Variant, io.ReadSeekCloser, error) {
	img, err := s.image(ctx, s.repo, id)
	if err != nil {
		return nil, nil, err
	}
	if v, f, err := s.keptThumbnail(ctx, img, width); v != nil || err != nil {
		return v, f, err
	}
	// Who comes while it is being made waits for it.
	done, err := s.making.lock(ctx, string(img.Blob)+" "+thumbnailName(thumbnailWidth(width)))
	if err != nil {
		return nil, nil, err
	}
	defer done()
	if v, f, err := s.keptThumbnail(ctx, img, width); v != nil || err != nil {
		return v, f, err
	}
	return s.makeThumbnail(ctx, img, thumbnailWidth(width))
}

// keyed lets one caller at a time work on a key.
type keyed struct {
	mu   sync.Mutex
	busy map[string]chan struct{} // closed when the key is free
}

// lock waits until the key is the caller's. The error is ctx's.
func (k *keyed) lock(ctx context.Context, key string) (unlock func(), err error) {
	for {
		k.mu.Lock()
		busy := k.busy[key]
		if busy == nil {
			if k.busy == nil {
				k.busy = map[string]chan struct{}{}
			}
			free := make(chan struct{})
			k.busy[key] = free
			k.mu.Unlock()
			return func() {
				k.mu.Lock()
				delete(k.busy, key)
				k.mu.Unlock()
				close(free)
			}, nil
		}
		k.mu.Unlock()
		select {
		case <-busy:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// KeptThumbnail does what [Service.KeptThumbnail] promises.
func (s *pictures) KeptThumbnail(ctx context.Context, id ImageID, width int) (*Variant, io.ReadSeekCloser, error) {
	img, err := s.image(ctx, s.repo, id)
	if err != nil {
		return nil, nil, err
	}
	return s.keptThumbnail(ctx, img, width)
}

func (s *pictures) keptThumbnail(ctx context.Context, img *Image, width int) (*Variant, io.ReadSeekCloser, error) {
	v, err := s.repo.GetVariant(ctx, img.Blob, thumbnailName(thumbnailWidth(width)))
	if CodeOf(err) == NotFound {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	f, err := s.vault.Open(ctx, v.Blob)
	if CodeOf(err) == NotFound {
		return nil, nil, nil // it is made again
	}
	if err != nil {
		return nil, nil, err
	}
	return v, f, nil
}

func (s *pictures) makeThumbnail(ctx context.Context, img *Image, width int) (*Variant, io.ReadSeekCloser, error) {
	src, err := s.lib.openBlob(ctx, img.Blob)
	if err != nil {
		return nil, nil, err
	}
	defer src.Close()
	out, err := s.newScratch(ctx)
	if err != nil {
		return nil, nil, err
	}
	r, err := finish.Thumbnail(forOwner(ctx), src, width, &finish.Options{Limits: ownLimits, Out: out})
	if err == nil {
		err = out.rewind()
	}
	if err != nil {
		out.Close()
		return nil, nil, keptError(src.reason(err))
	}
	v := &Variant{
		Source: img.Blob, Name: thumbnailName(width), Blob: BlobKey(r.SHA256), MIMEType: r.MIMEType,
		Width: r.Width, Height: r.Height, Bytes: r.Bytes,
	}
	if err := s.keepVariant(ctx, v, out); err != nil {
		s.log.Warn("cannot keep thumbnail", "image", img.ID, "err", err)
	}
	if err := out.rewind(); err != nil {
		out.Close()
		return nil, nil, err
	}
	return v, out, nil
}

// keepVariant keeps a copy, unless the room is wanted for what was paid for.
func (s *pictures) keepVariant(ctx context.Context, v *Variant, data io.Reader) error {
	if err := s.room.checkSpace(ctx); err != nil {
		return err
	}
	defer s.vault.use(v.Blob)()
	if err := s.blobs.Put(ctx, v.Blob, data); err != nil {
		return err
	}
	return s.repo.PutVariant(ctx, v)
}

// forOwner marks the work of ctx as its owner's, so that owners take turns at it.
func forOwner(ctx context.Context) context.Context {
	return finish.WithParty(ctx, string(OwnerOf(ctx)))
}

// ExportSpec says what file is wanted: a purpose's, or one of Width × Height pixels.
type ExportSpec struct {
	Purpose       string
	Width, Height int
	Format        string // png, jpeg; "" lets the purpose decide
	Fit           string // cover (default), contain
	Focus         *Point // what a cover crop keeps in its middle; nil: found
	// Background, as #RRGGBB or RRGGBB, is the colour that a transparent picture
	// is set on, in PNG too, and of the margins of a contain fit. Empty: white
	// where the file cannot be transparent, margins from the picture itself.
	Background string
}

// Point is a place in a picture as fractions 0…1 from the top left.
type Point struct {
	X float64 `json:"x"`
	Y float64 `json:"y"`
}

// ExportFile is a finished file, on disk until it is closed.
type ExportFile struct {
	Name        string // says session, purpose and size
	Purpose     string
	MIMEType    string
	Width       int
	Height      int
	CropPercent float64
	SHA256      BlobKey
	Bytes       int64
	// Content is at its start. It has no name in the file system.
	Content *os.File

	scratch *scratch
}

// Close drops the file; it must be called.
func (f *ExportFile) Close() error { return f.scratch.Close() }

// Export does what [Service.Export] promises.
func (s *pictures) Export(ctx context.Context, id ImageID, spec ExportSpec) (*ExportFile, error) {
	img, err := s.image(ctx, s.repo, id)
	if err != nil {
		return nil, err
	}
	wish, purpose, err := s.finishSpec(ctx, img, spec)
	if err != nil {
		return nil, err
	}
	src, err := s.lib.openBlob(ctx, img.Blob)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	out, err := s.newScratch(ctx)
	if err != nil {
		return nil, err
	}
	o := s.exportOptions(ctx, img)
	o.Out = out
	r, err := finish.Do(forOwner(ctx), src, wish, o)
	if err == nil {
		err = out.rewind()
	}
	if err != nil {
		out.Close()
		return nil, keptError(src.reason(err))
	}
	s.markExported(ctx, id)
	return &ExportFile{
		Name: s.FileName(ctx, img, purpose.ID, r.Width, r.Height, r.Format.Extension()), Purpose: purpose.ID,
		MIMEType: r.MIMEType, Width: r.Width, Height: r.Height, CropPercent: r.CropPercent, SHA256: BlobKey(r.SHA256),
		Bytes: r.Bytes, Content: out.File, scratch: out,
	}, nil
}

// exportPurpose is the purpose of a wish, with its size. A custom one is of
// the size that the image's session was given, where the wish says none.
func (s *pictures) exportPurpose(ctx context.Context, img *Image, spec ExportSpec) (Purpose, error) {
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
func (s *pictures) finishSpec(ctx context.Context, img *Image, spec ExportSpec) (finish.Spec, Purpose, error) {
	p, err := s.exportPurpose(ctx, img, spec)
	if err != nil {
		return finish.Spec{}, p, err
	}
	out := finish.Spec{
		Width: p.Width, Height: p.Height, MaxBytes: p.MaxBytes, Fit: finish.Fit(spec.Fit),
		Alpha: p.Alpha != AlphaNone, TrueColour: p.TrueColour,
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
		if !slices.Contains(p.Formats, spec.Format) {
			return out, p, &Error{Code: InvalidRequest, Fields: []FieldError{{Location: "format", Rule: "not_accepted"}},
				Params: map[string]string{"cause": "format_not_accepted", "purpose": p.ID, "accepted": strings.Join(p.Formats, ", ")}}
		}
		out.Formats = []finish.Format{finish.Format(spec.Format)}
	default:
		return out, p, invalid("format", "unknown")
	}
	if spec.Background != "" {
		c, ok := parseHexColor(spec.Background)
		if !ok {
			return out, p, invalid("background", "hex_color")
		}
		out.Background, out.Alpha = &c, false
	}
	if f := spec.Focus; f != nil {
		if !(f.X >= 0 && f.X <= 1 && f.Y >= 0 && f.Y <= 1) {
			return out, p, invalid("focus", "range", 0, 1)
		}
		out.Focus = &finish.Point{X: f.X, Y: f.Y}
	}
	return out, p, nil
}

func isFormatRefusal(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Params["cause"] == "format_not_accepted"
}

// parseHexColor reads #RRGGBB; the # may be left out, as in an address it
// would begin the fragment.
func parseHexColor(s string) (color.NRGBA, bool) {
	b, err := hex.DecodeString(strings.TrimPrefix(s, "#"))
	if err != nil || len(b) != 3 {
		return color.NRGBA{}, false
	}
	return color.NRGBA{R: b[0], G: b[1], B: b[2], A: 255}, true
}

func (s *pictures) markExported(ctx context.Context, id ImageID) {
	if _, err := s.lib.changeImage(context.WithoutCancel(ctx), id, func(i *Image) { i.Exported = true }); err != nil {
		s.log.Warn("cannot mark image as exported", "image", id, "err", err)
	}
}

// FileName does what [Service.FileName] promises.
func (s *pictures) FileName(ctx context.Context, img *Image, purpose string, width, height int, extension string) string {
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
