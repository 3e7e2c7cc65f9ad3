package finish

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"image"
	"io"
	"math"
	"runtime"

	"golang.org/x/sync/errgroup"
)

// Do makes one file from src. The errors wrap ErrSpec, ErrUnsupported,
// ErrTooLarge, ErrInvalid, ErrOverLimit, or are ctx's or src's own.
func Do(ctx context.Context, src io.ReadSeeker, spec Spec, o *Options) (Result, error) {
	var out Result
	opts := o.orDefault()
	err := Pack(ctx, src, []Spec{spec}, o, func(_ int, r Result, err error) error {
		if err == nil {
			out, err = opts.deliver(r)
		}
		return err
	})
	return out, err
}

// Pack makes many files from one decoding of src, on all cores. It calls each
// for every spec in their order, never two at a time, with the result or what
// was wrong with that one; an error from each ends the pack and is returned. At
// most twice Options.Workers files are held at once, so an archive can be
// written while it goes.
func Pack(ctx context.Context, src io.ReadSeeker, specs []Spec, o *Options, each func(i int, r Result, err error) error) error {
	opts := o.orDefault()
	if len(specs) == 0 {
		return specErrorf("no sizes are asked for")
	}
	largest := Spec{}
	for _, s := range specs {
		if err := s.check(); err != nil {
			return err
		}
		largest.Width, largest.Height = max(largest.Width, s.Width), max(largest.Height, s.Height)
	}
	workers := int64(opts.workers(len(specs)))
	p, release, err := open(ctx, src, &opts, func(i Info) int64 { return workers * largest.workBytes(i.Width) })
	if err != nil {
		return err
	}
	defer release()
	if p.seal, err = opts.newSeal(src, p.info); err != nil {
		return err
	}
	return p.pack(ctx, specs, &opts, each)
}

func (o *Options) workers(outputs int) int {
	n := o.Workers
	if n < 1 {
		n = runtime.GOMAXPROCS(0)
	}
	return min(n, outputs)
}

// open inspects src, waits at the gate for the memory of decoding it and of
// the work that follows, and decodes it.
func open(ctx context.Context, src io.ReadSeeker, o *Options, work func(Info) int64) (*picture, func(), error) {
	info, err := Inspect(src, &o.Limits)
	if err != nil {
		return nil, nil, err
	}
	release, err := o.Gate.Acquire(ctx, info.decodeBytes+work(info))
	if err != nil {
		return nil, nil, err
	}
	p, err := decodePicture(ctx, src, info)
	if err != nil {
		release()
		return nil, nil, err
	}
	return p, release, nil
}

type outcome struct {
	result Result
	err    error
}

// pack runs the outputs side by side and delivers them in order.
func (p *picture) pack(ctx context.Context, specs []Spec, o *Options, each func(int, Result, error) error) error {
	workers := o.workers(len(specs))
	group, ctx := errgroup.WithContext(ctx)
	done := make([]chan outcome, len(specs))
	for i := range done {
		done[i] = make(chan outcome, 1)
	}
	held := make(chan struct{}, 2*workers) // files finished or in the making
	running := make(chan struct{}, workers)
	group.Go(func() error {
		for i, spec := range specs {
			select {
			case held <- struct{}{}:
			case <-ctx.Done():
				return ctx.Err()
			}
			running <- struct{}{}
			group.Go(func() error {
				r, err := p.finish(ctx, spec, o)
				<-running
				done[i] <- outcome{r, err}
				return nil
			})
		}
		return nil
	})
	group.Go(func() error {
		for i := range specs {
			select {
			case out := <-done[i]:
				if err := each(i, out.result, out.err); err != nil {
					return err
				}
				<-held
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	return group.Wait()
}

// finish makes one output of the decoded picture.
func (p *picture) finish(ctx context.Context, spec Spec, o *Options) (Result, error) {
	if spec.Fit == "" {
		spec.Fit = Cover
	}
	c, r, err := p.render(ctx, spec, o)
	if err != nil {
		return Result{}, err
	}
	if p.seal != nil {
		signed, err := p.signed(ctx, c, r, spec, o)
		if err == nil || !errors.Is(err, ErrOverLimit) {
			return signed, err
		}
	}
	out, format, err := c.encodeAny(ctx, spec, o)
	if err != nil {
		return Result{}, err
	}
	return r.with(out, format), nil
}

// encodeAny writes the first of the spec's formats that meets its limit.
func (c *canvas) encodeAny(ctx context.Context, spec Spec, o *Options) (encoded, Format, error) {
	xmp := o.Provenance.packet()
	var tooBig error
	for _, format := range spec.formats(!c.opaque) {
		if err := ctx.Err(); err != nil {
			return encoded{}, format, err
		}
		out, err := c.encode(ctx, format, spec, o, xmp)
		if err == nil || !errors.Is(err, ErrOverLimit) {
			return out, format, err
		}
		tooBig = nearest(tooBig, err)
	}
	return encoded{}, "", tooBig
}

// nearest keeps the failure that came closer to the limit.
func nearest(a, b error) error {
	var ea, eb *OverLimitError
	if errors.As(a, &ea) && errors.As(b, &eb) && ea.Smallest <= eb.Smallest {
		return a
	}
	return b
}

func (r Result) with(e encoded, format Format) Result {
	sum := sha256.Sum256(e.data)
	r.Data, r.Bytes, r.SHA256 = e.data, int64(len(e.data)), hex.EncodeToString(sum[:])
	r.Format, r.MIMEType = format, format.MIMEType()
	r.Quality, r.Colors, r.BitsPerChannel, r.Transparent, r.Merged = e.quality, e.colors, e.bits, e.transparent, e.merged
	if r.Transparent {
		r.StandsOut = 1 // it was set on nothing
	}
	return r
}

// smoothScale is the scale above which it is seen whether colour was
// interpolated between its samples.
const smoothScale = 0.75

// render makes the pixels: cut or fitted, scaled, on its background, sharpened.
func (p *picture) render(ctx context.Context, spec Spec, o *Options) (*canvas, Result, error) {
	crop, inner, err := p.layout(spec)
	if err != nil {
		return nil, Result{}, err
	}
	c := newCanvas(spec.Width, spec.Height)
	scale := float64(inner.Dx()) / float64(crop.Dx())
	if err := c.paint(ctx, p.window(crop, scale > smoothScale), inner); err != nil {
		return nil, Result{}, err
	}
	standsOut := 1.0
	if !p.opaque {
		standsOut = c.standsOut(spec.background())
	}
	if p.opaque || !spec.Alpha {
		if err := c.fillBehind(ctx, p, spec, inner); err != nil {
			return nil, Result{}, err
		}
	} else {
		c.opaque = c.seemsOpaque()
	}
	if c.opaque && scale < 0.5 && !o.NoSharpen {
		c.sharpen()
	}
	c.stamp(o.Stamp)
	lost := 1 - float64(crop.Dx()*crop.Dy())/float64(p.w*p.h)
	return c, Result{
		Width: spec.Width, Height: spec.Height, Fit: spec.Fit, Crop: crop,
		CropPercent: math.Round(lost*1000) / 10, Focus: middle(crop, p.w, p.h),
		Scale: math.Round(scale*1e4) / 1e4, StandsOut: standsOut,
	}, nil
}

// layout decides which part of the source goes to which part of the output.
func (p *picture) layout(spec Spec) (crop, inner image.Rectangle, err error) {
	if spec.Fit == Contain {
		w, h := containSize(p.w, p.h, spec.Width, spec.Height)
		return rectOf(p.w, p.h), around(Point{0.5, 0.5}, spec.Width, spec.Height, w, h), nil
	}
	cw, ch := coverSize(p.w, p.h, spec.Width, spec.Height)
	focus := spec.Focus
	if focus == nil {
		found, err := p.findFocus(cw, ch)
		if err != nil {
			return crop, inner, err
		}
		focus = &found
	}
	return around(*focus, p.w, p.h, cw, ch), rectOf(spec.Width, spec.Height), nil
}

// fillBehind makes the canvas opaque.
func (c *canvas) fillBehind(ctx context.Context, p *picture, spec Spec, inner image.Rectangle) error {
	if !p.opaque || spec.Background != nil {
		c.flatten(spec.background())
		return nil
	}
	c.opaque = true
	return c.extend(ctx, p, inner)
}
