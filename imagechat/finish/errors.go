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
