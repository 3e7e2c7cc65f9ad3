package finish

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"

	"github.com/klauspost/compress/zlib"
)

// cleanQuality is the JPEG quality of cleaned uploads unless Options say
// another: high, because a reference is read by a model and edited further.
const cleanQuality = 92

// Clean makes a stranger's upload safe to keep, to show and to send on. The
// order of checks is: size of the file, magic bytes, header, pixels and memory,
// and only then, admitted by the gate, decoding. What comes out holds nothing
// but pixels: the orientation has been applied, and all metadata, appended data
// and whatever else the file carried is gone. It is PNG where something is
// transparent, else JPEG, at the upload's own size; of a GIF its first frame.
// Options.Provenance is not written, as an upload's origin is not known.
func Clean(ctx context.Context, src io.ReadSeeker, o *Options) (Result, error) {
	opts := o.orDefault()
	if o == nil || o.Quality == 0 {
		opts.Quality = cleanQuality
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
	format, e, err := p.reencode(opts.Quality)
	if err != nil {
		return Result{}, err
	}
	whole := Result{
		Width: p.w, Height: p.h, Crop: rectOf(p.w, p.h), Focus: Point{0.5, 0.5}, Fit: Cover, Scale: 1,
	}
	return whole.with(e, format), nil
}

// reencode writes the decoded picture without another copy of its pixels: at 50
// megapixels that would be 200 MB.
func (p *picture) reencode(quality int) (Format, encoded, error) {
	if !p.opaque {
		rows := truecolourRows(p.w, false, p.rgbaRows())
		data, err := writePNG(p.w, p.h, rows, zlib.DefaultCompression, nil)
		return PNG, encoded{data: data, bits: 8, transparent: true}, err
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, p.upright(), &jpeg.Options{Quality: quality}); err != nil {
		return JPEG, encoded{}, fmt.Errorf("finish: encode JPEG: %w", err)
	}
	return JPEG, encoded{data: b.Bytes(), quality: quality, bits: 8}, nil
}

// rgbaRows reads the picture's rows as straight RGBA.
func (p *picture) rgbaRows() func(y int) []byte {
	pixels, line := make([]pixel, p.w), make([]byte, 4*p.w)
	all := window{p, rectOf(p.w, p.h)}
	return func(y int) []byte {
		all.read(y, pixels)
		for x, px := range pixels {
			d := line[4*x : 4*x+4 : 4*x+4]
			d[0], d[1], d[2], d[3] = px.nrgba()
		}
		return line
	}
}

// upright is the opaque picture in its right orientation. The kinds that
// image/jpeg reads fast are handed over as they are.
func (p *picture) upright() image.Image {
	if p.orientation == 1 {
		switch m := p.img.(type) {
		case *image.NRGBA: // opaque, so straight and premultiplied are the same
			return &image.RGBA{Pix: m.Pix, Stride: m.Stride, Rect: m.Rect}
		default:
			return m
		}
	}
	return turned{p}
}

// turned shows a picture in its right orientation, pixel by pixel.
type turned struct{ *picture }

func (t turned) ColorModel() color.Model { return t.img.ColorModel() }
func (t turned) Bounds() image.Rectangle { return rectOf(t.w, t.h) }
func (t turned) At(x, y int) color.Color {
	sx, sy, _, _ := t.step(x, y)
	return t.img.At(sx, sy)
}
