package finish

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"image/jpeg"
)

// encoded is a file and the settings that made it.
type encoded struct {
	data         []byte
	quality      int
	colors, bits int
	transparent  bool
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

// encodeJPEG finds the highest quality between the floor and Options.Quality
// whose file fits. Sizes rise with quality, so the search halves the range; the
// file returned has been measured, not predicted.
func (c *canvas) encodeJPEG(ctx context.Context, maxBytes int64, o *Options, xmp []byte) (encoded, error) {
	try := func(q int) ([]byte, bool, error) {
		if err := ctx.Err(); err != nil {
			return nil, false, err
		}
		data, err := c.jpegBytes(q, xmp)
		return data, err == nil && (maxBytes == 0 || int64(len(data)) <= maxBytes), err
	}
	best, fits, err := try(o.Quality)
	if err != nil || fits {
		return encoded{data: best, quality: o.Quality, bits: 8}, err
	}
	low, high := o.MinQuality, o.Quality // low fits, high does not
	if low < high {
		best, fits, err = try(low)
	}
	if err != nil {
		return encoded{}, err
	}
	if !fits {
		return encoded{}, &OverLimitError{maxBytes, int64(len(best)), JPEG, fmt.Sprintf("JPEG quality %d", low)}
	}
	for high-low > 1 {
		q := (low + high) / 2
		data, fits, err := try(q)
		if err != nil {
			return encoded{}, err
		}
		if fits {
			best, low = data, q
		} else {
			high = q
		}
	}
	return encoded{data: best, quality: low, bits: 8}, nil
}

// xmpNamespace begins an APP1 segment that holds XMP (XMP part 3, 1.1.3).
const xmpNamespace = "http://ns.adobe.com/xap/1.0/\x00"

// MaxJPEGSide is the longest side, in pixels, that a JPEG can have: its frame
// header has 16 bits for each (ITU-T T.81, B.2.2).
const MaxJPEGSide = 65_535

func checkJPEGSides(w, h int) error {
	if w > MaxJPEGSide || h > MaxJPEGSide {
		return fmt.Errorf("%w: %d×%d, at most %d are possible", ErrTooLong, w, h, MaxJPEGSide)
	}
	return nil
}

// jpegBytes encodes and puts the XMP packet right behind the start marker.
func (c *canvas) jpegBytes(quality int, xmp []byte) ([]byte, error) {
	if err := checkJPEGSides(c.w, c.h); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.Grow(c.w*c.h/4 + len(xmp) + 1024)
	segment := 0
	if len(xmp) > 0 {
		// The gap is filled when the encoder has written the start marker over
		// its first two bytes.
		segment = 4 + len(xmpNamespace) + len(xmp)
		b.Write(make([]byte, segment))
	}
	if err := jpeg.Encode(&b, c.rgba(), &jpeg.Options{Quality: quality}); err != nil {
		return nil, fmt.Errorf("finish: encode JPEG: %w", err)
	}
	data := b.Bytes()
	if segment > 0 {
		head := append([]byte{0xff, markerSOI, 0xff, markerAPP1}, 0, 0)
		binary.BigEndian.PutUint16(head[4:], uint16(segment-2))
		head = append(append(head, xmpNamespace...), xmp...)
		copy(data, head)
	}
	return data, nil
}
