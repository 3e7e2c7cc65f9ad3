// Package canvas is a small painter's kit over image.RGBA: antialiased shapes with any paint, soft shadows, light, grain
// and set type. Everything is deterministic.
package canvas

import (
	"image"
	"image/draw"
	"math"

	"golang.org/x/image/vector"
)

// Canvas is an opaque picture being painted. It is not safe for concurrent use.
type Canvas struct {
	Img  *image.RGBA
	W, H float64
	// mask is reused between shapes, the largest short-lived memory otherwise.
	mask []uint8
}

// New returns a black canvas of w x h pixels.
func New(w, h int) *Canvas {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(img, img.Bounds(), image.Black, image.Point{}, draw.Src)
	return &Canvas{Img: img, W: float64(w), H: float64(h)}
}

// On paints on a picture that exists. The picture must be opaque.
func On(img *image.RGBA) *Canvas {
	return &Canvas{Img: img, W: float64(img.Rect.Dx()), H: float64(img.Rect.Dy())}
}

// Unit is a length that scales with the picture: a hundredth of its shorter side.
func (c *Canvas) Unit() float64 { return min(c.W, c.H) / 100 }

// Bounds is the whole canvas.
func (c *Canvas) Bounds() Rect { return Rect{0, 0, c.W, c.H} }

// Part is a rectangle given in fractions of the canvas, in pixels.
func (c *Canvas) Part(r Rect) Rect { return Rect{r.X0 * c.W, r.Y0 * c.H, r.X1 * c.W, r.Y1 * c.H} }

// Paint gives the colour of a place.
type Paint func(x, y float64) Color

// Solid is one colour everywhere.
func Solid(k Color) Paint { return func(_, _ float64) Color { return k } }

// Stop is a colour at a place (0 to 1) of a gradient.
type Stop struct {
	At float64
	Color
}

// ramp is a gradient sampled once, because paints are asked for every pixel.
type ramp [256]Color

func newRamp(stops []Stop) *ramp {
	var r ramp
	for i := range r {
		t := float64(i) / 255
		r[i] = stops[len(stops)-1].Color
		for j := range stops {
			if t <= stops[j].At {
				r[i] = stops[j].Color
				if j > 0 {
					a, b := stops[j-1], stops[j]
					r[i] = a.Mix(b.Color, (t-a.At)/max(b.At-a.At, 1e-9))
				}
				break
			}
		}
	}
	return &r
}

// at interpolates between samples, so that wide gradients do not show steps.
func (r *ramp) at(t float64) Color {
	t = min(max(t, 0), 1) * 255
	i := min(max(int(t), 0), 254) // not a number comes out of an empty shape's gradient, and must not be an index
	return r[i].Mix(r[i+1], t-float64(i))
}

// Linear runs from a to b.
func Linear(a, b Point, stops ...Stop) Paint {
	r := newRamp(stops)
	dx, dy := b.X-a.X, b.Y-a.Y
	norm := 1 / max(dx*dx+dy*dy, 1e-9)
	return func(x, y float64) Color { return r.at(((x-a.X)*dx + (y-a.Y)*dy) * norm) }
}

// Radial runs from the centre to an ellipse of radii rx and ry.
func Radial(center Point, rx, ry float64, stops ...Stop) Paint {
	r := newRamp(stops)
	return func(x, y float64) Color { return r.at(math.Hypot((x-center.X)/rx, (y-center.Y)/ry)) }
}

// Two is the common gradient of two colours, as stops.
func Two(a, b Color) []Stop { return []Stop{{0, a}, {1, b}} }

// Fill paints the whole canvas.
func (c *Canvas) Fill(p Paint) {
	w, h := int(c.W), int(c.H)
	for y := range h {
		row := c.Img.Pix[y*c.Img.Stride:]
		for x := range w {
			k := p(float64(x)+0.5, float64(y)+0.5)
			row[4*x], row[4*x+1], row[4*x+2] = byteOf(k.R), byteOf(k.G), byteOf(k.B)
		}
	}
}

// Draw fills a path. Alpha, 0 to 1, thins the paint.
func (c *Canvas) Draw(path *Path, p Paint, alpha float64) {
	mask, box := c.cover(path, 0)
	c.blend(mask, box, p, alpha)
}

// DrawWithin fills a path where another one covers it too.
func (c *Canvas) DrawWithin(path, clip *Path, p Paint, alpha float64) {
	mask, box := c.cover(path, 0)
	first := append([]uint8(nil), mask...)
	z := vector.NewRasterizer(box.Dx(), box.Dy())
	if box.Empty() {
		return
	}
	clip.trace(z, float64(box.Min.X), float64(box.Min.Y))
	second := image.NewAlpha(image.Rect(0, 0, box.Dx(), box.Dy()))
	z.Draw(second, second.Rect, image.Opaque, image.Point{})
	for i, v := range second.Pix {
		first[i] = uint8(int(first[i]) * int(v) / 255)
	}
	c.blend(first, box, p, alpha)
}

// Soft fills a path whose edge is blurred over about blur pixels: shadows, light, haze.
func (c *Canvas) Soft(path *Path, p Paint, alpha, blur float64) {
	mask, box := c.cover(path, blur*1.5)
	if box.Empty() {
		return
	}
	blurMask(mask, box.Dx(), box.Dy(), blur)
	c.blend(mask, box, p, alpha)
}

// Glow adds light of a colour around a centre; it falls off smoothly to nothing at radii rx and ry.
func (c *Canvas) Glow(center Point, rx, ry float64, k Color, strength float64) {
	box := c.clip(Rect{center.X - rx, center.Y - ry, center.X + rx, center.Y + ry})
	for y := box.Min.Y; y < box.Max.Y; y++ {
		row := c.Img.Pix[y*c.Img.Stride:]
		dy := (float64(y) + 0.5 - center.Y) / ry
		for x := box.Min.X; x < box.Max.X; x++ {
			dx := (float64(x) + 0.5 - center.X) / rx
			d := 1 - dx*dx - dy*dy
			if d <= 0 {
				continue
			}
			light := strength * d * d * d
			px := row[4*x : 4*x+3]
			px[0] = screen(px[0], k.R*light)
			px[1] = screen(px[1], k.G*light)
			px[2] = screen(px[2], k.B*light)
		}
	}
}

func screen(v uint8, light float64) uint8 {
	return byteOf(1 - (1-float64(v)/255)*(1-min(light, 1)))
}

// clip is the whole pixels of the canvas that r touches.
func (c *Canvas) clip(r Rect) image.Rectangle {
	return image.Rect(int(math.Floor(max(r.X0, -1))), int(math.Floor(max(r.Y0, -1))),
		int(math.Ceil(min(r.X1, c.W+1))), int(math.Ceil(min(r.Y1, c.H+1)))).Intersect(c.Img.Rect)
}

// cover rasterises a path, with some room around it, into the canvas's mask.
func (c *Canvas) cover(path *Path, room float64) ([]uint8, image.Rectangle) {
	b := path.Bounds()
	box := c.clip(Rect{b.X0 - room, b.Y0 - room, b.X1 + room + 1, b.Y1 + room + 1})
	if box.Empty() {
		return nil, box
	}
	n := box.Dx() * box.Dy()
	if cap(c.mask) < n {
		c.mask = make([]uint8, n)
	}
	mask := c.mask[:n]
	clear(mask)
	z := vector.NewRasterizer(box.Dx(), box.Dy())
	path.trace(z, float64(box.Min.X), float64(box.Min.Y))
	alpha := &image.Alpha{Pix: mask, Stride: box.Dx(), Rect: image.Rect(0, 0, box.Dx(), box.Dy())}
	z.Draw(alpha, alpha.Rect, image.Opaque, image.Point{})
	return mask, box
}

func (c *Canvas) blend(mask []uint8, box image.Rectangle, p Paint, alpha float64) {
	w := box.Dx()
	for y := box.Min.Y; y < box.Max.Y; y++ {
		row := c.Img.Pix[y*c.Img.Stride:]
		line := mask[(y-box.Min.Y)*w:][:w]
		for i, m := range line {
			if m == 0 {
				continue
			}
			x := box.Min.X + i
			k, t := p(float64(x)+0.5, float64(y)+0.5), alpha*float64(m)/255
			px := row[4*x : 4*x+3]
			px[0] = mixByte(px[0], k.R, t)
			px[1] = mixByte(px[1], k.G, t)
			px[2] = mixByte(px[2], k.B, t)
		}
	}
}

func mixByte(v uint8, k, t float64) uint8 {
	f := float64(v)
	return uint8(min(max(f+(k*255-f)*t, 0), 255) + 0.5)
}

// blurMask is three box blurs, which come close to a Gaussian of about a third of the radius.
func blurMask(mask []uint8, w, h int, blur float64) {
	r := max(int(blur/3), 1)
	line := make([]uint8, max(w, h))
	for range 3 {
		for y := range h {
			boxBlur(mask[y*w:], line[:w], 1, r)
		}
		for x := range w {
			boxBlur(mask[x:], line[:h], w, r)
		}
	}
}

// boxBlur averages one line of the mask (pixels step apart) over 2r+1 pixels; outside counts as empty.
func boxBlur(pix, line []uint8, step, r int) {
	n, sum, width := len(line), 0, 2*r+1
	for i := range min(r, n) {
		sum += int(pix[i*step])
	}
	for i := range n {
		if i+r < n {
			sum += int(pix[(i+r)*step])
		}
		if i-r-1 >= 0 {
			sum -= int(pix[(i-r-1)*step])
		}
		line[i] = uint8(sum / width)
	}
	for i, v := range line {
		pix[i*step] = v
	}
}

// Finish lays film grain of the given strength (0 to 1 of full scale) and a vignette over the picture. The grain also
// hides the steps that eight bits leave in wide gradients.
func (c *Canvas) Finish(seed uint64, grain, vignette float64) {
	w, h := int(c.W), int(c.H)
	state := seed | 1
	amount := grain * 255
	for y := range h {
		row := c.Img.Pix[y*c.Img.Stride:]
		dy := (float64(y)/c.H - 0.5) * 2
		for x := range w {
			dx := (float64(x)/c.W - 0.5) * 2
			d := dx*dx + dy*dy
			shade := 1 - vignette*d*d/4
			state ^= state << 13
			state ^= state >> 7
			state ^= state << 17
			// The sum of two uniform numbers: softer than one, cheaper than a normal one.
			noise := (float64(state&1023)+float64(state>>10&1023))/1023 - 1
			px := row[4*x : 4*x+3]
			for i := range px {
				px[i] = uint8(min(max(float64(px[i])*shade+noise*amount, 0), 255) + 0.5)
			}
		}
	}
}

// Average is the mean colour of a region, and how much its brightness varies (standard deviation of the luma, 0 to 0.5).
func (c *Canvas) Average(r Rect) (mean Color, deviation float64) {
	box := c.clip(r)
	var n, sum, squares float64
	for y := box.Min.Y; y < box.Max.Y; y += 3 {
		for x := box.Min.X; x < box.Max.X; x += 3 {
			px := c.Img.Pix[c.Img.PixOffset(x, y):]
			k := Color{float64(px[0]) / 255, float64(px[1]) / 255, float64(px[2]) / 255}
			mean = Color{mean.R + k.R, mean.G + k.G, mean.B + k.B}
			l := k.Luma()
			n, sum, squares = n+1, sum+l, squares+l*l
		}
	}
	if n == 0 {
		return Color{}, 0
	}
	variance := squares/n - (sum/n)*(sum/n)
	return Color{mean.R / n, mean.G / n, mean.B / n}, math.Sqrt(max(variance, 0))
}

// Busy is how much the brightness changes from pixel to pixel in a region, 0 to 1: low on walls and skies, high on words,
// leaves and edges.
func (c *Canvas) Busy(r Rect) float64 {
	box := c.clip(r)
	const step = 3
	var sum, n float64
	for y := box.Min.Y; y+step < box.Max.Y; y += step {
		for x := box.Min.X; x+step < box.Max.X; x += step {
			here, right, below := c.luma(x, y), c.luma(x+step, y), c.luma(x, y+step)
			// Grain and slow gradients do not count.
			sum += max(math.Abs(here-right)+math.Abs(here-below)-0.06, 0)
			n++
		}
	}
	return sum / max(n, 1)
}

func (c *Canvas) luma(x, y int) float64 {
	px := c.Img.Pix[c.Img.PixOffset(x, y):]
	return (0.2126*float64(px[0]) + 0.7152*float64(px[1]) + 0.0722*float64(px[2])) / 255
}
