package finish

import (
	"image"
	"image/color"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	fixedmath "golang.org/x/image/math/fixed"
)

// stamp writes a word in a dark pill into the lower right corner. A crop may
// have cut away what the picture says of itself, so it is said again in the
// file. Letters are whole pixels enlarged, which stay sharp at every size.
func (c *canvas) stamp(word string) {
	if word == "" {
		return
	}
	face := basicfont.Face7x13
	size := image.Pt(font.MeasureString(face, word).Ceil(), face.Ascent)
	letters := image.NewAlpha(image.Rectangle{Max: size})
	d := font.Drawer{Dst: letters, Src: image.Opaque, Face: face, Dot: fixedmath.P(0, face.Ascent)}
	d.DrawString(word)

	scale := max(1, min(c.w, c.h)/300)
	pad := 5 * scale
	pill := image.Rect(0, 0, size.X*scale+2*pad, size.Y*scale+2*pad)
	pill = pill.Add(image.Pt(c.w-pill.Dx()-2*pad, c.h-pill.Dy()-2*pad))
	dark, light := color.NRGBA{R: 0x15, G: 0x17, B: 0x1a, A: 255}, color.NRGBA{R: 255, G: 255, B: 255, A: 255}
	c.fill(pill.Intersect(rectOf(c.w, c.h)), dark)
	for y := range size.Y {
		for x := range size.X {
			if letters.AlphaAt(x, y).A < 128 {
				continue
			}
			at := image.Pt(pill.Min.X+pad+x*scale, pill.Min.Y+pad+y*scale)
			c.fill(image.Rectangle{Min: at, Max: at.Add(image.Pt(scale, scale))}.Intersect(rectOf(c.w, c.h)), light)
		}
	}
}
