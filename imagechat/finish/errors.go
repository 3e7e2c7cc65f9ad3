package finish

import (
	"errors"
	"fmt"
)

// What can be wrong with a source or a wish. A service maps them to its own
// codes; every error of this package that blames the caller wraps one of them.
var (
	// ErrUnsupported: the bytes are no PNG, JPEG, WebP or GIF, or use a variant
	// (12-bit JPEG, animated WebP) that is not decoded. HTTP 415.
	ErrUnsupported = errors.New("unsupported image type")
	// ErrTooLarge: more bytes than Limits.MaxBytes. HTTP 413.
	ErrTooLarge = errors.New("image file too large")
	// ErrInvalid: a known type whose content is damaged or not acceptable. HTTP 422.
	ErrInvalid = errors.New("invalid image")
	// ErrTooManyPixels: more pixels, or more memory to decode them, than Limits
	// allow, whatever the size of the file. It is an ErrInvalid too.
	ErrTooManyPixels = fmt.Errorf("%w: too many pixels", ErrInvalid)
	// ErrTooMuchMemory: it is the memory, which depends on how the file was
	// written, such as a progressive JPEG. It is an ErrTooManyPixels too.
	ErrTooMuchMemory = fmt.Errorf("%w: too much memory to decode", ErrTooManyPixels)
	// ErrTooLong: a side that the format to be written cannot express. It is an
	// ErrInvalid too.
	ErrTooLong = fmt.Errorf("%w: a side is too long", ErrInvalid)
	// ErrSpec: the wanted size, format or focus makes no sense. HTTP 422.
	ErrSpec = errors.New("invalid finishing spec")
	// ErrOverLimit: no encoding down to the stated floor fits Spec.MaxBytes. HTTP 422.
	// The error is an *OverLimitError.
	ErrOverLimit = errors.New("file limit cannot be met")
)

// OverLimitError says how near the search for a small enough file came.
type OverLimitError struct {
	MaxBytes int64  // the limit that was asked for
	Smallest int64  // bytes of the smallest acceptable file that was reached
	Format   Format // format of that file
	Floor    string // the quality below which the search does not go, in words
}

// Error says the limit, the smallest size reached and the floor.
func (e *OverLimitError) Error() string {
	return fmt.Sprintf("%v: the smallest acceptable %s has %d bytes (%s), the limit is %d",
		ErrOverLimit, e.Format, e.Smallest, e.Floor, e.MaxBytes)
}

// Unwrap makes errors.Is(err, ErrOverLimit) hold.
func (e *OverLimitError) Unwrap() error { return ErrOverLimit }

// Kinds of files that are known and not read. Other values are the formats
// themselves, such as "jpeg", whose variant is not decoded.
const (
	KindHEIC         = "heic"
	KindAVIF         = "avif"
	KindVideo        = "video"
	KindPhotoshop    = "photoshop"
	KindBMP          = "bmp"
	KindTIFF         = "tiff"
	KindPDF          = "pdf"
	KindICO          = "ico"
	KindJPEGXL       = "jxl"
	KindZIP          = "zip"
	KindSVG          = "svg"
	KindAnimatedWebP = "animated_webp"
)

// UnsupportedError is an ErrUnsupported that names what the file is.
type UnsupportedError struct {
	Kind string // one of the Kind constants, or the Format whose variant is not decoded
	Err  error  // what the decoder said; may be nil
}

// Error names the kind and the decoder's reason.
func (e *UnsupportedError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%v: %s: %v", ErrUnsupported, e.Kind, e.Err)
	}
	return fmt.Sprintf("%v: %s", ErrUnsupported, e.Kind)
}

// Unwrap makes errors.Is(err, ErrUnsupported) hold, and shows the reason.
func (e *UnsupportedError) Unwrap() []error { return []error{ErrUnsupported, e.Err} }
