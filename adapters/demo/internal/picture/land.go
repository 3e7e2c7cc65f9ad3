package picture

import (
	"math"

	c "github.com/gemini-image-chat/gemini-image-chat/adapters/demo/internal/canvas"
)

// ridge is a mountain line: midpoint displacement between the canvas's sides, at about y, up to tall pixels high.
func (s *scene) ridge(y, tall, rough float64) *c.Path {
	const n = 128
	line := make([]float64, n+1)
	line[0], line[n] = s.r.Float64()-0.5, s.r.Float64()-0.5
	for step, amp := n, 1.0; step > 1; step, amp = step/2, amp*rough {
		for i := step / 2; i < n; i += step {
			line[i] = (line[i-step/2]+line[i+step/2])/2 + (s.r.Float64()-0.5)*amp
		}
	}
	p := &c.Path{}
	p.Move(-1, s.H+1)
	for i, v := range line {
		p.Line(float64(i)/n*(s.W+2)-1, y-v*tall)
	}
	return p.Line(s.W+1, s.H+1)
}

// sky is the light of the season, from the zenith to the horizon.
func (s *scene) sky() (top, low, sun c.Color) {
	switch {
	case s.Season == "night" || s.p.Dark():
		return s.p.Back2.Mix(c.Hex("#0B1230"), 0.5), s.p.Back.Mix(c.Hex("#2E2A5A"), 0.4).Lighter(0.06), c.Hex("#FFF4D8")
	case s.Season == "autumn":
		return s.p.Back.Mix(c.Hex("#F3C98B"), 0.5), c.Hex("#FBE6C4"), c.Hex("#FFF3DC")
	case s.Season == "winter":
		return c.Hex("#BFD5E6").Mix(s.p.Back2, 0.2), c.Hex("#F3F7FA"), c.Hex("#FFFFFF")
	case s.Season == "summer":
		return c.Hex("#3FA7E0").Mix(s.p.Main, 0.12), c.Hex("#D8F3FA"), c.Hex("#FFF2B0")
	case s.Season == "spring":
		return c.Hex("#A9D3EE").Mix(s.p.Back2, 0.25), c.Hex("#FDEBEF"), c.Hex("#FFF6D6")
	}
	return s.p.Back2.Mix(s.p.Main, 0.12), s.p.Back.Lighter(0.03), s.p.Accent.Mix(c.Hex("#FFF1D0"), 0.55)
}

// sun stands at a third of the free side, so that words and sun do not meet.
func (s *scene) sun(at c.Point, r float64, k c.Color) {
	s.Glow(at, r*7, r*7, k, 0.38)
	s.Glow(at, r*2.6, r*2.6, k, 0.45)
	s.Draw(c.Circle(at.X, at.Y, r), c.Linear(c.Point{Y: at.Y - r}, c.Point{Y: at.Y + r}, c.Two(k.Lighter(0.05), k)...), 1)
}

func (s *scene) stars(below float64) {
	for range 130 {
		x, y := s.r.Float64()*s.W, s.r.Float64()*below
		s.Draw(c.Circle(x, y, s.Unit()*(0.08+0.16*s.r.Float64())), c.Solid(c.Hex("#FFFFFF")), 0.35+0.55*s.r.Float64())
	}
}

// mountain is a range in layers of haze, over a lake or a meadow.
func (s *scene) mountain() {
	top, low, sun := s.sky()
	horizon := s.horizon(0.66) + 0.04*s.visible.H()
	s.Fill(c.Linear(c.Point{}, c.Point{Y: horizon}, c.Two(top, low)...))
	night := s.Season == "night" || s.p.Dark()
	if night {
		s.stars(horizon)
	}
	u := min(s.visible.W(), s.visible.H()*1.2) / 100
	s.sun(c.Point{X: s.subject.X0 + s.subject.W()*s.vary(0.58, 0.2), Y: horizon - 30*u}, 8.5*u, sun)
	near := s.p.Main.Mix(s.p.Deep, 0.55)
	switch s.Season {
	case "autumn":
		near = c.Hex("#8E3B1F").Mix(s.p.Main, 0.25)
	case "spring", "summer":
		near = c.Hex("#2F6B4F").Mix(s.p.Main, 0.25)
	case "winter":
		near = c.Hex("#3C5A73").Mix(s.p.Main, 0.2)
	}
	const layers = 5
	for i := range layers {
		t := float64(i) / (layers - 1)
		y := horizon - 14*u + t*t*34*u
		k := low.Mix(near, 0.22+0.78*t)
		ridge := s.ridge(y, (30-13*t)*u, 0.52)
		s.Draw(ridge, c.Linear(c.Point{Y: y - 22*u}, c.Point{Y: y + 26*u}, c.Two(k, k.Mix(low, 0.5*(1-t)))...), 1)
		if s.Season == "winter" && i < 3 {
			s.Draw(ridge, c.Linear(c.Point{Y: y - 22*u}, c.Point{Y: y - 2*u}, c.Two(c.Hex("#FFFFFF"), k)...), 0.55)
		}
		if i < layers-1 {
			s.Soft(c.RoundRect(c.Rect{X0: -0.1 * s.W, Y0: y + 8*u, X1: 1.1 * s.W, Y1: y + 16*u}, 4*u), c.Solid(low), 0.35*(1-t), 12*u)
		}
	}
	s.trees(horizon+20*u, u, near.Lighter(-0.12))
	s.birds(u)
	if s.Season == "winter" {
		s.snow(u)
	}
}

func (s *scene) trees(y, u float64, k c.Color) {
	for range 15 {
		x, h := s.r.Float64()*s.W, s.vary(15*u, 0.45)
		base := y + s.r.Float64()*8*u + h*0.3
		for j := range 4 {
			t := float64(j) / 4
			w := h * (0.1 + 0.16*t)
			yy := base - h*(1-t)
			s.Draw(c.Polygon(c.Point{X: x, Y: yy}, c.Point{X: x + w, Y: yy + h*0.36}, c.Point{X: x - w, Y: yy + h*0.36}), c.Solid(k.Lighter(0.02*float64(j%2))), 1)
		}
	}
	s.Draw(c.Polygon(c.Point{Y: y + 9*u}, c.Point{X: s.W, Y: y + 9*u}, c.Point{X: s.W, Y: s.H}, c.Point{Y: s.H}), c.Linear(c.Point{Y: y + 9*u}, c.Point{Y: s.H}, c.Two(k, k.Lighter(-0.08))...), 1)
}

func (s *scene) snow(u float64) {
	for range 160 {
		r := u * (0.15 + 0.5*s.r.Float64()*s.r.Float64())
		s.Soft(c.Circle(s.r.Float64()*s.W, s.r.Float64()*s.H, r), c.Solid(c.Hex("#FFFFFF")), 0.85, r*0.8)
	}
}

func (s *scene) birds(u float64) {
	for range 4 {
		x, y, w := s.subject.X0+s.r.Float64()*s.subject.W(), s.subject.Y0+s.r.Float64()*s.subject.H()*0.3, s.vary(1.8*u, 0.3)
		p := &c.Path{}
		p.Move(x-w, y-w*0.3).Quad(x-w*0.4, y-w*0.5, x, y).Quad(x+w*0.4, y-w*0.5, x+w, y-w*0.3).Quad(x+w*0.4, y-w*0.3, x, y+w*0.18).Quad(x-w*0.4, y-w*0.3, x-w, y-w*0.3)
		s.Draw(p, c.Solid(s.p.Deep), 0.6)
	}
}

// sea is a beach from the air of a low hill: sky, sun, water in bands, foam and sand.
func (s *scene) sea() {
	top, low, sun := s.sky()
	u := min(s.visible.W(), s.visible.H()*1.2) / 100
	horizon := s.horizon(0.5)
	s.Fill(c.Linear(c.Point{}, c.Point{Y: horizon}, c.Two(top, low)...))
	night := s.Season == "night" || s.p.Dark()
	if night {
		s.stars(horizon)
	}
	at := c.Point{X: s.subject.X0 + s.subject.W()*s.vary(0.5, 0.25), Y: horizon - 17*u}
	s.clouds(horizon, u)
	s.sun(at, 8*u, sun)
	deep, shallow := c.Hex("#0E7FA8").Mix(s.p.Main, 0.2), c.Hex("#7FE0D8").Mix(s.p.Back, 0.15)
	if night {
		deep, shallow = s.p.Back2.Lighter(0.05), s.p.Back.Lighter(0.08)
	}
	shore := horizon + (s.visible.Y1-horizon)*0.68
	s.Draw(c.Polygon(c.Point{Y: horizon}, c.Point{X: s.W, Y: horizon}, c.Point{X: s.W, Y: s.H}, c.Point{Y: s.H}),
		c.Linear(c.Point{Y: horizon}, c.Point{Y: shore}, c.Stop{At: 0, Color: deep}, c.Stop{At: 0.5, Color: deep.Mix(shallow, 0.45)}, c.Stop{At: 1, Color: shallow}), 1)
	for range 90 { // glints under the sun, wider and sparser towards us
		t := s.r.Float64()
		y := horizon + t*(shore-horizon)
		x := at.X + s.r.NormFloat64()*(3+16*t)*u
		w := (0.8 + 5*t) * u * (0.4 + s.r.Float64())
		s.Draw(c.Ellipse(x, y, w, (0.12+0.3*t)*u), c.Solid(sun.Lighter(0.05)), 0.55*(1-0.55*t))
	}
	s.beach(shore, u)
	s.sail(c.Point{X: s.subject.X0 + s.subject.W()*0.8, Y: horizon + 1.2*u}, u)
	s.palm(u)
}

func (s *scene) beach(shore, u float64) {
	sand := c.Hex("#F2DDB4").Mix(s.p.Back, 0.2)
	if s.p.Dark() {
		sand = s.p.Back.Mix(c.Hex("#6B5A4A"), 0.4)
	}
	phase := s.r.Float64() * 6
	wave := func(dy, amp float64) *c.Path {
		p := &c.Path{}
		p.Move(-1, s.H+1)
		for i := range 41 {
			x := float64(i) / 40
			p.Line(x*(s.W+2)-1, shore+dy+math.Sin(x*5+phase)*amp+math.Sin(x*11+phase*2)*amp*0.35)
		}
		return p.Line(s.W+1, s.H+1)
	}
	s.Soft(wave(-2.6*u, 2.2*u), c.Solid(c.Hex("#FFFFFF")), 0.4, 3*u)
	s.Draw(wave(-0.8*u, 2.2*u), c.Solid(c.Hex("#FFFFFF")), 0.92)
	s.Draw(wave(0.7*u, 2.3*u), c.Solid(sand.Lighter(-0.09)), 1)
	s.Draw(wave(3.4*u, 2.5*u), c.Linear(c.Point{Y: shore}, c.Point{Y: s.H}, c.Two(sand, sand.Lighter(0.03))...), 1)
}

func (s *scene) clouds(horizon, u float64) {
	for range 4 {
		x, y := s.r.Float64()*s.W, horizon-(22+34*s.r.Float64())*u
		for j := range 5 {
			dx := (float64(j) - 2) * 5.5 * u
			r := s.vary(4.6*u, 0.35) * (1 - 0.12*math.Abs(float64(j)-2))
			s.Soft(c.Ellipse(x+dx, y-r*0.25, r*1.35, r*0.8), c.Solid(c.Hex("#FFFFFF")), 0.4, 4*u)
		}
	}
}

func (s *scene) sail(base c.Point, u float64) {
	hull := &c.Path{}
	hull.Move(base.X-4*u, base.Y).Line(base.X+4.6*u, base.Y).Quad(base.X+3*u, base.Y+1.7*u, base.X, base.Y+1.7*u).Quad(base.X-3*u, base.Y+1.7*u, base.X-4*u, base.Y)
	s.Draw(hull, c.Solid(s.p.Main), 1)
	s.Draw(c.Polygon(c.Point{X: base.X, Y: base.Y - 11*u}, c.Point{X: base.X, Y: base.Y - 0.7*u}, c.Point{X: base.X - 3.6*u, Y: base.Y - 0.7*u}), c.Solid(c.Hex("#FFFFFF")), 1)
	s.Draw(c.Polygon(c.Point{X: base.X + 0.6*u, Y: base.Y - 10*u}, c.Point{X: base.X + 0.6*u, Y: base.Y - 0.7*u}, c.Point{X: base.X + 4.6*u, Y: base.Y - 0.7*u}), c.Solid(s.p.Accent), 1)
}

// palm hangs fronds into a corner of the picture, away from the words.
func (s *scene) palm(u float64) {
	root := c.Point{X: s.visible.X1 + 4*u, Y: s.visible.Y0 + 2*u}
	turn := 1.0
	if s.wide && s.text.X0 > s.subject.X0 {
		root.X, turn = s.visible.X0-4*u, -1
	}
	k := c.Hex("#1F5B45").Mix(s.p.Main, 0.15)
	if s.p.Dark() {
		k = s.p.Deep
	}
	for i := range 5 {
		angle := (112 + float64(i)*20) * math.Pi / 180
		length := s.vary(34*u, 0.15)
		for j := range 22 {
			t := 0.1 + 0.9*float64(j)/22
			bend := angle - 0.5*t*t
			q := c.Point{X: root.X + turn*math.Cos(bend)*length*t, Y: root.Y + math.Sin(bend)*length*t}
			for _, side := range []float64{-1, 1} {
				deg := bend*180/math.Pi + side*(62-25*t)
				blade := leafShape(q, length*0.26*(1.1-t*0.6), 0.75*u).Rotated(deg, q)
				if turn < 0 {
					blade = leafShape(q, length*0.26*(1.1-t*0.6), 0.75*u).Rotated(180-deg, q)
				}
				s.Draw(blade, c.Solid(k.Lighter(0.05*side*0.6)), 1)
			}
		}
	}
}

// city is a skyline in dusk light, with lit windows.
func (s *scene) city() {
	top, low := s.p.Main.Mix(c.Hex("#1B1E4B"), 0.6), s.p.Accent.Mix(c.Hex("#FFB88A"), 0.55)
	if s.Season == "night" || s.p.Dark() {
		top, low = c.Hex("#0B1030").Mix(s.p.Back2, 0.4), s.p.Main.Mix(c.Hex("#3B2A6B"), 0.6)
	}
	u := min(s.visible.W(), s.visible.H()*1.2) / 100
	ground := s.visible.Y1 - 6*u
	s.Fill(c.Linear(c.Point{}, c.Point{Y: ground}, c.Stop{At: 0, Color: top}, c.Stop{At: 0.55, Color: top.Mix(low, 0.55)}, c.Stop{At: 1, Color: low}))
	s.stars(s.H * 0.35)
	s.sun(c.Point{X: s.subject.X0 + s.subject.W()*0.66, Y: ground - 46*u}, 7*u, c.Hex("#FFE9C4"))
	for layer := range 3 {
		t := float64(layer) / 2
		k := low.Mix(c.Hex("#10122B"), 0.42+0.46*t)
		for x := -4 * u; x < s.W; {
			w := s.vary(9*u, 0.45)
			h := s.vary((42-15*t)*u, 0.45)
			if s.wide && s.Headline != "" && x+w > s.text.X0 && x < s.text.X1 {
				h *= 0.62 // keep the sky behind the words clear
			}
			s.tower(c.Rect{X0: x, Y0: ground - h + t*4*u, X1: x + w, Y1: s.H + 1}, k, u, 0.2+0.5*t)
			x += w + s.r.Float64()*1.5*u*(1-t)
		}
	}
	s.Glow(c.Point{X: s.W / 2, Y: ground + 6*u}, s.W*0.7, 22*u, low, 0.35)
}

func (s *scene) tower(b c.Rect, k c.Color, u, lit float64) {
	s.Draw(c.RoundRect(b, 0.3*u), c.Linear(c.Point{Y: b.Y0}, c.Point{Y: b.Y1}, c.Two(k, k.Lighter(0.05))...), 1)
	if s.r.IntN(4) == 0 {
		mid := b.Center().X
		s.Draw(c.RoundRect(c.Rect{X0: mid - 0.25*u, Y0: b.Y0 - 6*u, X1: mid + 0.25*u, Y1: b.Y0}, 0), c.Solid(k), 1)
		s.Glow(c.Point{X: mid, Y: b.Y0 - 6*u}, 1.6*u, 1.6*u, c.Hex("#FF6B5A"), 0.9)
	}
	for y := b.Y0 + 2*u; y < b.Y1-2*u; y += 2.7 * u {
		for x := b.X0 + 1.1*u; x < b.X1-1.5*u; x += 2 * u {
			if s.r.Float64() < lit*0.55 {
				s.Draw(c.RoundRect(c.Rect{X0: x, Y0: y, X1: x + 0.95*u, Y1: y + 1.4*u}, 0.1*u), c.Solid(c.Hex("#FFD98A").Mix(s.p.Accent, 0.3*s.r.Float64())), 0.35+0.55*s.r.Float64())
			}
		}
	}
}
