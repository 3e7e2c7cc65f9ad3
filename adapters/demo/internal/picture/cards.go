package picture

import (
	"image"
	"image/color"
	"math"

	xdraw "golang.org/x/image/draw"
	"golang.org/x/image/math/f64"

	c "github.com/gemini-image-chat/gemini-image-chat/adapters/demo/internal/canvas"
)

// References are pictures that a new one is made from.
type References struct {
	Photos []image.Image // shown as prints; at most three
	Logo   image.Image   // placed small and unchanged, nil for none
}

// maxPhotos is how many prints fit without hiding one another.
const maxPhotos = 3

// DrawWith paints the brief around pictures that were sent along, in place of the scene it names.
func DrawWith(b Brief, refs References) *image.RGBA {
	s := newScene(b)
	if len(refs.Photos) == 0 {
		s.paint()
	} else {
		s.prints(refs.Photos[:min(len(refs.Photos), maxPhotos)])
		s.Finish(b.Seed^0xD1B54A32D192ED03, s.grain()/2, s.vignette()/2)
	}
	s.setWords()
	if refs.Logo != nil {
		s.logo(refs.Logo)
	}
	setBadge(s.Canvas, s.visible, b.Badge)
	return s.Img
}

// prints stands the photos side by side in the studio, like prints leaning on its wall.
func (s *scene) prints(photos []image.Image) {
	u := min(s.subject.W(), s.subject.H()) / 100
	horizon := s.subject.Y1 - 12*u
	s.studio(horizon)
	if !s.Plain {
		s.windowLight(u, horizon)
	}
	room := s.subject.W() / float64(len(photos))
	for i, photo := range photos {
		cell := c.Rect{X0: s.subject.X0 + room*float64(i), Y0: s.subject.Y0, X1: s.subject.X0 + room*float64(i+1), Y1: s.subject.Y1}
		s.print(photo, cell.Inset(2*u), u)
	}
}

// print fits one photo into a box, a little turned, with a white edge and a shadow. Catalogue pictures stay straight.
func (s *scene) print(photo image.Image, box c.Rect, u float64) {
	size := photo.Bounds().Size()
	scale := min(box.W()/float64(size.X), box.H()/float64(size.Y)) * 0.94
	w, h := float64(size.X)*scale, float64(size.Y)*scale
	mid := box.Center()
	frame := c.Rect{X0: mid.X - w/2, Y0: mid.Y - h/2, X1: mid.X + w/2, Y1: mid.Y + h/2}
	turn := 0.0
	if !s.Plain {
		turn = (s.r.Float64() - 0.5) * 7
		edge := c.RoundRect(frame.Inset(-1.6*u), 1.2*u).Rotated(turn, mid)
		s.Soft(edge.Moved(1.5*u, 3*u), c.Solid(s.p.Deep), 0.4, 8*u)
		s.Draw(edge, c.Solid(c.Hex("#FFFFFF")), 1)
	}
	s.place(photo, frame, turn)
}

// place draws a picture into a rectangle that is turned by deg degrees around its middle. It is scaled first, so that the
// turning, which looks at four pixels only, does not alias.
func (s *scene) place(src image.Image, frame c.Rect, deg float64) {
	w, h := max(int(frame.W()), 1), max(int(frame.H()), 1)
	small := image.NewRGBA(image.Rect(0, 0, w, h))
	xdraw.CatmullRom.Scale(small, small.Rect, src, src.Bounds(), xdraw.Src, nil)
	sin, cos := math.Sincos(deg * math.Pi / 180)
	mid := frame.Center()
	cx, cy := float64(w)/2, float64(h)/2
	matrix := f64.Aff3{cos, -sin, mid.X - cos*cx + sin*cy, sin, cos, mid.Y - sin*cx - cos*cy}
	xdraw.BiLinear.Transform(s.Img, matrix, small, small.Rect, xdraw.Over, nil)
}

// logo stands at the lower left of what stays visible, unturned and undistorted, on a light plate where it has a ground
// of its own anyway or would not show.
func (s *scene) logo(logo image.Image) {
	size := logo.Bounds().Size()
	u := s.Unit()
	scale := min(0.24*s.visible.W()/float64(size.X), 9*u/float64(size.Y))
	w, h := float64(size.X)*scale, float64(size.Y)*scale
	x, y := s.visible.X0+4*u, s.visible.Y1-4*u-h
	frame := c.Rect{X0: x, Y0: y, X1: x + w, Y1: y + h}
	s.Draw(c.RoundRect(frame.Inset(-1.4*u), 1.4*u), c.Solid(c.Hex("#FFFFFF")), 0.9)
	s.place(logo, frame, 0)
}

// MeanColor is a picture's average, with its chroma raised: what a person would call its colour.
func MeanColor(src image.Image) c.Color {
	small := image.NewRGBA(image.Rect(0, 0, 24, 24))
	xdraw.Draw(small, small.Rect, image.NewUniform(color.White), image.Point{}, xdraw.Src)
	xdraw.ApproxBiLinear.Scale(small, small.Rect, src, src.Bounds(), xdraw.Over, nil)
	mean, _ := c.On(small).Average(c.Rect{X1: 24, Y1: 24})
	return mean.Turned(0, 1.6)
}
