package canvas

import (
	"math"

	"golang.org/x/image/vector"
)

// Point is a place on a canvas, in pixels from its top left.
type Point struct{ X, Y float64 }

// Rect is a rectangle of pixels.
type Rect struct{ X0, Y0, X1, Y1 float64 }

// W is the width.
func (r Rect) W() float64 { return r.X1 - r.X0 }

// H is the height.
func (r Rect) H() float64 { return r.Y1 - r.Y0 }

// Center is the middle.
func (r Rect) Center() Point { return Point{(r.X0 + r.X1) / 2, (r.Y0 + r.Y1) / 2} }

// Inset moves every side inwards by d pixels.
func (r Rect) Inset(d float64) Rect { return Rect{r.X0 + d, r.Y0 + d, r.X1 - d, r.Y1 - d} }

// Intersect is what both rectangles cover.
func (r Rect) Intersect(o Rect) Rect {
	return Rect{max(r.X0, o.X0), max(r.Y0, o.Y0), min(r.X1, o.X1), min(r.Y1, o.Y1)}
}

// Path is a closed outline of straight and curved segments.
type Path struct {
	ops  []pathOp
	box  Rect
	some bool
}

type pathOp struct {
	kind byte // M, L, Q, C
	p    [3]Point
}

func (o pathOp) points() int {
	switch o.kind {
	case 'Q':
		return 2
	case 'C':
		return 3
	}
	return 1
}

func (p *Path) add(kind byte, points ...Point) *Path {
	op := pathOp{kind: kind}
	for i, q := range points {
		op.p[i] = q
		if !p.some {
			p.box, p.some = Rect{q.X, q.Y, q.X, q.Y}, true
		}
		p.box = Rect{min(p.box.X0, q.X), min(p.box.Y0, q.Y), max(p.box.X1, q.X), max(p.box.Y1, q.Y)}
	}
	p.ops = append(p.ops, op)
	return p
}

// Move begins a new outline.
func (p *Path) Move(x, y float64) *Path { return p.add('M', Point{x, y}) }

// Line goes straight to a point.
func (p *Path) Line(x, y float64) *Path { return p.add('L', Point{x, y}) }

// Quad curves to (x,y) drawn towards (cx,cy).
func (p *Path) Quad(cx, cy, x, y float64) *Path { return p.add('Q', Point{cx, cy}, Point{x, y}) }

// Cubic curves to (x,y) with two control points.
func (p *Path) Cubic(ax, ay, bx, by, x, y float64) *Path {
	return p.add('C', Point{ax, ay}, Point{bx, by}, Point{x, y})
}

// Moved returns the path shifted by (dx,dy).
func (p *Path) Moved(dx, dy float64) *Path {
	return p.Mapped(func(q Point) Point { return Point{q.X + dx, q.Y + dy} })
}

// Mapped returns the path with every point sent through f.
func (p *Path) Mapped(f func(Point) Point) *Path {
	out := &Path{}
	for _, op := range p.ops {
		moved := op.p
		for i := range moved {
			moved[i] = f(moved[i])
		}
		out.add(op.kind, moved[:op.points()]...)
	}
	return out
}

// Rotated returns the path turned by deg degrees around a point.
func (p *Path) Rotated(deg float64, about Point) *Path {
	sin, cos := math.Sincos(deg * math.Pi / 180)
	return p.Mapped(func(q Point) Point {
		x, y := q.X-about.X, q.Y-about.Y
		return Point{about.X + x*cos - y*sin, about.Y + x*sin + y*cos}
	})
}

// Bounds is a rectangle that holds the path.
func (p *Path) Bounds() Rect { return p.box }

func (p *Path) trace(z *vector.Rasterizer, dx, dy float64) {
	f := func(q Point) (float32, float32) { return float32(q.X - dx), float32(q.Y - dy) }
	for i, op := range p.ops {
		ax, ay := f(op.p[0])
		switch op.kind {
		case 'M':
			if i > 0 {
				z.ClosePath()
			}
			z.MoveTo(ax, ay)
		case 'L':
			z.LineTo(ax, ay)
		case 'Q':
			bx, by := f(op.p[1])
			z.QuadTo(ax, ay, bx, by)
		case 'C':
			bx, by := f(op.p[1])
			cx, cy := f(op.p[2])
			z.CubeTo(ax, ay, bx, by, cx, cy)
		}
	}
	z.ClosePath()
}

// arcK is the length of a control arm that makes a cubic follow a quarter of a circle.
const arcK = 0.5522847498

// Ellipse is an axis-parallel ellipse.
func Ellipse(cx, cy, rx, ry float64) *Path {
	kx, ky := rx*arcK, ry*arcK
	p := &Path{}
	return p.Move(cx+rx, cy).
		Cubic(cx+rx, cy+ky, cx+kx, cy+ry, cx, cy+ry).Cubic(cx-kx, cy+ry, cx-rx, cy+ky, cx-rx, cy).
		Cubic(cx-rx, cy-ky, cx-kx, cy-ry, cx, cy-ry).Cubic(cx+kx, cy-ry, cx+rx, cy-ky, cx+rx, cy)
}

// Circle is a circle.
func Circle(cx, cy, r float64) *Path { return Ellipse(cx, cy, r, r) }

// RoundRect is a rectangle with corners of radius r.
func RoundRect(b Rect, r float64) *Path {
	r = max(0, min(r, b.W()/2, b.H()/2))
	k := r * (1 - arcK)
	p := &Path{}
	return p.Move(b.X0+r, b.Y0).Line(b.X1-r, b.Y0).Cubic(b.X1-k, b.Y0, b.X1, b.Y0+k, b.X1, b.Y0+r).
		Line(b.X1, b.Y1-r).Cubic(b.X1, b.Y1-k, b.X1-k, b.Y1, b.X1-r, b.Y1).
		Line(b.X0+r, b.Y1).Cubic(b.X0+k, b.Y1, b.X0, b.Y1-k, b.X0, b.Y1-r).
		Line(b.X0, b.Y0+r).Cubic(b.X0, b.Y0+k, b.X0+k, b.Y0, b.X0+r, b.Y0)
}

// Polygon joins points with straight lines.
func Polygon(points ...Point) *Path {
	p := &Path{}
	for i, q := range points {
		if i == 0 {
			p.Move(q.X, q.Y)
		} else {
			p.Line(q.X, q.Y)
		}
	}
	return p
}

// Smooth is a closed curve through the middles of the points' sides: a soft blob.
func Smooth(points ...Point) *Path {
	p, n := &Path{}, len(points)
	mid := func(i int) Point {
		a, b := points[i%n], points[(i+1)%n]
		return Point{(a.X + b.X) / 2, (a.Y + b.Y) / 2}
	}
	start := mid(0)
	p.Move(start.X, start.Y)
	for i := 1; i <= n; i++ {
		c, e := points[i%n], mid(i)
		p.Quad(c.X, c.Y, e.X, e.Y)
	}
	return p
}

// Ring is a circular band between two radii.
func Ring(cx, cy, outer, inner float64) *Path {
	// The inner circle runs the other way round, so that the non-zero rule leaves it empty.
	hole := Circle(cx, cy, inner).Mapped(func(q Point) Point { return Point{2*cx - q.X, q.Y} })
	return Circle(cx, cy, outer).With(hole)
}

// With returns both outlines as one path. Where the second runs the other way round, it is a hole in the first.
func (p *Path) With(o *Path) *Path {
	out := &Path{}
	for _, q := range []*Path{p, o} {
		for _, op := range q.ops {
			out.add(op.kind, op.p[:op.points()]...)
		}
	}
	return out
}
