package picture

import (
	"image"
	"math"
	"math/rand/v2"

	xdraw "golang.org/x/image/draw"

	c "github.com/gemini-image-chat/gemini-image-chat/adapters/demo/internal/canvas"
)

// Change is what to do to a picture that exists. Zero fields change nothing.
type Change struct {
	// Light, Warmth, Chroma and Contrast run from -1 to 1.
	Light, Warmth, Chroma, Contrast float64
	Grey, Sepia                     bool
	// Background recolours what surrounds the subject, Blur softens it.
	Background *c.Color
	Blur       bool
	// Tint leads every colour towards one.
	Tint *c.Color
	// Zoom above 1 comes nearer; below 1 steps back and lets the surroundings run on.
	Zoom    float64
	Mirror  bool
	Overlay Overlay
	// Caption is set into the calmest of a few places.
	Caption string
	Side    Side
	Seed    uint64
	Visible c.Rect // as in Brief
	Safe    c.Rect
	Badge   string
}

// Overlay is something strewn over a picture.
type Overlay string

// The overlays.
const (
	OverlaySnow     Overlay = "snow"
	OverlaySparkles Overlay = "sparkles"
	OverlayConfetti Overlay = "confetti"
	OverlaySun      Overlay = "sun"
	OverlayPetals   Overlay = "petals"
	OverlayFrame    Overlay = "frame"
)

// Apply returns src at width x height pixels with the change made. Where the shape differs a lot, the whole of src stays
// in sight and its surroundings run on.
func Apply(src image.Image, width, height int, ch Change) *image.RGBA {
	img := transform(src, width, height, ch)
	cv := c.On(img)
	if ch.Caption != "" {
		caption(cv, cv.Part(ch.Safe), ch.Caption, ch.Side)
	}
	setBadge(cv, cv.Part(ch.Visible), ch.Badge)
	return img
}

// transform makes the part of a change that concerns the picture below its words.
func transform(src image.Image, width, height int, ch Change) *image.RGBA {
	img := fitted(src, width, height, ch)
	if ch.Background != nil || ch.Blur {
		changeBackground(img, ch)
	}
	regrade(img, ch)
	strew(c.On(img), ch)
	return img
}

// fitted scales src to cover the picture, nearer or farther as asked.
func fitted(src image.Image, width, height int, ch Change) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	xdraw.Draw(img, img.Rect, image.White, image.Point{}, xdraw.Src) // a transparent source shows on white
	b := src.Bounds()
	zoom := ch.Zoom
	if zoom == 0 {
		zoom = 1
	}
	across, down := float64(width)/float64(b.Dx()), float64(height)/float64(b.Dy())
	cover := max(across, down)
	if odd := min(across, down) / cover; zoom == 1 && odd < 0.88 {
		zoom = odd // another shape: keep the whole picture, and words on it, instead of cutting it
	}
	part := cropTo(b, float64(width)/cover/zoom, float64(height)/cover/zoom)
	whole := img.Rect
	if zoom < 1 {
		// The surroundings run on: a blurred, larger copy lies behind the picture.
		xdraw.ApproxBiLinear.Scale(img, img.Rect, src, cropTo(b, float64(width)/cover, float64(height)/cover), xdraw.Over, nil)
		soften(img, float64(min(width, height))/4)
		fit := cover * zoom
		whole = cropTo(img.Rect, float64(part.Dx())*fit, float64(part.Dy())*fit)
		feathered(img, src, part, whole)
	} else {
		xdraw.CatmullRom.Scale(img, whole, src, part, xdraw.Over, nil)
	}
	if ch.Mirror {
		mirror(img)
	}
	return img
}

func cropTo(b image.Rectangle, w, h float64) image.Rectangle {
	dx, dy := min(int(math.Round(w)), b.Dx()), min(int(math.Round(h)), b.Dy())
	x, y := b.Min.X+(b.Dx()-dx)/2, b.Min.Y+(b.Dy()-dy)/2
	return image.Rect(x, y, x+max(dx, 1), y+max(dy, 1))
}

// feathered lays the part of src into img with edges that melt away.
func feathered(img *image.RGBA, src image.Image, part, into image.Rectangle) {
	small := image.NewRGBA(image.Rect(0, 0, into.Dx(), into.Dy()))
	xdraw.CatmullRom.Scale(small, small.Rect, src, part, xdraw.Over, nil)
	edge := float64(min(into.Dx(), into.Dy())) / 6
	full := img.Rect
	mask := image.NewAlpha(small.Rect)
	for y := range into.Dy() {
		for x := range into.Dx() {
			d := 1.0 // sides that reach the picture's own edge stay as they are
			if into.Dx() < full.Dx() {
				d = min(d, float64(min(x, into.Dx()-1-x))/edge)
			}
			if into.Dy() < full.Dy() {
				d = min(d, float64(min(y, into.Dy()-1-y))/edge)
			}
			t := d
			mask.Pix[y*mask.Stride+x] = uint8(255 * t * t * (3 - 2*t))
		}
	}
	xdraw.DrawMask(img, into, small, image.Point{}, mask, image.Point{}, xdraw.Over)
}

func mirror(img *image.RGBA) {
	w := img.Rect.Dx()
	for y := range img.Rect.Dy() {
		row := img.Pix[y*img.Stride:][:4*w]
		for x := range w / 2 {
			a, b := row[4*x:4*x+4], row[4*(w-1-x):4*(w-1-x)+4]
			for i := range a {
				a[i], b[i] = b[i], a[i]
			}
		}
	}
}

// soften blurs by way of a small copy, which is quick and smooth enough for a ground.
func soften(img *image.RGBA, radius float64) {
	factor := max(int(radius/2), 2)
	small := image.NewRGBA(image.Rect(0, 0, max(img.Rect.Dx()/factor, 2), max(img.Rect.Dy()/factor, 2)))
	xdraw.ApproxBiLinear.Scale(small, small.Rect, img, img.Rect, xdraw.Src, nil)
	tiny := image.NewRGBA(image.Rect(0, 0, max(small.Rect.Dx()/2, 2), max(small.Rect.Dy()/2, 2)))
	xdraw.BiLinear.Scale(tiny, tiny.Rect, small, small.Rect, xdraw.Src, nil)
	xdraw.CatmullRom.Scale(small, small.Rect, tiny, tiny.Rect, xdraw.Src, nil)
	xdraw.BiLinear.Scale(img, img.Rect, small, small.Rect, xdraw.Src, nil)
}

// regrade changes light and colour pixel by pixel, by way of a table where channels do not mix.
func regrade(img *image.RGBA, ch Change) {
	plain := ch.Chroma == 0 && !ch.Grey && !ch.Sepia && ch.Tint == nil
	if plain && ch.Light == 0 && ch.Warmth == 0 && ch.Contrast == 0 {
		return
	}
	tables := gradeTables(ch)
	for i := 0; i+3 < len(img.Pix); i += 4 {
		px := img.Pix[i : i+3]
		k := c.Color{R: tables[0][px[0]], G: tables[1][px[1]], B: tables[2][px[2]]}
		if !plain {
			k = recolour(k, ch)
		}
		v := k.RGBA8()
		px[0], px[1], px[2] = v.R, v.G, v.B
	}
}

// gradeTables holds light, contrast and warmth for each channel.
func gradeTables(ch Change) (tables [3][256]float64) {
	gamma := math.Pow(2, -ch.Light*0.85) // bends the middle, keeps black and white
	for i := range 256 {
		v := math.Pow(float64(i)/255, gamma)
		v += ch.Light * 0.07 * (1 - v) * v * 4
		v = 0.5 + (v-0.5)*(1+0.55*ch.Contrast)
		tables[0][i] = min(max(v*(1+0.13*ch.Warmth), 0), 1)
		tables[1][i] = min(max(v*(1+0.025*ch.Warmth), 0), 1)
		tables[2][i] = min(max(v*(1-0.17*ch.Warmth), 0), 1)
	}
	return tables
}

func recolour(k c.Color, ch Change) c.Color {
	luma := k.Luma()
	grey := c.Color{R: luma, G: luma, B: luma}
	switch {
	case ch.Grey:
		return grey
	case ch.Sepia:
		return c.Hex("#2B1B10").Mix(c.Hex("#F6E6C8"), luma)
	}
	k = grey.Mix(k, 1+0.75*ch.Chroma)
	if ch.Tint != nil {
		dark, light := ch.Tint.Mix(c.Color{}, 0.78), ch.Tint.Mix(c.Hex("#FFFFFF"), 0.82)
		toned := dark.Mix(*ch.Tint, min(luma*2, 1))
		if luma > 0.5 {
			toned = ch.Tint.Mix(light, luma*2-1)
		}
		k = k.Mix(toned, 0.72)
	}
	return k
}

// Side is where in a picture something belongs.
type Side string

// The sides; the empty one leaves the choice to the picture.
const (
	SideTop    Side = "top"
	SideBottom Side = "bottom"
)

// caption sets words into the calmest band of the picture, or of the half that was asked for.
func caption(cv *c.Canvas, safe c.Rect, words string, side Side) {
	safe = safe.Inset(0.05 * min(safe.W(), safe.H()))
	const bands = 11
	height := safe.H() * 0.24
	best, calmest := safe, math.Inf(1)
	for i := range bands {
		t := float64(i) / (bands - 1)
		if side == SideTop && t > 0.4 || side == SideBottom && t < 0.6 {
			continue
		}
		y := safe.Y0 + t*(safe.H()-height)
		band := c.Rect{X0: safe.X0, Y0: y, X1: safe.X1, Y1: y + height}
		// Among equals, words belong near the top or the bottom.
		if busy := cv.Busy(band) + 0.012*(1-math.Abs(2*t-1)); busy < calmest {
			best, calmest = band, busy
		}
	}
	t := c.Fit(words, best, min(best.H()*0.42, cv.Unit()*12), max(cv.Unit()*3.2, 11), 3, c.AlignCenter, 0.5)
	if t == nil {
		return
	}
	ink := calm(cv, t.Box, c.Hex("#1C1A19"), c.Hex("#FFFFFF"))
	t.Draw(cv, ink)
}

func strew(cv *c.Canvas, ch Change) {
	s := &scene{Canvas: cv, r: rand.New(rand.NewPCG(ch.Seed, 7)), p: palettes["playful"][0]}
	s.subject = cv.Bounds()
	u := cv.Unit()
	switch ch.Overlay {
	case OverlaySnow:
		s.snow(u)
	case OverlaySparkles:
		for range 34 {
			s.sparkle(c.Point{X: s.r.Float64() * s.W, Y: s.r.Float64() * s.H}, u*(0.7+2.6*s.r.Float64()*s.r.Float64()))
		}
	case OverlayConfetti:
		s.confetti(c.Point{X: s.W / 2, Y: s.H / 2}, min(s.W, s.H)*0.42, u)
		s.confetti(c.Point{X: s.W / 2, Y: s.H / 2}, max(s.W, s.H)*0.4, u)
	case OverlaySun:
		at := c.Point{X: s.W * 0.82, Y: s.H * 0.12}
		cv.Glow(at, s.W, s.H, c.Hex("#FFE2A0"), 0.6)
		cv.Glow(at, 34*u, 34*u, c.Hex("#FFF6DC"), 0.9)
	case OverlayPetals:
		for range 46 {
			s.petal(c.Point{X: s.r.Float64() * s.W, Y: s.r.Float64() * s.H}, u*(0.8+1.8*s.r.Float64()))
		}
	case OverlayFrame:
		edge := 4 * u
		outer := c.RoundRect(cv.Bounds(), 0)
		hole := c.RoundRect(cv.Bounds().Inset(edge), 1.5*u).Mapped(func(q c.Point) c.Point { return c.Point{X: s.W - q.X, Y: q.Y} })
		cv.Draw(outer.With(hole), c.Solid(c.Hex("#FFFDF8")), 1)
	}
}

func (s *scene) sparkle(at c.Point, r float64) {
	p := &c.Path{}
	p.Move(at.X, at.Y-r).Quad(at.X, at.Y, at.X+r, at.Y).Quad(at.X, at.Y, at.X, at.Y+r).Quad(at.X, at.Y, at.X-r, at.Y).Quad(at.X, at.Y, at.X, at.Y-r)
	s.Glow(at, r*2.2, r*2.2, c.Hex("#FFF2C4"), 0.5)
	s.Draw(p, c.Solid(c.Hex("#FFFDF2")), 1)
}

func (s *scene) petal(at c.Point, r float64) {
	k := c.Hex("#FFC4D6").Mix(c.Hex("#FF9DBB"), s.r.Float64())
	turn := s.r.Float64() * 360
	s.Draw(leafShape(at, r*2, r*0.75).Rotated(turn, at), c.Linear(at, c.Point{X: at.X + r, Y: at.Y + r}, c.Two(k, k.Lighter(0.06))...), 0.92)
}
