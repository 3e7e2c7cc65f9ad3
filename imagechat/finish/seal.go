package finish

import (
	"context"
	"fmt"
	"io"
	"slices"
)

// Origin is what a signed file says of the picture that it was made of.
type Origin struct {
	Title    string // for people
	MIMEType string
	ID       string // how the source is known to who finished it
	// DigitalSourceType is a URI of IPTC's vocabulary; "" where nothing is known.
	DigitalSourceType string
}

// Steps are what was done to a source.
type Steps struct {
	Cropped, Resized, Sharpened bool
	ColorAdjusted               bool // its colour profile was converted
	Placed                      bool // it was set on a background or between margins
	Converted                   bool // the file's format changed
}

// Signer signs finished files, so that they carry where they come from (C2PA).
type Signer interface {
	// Seal prepares signing the files made of one source. source is its whole
	// file where it holds a manifest of its own, nil otherwise.
	Seal(origin Origin, source io.Reader) (Seal, error)
}

// Seal signs files made of one source. It is for use by many goroutines.
type Seal interface {
	// Room is how many bytes Sign adds to a file at most.
	Room(Steps) (int64, error)
	// Sign returns the file with a signed manifest in it. Nothing may be changed
	// in it after. The same input has the same output.
	Sign(file []byte, steps Steps) ([]byte, error)
}

// newSeal opens the signer for a source.
func (o *Options) newSeal(src io.ReadSeeker, info Info) (Seal, error) {
	if o.Signer == nil {
		return nil, nil
	}
	origin := o.Origin
	if origin.MIMEType == "" {
		origin.MIMEType = info.MIMEType
	}
	if !info.C2PA {
		return o.Signer.Seal(origin, nil)
	}
	if _, err := src.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("finish: rewind: %w", err)
	}
	return o.Signer.Seal(origin, src)
}

// steps tells what render did. The format is told apart, when it is known.
func (p *picture) steps(c *canvas, r Result, o *Options) Steps {
	return Steps{
		Cropped: r.Crop != rectOf(p.w, p.h), Resized: r.Scale != 1,
		Sharpened:     c.opaque && r.Scale < 0.5 && !o.NoSharpen,
		ColorAdjusted: p.profile != nil,
		Placed:        r.Fit == Contain || c.opaque && !p.opaque,
		Converted:     true,
	}
}

// signed makes an output that carries its manifest within the limit.
func (p *picture) signed(ctx context.Context, c *canvas, r Result, spec Spec, o *Options) (Result, error) {
	steps := p.steps(c, r, o)
	room, err := p.seal.Room(steps)
	if err != nil {
		return Result{}, fmt.Errorf("finish: sign: %w", err)
	}
	limit := spec.MaxBytes
	if limit > 0 {
		if spec.MaxBytes -= room; spec.MaxBytes <= 0 {
			return Result{}, ErrOverLimit
		}
	}
	// What fits beside a manifest is looked for on a copy where encoding may
	// change the pixels, as a JPEG sets them on a background.
	work := c
	if limit > 0 && !c.opaque {
		work = &canvas{pix: slices.Clone(c.pix), w: c.w, h: c.h}
	}
	out, format, err := work.encodeAny(ctx, spec, o)
	if err != nil {
		return Result{}, err
	}
	steps.Converted = format != p.info.Format
	steps.Placed = r.Fit == Contain || !p.opaque && !out.transparent
	if out.data, err = p.seal.Sign(out.data, steps); err != nil {
		return Result{}, fmt.Errorf("finish: sign: %w", err)
	}
	if limit > 0 && int64(len(out.data)) > limit {
		return Result{}, ErrOverLimit
	}
	r = r.with(out, format)
	r.Signed = true
	return r, nil
}
