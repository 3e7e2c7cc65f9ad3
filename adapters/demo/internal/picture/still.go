package picture

import (
	"math"

	c "github.com/gemini-image-chat/gemini-image-chat/adapters/demo/internal/canvas"
)

// studio paints a wall, a floor that meets it softly at horizon, and light from one side.
func (s *scene) studio(horizon float64) {
	p := s.p
	wallTop, wallLow := p.Back2, p.Back
	floorFar, floorNear := p.Back.Mix(p.Back2, 0.45).Lighter(-0.03), p.Back.Lighter(0.01)
	if p.Dark() {
		floorFar, floorNear = p.Back2, p.Back.Lighter(0.03)
	}
	h := horizon / s.H
	soft := 0.025
	s.Fill(c.Linear(c.Point{}, c.Point{Y: s.H}, c.Stop{At: 0, Color: wallTop}, c.Stop{At: h - soft, Color: wallLow},
		c.Stop{At: h + soft, Color: floorFar}, c.Stop{At: 1, Color: floorNear}))
	light := c.Point{X: s.subject.Center().X - 0.3*s.subject.W(), Y: s.subject.Y0}
	reach := 0.9 * max(s.W, s.H)
	strength := 0.3
	if p.Dark() {
		strength = 0.16
	}
	s.Glow(light, reach, reach, p.Light, strength)
}

// windowLight lays the slanted panes of a window, and the shadow of leaves, on the wall.
func (s *scene) windowLight(u, horizon float64) {
	at := s.subject.Center()
	skew := s.vary(26*u, 0.3)
	alpha := 0.3
	if s.p.Dark() {
		alpha = 0.1
	}
	for row := range 2 {
		for col := range 2 {
			x, y := at.X-62*u+float64(col)*36*u+float64(row)*4*u, horizon-96*u+float64(row)*46*u
			pane := c.Polygon(c.Point{X: x, Y: y}, c.Point{X: x + 30*u, Y: y - skew*0.35}, c.Point{X: x + 30*u, Y: y + 40*u - skew*0.35},
				c.Point{X: x, Y: y + 40*u})
			s.Soft(pane, c.Solid(s.p.Light), alpha, 5*u)
		}
	}
	s.leafShadow(c.Point{X: at.X + s.vary(58*u, 0.12), Y: horizon - s.vary(112*u, 0.08)}, u)
}

// leafShadow is the shadow of a branch that hangs into the picture from above.
func (s *scene) leafShadow(root c.Point, u float64) {
	lean := s.vary(20, 0.5)
	for i := range 7 {
		t := float64(i) / 7
		q := c.Point{X: root.X - t*24*u, Y: root.Y + t*t*46*u + t*10*u}
		for _, side := range []float64{-1, 1} {
			leaf := leafShape(q, s.vary(23*u, 0.15)*(1-0.35*t), 4.4*u*(1-0.3*t)).Rotated(112+side*(52-14*t)+lean*t, q)
			s.Soft(leaf, c.Solid(s.p.Deep), 0.11, (2.2+1.6*t)*u)
		}
	}
}

// leafShape grows to the right from its root.
func leafShape(root c.Point, length, half float64) *c.Path {
	p := &c.Path{}
	return p.Move(root.X, root.Y).
		Cubic(root.X+length*0.3, root.Y-half*1.3, root.X+length*0.75, root.Y-half, root.X+length, root.Y).
		Cubic(root.X+length*0.75, root.Y+half, root.X+length*0.3, root.Y+half*1.3, root.X, root.Y)
}

// round gives a flat colour the light and shade of a cylinder between x0 and x1, lit from the left.
func round(k c.Color, x0, x1 float64) c.Paint {
	return c.Linear(c.Point{X: x0}, c.Point{X: x1}, c.Stop{At: 0, Color: k.Lighter(-0.05)}, c.Stop{At: 0.2, Color: k.Lighter(0.07)},
		c.Stop{At: 0.36, Color: k.Lighter(0.1)}, c.Stop{At: 0.62, Color: k.Lighter(-0.02)}, c.Stop{At: 0.9, Color: k.Lighter(-0.15)},
		c.Stop{At: 1, Color: k.Lighter(-0.11)})
}

// ball gives a flat colour the light and shade of a sphere.
func ball(k c.Color, center c.Point, r float64) c.Paint {
	lit := c.Point{X: center.X - r*0.35, Y: center.Y - r*0.4}
	return c.Radial(lit, r*1.5, r*1.5, c.Stop{At: 0, Color: k.Lighter(0.17)}, c.Stop{At: 0.35, Color: k.Lighter(0.05)},
		c.Stop{At: 0.75, Color: k.Lighter(-0.1)}, c.Stop{At: 1, Color: k.Lighter(-0.2)})
}

// ground lays the shadow of something that stands at base, width wide, thrown to the right.
func (s *scene) ground(base c.Point, width float64) {
	alpha := 0.34
	if s.p.Dark() {
		alpha = 0.6
	}
	long := c.Ellipse(base.X+width*0.45, base.Y+width*0.015, width*0.85, width*0.13)
	s.Soft(long, c.Solid(s.p.Deep), alpha*0.55, width*0.3)
	s.Soft(c.Ellipse(base.X+width*0.05, base.Y, width*0.54, width*0.09), c.Solid(s.p.Deep), alpha*1.2, width*0.09)
}

// cylinder stands on base; flat is how round its ends look (the ellipse's half height by its half width).
func (s *scene) cylinder(base c.Point, half, height, flat float64, k c.Color) {
	e := half * flat
	body := &c.Path{}
	body.Move(base.X-half, base.Y-height).Line(base.X-half, base.Y).
		Cubic(base.X-half, base.Y+e*1.33, base.X+half, base.Y+e*1.33, base.X+half, base.Y).Line(base.X+half, base.Y-height)
	s.Draw(body, round(k, base.X-half, base.X+half), 1)
	shade := c.Linear(c.Point{Y: base.Y - height}, c.Point{Y: base.Y + e}, c.Stop{At: 0, Color: k.Lighter(-0.1)}, c.Stop{At: 1, Color: s.p.Deep})
	s.Draw(body, shade, 0.14)
	top := c.Ellipse(base.X, base.Y-height, half, e)
	s.Draw(top, c.Linear(c.Point{X: base.X - half}, c.Point{X: base.X + half}, c.Two(k.Lighter(0.13), k.Lighter(0.03))...), 1)
}

// sphere lies on base.
func (s *scene) sphere(base c.Point, r float64, k c.Color) {
	s.ground(base, r*1.7)
	at := c.Point{X: base.X, Y: base.Y - r*0.94}
	s.Draw(c.Circle(at.X, at.Y, r), ball(k, at, r), 1)
}

// product is a still life: an object on a plinth before a disc or an arch.
func (s *scene) product() {
	u := min(s.subject.W(), s.subject.H()*0.95) / 100
	at := s.subject.Center()
	base := c.Point{X: at.X, Y: s.subject.Y1 - 9*u}
	horizon := base.Y - 13*u
	s.studio(horizon)
	plinth := s.p.Back.Lighter(0.04)
	if s.p.Dark() {
		plinth = s.p.Back.Lighter(0.07)
	}
	if s.Plain {
		stand := c.Point{X: at.X, Y: at.Y + 40*u}
		s.ground(stand, 42*u)
		s.object(stand, 80*u)
		return
	}
	if s.Style != "minimal" {
		s.backdrop(u, at, horizon)
	}
	s.windowLight(u, horizon)
	half, height := s.vary(27*u, 0.1), s.vary(13*u, 0.25)
	if s.r.IntN(2) == 0 {
		side := c.Point{X: base.X - 31*u, Y: base.Y - 5*u}
		s.ground(side, 30*u)
		s.cylinder(side, 14*u, height*1.9, 0.2, s.p.Main.Mix(s.p.Back, 0.45))
		s.sphere(c.Point{X: side.X, Y: side.Y - height*1.9}, 6.5*u, s.p.Accent)
	} else {
		s.sphere(c.Point{X: base.X - 37*u, Y: base.Y}, 7*u, s.p.Accent)
		s.sphere(c.Point{X: base.X - 29*u, Y: base.Y + 5*u}, 3.6*u, s.p.Light.Mix(s.p.Main, 0.25))
	}
	s.ground(base, half*2)
	s.cylinder(base, half, height, 0.2, plinth)
	stand := c.Point{X: base.X, Y: base.Y - height + 1.5*u}
	s.Soft(c.Ellipse(stand.X+4*u, stand.Y, 17*u, 3*u), c.Solid(s.p.Deep), 0.3, 4*u)
	s.object(stand, 52*u)
	s.sphere(c.Point{X: base.X + 38*u, Y: base.Y + 3*u}, 4.6*u, s.p.Main)
}

func (s *scene) backdrop(u float64, at c.Point, horizon float64) {
	k := s.p.Main.Mix(s.p.Back, 0.35)
	if s.p.Dark() {
		k = s.p.Main.Mix(s.p.Back, 0.72)
	}
	low := k.Mix(s.p.Back, 0.35)
	if s.r.IntN(2) == 0 {
		center := c.Point{X: at.X + 4*u, Y: horizon - 44*u}
		s.Draw(c.Circle(center.X, center.Y, 40*u), c.Linear(c.Point{X: center.X - 30*u, Y: center.Y - 40*u}, c.Point{X: center.X + 20*u, Y: center.Y + 40*u}, c.Two(k, low)...), 1)
		return
	}
	width, top := 33*u, horizon-84*u
	arch := &c.Path{}
	arch.Move(at.X-width, horizon).Line(at.X-width, top+width).
		Cubic(at.X-width, top+width*0.45, at.X-width*0.55, top, at.X, top).Cubic(at.X+width*0.55, top, at.X+width, top+width*0.45, at.X+width, top+width).
		Line(at.X+width, horizon)
	s.Soft(arch.Moved(2*u, 0), c.Solid(s.p.Deep), 0.16, 5*u)
	s.Draw(arch, c.Linear(c.Point{X: at.X - width}, c.Point{X: at.X + width, Y: 40 * u}, c.Two(k, low)...), 1)
	inner := arch.Mapped(func(q c.Point) c.Point { return c.Point{X: at.X + (q.X-at.X)*0.88, Y: horizon + (q.Y-horizon)*0.93} })
	s.Draw(inner, c.Linear(c.Point{X: at.X - width}, c.Point{X: at.X + width}, c.Two(low.Lighter(-0.05), k.Mix(s.p.Back, 0.2))...), 1)
}

// lamp is a lighting still life: a lit lamp on a table, its glow on the wall.
func (s *scene) lamp() {
	u := min(s.subject.W(), s.subject.H()*0.95) / 100
	at := s.subject.Center()
	table := s.subject.Y1 - 12*u
	wall := s.p.Back.Mix(s.p.Deep, 0.45)
	if s.p.Dark() {
		wall = s.p.Back
	}
	s.Fill(c.Linear(c.Point{}, c.Point{Y: table}, c.Two(wall.Lighter(-0.07), wall)...))
	wood := c.Hex("#7A5236").Mix(s.p.Deep, 0.3)
	s.Draw(c.Polygon(c.Point{Y: table}, c.Point{X: s.W, Y: table}, c.Point{X: s.W, Y: s.H}, c.Point{Y: s.H}),
		c.Linear(c.Point{Y: table}, c.Point{Y: s.H}, c.Two(wood.Lighter(0.03), wood.Lighter(-0.12))...), 1)
	s.Soft(c.Polygon(c.Point{Y: table - u}, c.Point{X: s.W, Y: table - u}, c.Point{X: s.W, Y: table}, c.Point{Y: table}), c.Solid(s.p.Deep), 0.5, 3*u)
	warm := c.Hex("#FFC878")
	if s.Style == "tech" {
		warm = s.p.Main.Mix(c.Hex("#FFFFFF"), 0.3)
	}
	bulb := c.Point{X: at.X, Y: table - 60*u}
	s.Glow(bulb, 150*u, 125*u, warm, 0.55)
	s.Glow(bulb, 62*u, 56*u, warm, 0.55)
	s.Glow(c.Point{X: at.X, Y: table + 8*u}, 74*u, 15*u, warm, 0.6)
	s.books(c.Point{X: at.X + 30*u, Y: table + 4*u}, u)
	s.vase(c.Point{X: at.X - 34*u, Y: table + 3*u}, 26*u)
	switch s.r.IntN(2) {
	case 0:
		s.domeLamp(c.Point{X: at.X, Y: table + 4*u}, u, warm)
	default:
		s.shadeLamp(c.Point{X: at.X, Y: table + 4*u}, u, warm)
	}
	s.Glow(bulb, 30*u, 22*u, c.Hex("#FFF3D6"), 0.4)
}

func (s *scene) domeLamp(base c.Point, u float64, warm c.Color) {
	body := s.p.Main
	s.ground(base, 26*u)
	s.cylinder(base, 13*u, 3*u, 0.22, body.Lighter(-0.04))
	stem := c.Rect{X0: base.X - 3.4*u, Y0: base.Y - 52*u, X1: base.X + 3.4*u, Y1: base.Y - 2*u}
	s.Draw(c.RoundRect(stem, 3*u), round(body, stem.X0, stem.X1), 1)
	top, rim, half := base.Y-86*u, base.Y-52*u, 31*u
	dome := &c.Path{}
	dome.Move(base.X-half, rim).Cubic(base.X-half, top+8*u, base.X-half*0.55, top, base.X, top).
		Cubic(base.X+half*0.55, top, base.X+half, top+8*u, base.X+half, rim).
		Cubic(base.X+half*0.5, rim+6*u, base.X-half*0.5, rim+6*u, base.X-half, rim)
	s.Draw(dome, round(body, base.X-half, base.X+half), 1)
	s.Draw(dome, c.Linear(c.Point{Y: top}, c.Point{Y: rim}, c.Two(body.Lighter(-0.08), body.Mix(warm, 0.75))...), 0.6)
	s.Draw(c.Ellipse(base.X, rim+0.6*u, half*0.96, 4.2*u), c.Radial(c.Point{X: base.X, Y: rim}, half, 5*u, c.Two(c.Hex("#FFF8E6"), warm)...), 1)
	s.Soft(c.Ellipse(base.X-half*0.42, top+14*u, 4*u, 9*u).Rotated(28, c.Point{X: base.X - half*0.42, Y: top + 14*u}), c.Solid(s.p.Light), 0.4, 5*u)
}

func (s *scene) shadeLamp(base c.Point, u float64, warm c.Color) {
	s.ground(base, 24*u)
	k := s.p.Accent
	at := c.Point{X: base.X, Y: base.Y - 14*u}
	s.Draw(c.Ellipse(at.X, at.Y, 13*u, 15*u), ball(k, at, 15*u), 1)
	neck := c.Rect{X0: base.X - 1.6*u, Y0: base.Y - 52*u, X1: base.X + 1.6*u, Y1: base.Y - 27*u}
	s.Draw(c.RoundRect(neck, u), round(c.Hex("#B88A4A"), neck.X0, neck.X1), 1)
	top, rim := base.Y-88*u, base.Y-50*u
	shade := c.Polygon(c.Point{X: base.X - 17*u, Y: top}, c.Point{X: base.X + 17*u, Y: top}, c.Point{X: base.X + 31*u, Y: rim}, c.Point{X: base.X - 31*u, Y: rim})
	cloth := s.p.Light.Mix(warm, 0.35)
	s.Draw(shade, c.Linear(c.Point{X: base.X - 31*u}, c.Point{X: base.X + 31*u}, c.Stop{At: 0, Color: cloth.Lighter(-0.16)}, c.Stop{At: 0.5, Color: cloth.Lighter(0.04)},
		c.Stop{At: 1, Color: cloth.Lighter(-0.2)}), 1)
	s.Draw(shade, c.Radial(c.Point{X: base.X, Y: rim - 12*u}, 30*u, 30*u, c.Two(c.Hex("#FFF6DF"), warm)...), 0.5)
	s.Draw(c.Ellipse(base.X, rim, 31*u, 3.6*u), c.Solid(c.Hex("#FFF3D2")), 1)
	s.Draw(c.Ellipse(base.X, top, 17*u, 1.9*u), c.Solid(cloth.Lighter(-0.1)), 1)
	cord := c.Rect{X0: base.X + 9*u, Y0: rim, X1: base.X + 9.5*u, Y1: rim + 14*u}
	s.Draw(c.RoundRect(cord, 0), c.Solid(c.Hex("#B88A4A")), 0.9)
	s.Draw(c.Circle(base.X+9.25*u, rim+15*u, 1.2*u), ball(c.Hex("#C99A55"), c.Point{X: base.X + 9.25*u, Y: rim + 15*u}, 1.2*u), 1)
}

func (s *scene) books(base c.Point, u float64) {
	s.ground(base, 24*u)
	y := base.Y
	for i, k := range []c.Color{s.p.Main.Mix(s.p.Deep, 0.35), s.p.Light.Mix(s.p.Back, 0.4), s.p.Accent.Mix(s.p.Deep, 0.2)} {
		h, half := s.vary(4.6*u, 0.2), s.vary(14*u, 0.12)
		dx := (float64(i) - 1) * 1.2 * u
		spine := c.Rect{X0: base.X - half + dx, Y0: y - h, X1: base.X + half + dx, Y1: y}
		s.Draw(c.RoundRect(spine, 0.7*u), c.Linear(c.Point{X: spine.X0}, c.Point{X: spine.X1}, c.Two(k.Lighter(0.06), k.Lighter(-0.12))...), 1)
		s.Draw(c.RoundRect(c.Rect{X0: spine.X0 + 3*u, Y0: y - h*0.62, X1: spine.X0 + 9*u, Y1: y - h*0.42}, 0.3*u), c.Solid(s.p.Light), 0.5)
		y -= h
	}
}

// sway is a number that swings smoothly with i; leaves and branches use it.
func sway(i int, phase float64) float64 { return math.Sin(float64(i)*2.4 + phase) }
