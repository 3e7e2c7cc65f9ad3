package picture

import (
	"math"

	c "github.com/gemini-image-chat/gemini-image-chat/adapters/demo/internal/canvas"
)

// geometric is flat shapes on a grid, or glowing rings where the style is technical.
func (s *scene) geometric() {
	if s.Style == "tech" || s.p.Dark() {
		s.rings()
		return
	}
	s.Fill(c.Linear(c.Point{}, c.Point{X: s.W, Y: s.H}, c.Two(s.p.Back, s.p.Back2.Mix(s.p.Back, 0.4))...))
	area := s.gridArea()
	rows := 3
	if area.H() > 1.4*area.W() {
		rows = 5
	}
	cell := area.H() / float64(rows)
	cols := int(math.Ceil(area.W() / cell))
	colors := []c.Color{s.p.Main, s.p.Accent, s.p.Main.Mix(s.p.Back, 0.5), s.p.Deep, s.p.Light, s.p.Accent.Mix(s.p.Light, 0.45)}
	last := -1
	for row := range rows {
		for col := range cols {
			box := c.Rect{X0: area.X0 + float64(col)*cell, Y0: area.Y0 + float64(row)*cell}
			box.X1, box.Y1 = box.X0+cell, box.Y0+cell
			i := s.r.IntN(len(colors))
			if i == last {
				i = (i + 1) % len(colors)
			}
			last = i
			s.tile(box, colors[i], colors[(i+1+s.r.IntN(len(colors)-1))%len(colors)])
		}
	}
}

// gridArea is the part of the canvas that the words leave; it runs off the canvas on the other sides.
func (s *scene) gridArea() c.Rect {
	switch {
	case s.Headline == "":
		return s.Bounds()
	case !s.wide:
		return c.Rect{Y0: s.subject.Y0, X1: s.W, Y1: s.H}
	case s.text.X0 < s.subject.X0:
		return c.Rect{X0: s.subject.X0, X1: s.W, Y1: s.H}
	}
	return c.Rect{X1: s.subject.X1, Y1: s.H}
}

// tile fills a cell of the grid with one of a few shapes in two colours.
func (s *scene) tile(b c.Rect, ground, shape c.Color) {
	clip := c.RoundRect(b, 0)
	size := b.W()
	s.Draw(clip, c.Linear(c.Point{X: b.X0, Y: b.Y0}, c.Point{X: b.X1, Y: b.Y1}, c.Two(ground.Lighter(0.015), ground.Lighter(-0.025))...), 1)
	paint := c.Linear(c.Point{X: b.X0, Y: b.Y0}, c.Point{X: b.X1, Y: b.Y1}, c.Two(shape.Lighter(0.02), shape.Lighter(-0.03))...)
	corner := c.Point{X: b.X0 + size*float64(s.r.IntN(2)), Y: b.Y0 + size*float64(s.r.IntN(2))}
	mid := b.Center()
	switch s.r.IntN(7) {
	case 0, 1:
		s.DrawWithin(c.Circle(corner.X, corner.Y, size), clip, paint, 1)
	case 2:
		s.DrawWithin(c.Circle(corner.X, corner.Y, size), clip, paint, 1)
		s.DrawWithin(c.Circle(corner.X, corner.Y, size*0.5), clip, c.Solid(ground), 1)
	case 3:
		s.Draw(c.Circle(mid.X, mid.Y, size*0.36), paint, 1)
	case 4:
		s.DrawWithin(c.Circle(mid.X, b.Y1, size/2), clip, paint, 1)
		s.DrawWithin(c.Circle(mid.X, mid.Y, size/2), clip, paint, 0.45)
	case 5:
		for i := range 4 {
			x := b.X0 + size*(0.125+0.25*float64(i))
			s.Draw(c.RoundRect(c.Rect{X0: x - size*0.06, Y0: b.Y0 + size*0.12, X1: x + size*0.06, Y1: b.Y1 - size*0.12}, size*0.06), paint, 1)
		}
	default:
		for i := range 3 {
			for j := range 3 {
				s.Draw(c.Circle(b.X0+size*(0.2+0.3*float64(i)), b.Y0+size*(0.2+0.3*float64(j)), size*0.075), paint, 1)
			}
		}
	}
}

// rings is light in the dark: thin glowing circles around a glass ball, over a grid in perspective.
func (s *scene) rings() {
	at := s.subject.Center()
	u := min(s.subject.W(), s.subject.H()) / 100
	s.Fill(c.Radial(at, s.W*0.8, s.H*0.95, c.Two(s.p.Back.Lighter(0.03), s.p.Back2)...))
	horizon := at.Y + 26*u
	for i := range 13 {
		t := float64(i) / 12
		y := horizon + t*t*(s.H-horizon)
		s.Draw(c.RoundRect(c.Rect{Y0: y, X1: s.W, Y1: y + u*(0.12+0.25*t)}, 0), c.Solid(s.p.Main), 0.08+0.2*t)
	}
	for i := -14; i <= 14; i++ {
		x := at.X + float64(i)*6*u
		far := at.X + float64(i)*40*u
		s.Draw(c.Polygon(c.Point{X: x, Y: horizon}, c.Point{X: x + 0.15*u, Y: horizon}, c.Point{X: far + 0.6*u, Y: s.H}, c.Point{X: far, Y: s.H}), c.Solid(s.p.Main), 0.16)
	}
	s.Glow(c.Point{X: at.X, Y: horizon}, 95*u, 26*u, s.p.Main, 0.4)
	s.Glow(at, 80*u, 80*u, s.p.Accent, 0.42)
	for i := range 4 {
		r := (29 + 8*float64(i)) * u
		k := s.p.Main.Mix(s.p.Accent, float64(i)/3)
		tilt := 1 - 0.16*float64(i)
		angle := s.vary(24, 0.8) - 14*float64(i)
		turn := func(p *c.Path) *c.Path {
			return p.Mapped(func(q c.Point) c.Point { return c.Point{X: q.X, Y: at.Y + (q.Y-at.Y)*tilt*0.62} }).Rotated(angle, at)
		}
		s.Soft(turn(c.Ring(at.X, at.Y, r+1.2*u, r-1.2*u)), c.Solid(k), 0.5, 5*u)
		s.Draw(turn(c.Ring(at.X, at.Y, r+0.28*u, r-0.28*u)), c.Solid(k.Lighter(0.12)), 0.95)
		a := s.r.Float64() * 2 * math.Pi
		dot := turn(c.Circle(at.X+r*math.Cos(a), at.Y+r*math.Sin(a), 1.5*u)).Bounds().Center()
		s.Glow(dot, 7*u, 7*u, k, 0.8)
		s.Draw(c.Circle(dot.X, dot.Y, 1.2*u), c.Solid(s.p.Light), 1)
	}
	s.Draw(c.Circle(at.X, at.Y, 19*u), c.Radial(c.Point{X: at.X - 6*u, Y: at.Y - 8*u}, 30*u, 30*u, c.Stop{At: 0, Color: s.p.Light}, c.Stop{At: 0.18, Color: s.p.Main.Lighter(0.1)},
		c.Stop{At: 0.6, Color: s.p.Accent.Lighter(-0.1)}, c.Stop{At: 1, Color: s.p.Deep}), 1)
	s.Soft(c.Ellipse(at.X+4*u, at.Y+12*u, 9*u, 4*u), c.Solid(s.p.Main.Lighter(0.15)), 0.55, 4*u)
	s.Soft(c.Ellipse(at.X-7*u, at.Y-10*u, 4*u, 2.4*u).Rotated(-40, c.Point{X: at.X - 7*u, Y: at.Y - 10*u}), c.Solid(c.Hex("#FFFFFF")), 0.9, 2*u)
	for range 70 {
		s.Draw(c.Circle(s.r.Float64()*s.W, s.r.Float64()*horizon, u*0.25*s.r.Float64()), c.Solid(s.p.Light), 0.7)
	}
}

// poster is made for words: rays, a great disc, confetti and a cut-out object.
func (s *scene) poster() {
	at := c.Point{X: s.subject.Center().X, Y: s.subject.Y0 + s.subject.H()*0.56}
	u := min(s.subject.W(), s.subject.H()) / 100
	ground := s.p.Back
	s.Fill(c.Radial(at, s.W, s.H, c.Two(ground.Lighter(0.02), s.p.Back2)...))
	reach, rays := 2*max(s.W, s.H), 18
	turn := s.r.Float64() * 0.3
	for i := range rays {
		a := 2*math.Pi*float64(i)/float64(rays) + turn
		b := a + math.Pi/float64(rays)
		s.Draw(c.Polygon(at, c.Point{X: at.X + reach*math.Cos(a), Y: at.Y + reach*math.Sin(a)}, c.Point{X: at.X + reach*math.Cos(b), Y: at.Y + reach*math.Sin(b)}),
			c.Radial(at, reach*0.42, reach*0.42, c.Two(s.p.Light, ground)...), 0.3)
	}
	r := 45 * u
	s.Soft(c.Circle(at.X+2*u, at.Y+4*u, r), c.Solid(s.p.Deep), 0.25, 8*u)
	s.Draw(c.Circle(at.X, at.Y, r), c.Linear(c.Point{X: at.X - r, Y: at.Y - r}, c.Point{X: at.X + r, Y: at.Y + r}, c.Two(s.p.Main.Lighter(0.05), s.p.Main.Lighter(-0.08))...), 1)
	s.Draw(c.Ring(at.X, at.Y, r*0.94, r*0.925), c.Solid(s.p.Light), 0.7)
	s.dotted(c.Point{X: at.X - r*0.95, Y: at.Y + r*0.62}, u)
	s.confetti(at, r, u)
	base := c.Point{X: at.X, Y: at.Y + r*0.62}
	s.Soft(c.Ellipse(base.X+3*u, base.Y, 24*u, 4*u), c.Solid(s.p.Deep), 0.42, 6*u)
	keep := s.p
	s.p.Main, s.p.Accent = s.p.Accent, s.p.Light.Mix(s.p.Accent, 0.2)
	s.object(base, 56*u)
	s.p = keep
}

func (s *scene) dotted(at c.Point, u float64) {
	for i := range 6 {
		for j := range 4 {
			s.Draw(c.Circle(at.X+float64(i)*4*u, at.Y+float64(j)*4*u, 0.75*u), c.Solid(s.p.Deep), 0.7)
		}
	}
}

func (s *scene) confetti(at c.Point, r, u float64) {
	colors := []c.Color{s.p.Accent, s.p.Light, s.p.Main, s.p.Deep}
	for i := range 46 {
		a, d := s.r.Float64()*2*math.Pi, r*(0.98+0.75*s.r.Float64())
		q := c.Point{X: at.X + d*math.Cos(a), Y: at.Y + d*math.Sin(a)*0.95}
		k := colors[i%len(colors)]
		size := s.vary(1.8*u, 0.5)
		if words := s.text.Inset(-4 * u); s.Headline != "" && q.X > words.X0 && q.X < words.X1 && q.Y > words.Y0 && q.Y < words.Y1 {
			continue
		}
		switch i % 3 {
		case 0:
			s.Draw(c.Circle(q.X, q.Y, size*0.7), c.Solid(k), 1)
		case 1:
			s.Draw(c.RoundRect(c.Rect{X0: q.X - size, Y0: q.Y - size*0.36, X1: q.X + size, Y1: q.Y + size*0.36}, size*0.2).Rotated(s.r.Float64()*180, q), c.Solid(k), 1)
		default:
			s.Draw(c.Ring(q.X, q.Y, size*0.9, size*0.5), c.Solid(k), 1)
		}
	}
}
