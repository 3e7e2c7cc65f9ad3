package picture

import (
	c "github.com/gemini-image-chat/gemini-image-chat/adapters/demo/internal/canvas"
)

// Objects are the names that Brief.Object knows.
var Objects = []string{"bottle", "mug", "jar", "gift", "vase", "phone", "bag", "cake"}

// object stands on base, about height tall.
func (s *scene) object(base c.Point, height float64) {
	switch s.Object {
	case "mug":
		s.mug(base, height*0.78)
	case "jar":
		s.jar(base, height*0.72)
	case "gift":
		s.gift(base, height*0.85)
	case "vase":
		s.vase(base, height)
	case "phone":
		s.phone(base, height*1.12)
	case "bag":
		s.bag(base, height*0.95)
	case "cake":
		s.cake(base, height*0.8)
	default:
		s.bottle(base, height*1.1)
	}
}

func (s *scene) bottle(base c.Point, h float64) {
	half := h * 0.2
	glass := s.p.Main
	body := c.Rect{X0: base.X - half, Y0: base.Y - h*0.7, X1: base.X + half, Y1: base.Y}
	shape := c.RoundRect(body, half*0.5)
	s.Draw(shape, round(glass, body.X0, body.X1), 1)
	s.DrawWithin(c.RoundRect(c.Rect{X0: body.X0, Y0: body.Y0 + body.H()*0.2, X1: body.X1, Y1: body.Y1}, 0), shape,
		c.Linear(c.Point{Y: body.Y0}, c.Point{Y: body.Y1}, c.Two(glass.Lighter(0.04), glass.Lighter(-0.16))...), 0.35)
	neck := c.Rect{X0: base.X - half*0.42, Y0: base.Y - h*0.77, X1: base.X + half*0.42, Y1: base.Y - h*0.69}
	s.Draw(c.RoundRect(neck, half*0.08), round(s.p.Accent.Lighter(-0.05), neck.X0, neck.X1), 1)
	lid := c.Rect{X0: base.X - half*0.56, Y0: base.Y - h, X1: base.X + half*0.56, Y1: base.Y - h*0.755}
	s.Draw(c.RoundRect(lid, half*0.16), round(s.p.Accent, lid.X0, lid.X1), 1)
	label := c.Rect{X0: base.X - half*0.66, Y0: base.Y - h*0.5, X1: base.X + half*0.66, Y1: base.Y - h*0.2}
	s.Draw(c.RoundRect(label, half*0.06), round(s.p.Light.Mix(s.p.Back, 0.12), body.X0, body.X1), 0.96)
	for i, w := range []float64{0.42, 0.3, 0.36} {
		y := label.Y0 + label.H()*(0.3+0.19*float64(i))
		s.Draw(c.RoundRect(c.Rect{X0: base.X - half*w, Y0: y, X1: base.X + half*w, Y1: y + h*0.011}, h*0.006), c.Solid(s.p.Deep), 0.55)
	}
	s.Draw(c.Circle(base.X, label.Y0+label.H()*0.15, h*0.018), c.Solid(s.p.Main), 0.9)
	shine := c.Rect{X0: body.X0 + half*0.22, Y0: body.Y0 + h*0.05, X1: body.X0 + half*0.36, Y1: body.Y1 - h*0.06}
	s.Soft(c.RoundRect(shine, half*0.07), c.Solid(c.Hex("#FFFFFF")), 0.7, half*0.14)
}

func (s *scene) mug(base c.Point, h float64) {
	half := h * 0.46
	k := s.p.Main
	handle := c.Ring(base.X+half*1.02, base.Y-h*0.52, h*0.27, h*0.16)
	s.Draw(handle, c.Linear(c.Point{X: base.X + half}, c.Point{X: base.X + half*1.6}, c.Two(k.Lighter(-0.02), k.Lighter(-0.15))...), 1)
	s.cylinder(base, half, h, 0.17, k)
	s.Draw(c.Ellipse(base.X, base.Y-h, half*0.92, half*0.145), c.Linear(c.Point{X: base.X - half}, c.Point{X: base.X + half}, c.Two(k.Lighter(-0.18), k.Lighter(-0.06))...), 1)
	coffee := c.Hex("#5A3521")
	s.Draw(c.Ellipse(base.X, base.Y-h+half*0.035, half*0.83, half*0.11), c.Linear(c.Point{X: base.X - half}, c.Point{X: base.X + half}, c.Two(coffee.Lighter(0.08), coffee)...), 1)
	s.Draw(c.Ellipse(base.X-half*0.2, base.Y-h+half*0.035, half*0.34, half*0.045), c.Solid(c.Hex("#D9B48A")), 0.6)
	band := c.Rect{X0: base.X - half, Y0: base.Y - h*0.38, X1: base.X + half, Y1: base.Y - h*0.3}
	s.Draw(c.RoundRect(band, 0), round(s.p.Accent, band.X0, band.X1), 0.92)
	for i := range 3 {
		x := base.X + (float64(i)-1)*half*0.42
		steam := &c.Path{}
		w := h * 0.03
		steam.Move(x, base.Y-h*1.06).Cubic(x+h*0.12, base.Y-h*1.2, x-h*0.12, base.Y-h*1.32, x+h*0.03*float64(i), base.Y-h*1.52).
			Line(x+w+h*0.03*float64(i), base.Y-h*1.52).Cubic(x-h*0.12+2*w, base.Y-h*1.32, x+h*0.12+2*w, base.Y-h*1.2, x+w, base.Y-h*1.06)
		s.Soft(steam, c.Solid(c.Hex("#FFFFFF")), 0.42, h*0.09)
	}
}

func (s *scene) jar(base c.Point, h float64) {
	half := h * 0.52
	s.cylinder(base, half, h*0.62, 0.18, s.p.Light.Mix(s.p.Main, 0.12))
	label := c.Rect{X0: base.X - half*0.62, Y0: base.Y - h*0.4, X1: base.X + half*0.62, Y1: base.Y - h*0.12}
	s.Draw(c.RoundRect(label, h*0.02), round(s.p.Main, base.X-half, base.X+half), 0.95)
	for i, w := range []float64{0.36, 0.24} {
		y := label.Y0 + label.H()*(0.36+0.26*float64(i))
		s.Draw(c.RoundRect(c.Rect{X0: base.X - half*w, Y0: y, X1: base.X + half*w, Y1: y + h*0.018}, h*0.01), c.Solid(s.p.Light), 0.85)
	}
	s.cylinder(c.Point{X: base.X, Y: base.Y - h*0.6}, half*1.05, h*0.3, 0.18, s.p.Accent)
}

func (s *scene) gift(base c.Point, h float64) {
	half := h * 0.44
	box := c.Rect{X0: base.X - half, Y0: base.Y - h*0.66, X1: base.X + half, Y1: base.Y + h*0.02}
	k := s.p.Main
	s.Draw(c.RoundRect(box, h*0.02), c.Linear(c.Point{X: box.X0}, c.Point{X: box.X1}, c.Two(k.Lighter(0.06), k.Lighter(-0.14))...), 1)
	lid := c.Rect{X0: box.X0 - h*0.03, Y0: box.Y0 - h*0.1, X1: box.X1 + h*0.03, Y1: box.Y0 + h*0.06}
	s.Soft(c.RoundRect(c.Rect{X0: box.X0, Y0: lid.Y1, X1: box.X1, Y1: lid.Y1 + h*0.04}, 0), c.Solid(s.p.Deep), 0.35, h*0.05)
	s.Draw(c.RoundRect(lid, h*0.02), c.Linear(c.Point{X: lid.X0}, c.Point{X: lid.X1}, c.Two(k.Lighter(0.1), k.Lighter(-0.1))...), 1)
	ribbon := s.p.Accent
	s.Draw(c.RoundRect(c.Rect{X0: base.X - h*0.07, Y0: lid.Y0, X1: base.X + h*0.07, Y1: box.Y1}, 0), round(ribbon, base.X-h*0.07, base.X+h*0.07), 1)
	knot := c.Point{X: base.X, Y: lid.Y0 - h*0.02}
	for _, side := range []float64{-1, 1} {
		loop := &c.Path{}
		loop.Move(knot.X, knot.Y).Cubic(knot.X+side*h*0.1, knot.Y-h*0.3, knot.X+side*h*0.42, knot.Y-h*0.24, knot.X+side*h*0.3, knot.Y-h*0.04).
			Cubic(knot.X+side*h*0.2, knot.Y+h*0.03, knot.X+side*h*0.1, knot.Y+h*0.02, knot.X, knot.Y)
		s.Draw(loop, ball(ribbon, c.Point{X: knot.X + side*h*0.18, Y: knot.Y - h*0.1}, h*0.2), 1)
		inner := loop.Mapped(func(q c.Point) c.Point {
			return c.Point{X: knot.X + (q.X-knot.X)*0.62 + side*h*0.05, Y: knot.Y + (q.Y-knot.Y)*0.58 - h*0.02}
		})
		s.Draw(inner, c.Solid(ribbon.Lighter(-0.16)), 0.8)
	}
	s.Draw(c.Circle(knot.X, knot.Y-h*0.01, h*0.06), ball(ribbon.Lighter(0.03), c.Point{X: knot.X, Y: knot.Y - h*0.01}, h*0.06), 1)
}

func (s *scene) vase(base c.Point, h float64) {
	s.branches(c.Point{X: base.X, Y: base.Y - h*0.46}, h)
	half := h * 0.17
	k := s.p.Light.Mix(s.p.Main, 0.2)
	body := &c.Path{}
	body.Move(base.X-half*0.5, base.Y-h*0.5).Cubic(base.X-half*0.5, base.Y-h*0.38, base.X-half*1.25, base.Y-h*0.34, base.X-half*1.15, base.Y-h*0.16).
		Cubic(base.X-half*1.08, base.Y-h*0.03, base.X-half*0.7, base.Y, base.X-half*0.6, base.Y).
		Cubic(base.X-half*0.3, base.Y+h*0.018, base.X+half*0.3, base.Y+h*0.018, base.X+half*0.6, base.Y).
		Cubic(base.X+half*0.7, base.Y, base.X+half*1.08, base.Y-h*0.03, base.X+half*1.15, base.Y-h*0.16).
		Cubic(base.X+half*1.25, base.Y-h*0.34, base.X+half*0.5, base.Y-h*0.38, base.X+half*0.5, base.Y-h*0.5)
	s.ground(base, half*2)
	s.Draw(body, round(k, base.X-half*1.2, base.X+half*1.2), 1)
	s.Draw(c.Ellipse(base.X, base.Y-h*0.5, half*0.5, half*0.12), c.Solid(k.Lighter(-0.2)), 1)
}

func (s *scene) branches(root c.Point, h float64) {
	leaf := c.Hex("#6F8F5F").Mix(s.p.Main, 0.25)
	if s.Style == "luxury" || s.Style == "tech" {
		leaf = s.p.Accent.Mix(s.p.Main, 0.3)
	}
	for i := range 5 {
		lean := (float64(i) - 2) * 0.13 * h
		tip := c.Point{X: root.X + lean*1.5, Y: root.Y - h*(0.55-0.05*float64((i-2)*(i-2)))}
		w := h * 0.006
		stem := &c.Path{}
		stem.Move(root.X-w, root.Y).Quad(root.X-w, (root.Y+tip.Y)/2, tip.X, tip.Y).Quad(root.X+w, (root.Y+tip.Y)/2, root.X+w, root.Y)
		s.Draw(stem, c.Solid(leaf.Lighter(-0.12)), 1)
		for j := 1; j <= 5; j++ {
			t := 0.3 + 0.14*float64(j)
			q := c.Point{X: root.X + (tip.X-root.X)*t*t, Y: root.Y + (tip.Y-root.Y)*t}
			for _, side := range []float64{-1, 1} {
				angle := -90 + side*(48+8*sway(j+i, 0.4)) + lean/h*90
				shape := leafShape(q, h*0.15*(1.15-t*0.5), h*0.026).Rotated(angle, q)
				s.Draw(shape, c.Linear(q, c.Point{X: q.X + h*0.1, Y: q.Y - h*0.1}, c.Two(leaf.Lighter(-0.05), leaf.Lighter(0.08+0.05*side))...), 1)
			}
		}
	}
	if s.Season == "spring" || s.Object == "vase" && s.r.IntN(2) == 0 {
		for i := range 7 {
			at := c.Point{X: root.X + (s.r.Float64()-0.5)*h*0.55, Y: root.Y - h*(0.2+0.4*s.r.Float64())}
			s.blossom(at, h*(0.035+0.012*float64(i%3)))
		}
	}
}

func (s *scene) blossom(at c.Point, r float64) {
	petal := s.p.Accent.Mix(s.p.Light, 0.35)
	for i := range 5 {
		shape := c.Ellipse(at.X, at.Y-r*0.72, r*0.5, r*0.72).Rotated(float64(i)*72, at)
		s.Draw(shape, c.Radial(at, r*1.5, r*1.5, c.Two(petal.Lighter(-0.1), petal.Lighter(0.05))...), 1)
	}
	s.Draw(c.Circle(at.X, at.Y, r*0.3), c.Solid(c.Hex("#F2C14E")), 1)
}

func (s *scene) phone(base c.Point, h float64) {
	half := h * 0.25
	body := c.Rect{X0: base.X - half, Y0: base.Y - h, X1: base.X + half, Y1: base.Y}
	tilt := func(p *c.Path) *c.Path { return p.Rotated(6, base) }
	s.Draw(tilt(c.RoundRect(body, half*0.28)).Moved(h*0.018, 0), c.Solid(s.p.Deep.Lighter(0.1)), 1)
	s.Draw(tilt(c.RoundRect(body, half*0.28)), c.Solid(s.p.Deep), 1)
	screen := body.Inset(h * 0.018)
	s.Draw(tilt(c.RoundRect(screen, half*0.22)), c.Linear(c.Point{X: screen.X0, Y: screen.Y0}, c.Point{X: screen.X1, Y: screen.Y1},
		c.Stop{At: 0, Color: s.p.Main}, c.Stop{At: 0.55, Color: s.p.Accent}, c.Stop{At: 1, Color: s.p.Light}), 1)
	clip := tilt(c.RoundRect(screen, half*0.22))
	s.DrawWithin(c.Circle(base.X+half*0.5, base.Y-h*0.36, half*0.9), clip, c.Solid(s.p.Light), 0.22)
	s.DrawWithin(c.Circle(base.X-half*0.6, base.Y-h*0.72, half*0.7), clip, c.Solid(s.p.Deep), 0.14)
	for i := range 2 {
		y := base.Y - h*(0.3-0.09*float64(i))
		card := c.Rect{X0: screen.X0 + half*0.2, Y0: y, X1: screen.X1 - half*0.2, Y1: y + h*0.065}
		s.Draw(tilt(c.RoundRect(card, h*0.02)), c.Solid(c.Hex("#FFFFFF")), 0.78)
	}
	s.Draw(tilt(c.RoundRect(c.Rect{X0: base.X - half*0.28, Y0: screen.Y0 + h*0.014, X1: base.X + half*0.28, Y1: screen.Y0 + h*0.034}, h*0.01)), c.Solid(s.p.Deep), 1)
	gloss := c.Polygon(c.Point{X: screen.X0, Y: screen.Y0}, c.Point{X: base.X + half*0.2, Y: screen.Y0}, c.Point{X: screen.X0, Y: base.Y - h*0.4})
	s.DrawWithin(tilt(gloss), clip, c.Solid(c.Hex("#FFFFFF")), 0.16)
}

func (s *scene) bag(base c.Point, h float64) {
	half := h * 0.34
	for _, dx := range []float64{0.07, 0} {
		handle := c.Ring(base.X+h*dx, base.Y-h*0.7, half*0.46, half*0.39)
		s.Draw(handle, c.Solid(s.p.Accent.Lighter(-0.1*dx/0.07)), 1)
	}
	side := c.Polygon(c.Point{X: base.X + half, Y: base.Y - h*0.68}, c.Point{X: base.X + half*1.34, Y: base.Y - h*0.72},
		c.Point{X: base.X + half*1.34, Y: base.Y - h*0.05}, c.Point{X: base.X + half, Y: base.Y + h*0.01})
	s.Draw(side, c.Solid(s.p.Main.Lighter(-0.17)), 1)
	front := c.Rect{X0: base.X - half, Y0: base.Y - h*0.68, X1: base.X + half, Y1: base.Y + h*0.01}
	s.Draw(c.RoundRect(front, h*0.008), c.Linear(c.Point{X: front.X0, Y: front.Y0}, c.Point{X: front.X1, Y: front.Y1}, c.Two(s.p.Main.Lighter(0.08), s.p.Main.Lighter(-0.08))...), 1)
	s.Draw(c.Circle(base.X, base.Y-h*0.32, half*0.46), c.Solid(s.p.Light), 0.94)
	s.Draw(c.Circle(base.X, base.Y-h*0.32, half*0.24), c.Solid(s.p.Accent), 1)
	for _, dx := range []float64{-0.42, 0.42} {
		s.Draw(c.Circle(base.X+half*dx, base.Y-h*0.63, h*0.012), c.Solid(s.p.Deep), 0.5)
	}
}

func (s *scene) cake(base c.Point, h float64) {
	half := h * 0.56
	cream, sponge := s.p.Light, c.Hex("#E8B97A").Mix(s.p.Main, 0.15)
	s.cylinder(base, half, h*0.5, 0.2, sponge)
	s.cylinder(c.Point{X: base.X, Y: base.Y - h*0.2}, half*1.005, h*0.07, 0.2, cream)
	s.cylinder(c.Point{X: base.X, Y: base.Y - h*0.44}, half*1.01, h*0.12, 0.2, s.p.Main.Mix(cream, 0.25))
	for i := range 7 {
		x := base.X - half*0.9 + half*0.3*float64(i)
		drop := c.Rect{X0: x - half*0.1, Y0: base.Y - h*0.46, X1: x + half*0.1, Y1: base.Y - h*(0.3+0.08*sway(i, 1))}
		s.Draw(c.RoundRect(drop, half*0.1), c.Solid(s.p.Main.Mix(cream, 0.25).Lighter(-0.02-0.02*float64(i)/2)), 1)
	}
	top := base.Y - h*0.58
	for i := range 5 {
		at := c.Point{X: base.X - half*0.6 + half*0.3*float64(i), Y: top - h*0.03*float64(i%2)}
		s.Draw(c.Circle(at.X, at.Y, h*0.085), ball(s.p.Accent, at, h*0.085), 1)
	}
}
