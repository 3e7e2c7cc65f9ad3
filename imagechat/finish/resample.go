package finish

import (
	"context"
	"math"
)

// rowSource yields rows of linear pixels, each at most once and in rising order.
type rowSource interface {
	size() (width, height int)
	// extent is the size as a real number: a source of averaged cells ends
	// inside its last cell.
	extent() (width, height float64)
	read(y int, dst []pixel)
}

// taps are the filter weights of one axis: n consecutive source samples for
// every output sample.
type taps struct {
	n       int
	first   []int
	weights []int64 // n for each output sample, summing to weightOne
	lobes   []lobe
}

// lobe is the part of a filter whose weights are positive, which is its middle.
type lobe struct {
	from, to int
	inverse  int64 // of the sum of its weights: of weightOne
}

// catmullRom is the cubic convolution kernel with B=0, C=1/2 (Keys 1981).
// Every product is rounded by an explicit conversion so that no compiler may
// fuse it, and all machines compute the same weights.
func catmullRom(x float64) float64 {
	x = math.Abs(x)
	switch {
	case x < 1:
		return float64(float64(float64(1.5*x)-2.5)*float64(x*x)) + 1
	case x < 2:
		return float64((float64((float64(-0.5*x)+2.5)*x)-4)*x) + 2
	default:
		return 0
	}
}

// newTaps makes the weights for scaling extent source samples, of which n
// exist, to out. When shrinking the kernel is widened, so that every source
// sample counts; what would fall outside the picture is left out.
func newTaps(n int, extent float64, out int) taps {
	scale := extent / float64(out)
	widen := max(scale, 1)
	count := min(int(math.Ceil(4*widen))+1, n)
	t := taps{n: count, first: make([]int, out), weights: make([]int64, out*count), lobes: make([]lobe, out)}
	raw := make([]float64, count)
	for i := range out {
		centre := float64((float64(i)+0.5)*scale) - 0.5
		first := int(math.Ceil(centre - float64(2*widen)))
		first = min(max(first, 0), n-count)
		sum := 0.0
		for k := range raw {
			raw[k] = catmullRom((float64(first+k) - centre) / widen)
			sum += raw[k]
		}
		t.first[i] = first
		weights := t.weights[i*count : (i+1)*count]
		quantise(weights, raw, sum)
		t.lobes[i] = positiveLobe(weights)
	}
	return t
}

func positiveLobe(weights []int64) lobe {
	top := 0
	for k, w := range weights {
		if w > weights[top] {
			top = k
		}
	}
	l, sum := lobe{from: top, to: top + 1}, weights[top]
	for l.from > 0 && weights[l.from-1] > 0 {
		l.from--
		sum += weights[l.from]
	}
	for l.to < len(weights) && weights[l.to] > 0 {
		sum += weights[l.to]
		l.to++
	}
	l.inverse = (weightOne*weightOne + sum/2) / sum
	return l
}

const (
	laneOnes = int64(1)<<32 | 1
	laneTop  = laneOnes << 20 // above every channel and every sum of two
)

// rings tells whether the negative weights moved a sum, settled as result, away
// from the mean under the positive ones: by more than a 64th of it, which is
// two steps of sRGB.
func (l *lobe) rings(result, positive int64) bool {
	const room = laneOnes * (1<<18 - 1)
	mean := ((positive >> weightBits & room) * l.inverse) >> weightBits & room
	tolerance := laneTop + 32*laneOnes + mean>>6&(laneOnes*(1<<12-1))
	return (tolerance+result-mean)&(tolerance+mean-result)&laneTop != laneTop
}

// bounds are the least and the greatest of some pixels, lane by lane. In linear
// light a negative weight takes some percent of a white edge from what lies
// beside it, which is far below any dark colour there: text would get a black
// outline, and its own colour would change. So a filtered pixel stays between
// the pixels under the positive weights.
type bounds struct{ low, high pixel }

func boundsOf(p pixel) bounds { return bounds{p, p} }

func (b *bounds) add(p pixel) {
	b.low = pixel{least(b.low.rg, p.rg), least(b.low.ba, p.ba)}
	b.high = pixel{most(b.high.rg, p.rg), most(b.high.ba, p.ba)}
}

func (b *bounds) clamp(p pixel) pixel {
	return pixel{most(least(p.rg, b.high.rg), b.low.rg), most(least(p.ba, b.high.ba), b.low.ba)}
}

func least(a, b int64) int64 { return b ^ (a^b)&smaller(a, b) }
func most(a, b int64) int64  { return a ^ (a^b)&smaller(a, b) }

// smaller has all bits set in the lanes in which a is below b.
func smaller(a, b int64) int64 {
	below := ^(laneTop + a - b) & laneTop
	return below >> 20 * (1<<32 - 1)
}

// quantise rounds weights to integers whose sum is exactly weightOne, giving
// the rounding error to the largest, so that flat areas keep their colour.
func quantise(dst []int64, raw []float64, sum float64) {
	rest, largest := int64(weightOne), 0
	for k, w := range raw {
		dst[k] = int64(math.Round(w / sum * weightOne))
		rest -= dst[k]
		if dst[k] > dst[largest] {
			largest = k
		}
	}
	dst[largest] += rest
}

// across filters one row horizontally.
func (t *taps) across(dst, src []pixel) {
	n := t.n
	for x := range dst {
		window := src[t.first[x]:][:n]
		weights := t.weights[x*n:][:n]
		l := &t.lobes[x]
		var positive, negative pixel
		for i, w := range weights[:l.from] {
			negative.add(window[i], w)
		}
		for i, w := range weights[l.from:l.to] {
			positive.add(window[l.from+i], w)
		}
		for i, w := range weights[l.to:] {
			negative.add(window[l.to+i], w)
		}
		px := pixel{settle(positive.rg + negative.rg), settle(positive.ba + negative.ba)}
		if l.rings(px.rg, positive.rg) || l.rings(px.ba, positive.ba) {
			b := boundsOf(window[l.from])
			for _, p := range window[l.from+1 : l.to] {
				b.add(p)
			}
			px = b.clamp(px)
		}
		dst[x] = px
	}
}

func (p *pixel) add(q pixel, w int64) {
	p.rg += q.rg * w
	p.ba += q.ba * w
}

// down filters vertically, row y from the ring of filtered rows.
func (t *taps) down(y int, ring [][]pixel, positive, negative, out []pixel) {
	clear(positive)
	clear(negative)
	l, first := &t.lobes[y], t.first[y]
	for k, w := range t.weights[y*t.n:][:t.n] {
		sum := negative
		if k >= l.from && k < l.to {
			sum = positive
		}
		addRow(sum, ring[(first+k)%t.n], w)
	}
	for x, p := range positive {
		px := pixel{settle(p.rg + negative[x].rg), settle(p.ba + negative[x].ba)}
		if l.rings(px.rg, p.rg) || l.rings(px.ba, p.ba) {
			b := boundsOf(ring[(first+l.from)%t.n][x])
			for k := l.from + 1; k < l.to; k++ {
				b.add(ring[(first+k)%t.n][x])
			}
			px = b.clamp(px)
		}
		out[x] = px
	}
}

// resample scales src to width × height and hands every row to emit in order;
// emit must not keep the row. It holds only the rows under the filter.
func resample(ctx context.Context, src rowSource, width, height int, emit func(y int, row []pixel)) error {
	src = reduce(src, width, height)
	sw, sh := src.size()
	ew, eh := src.extent()
	horizontal, vertical := newTaps(sw, ew, width), newTaps(sh, eh, height)
	line := make([]pixel, sw)
	ring := make([][]pixel, vertical.n)
	for i := range ring {
		ring[i] = make([]pixel, width)
	}
	out, positive, negative := make([]pixel, width), make([]pixel, width), make([]pixel, width)
	next := 0 // the first source row not yet in the ring
	for y := range height {
		if err := ctx.Err(); err != nil {
			return err
		}
		first := vertical.first[y]
		for next = max(next, first); next < first+vertical.n; next++ {
			src.read(next, line)
			horizontal.across(ring[next%vertical.n], line)
		}
		vertical.down(y, ring, positive, negative, out)
		emit(y, out)
	}
	return nil
}

func addRow(sum, row []pixel, w int64) {
	if w == 0 {
		return
	}
	row = row[:len(sum)]
	for x := range sum {
		sum[x].rg += row[x].rg * w
		sum[x].ba += row[x].ba * w
	}
}

// reduce averages whole cells of the source first where it is at least four
// times as large as wanted. The filter then still sees two samples or more for
// each of its own, and costs the same however large the source is.
func reduce(src rowSource, width, height int) rowSource {
	sw, sh := src.size()
	const most = 128 // keeps a cell's sum inside its lane
	kx := min(max(sw/width/2, 1), most)
	ky := min(max(sh/height/2, 1), most)
	if kx == 1 && ky == 1 {
		return src
	}
	return &cells{src: src, kx: kx, ky: ky, line: make([]pixel, sw)}
}

// cells is a source seen through averaged cells of kx × ky pixels.
type cells struct {
	src    rowSource
	kx, ky int
	line   []pixel
}

func (c *cells) size() (int, int) {
	w, h := c.src.size()
	return (w + c.kx - 1) / c.kx, (h + c.ky - 1) / c.ky
}

func (c *cells) extent() (float64, float64) {
	w, h := c.src.extent()
	return w / float64(c.kx), h / float64(c.ky)
}

func (c *cells) read(y int, dst []pixel) {
	w, h := c.src.size()
	top, bottom := y*c.ky, min((y+1)*c.ky, h)
	clear(dst)
	for sy := top; sy < bottom; sy++ {
		c.src.read(sy, c.line)
		for x := range dst {
			sum := dst[x]
			for _, p := range c.line[x*c.kx : min((x+1)*c.kx, w)] {
				sum.rg += p.rg
				sum.ba += p.ba
			}
			dst[x] = sum
		}
	}
	for x := range dst {
		n := (min((x+1)*c.kx, w) - x*c.kx) * (bottom - top)
		inverse := (int64(1)<<32 + int64(n)/2) / int64(n)
		dst[x] = pixel{average(dst[x].rg, inverse), average(dst[x].ba, inverse)}
	}
}

// average multiplies both lanes by inverse, a fraction of 2^32, and rounds.
func average(sum, inverse int64) int64 {
	lo := ((sum&0xffffffff)*inverse + 1<<31) >> 32
	hi := ((sum>>32)*inverse + 1<<31) >> 32
	return lo | hi<<32
}

// grid is a small picture in memory, such as a preview.
type grid struct {
	w, h int
	pix  []pixel
}

func (g *grid) size() (int, int)           { return g.w, g.h }
func (g *grid) extent() (float64, float64) { return float64(g.w), float64(g.h) }
func (g *grid) read(y int, dst []pixel)    { copy(dst, g.pix[y*g.w:(y+1)*g.w]) }
