package finish

import (
	"context"
	"image"
	"image/color"
)

// flatEdge is the mean deviation, in 8-bit steps, up to which the edge of a
// picture counts as one colour: studio backgrounds are below it.
const flatEdge = 4

// extend paints what the picture at inner leaves free of the canvas. Beside an
// edge of one colour that colour goes on; otherwise all of it becomes a soft,
// enlarged copy of the picture.
func (c *canvas) extend(ctx context.Context, p *picture, inner image.Rectangle) error {
	bars := c.bars(inner)
	colours := make([]color.NRGBA, len(bars))
	for i, b := range bars {
		mean, deviation := c.edge(b.edge)
		if deviation > flatEdge {
			return c.extendSoft(ctx, p, bars)
		}
		colours[i] = mean
	}
	for i, b := range bars {
		c.fill(b.free, colours[i])
	}
	return nil
}

// bar is a free part of the canvas and the line of the picture it touches.
type bar struct{ free, edge image.Rectangle }

func (c *canvas) bars(in image.Rectangle) []bar {
	all := []bar{
		{image.Rect(0, 0, c.w, in.Min.Y), image.Rect(in.Min.X, in.Min.Y, in.Max.X, in.Min.Y+1)},
		{image.Rect(0, in.Max.Y, c.w, c.h), image.Rect(in.Min.X, in.Max.Y-1, in.Max.X, in.Max.Y)},
		{image.Rect(0, in.Min.Y, in.Min.X, in.Max.Y), image.Rect(in.Min.X, in.Min.Y, in.Min.X+1, in.Max.Y)},
		{image.Rect(in.Max.X, in.Min.Y, c.w, in.Max.Y), image.Rect(in.Max.X-1, in.Min.Y, in.Max.X, in.Max.Y)},
	}
	var free []bar
	for _, b := range all {
		if !b.free.Empty() {
			free = append(free, b)
		}
	}
	return free
}

// edge is the mean colour of a line of the canvas and the mean deviation from it.
func (c *canvas) edge(r image.Rectangle) (mean color.NRGBA, deviation int) {
	var sum [3]int
	n := r.Dx() * r.Dy()
	each := func(visit func(px []byte)) {
		for y := r.Min.Y; y < r.Max.Y; y++ {
			for x := r.Min.X; x < r.Max.X; x++ {
				visit(c.pix[4*(y*c.w+x):][:4])
			}
		}
	}
	each(func(px []byte) {
		for k := range sum {
			sum[k] += int(px[k])
		}
	})
	for k := range sum {
		sum[k] = (sum[k] + n/2) / n
	}
	off := 0
	each(func(px []byte) {
		for k := range sum {
			off += max(int(px[k])-sum[k], sum[k]-int(px[k]))
		}
	})
	return color.NRGBA{uint8(sum[0]), uint8(sum[1]), uint8(sum[2]), 255}, off / (3 * n)
}

// extendSoft fills the bars from a copy of the picture so small that scaling it
// up leaves nothing but soft areas of its colours.
func (c *canvas) extendSoft(ctx context.Context, p *picture, bars []bar) error {
	const side = 8
	preview, err := p.preview()
	if err != nil {
		return err
	}
	w, h := coverSize(preview.w, preview.h, c.w, c.h)
	at := around(Point{0.5, 0.5}, preview.w, preview.h, w, h)
	cut := &grid{w: w, h: h}
	for y := at.Min.Y; y < at.Max.Y; y++ {
		cut.pix = append(cut.pix, preview.pix[y*preview.w+at.Min.X:][:w]...)
	}
	tw, th := containSize(w, h, side, side)
	tiny := &grid{w: tw, h: th}
	keep := func(_ int, row []pixel) { tiny.pix = append(tiny.pix, row...) }
	if err := resample(ctx, cut, tw, th, keep); err != nil {
		return err
	}
	return resample(ctx, tiny, c.w, c.h, func(y int, row []pixel) {
		for _, b := range bars {
			if y < b.free.Min.Y || y >= b.free.Max.Y {
				continue
			}
			for x := b.free.Min.X; x < b.free.Max.X; x++ {
				d := c.pix[4*(y*c.w+x):][:4]
				d[0], d[1], d[2], d[3] = row[x].nrgba()
			}
		}
	})
}
