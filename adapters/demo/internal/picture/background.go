package picture

import (
	"image"
	"math"

	xdraw "golang.org/x/image/draw"

	c "github.com/gemini-image-chat/gemini-image-chat/adapters/demo/internal/canvas"
)

// matteSide is the longer side of the copy that the background is found on. Its edges are sharpened afterwards, at full
// size, by comparing each pixel with the background's own colour there.
const matteSide = 360

// matte knows the background of a picture: where it is, and what colour it has (or would have, behind the subject).
type matte struct {
	w, h   int
	inside []float64    // 0 subject to 1 background, generously
	color  [][3]float64 // of the background, smooth; RGB 0 to 1
	share  float64      // of the picture that is background
	perX   float64      // matte pixels a picture pixel
	perY   float64
	mean   float64 // the background's mean brightness
}

// findBackground walks in from the picture's edge: what no edge of colour stops belongs to the background, as long as it
// does not stray far from the colour that the walk began with.
func findBackground(img *image.RGBA) *matte {
	scale := float64(matteSide) / float64(max(img.Rect.Dx(), img.Rect.Dy()))
	w, h := max(int(float64(img.Rect.Dx())*scale), 8), max(int(float64(img.Rect.Dy())*scale), 8)
	small := image.NewRGBA(image.Rect(0, 0, w, h))
	xdraw.BiLinear.Scale(small, small.Rect, img, img.Rect, xdraw.Src, nil) // averages, so that grain does not count
	rgb, lab := make([][3]float64, w*h), make([][3]float64, w*h)
	for i := range lab {
		p := pixel(small, i)
		k := p.LCh()
		rgb[i] = [3]float64{p.R, p.G, p.B}
		lab[i] = [3]float64{k.L, k.C * math.Cos(k.H), k.C * math.Sin(k.H)}
	}
	reached, count := flood(lab, w, h)
	m := &matte{w: w, h: h, share: float64(count) / float64(w*h),
		perX: float64(w) / float64(img.Rect.Dx()), perY: float64(h) / float64(img.Rect.Dy())}
	weights := make([]float64, w*h)
	for i, in := range reached {
		if in {
			weights[i] = 1
			m.mean += c.Color{R: rgb[i][0], G: rgb[i][1], B: rgb[i][2]}.Luma() / float64(count)
		}
	}
	m.inside = widen(weights, w, h)
	m.color = spread(rgb, weights, w, h)
	return m
}

// flood returns what can be reached from the edge without crossing an edge of colour, and how many pixels that are.
func flood(lab [][3]float64, w, h int) (reached []bool, count int) {
	const drift = 0.2
	type visit struct{ at, seed int }
	edges := barriers(lab, w, h)
	reached = make([]bool, w*h)
	var queue []visit
	enter := func(at, seed int) {
		if !reached[at] && !edges[at] {
			reached[at], count = true, count+1
			queue = append(queue, visit{at, seed})
		}
	}
	for x := range w {
		enter(x, x)
		enter((h-1)*w+x, (h-1)*w+x)
	}
	for y := range h {
		enter(y*w, y*w)
		enter(y*w+w-1, y*w+w-1)
	}
	for len(queue) > 0 {
		v := queue[0]
		queue = queue[1:]
		x, y := v.at%w, v.at/w
		for _, d := range [][2]int{{1, 0}, {-1, 0}, {0, 1}, {0, -1}} {
			nx, ny := x+d[0], y+d[1]
			if nx < 0 || ny < 0 || nx >= w || ny >= h {
				continue
			}
			if at := ny*w + nx; distance(lab[v.seed], lab[at]) < drift {
				enter(at, v.seed)
			}
		}
	}
	return reached, count
}

// barriers are the pixels at or beside an edge of colour; thickened, so that a gap of a few pixels lets nothing through.
func barriers(lab [][3]float64, w, h int) []bool {
	const edge, thick = 0.02, 1
	out := make([]bool, w*h)
	for y := range h - 1 {
		for x := range w - 1 {
			at := y*w + x
			if distance(lab[at], lab[at+1]) < edge && distance(lab[at], lab[at+w]) < edge {
				continue
			}
			for dy := max(y-thick, 0); dy <= min(y+thick, h-1); dy++ {
				for dx := max(x-thick, 0); dx <= min(x+thick, w-1); dx++ {
					out[dy*w+dx] = true
				}
			}
		}
	}
	return out
}

// distance weighs lightness less than colour, because light falls off across a plain wall.
func distance(a, b [3]float64) float64 {
	return math.Sqrt(0.5*(a[0]-b[0])*(a[0]-b[0]) + (a[1]-b[1])*(a[1]-b[1]) + (a[2]-b[2])*(a[2]-b[2]))
}

// widen takes in the neighbours of the background: the barriers, where edges are mixed colours.
func widen(weights []float64, w, h int) []float64 {
	const reach = 3
	out := make([]float64, len(weights))
	for y := range h {
		for x := range w {
			most := 0.0
			for dy := max(y-reach, 0); dy <= min(y+reach, h-1); dy++ {
				for dx := max(x-reach, 0); dx <= min(x+reach, w-1); dx++ {
					most = max(most, weights[dy*w+dx])
				}
			}
			out[y*w+x] = most
		}
	}
	return out
}

// spread averages the background's colour over its surroundings, so that every place has one, behind the subject too.
func spread(rgb [][3]float64, weights []float64, w, h int) [][3]float64 {
	sums := make([][4]float64, w*h)
	for i, p := range rgb {
		sums[i] = [4]float64{p[0] * weights[i], p[1] * weights[i], p[2] * weights[i], weights[i]}
	}
	near, far := averaged(sums, w, h, 5), averaged(sums, w, h, matteSide/4)
	out := make([][3]float64, w*h)
	for i := range out {
		s := near[i]
		// Where the near average has next to nothing to go by, the far one speaks.
		trust := min(s[3]*6, 1)
		for j := range 3 {
			out[i][j] = trust*s[j]/max(s[3], 1e-6) + (1-trust)*far[i][j]/max(far[i][3], 1e-6)
		}
	}
	return out
}

// averaged is a box mean of radius r, by rows and then by columns.
func averaged(in [][4]float64, w, h, r int) [][4]float64 {
	rows, out := make([][4]float64, len(in)), make([][4]float64, len(in))
	for y := range h {
		slide(in[y*w:], rows[y*w:], w, 1, r)
	}
	for x := range w {
		slide(rows[x:], out[x:], h, w, r)
	}
	return out
}

func slide(in, out [][4]float64, n, step, r int) {
	var sum [4]float64
	shift := func(i int, sign float64) {
		if i >= 0 && i < n {
			for j, v := range in[i*step] {
				sum[j] += sign * v
			}
		}
	}
	for i := -r; i < r; i++ {
		shift(i, 1)
	}
	for i := range n {
		shift(i+r, 1)
		shift(i-r-1, -1)
		for j := range sum {
			out[i*step][j] = sum[j] / float64(2*r+1)
		}
	}
}

// at says how much of a picture's pixel is background, and the background's colour there.
func (m *matte) at(x, y int, k c.Color) (alpha float64, ground c.Color) {
	fx := min(max((float64(x)+0.5)*m.perX-0.5, 0), float64(m.w-1))
	fy := min(max((float64(y)+0.5)*m.perY-0.5, 0), float64(m.h-1))
	x0, y0 := int(fx), int(fy)
	x1, y1 := min(x0+1, m.w-1), min(y0+1, m.h-1)
	tx, ty := fx-float64(x0), fy-float64(y0)
	var v [4]float64
	for _, q := range [4]struct {
		i int
		t float64
	}{{y0*m.w + x0, (1 - tx) * (1 - ty)}, {y0*m.w + x1, tx * (1 - ty)}, {y1*m.w + x0, (1 - tx) * ty}, {y1*m.w + x1, tx * ty}} {
		v[0] += m.color[q.i][0] * q.t
		v[1] += m.color[q.i][1] * q.t
		v[2] += m.color[q.i][2] * q.t
		v[3] += m.inside[q.i] * q.t
	}
	ground = c.Color{R: v[0], G: v[1], B: v[2]}
	if v[3] == 0 {
		return 0, ground
	}
	d := math.Sqrt((k.R-v[0])*(k.R-v[0]) + (k.G-v[1])*(k.G-v[1]) + (k.B-v[2])*(k.B-v[2]))
	// Grain and light stay below 0.08; from 0.24 on a pixel is something else.
	return v[3] * (1 - smoothstep(0.08, 0.24, d)), ground
}

func smoothstep(from, to, v float64) float64 {
	t := min(max((v-from)/(to-from), 0), 1)
	return t * t * (3 - 2*t)
}

// changeBackground recolours or softens what surrounds the subject. Where next to nothing or nearly everything would
// count as background, the whole picture is led towards the colour instead.
func changeBackground(img *image.RGBA, ch Change) {
	m := findBackground(img)
	if m.share < 0.08 || m.share > 0.985 {
		if ch.Background != nil {
			regrade(img, Change{Tint: ch.Background})
		}
		return
	}
	var soft *image.RGBA
	if ch.Blur {
		soft = image.NewRGBA(img.Rect)
		copy(soft.Pix, img.Pix)
		soften(soft, float64(min(img.Rect.Dx(), img.Rect.Dy()))/20)
	}
	w := img.Rect.Dx()
	for i := range w * img.Rect.Dy() {
		k := pixel(img, i)
		alpha, ground := m.at(i%w, i/w, k)
		if alpha == 0 {
			continue
		}
		to := k
		if soft != nil {
			to = pixel(soft, i)
		}
		if ch.Background != nil {
			to = repainted(to, ground, *ch.Background, m.mean)
		}
		v := k.Mix(to, alpha).RGBA8()
		img.Pix[4*i], img.Pix[4*i+1], img.Pix[4*i+2] = v.R, v.G, v.B
	}
}

// repainted gives a pixel of the background another colour and keeps its light and shade: its brightness relative to the
// background's own mean, and its grain.
func repainted(k, ground, to c.Color, mean float64) c.Color {
	shade := 0.7*(ground.Luma()-mean) + 0.6*(k.Luma()-ground.Luma())
	if shade >= 0 {
		return to.Mix(c.Hex("#FFFFFF"), min(shade*1.1, 0.6))
	}
	return to.Mix(c.Color{}, min(-shade*1.4, 0.7))
}

func pixel(img *image.RGBA, i int) c.Color {
	px := img.Pix[4*i : 4*i+3]
	return c.Color{R: float64(px[0]) / 255, G: float64(px[1]) / 255, B: float64(px[2]) / 255}
}
