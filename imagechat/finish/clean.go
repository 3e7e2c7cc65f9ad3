package finish

import (
	"context"
	"errors"
	"image"
	"io"
)

// cleanQuality is the JPEG quality of cleaned uploads unless Options say
// another: high, because a reference is read by a model and edited further.
const cleanQuality = 92

// Clean makes a stranger's upload safe to keep, to show and to send on. The
// order of checks is: size of the file, magic bytes, header, pixels and memory,
// and only then, admitted by the gate, decoding. What comes out holds nothing
// but pixels: the orientation has been applied, and all metadata, appended data
// and whatever else the file carried is gone. It is PNG where something is
// transparent, and where the upload was without loss if that takes at most twice
// the bytes or Options.Lossless asks for it, else JPEG; at the upload's own
// size; of a GIF its first frame.
// A side above MaxJPEGSide is refused, whatever is written: no later use of an
// upload could do without JPEG. Options.Provenance is not written, as an upload's origin is not known.
func Clean(ctx context.Context, src io.ReadSeeker, o *Options) (Result, error) {
	opts := o.orDefault()
	if o == nil || o.Quality == 0 {
		opts.Quality = cleanQuality
	}
	info, err := Inspect(src, &opts.Limits)
	if err != nil {
		return Result{}, err
	}
	if err := checkJPEGSides(info.Width, info.Height); err != nil {
		return Result{}, err
	}
	p, release, err := open(ctx, src, &opts, func(i Info) int64 {
		return 2 * int64(i.Width) * int64(i.Height) // the file, as it grows
	})
	if err != nil {
		return Result{}, err
	}
	defer release()
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	format, e, err := p.reencode(ctx, &opts)
	if err != nil {
		return Result{}, err
	}
	whole := Result{
		Width: p.w, Height: p.h, Crop: rectOf(p.w, p.h), Focus: Point{0.5, 0.5}, Fit: Cover, Scale: 1, StandsOut: 1,
	}
	return opts.deliver(whole.with(e, format))
}

// losslessWorth is how many times the bytes of its JPEG an upload that came
// without loss may take to stay so: drawings and letters do, photographs do not.
const losslessWorth = 2

// reencode writes the decoded picture without another copy of its pixels: at 50
// megapixels that would be 200 MB.
func (p *picture) reencode(ctx context.Context, o *Options) (Format, encoded, error) {
	if !p.opaque || p.lossless && o.Lossless {
		out, err := p.withoutLoss(0)
		return PNG, out, err
	}
	// Colour that comes at half the resolution is written so again, from its own
	// samples.
	shared, smooth := fullColour, true
	if m, ok := p.img.(*image.YCbCr); ok && m.SubsampleRatio == image.YCbCrSubsampleRatio420 {
		shared, smooth = halfColour, false
	}
	out, err := searchJPEG(ctx, p.w, p.h, shared, p.rgbaRows(smooth), [2]int{o.Quality, o.Quality}, 0, jpegSegments(nil))
	if err != nil || !p.lossless {
		return JPEG, out, err
	}
	exact, err := p.withoutLoss(losslessWorth * len(out.data))
	if errors.Is(err, errLongPNG) {
		return JPEG, out, nil
	}
	return PNG, exact, err
}

// withoutLoss writes PNG of at most so many bytes; 0: of any size.
func (p *picture) withoutLoss(most int) (encoded, error) {
	rows := truecolourRows(p.w, p.opaque, p.rgbaRows(true))
	rows.most = most
	data, err := writePNG(p.w, p.h, rows, swift, nil)
	return encoded{data: data, bits: 8, transparent: !p.opaque}, err
}

// rgbaRows reads the picture's rows as straight RGBA.
func (p *picture) rgbaRows(smooth bool) func(y int) []byte {
	pixels, line := make([]pixel, p.w), make([]byte, 4*p.w)
	all := p.window(rectOf(p.w, p.h), smooth)
	return func(y int) []byte {
		all.read(y, pixels)
		for x, px := range pixels {
			d := line[4*x : 4*x+4 : 4*x+4]
			d[0], d[1], d[2], d[3] = px.nrgba()
		}
		return line
	}
}
