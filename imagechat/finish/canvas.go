package finish

import (
	"context"
	"image"
	"image/color"
)

// canvas is an output in the making: 8-bit sRGB, four bytes a pixel, straight
// alpha. In an opaque one all alpha is 255, which image.RGBA and image.NRGBA
// read alike.
type canvas struct {
	pix    []byte
	w, h   int
	opaque bool
}

func newCanvas(w, h int) *canvas {
	return &canvas{pix: make([]byte, 4*w*h), w: w, h: h}
}

func rectOf(w, h int) image.Rectangle { return image.Rect(0, 0, w, h) }

// paint scales src into the rectangle r, which lies inside the canvas.
func (c *canvas) paint(ctx context.Context, src rowSource, r image.Rectangle) error {
	return resample(ctx, src, r.Dx(), r.Dy(), func(y int, row []pixel) {
		dst := c.pix[4*((y+r.Min.Y)*c.w+r.Min.X):]
		for i, p := range row {
			d := dst[4*i : 4*i+4 : 4*i+4]
			d[0], d[1], d[2], d[3] = p.nrgba()
		}
	})
}

// fill paints a rectangle in one opaque colour.
func (c *canvas) fill(r image.Rectangle, with color.NRGBA) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := c.pix[4*(y*c.w+r.Min.X) : 4*(y*c.w+r.Max.X)]
		for i := 0; i < len(row); i += 4 {
			row[i], row[i+1], row[i+2], row[i+3] = with.R, with.G, with.B, 255
		}
	}
}

// flatten sets what is transparent on a background, in linear light.
func (c *canvas) flatten(on color.NRGBA) {
	back := [3]int64{toLinear[on.R], toLinear[on.G], toLinear[on.B]}
	for i := 0; i < len(c.pix); i += 4 {
		px := c.pix[i : i+4 : i+4]
		a := int64(px[3])
		if a == 255 {
			continue
		}
		for k := range back {
			px[k] = toSRGB[(toLinear[px[k]]*a+back[k]*(255-a)+127)/255]
		}
		px[3] = 255
	}
	c.opaque = true
}

// seenDifference is how far a colour has to lie from its background to be seen,
// in the channel that differs most, of 255: a tenth.
const seenDifference = 26

// standsOut is the share of what is not transparent that differs visibly from
// a background; 1 where all is transparent or none.
func (c *canvas) standsOut(on color.NRGBA) float64 {
	back := [3]int{int(on.R), int(on.G), int(on.B)}
	var all, seen int64
	transparent := false
	for i := 0; i < len(c.pix); i += 4 {
		px := c.pix[i : i+4 : i+4]
		a := int(px[3])
		transparent = transparent || a < 255
		most := 0
		for k := range back {
			d := int(px[k]) - back[k]
			most = max(most, d, -d)
		}
		all += int64(a)
		if most*a/255 >= seenDifference {
			seen += int64(a)
		}
	}
	if !transparent || all == 0 {
		return 1
	}
	return float64(seen) / float64(all)
}

// seemsOpaque tells whether no pixel is transparent.
func (c *canvas) seemsOpaque() bool {
	for i := 3; i < len(c.pix); i += 4 {
		if c.pix[i] != 255 {
			return false
		}
	}
	return true
}

// sharpen is a light unsharp mask: every pixel moves away from the mean of its
// neighbourhood (1-2-1 each way) by a quarter of its distance to it. Shrinking
// to less than half softens the finest detail, and this restores its contrast.
// A pixel goes at most sharpenSlack beyond the four beside it, so that texture
// gains and no edge gets an outline. Rows are taken from copies, as the canvas changes underneath. Pixels have to
// be opaque: a transparent neighbour's colour means nothing.
func (c *canvas) sharpen() {
	stride := 4 * c.w
	above, here := make([]byte, stride), make([]byte, stride)
	copy(above, c.pix[:stride])
	for y := range c.h {
		row := c.pix[y*stride:][:stride]
		copy(here, row)
		below := here
		if y+1 < c.h {
			below = c.pix[(y+1)*stride:][:stride]
		}
		sharpenRow(row, above, here, below)
		above, here = here, above
	}
}

// sharpenSlack is in steps of 8-bit sRGB.
const sharpenSlack = 4

func sharpenRow(dst, above, here, below []byte) {
	last := len(here) - 4
	for i := 0; i <= last; i += 4 {
		l, r := max(i-4, 0), min(i+4, last)
		for k := range 3 {
			v := int32(here[i+k])
			sum := 4*v + 2*(int32(here[l+k])+int32(here[r+k])+int32(above[i+k])+int32(below[i+k])) +
				int32(above[l+k]) + int32(above[r+k]) + int32(below[l+k]) + int32(below[r+k])
			low := min(v, int32(here[l+k]), int32(here[r+k]), int32(above[i+k]), int32(below[i+k]))
			high := max(v, int32(here[l+k]), int32(here[r+k]), int32(above[i+k]), int32(below[i+k]))
			// v + (v - sum/16)/4, rounded
			sharp := (80*v - sum + 32) >> 6
			dst[i+k] = clamp8(min(max(sharp, low-sharpenSlack), high+sharpenSlack))
		}
	}
}
