package finish

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/webp"
)

// Limits bound what is read from a stranger. They are checked from the file's
// size and its header, before any pixel is decoded. Zero fields mean the default.
type Limits struct {
	MaxBytes  int64 // of the file; default 20 MiB
	MaxPixels int64 // width × height; default 50,000,000
	// MaxMemory is the most that decoding may need, in bytes; default 400 MiB.
	// Only unusual files reach it before MaxPixels: progressive JPEG above 26 to
	// 53 megapixels, depending on its chroma, and 16-bit PNG near 50.
	MaxMemory int64
}

// DefaultLimits are the limits of uploads.
var DefaultLimits = Limits{MaxBytes: 20 << 20, MaxPixels: 50_000_000, MaxMemory: 400 << 20}

func (l *Limits) orDefault() Limits {
	out := DefaultLimits
	if l == nil {
		return out
	}
	if l.MaxBytes > 0 {
		out.MaxBytes = l.MaxBytes
	}
	if l.MaxPixels > 0 {
		out.MaxPixels = l.MaxPixels
	}
	if l.MaxMemory > 0 {
		out.MaxMemory = l.MaxMemory
	}
	return out
}

// Info is what a file's header says.
type Info struct {
	Format   Format
	MIMEType string
	// Width and Height are in pixels as the picture is to be seen, which is after
	// Orientation (EXIF, 1 to 8) has been applied.
	Width, Height int
	Orientation   int
	HasAlpha      bool  // the file can hold transparency; whether it does only decoding tells
	C2PA          bool  // a C2PA manifest (Content Credentials) is embedded
	Bytes         int64 // of the file

	decodeBytes int64       // estimated memory to decode
	profile     colourSpace // nil: sRGB
}

// header is what the per-format readers find besides the plain size.
type header struct {
	orientation   int
	alpha         bool
	c2pa          bool
	bytesPerPixel float64  // of memory while decoding
	icc           [][]byte // the colour profile, in parts
}

// Inspect reads the true type, size, orientation and provenance of an image
// from its header, without decoding it, and checks the limits (nil: the
// defaults). It reads the container's structure only, costs well under a
// millisecond, and leaves src at its start.
func Inspect(src io.ReadSeeker, limits *Limits) (Info, error) {
	lim := limits.orDefault()
	size, err := src.Seek(0, io.SeekEnd)
	if err != nil {
		return Info{}, fmt.Errorf("finish: size: %w", err)
	}
	if size > lim.MaxBytes {
		return Info{}, fmt.Errorf("%w: %d bytes, at most %d are accepted", ErrTooLarge, size, lim.MaxBytes)
	}
	format, err := sniffReader(src)
	if err != nil {
		return Info{}, err
	}
	cfg, err := decodeConfig(format, src)
	if err != nil {
		return Info{}, sourceError(err)
	}
	pixels := int64(cfg.Width) * int64(cfg.Height)
	if cfg.Width < 1 || cfg.Height < 1 {
		return Info{}, fmt.Errorf("%w: %d×%d pixels", ErrInvalid, cfg.Width, cfg.Height)
	}
	if pixels > lim.MaxPixels {
		return Info{}, fmt.Errorf("%w: %d×%d, at most %d are accepted", ErrTooManyPixels, cfg.Width, cfg.Height, lim.MaxPixels)
	}
	h, err := readHeader(format, src)
	if err != nil {
		return Info{}, sourceError(err)
	}
	if _, err := src.Seek(0, io.SeekStart); err != nil {
		return Info{}, fmt.Errorf("finish: rewind: %w", err)
	}
	info := newInfo(format, cfg, h, size)
	if info.decodeBytes > lim.MaxMemory {
		return Info{}, fmt.Errorf("%w: decoding this %s needs %d MB of memory, at most %d are allowed",
			ErrTooMuchMemory, format, info.decodeBytes>>20, lim.MaxMemory>>20)
	}
	return info, nil
}

func newInfo(format Format, cfg image.Config, h header, size int64) Info {
	info := Info{
		Format: format, MIMEType: format.MIMEType(), Width: cfg.Width, Height: cfg.Height,
		Orientation: h.orientation, HasAlpha: h.alpha, C2PA: h.c2pa, Bytes: size, profile: parseProfile(bytes.Join(h.icc, nil)),
	}
	if info.Orientation < 1 || info.Orientation > 8 {
		info.Orientation = 1
	}
	if info.Orientation >= 5 {
		info.Width, info.Height = info.Height, info.Width
	}
	info.decodeBytes = int64(float64(cfg.Width)*float64(cfg.Height)*h.bytesPerPixel) + 1<<20
	return info
}

// readHeader walks the container for what image.Config does not tell.
func readHeader(format Format, src io.ReadSeeker) (header, error) {
	if _, err := src.Seek(0, io.SeekStart); err != nil {
		return header{}, fmt.Errorf("finish: rewind: %w", err)
	}
	r := bufio.NewReader(src)
	switch format {
	case JPEG:
		return readJPEGHeader(r)
	case PNG:
		return readPNGHeader(r)
	case WebP:
		return readWebPHeader(r)
	default:
		// One byte a pixel for the frame, four for composing it on its screen.
		return header{alpha: true, bytesPerPixel: 5}, nil
	}
}

func decodeConfig(format Format, src io.Reader) (image.Config, error) {
	r := bufio.NewReader(src)
	switch format {
	case JPEG:
		return jpeg.DecodeConfig(r)
	case PNG:
		return png.DecodeConfig(r)
	case WebP:
		return webp.DecodeConfig(r)
	default:
		return gif.DecodeConfig(r)
	}
}

// sourceError translates what a decoder says: an unsupported variant stays
// unsupported, everything else is a damaged file.
func sourceError(err error) error {
	var ju jpeg.UnsupportedError
	var pu png.UnsupportedError
	switch {
	case errors.Is(err, ErrUnsupported), errors.Is(err, ErrInvalid), errors.Is(err, ErrTooLarge):
		return err
	case errors.As(err, &ju):
		return &UnsupportedError{Kind: string(JPEG), Err: err}
	case errors.As(err, &pu):
		return &UnsupportedError{Kind: string(PNG), Err: err}
	case errors.Is(err, io.EOF):
		return fmt.Errorf("%w: the file ends too early: %w", ErrInvalid, io.ErrUnexpectedEOF)
	default:
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
}
