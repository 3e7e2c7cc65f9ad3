package finish

import (
	"context"
	"errors"
	"fmt"
)

// encoded is a file and the settings that made it.
type encoded struct {
	data         []byte
	quality      int
	colors, bits int
	transparent  bool
	merged       bool // near colours became one
}

func (c *canvas) encode(ctx context.Context, format Format, spec Spec, o *Options, xmp []byte) (encoded, error) {
	if format == PNG {
		return c.encodePNG(ctx, spec, xmp)
	}
	if !c.opaque {
		c.flatten(spec.background())
	}
	return c.encodeJPEG(ctx, spec.MaxBytes, o, xmp)
}

// MaxJPEGSide is the longest side, in pixels, that a JPEG can have: its frame
// header has 16 bits for each (ITU-T T.81, B.2.2).
const MaxJPEGSide = 65_535

func checkJPEGSides(w, h int) error {
	if w > MaxJPEGSide || h > MaxJPEGSide {
		return fmt.Errorf("%w: %d×%d, at most %d are possible", ErrTooLong, w, h, MaxJPEGSide)
	}
	return nil
}

// fullColourQuality is the quality below which colour is written at half the
// resolution: steps so large spoil more than the resolution does.
const fullColourQuality = 80

// encodeJPEG finds the highest quality between the floor and Options.Quality
// whose file fits, with colour at full resolution from fullColourQuality on:
// coloured text and flat colours suffer from half of it at every quality.
func (c *canvas) encodeJPEG(ctx context.Context, maxBytes int64, o *Options, xmp []byte) (encoded, error) {
	return encodeJPEG(ctx, c.w, c.h, c.row, maxBytes, o, jpegSegments(xmp))
}

func encodeJPEG(ctx context.Context, w, h int, row func(y int) []byte, maxBytes int64, o *Options, segments []byte) (encoded, error) {
	if low := max(fullColourQuality, o.MinQuality); low <= o.Quality {
		out, err := searchJPEG(ctx, w, h, fullColour, row, [2]int{low, o.Quality}, maxBytes, segments)
		if !errors.Is(err, ErrOverLimit) || o.MinQuality >= fullColourQuality {
			return out, err
		}
	}
	return searchJPEG(ctx, w, h, halfColour, row, [2]int{o.MinQuality, o.Quality}, maxBytes, segments)
}

// searchJPEG halves the range of qualities. Sizes rise with quality and are
// counted without being written, but for the zeros behind bytes of ones: so the
// first file that is written may still be too large, and the next lower is then.
func searchJPEG(ctx context.Context, w, h, shared int, row func(y int) []byte, qualities [2]int, maxBytes int64, segments []byte) (encoded, error) {
	c, err := newJPEGCoefficients(ctx, w, h, shared, row)
	if err != nil {
		return encoded{}, err
	}
	fits := func(n int64) bool { return maxBytes == 0 || n+int64(len(segments)) <= maxBytes }
	low, high := qualities[0], qualities[1]
	best := c.at(high)
	if !fits(best.bytes) {
		for best = c.at(low); high-low > 1; {
			if err := ctx.Err(); err != nil {
				return encoded{}, err
			}
			if a := c.at((low + high) / 2); fits(a.bytes) {
				best, low = a, a.quality
			} else {
				high = a.quality
			}
		}
	}
	for {
		if err := ctx.Err(); err != nil {
			return encoded{}, err
		}
		data := best.file(segments)
		if maxBytes == 0 || int64(len(data)) <= maxBytes {
			return encoded{data: data, quality: best.quality, bits: 8}, nil
		}
		if best.quality == qualities[0] {
			return encoded{}, &OverLimitError{maxBytes, int64(len(data)), JPEG, fmt.Sprintf("JPEG quality %d", best.quality)}
		}
		best = c.at(best.quality - 1)
	}
}
