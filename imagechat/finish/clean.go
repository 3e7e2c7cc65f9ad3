package finish

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
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
// transparent, else JPEG, at the upload's own size; of a GIF its first frame.
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
		data, err := writePNG(p.w, p.h, rows, swift, nil)
		return PNG, encoded{data: data, bits: 8, transparent: true}, err
	}
	if err := checkJPEGSides(p.w, p.h); err != nil {
		return JPEG, encoded{}, err
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
	all := p.window(rectOf(p.w, p.h), true)
	return func(y int) []byte {
		all.read(y, pixels)
		for x, px := range pixels {
			d := line[4*x : 4*x+4 : 4*x+4]
			d[0], d[1], d[2], d[3] = px.nrgba()
		}
		return line
	}
}

// upright is the opaque picture in its right orientation and in sRGB. The kinds
// that image/jpeg reads fast are handed over as they are.
func (p *picture) upright() image.Image {
	if p.orientation == 1 && p.profile == nil && !p.video {
		switch m := p.img.(type) {
		case *image.NRGBA: // opaque, so straight and premultiplied are the same
			return &image.RGBA{Pix: m.Pix, Stride: m.Stride, Rect: m.Rect}
		default:
			return m
		}
	}
	return &turned{picture: p, rows: p.rgbaRows(), top: -bandRows}
}

// bandRows is how many rows turned holds: image/jpeg reads blocks of 16×16, row
// of blocks after row of blocks.
const bandRows = 16

// turned shows an opaque picture in its right orientation and in sRGB, without
// holding another copy of it. It is not for use by many goroutines.
type turned struct {
	*picture
	rows func(y int) []byte
	top  int    // the first row of the band
	band []byte // straight RGBA
}

func (t *turned) ColorModel() color.Model { return color.RGBAModel }
func (t *turned) Bounds() image.Rectangle { return rectOf(t.w, t.h) }
func (t *turned) At(x, y int) color.Color {
	if y < t.top || y >= t.top+bandRows {
		t.top, t.band = y-y%bandRows, t.band[:0]
		for row := t.top; row < min(t.top+bandRows, t.h); row++ {
			t.band = append(t.band, t.rows(row)...)
		}
	}
	px := t.band[4*((y-t.top)*t.w+x):][:4]
	return color.RGBA{px[0], px[1], px[2], px[3]}
}
