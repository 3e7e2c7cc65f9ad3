package finish

import (
	"context"
	"io"
	"math"
)

// previewSide is the longer side, in cells, of the small copy in which what
// matters is looked for. At 96 a crop is placed to about one percent.
const previewSide = 96

// FindFocus decodes src and returns the middle of the width × height crop that
// keeps the most of what stands out, as [Do] would choose it when no focus is
// given. It is a measure of contrast and of the colour of skin, and not an
// understanding of the picture: each cell of a small copy counts its edges, its
// difference from its surroundings, the distance of its colour from the
// picture's mean, and how near its colour is to that of skin. Where
// no crop is clearly better than the middle one, the middle is the answer.
func FindFocus(ctx context.Context, src io.ReadSeeker, width, height int, o *Options) (Point, error) {
	opts := o.orDefault()
	if width < 1 || height < 1 {
		return Point{}, specErrorf("a size of %d×%d", width, height)
	}
	p, release, err := open(ctx, src, &opts, func(Info) int64 { return 1 << 20 })
	if err != nil {
		return Point{}, err
	}
	defer release()
	cw, ch := coverSize(p.w, p.h, width, height)
	focus, err := p.findFocus(cw, ch)
	if err != nil {
		return Point{}, err
	}
	return middle(around(focus, p.w, p.h, cw, ch), p.w, p.h), nil
}

// FindSubject decodes src and returns the middle of what stands out, looked for
// along each axis by itself in a window of half its length. It is where a
// person would be shown the focus; the crop of each size is still found by its
// own measure, as [FindFocus] says.
func FindSubject(ctx context.Context, src io.ReadSeeker, o *Options) (Point, error) {
	opts := o.orDefault()
	p, release, err := open(ctx, src, &opts, func(Info) int64 { return 1 << 20 })
	if err != nil {
		return Point{}, err
	}
	defer release()
	g, err := p.preview()
	if err != nil {
		return Point{}, err
	}
	across, down := g.profiles()
	return Point{bestWindow(across, 0.5), bestWindow(down, 0.5)}, nil
}

// profiles sums up what the columns and the rows hold.
func (g *grid) profiles() (across, down []int64) {
	across, down = make([]int64, g.w), make([]int64, g.h)
	for i, v := range g.saliency() {
		across[i%g.w] += v
		down[i/g.w] += v
	}
	return across, down
}

// makePreview scales the picture to previewSide. It takes no context because
// its result is shared by the outputs of a pack.
func (p *picture) makePreview() (*grid, error) {
	w, h := containSize(p.w, p.h, previewSide, previewSide)
	w, h = min(w, p.w), min(h, p.h)
	g := &grid{w: w, h: h, pix: make([]pixel, w*h)}
	err := resample(context.Background(), p.window(rectOf(p.w, p.h), false), w, h, func(y int, row []pixel) {
		copy(g.pix[y*w:], row)
	})
	return g, err
}

// findFocus slides a cw × ch window, which is as wide or as high as the
// picture, along the free axis.
func (p *picture) findFocus(cw, ch int) (Point, error) {
	centre := Point{0.5, 0.5}
	if cw == p.w && ch == p.h {
		return centre, nil
	}
	g, err := p.preview()
	if err != nil {
		return centre, err
	}
	across, down := g.profiles()
	if cw < p.w {
		centre.X = bestWindow(across, float64(cw)/float64(p.w))
	} else {
		centre.Y = bestWindow(down, float64(ch)/float64(p.h))
	}
	return centre, nil
}

// bestWindow returns the centre, as a fraction, of the window of the given
// share of the axis that holds the most. A cell counts twice as much in the
// middle of a window as at its ends, so that a subject is not kept at the very
// edge; and windows at the ends of the picture must hold up to a tenth more
// than the middle one, because composition means something.
func bestWindow(profile []int64, share float64) float64 {
	n := len(profile)
	size := min(max(int(math.Round(share*float64(n))), 1), n)
	free := n - size
	best, at, atAway := int64(-1), 0, free
	for x := range free + 1 {
		var sum int64
		for i, v := range profile[x : x+size] {
			off := 2*i + 1 - size
			sum += v * int64(2*size-max(off, -off))
		}
		away := max(2*x-free, free-2*x) // 0 in the middle, free at the ends
		score := sum * int64(10*max(free, 1)-away)
		if score > best || score == best && away < atAway {
			best, at, atAway = score, x, away
		}
	}
	if atAway <= 1 {
		return 0.5
	}
	return (float64(at) + float64(size)/2) / float64(n)
}

// quiet is what a cell counts in which nothing is to be seen. Against it the
// slow changes of an even background stay small, and the middle wins.
const quiet = 16

// saliency weighs every cell of the preview in integers.
func (g *grid) saliency() []int64 {
	colours := make([][3]int64, len(g.pix)) // luma, blue and red difference, of 0…255
	var mean [3]int64
	for i, p := range g.pix {
		r, gr, b, a := p.nrgba()
		y := (299*int64(r) + 587*int64(gr) + 114*int64(b)) / 1000
		c := [3]int64{y, (int64(b) - y) / 2, (int64(r) - y) / 2}
		for k := range c {
			c[k] = c[k] * int64(a) / 255 // what cannot be seen does not matter
			mean[k] += c[k]
		}
		colours[i] = c
	}
	for k := range mean {
		mean[k] /= int64(len(g.pix))
	}
	out := make([]int64, len(g.pix))
	for i, c := range colours {
		x, y := i%g.w, i/g.w
		right, below := c, c
		if x+1 < g.w {
			right = colours[i+1]
		}
		if y+1 < g.h {
			below = colours[i+g.w]
		}
		edges := distance(c, right) + distance(c, below)
		out[i] = quiet + soften(2*edges+distance(c, g.around(colours, x, y))+distance(c, mean)/2)
	}
	g.addSkin(out)
	return out
}

// soften lets contrast above busy count a quarter, because the pattern of a
// shirt is not as many times more important as it is louder than a face.
func soften(contrast int64) int64 {
	const busy = 160
	return min(contrast, busy) + max(contrast-busy, 0)/4
}

// addSkin adds what is likely to be skin to the weights. Where much of the
// picture has that colour it is more likely sand, wood or a wall, and counts
// less.
func (g *grid) addSkin(weights []int64) {
	const most = 900 // what a cell of the very colour of skin counts
	likely := make([]int64, len(g.pix))
	var sum int64
	for i, p := range g.pix {
		r, gr, b, a := p.nrgba()
		likely[i] = skin(int64(r), int64(gr), int64(b)) * int64(a) / 255
		sum += likely[i]
	}
	// Up to a quarter of the picture counts in full, half of it not at all.
	rest := min(max(2*1000-4*sum/int64(len(g.pix)), 0), 1000)
	for i, v := range likely {
		weights[i] += most * v / 1000 * rest / 1000
	}
}

// skin tells in thousandths how near a colour of 0…255 is to that of skin. It
// compares the direction of the colour only: light and dark skin differ in
// brightness far more than in the proportions of red, green and blue. The
// direction is the one that the smartcrop.js library uses, (0.78, 0.57, 0.44).
func skin(r, g, b int64) int64 {
	const (
		sr, sg, sb = 78, 57, 44
		darkest    = 30    // of the brightest channel: below it a hue is noise
		tolerance  = 26000 // millionths of a squared sine: an angle of 9 degrees
	)
	if r < darkest || r < g || g < b {
		return 0
	}
	dot := r*sr + g*sg + b*sb
	sine2 := 1_000_000 - dot*dot*1000/((r*r+g*g+b*b)*(sr*sr+sg*sg+sb*sb)/1000)
	return min(max(tolerance-sine2, 0)*1000/tolerance, 1000)
}

// around is the mean of the cells at a distance of four from (x, y).
func (g *grid) around(colours [][3]int64, x, y int) [3]int64 {
	const reach = 4
	var sum [3]int64
	for _, d := range [...][2]int{{-1, -1}, {0, -1}, {1, -1}, {-1, 0}, {1, 0}, {-1, 1}, {0, 1}, {1, 1}} {
		nx := min(max(x+d[0]*reach, 0), g.w-1)
		ny := min(max(y+d[1]*reach, 0), g.h-1)
		for k, v := range colours[ny*g.w+nx] {
			sum[k] += v
		}
	}
	return [3]int64{sum[0] / 8, sum[1] / 8, sum[2] / 8}
}

func distance(a, b [3]int64) int64 {
	var sum int64
	for k := range a {
		sum += max(a[k]-b[k], b[k]-a[k])
	}
	return sum
}
