package finish

import (
	"cmp"
	"slices"
)

// quantised is a canvas in few colours.
type quantised struct {
	palette [][4]uint8
	index   []uint16
	w       int
	merged  bool // it had more
	line    []byte
}

// quantise reduces the canvas to at most n colours: exactly, where it has no
// more, else to the means of n groups, dithered.
func (c *canvas) quantise(n int) *quantised {
	q := &quantised{w: c.w, index: make([]uint16, c.w*c.h)}
	if q.exact(c.pix, n) {
		return q
	}
	q.merged = true
	q.palette = splitColours(histogram(c.pix), n)
	q.dither(c)
	return q
}

// exact uses the canvas's own colours if there are at most n.
func (q *quantised) exact(pix []byte, n int) bool {
	seen := make(map[[4]uint8]uint16, n)
	for i := range q.index {
		colour := [4]uint8(pix[4*i:])
		at, ok := seen[colour]
		if !ok {
			if len(q.palette) == n {
				q.palette = nil
				return false
			}
			at = uint16(len(q.palette))
			seen[colour] = at
			q.palette = append(q.palette, colour)
		}
		q.index[i] = at
	}
	return true
}

// row is a row of the palette's colours, valid until the next.
func (q *quantised) row(y int) []byte {
	if q.line == nil {
		q.line = make([]byte, 4*q.w)
	}
	for x, at := range q.index[y*q.w:][:q.w] {
		*(*[4]byte)(q.line[4*x:]) = q.palette[at]
	}
	return q.line
}

// indexedRows packs the indices into as few bits as the palette allows.
func (q *quantised) indexedRows() pngRows {
	rows := pngRows{colourType: 3, depth: 8, bytesPerPixel: 1}
	for _, small := range []byte{4, 2, 1} {
		if len(q.palette) <= 1<<small {
			rows.depth = small
		}
	}
	opaque := true
	for _, p := range q.palette {
		rows.palette = append(rows.palette, p[:3]...)
		rows.alphas = append(rows.alphas, p[3])
		opaque = opaque && p[3] == 255
	}
	if opaque {
		rows.alphas = nil
	}
	perByte := 8 / int(rows.depth)
	line := make([]byte, (q.w+perByte-1)/perByte)
	rows.row = func(y int) []byte {
		clear(line)
		for x, i := range q.index[y*q.w:][:q.w] {
			shift := 8 - int(rows.depth)*(x%perByte+1)
			line[x/perByte] |= uint8(i) << shift
		}
		return line
	}
	return rows
}

// colourKey names the group of near colours that a colour belongs to: six bits
// of red, green and blue, three of alpha.
func colourKey(r, g, b, a uint8) int {
	return int(r>>2)<<15 | int(g>>2)<<9 | int(b>>2)<<3 | int(a>>5)
}

const colourKeys = 1 << 21

// bin is a group of near colours: how many pixels, and their sums.
type bin struct {
	n   int64
	sum [4]int64
}

func (b *bin) mean(k int) int64 { return b.sum[k] / b.n }

func histogram(pix []byte) []bin {
	at := make([]int32, colourKeys) // one more than the place in used
	var used []bin
	for i := 0; i < len(pix); i += 4 {
		p := pix[i : i+4 : i+4]
		key := colourKey(p[0], p[1], p[2], p[3])
		if at[key] == 0 {
			used = append(used, bin{})
			at[key] = int32(len(used))
		}
		b := &used[at[key]-1]
		b.n++
		for k := range b.sum {
			b.sum[k] += int64(p[k])
		}
	}
	return used
}

// splitColours divides the bins into n boxes, always halving at its mean the
// one whose colours differ most, and returns their mean colours.
func splitColours(bins []bin, n int) [][4]uint8 {
	boxes := []colourBox{newColourBox(bins)}
	for len(boxes) < n {
		worst := 0
		for i := range boxes {
			if boxes[i].spread > boxes[worst].spread {
				worst = i
			}
		}
		if boxes[worst].spread == 0 {
			break
		}
		a, b := boxes[worst].split()
		boxes[worst] = a
		boxes = append(boxes, b)
	}
	palette := make([][4]uint8, len(boxes))
	for i, b := range boxes {
		for k := range 4 {
			palette[i][k] = uint8((b.total.sum[k] + b.total.n/2) / b.total.n)
		}
	}
	return palette
}

type colourBox struct {
	bins   []bin
	total  bin
	axis   int   // the channel that varies most
	spread int64 // the sum of squared distances along it
}

func newColourBox(bins []bin) colourBox {
	box := colourBox{bins: bins}
	for _, b := range bins {
		box.total.n += b.n
		for k := range 4 {
			box.total.sum[k] += b.sum[k]
		}
	}
	for k := range 4 {
		mean, spread := box.total.mean(k), int64(0)
		for _, b := range bins {
			d := b.mean(k) - mean
			spread += d * d * b.n
		}
		if spread > box.spread {
			box.axis, box.spread = k, spread
		}
	}
	return box
}

// split divides the box at its mean. A spread above zero means at least two
// bins, and both sides get one.
func (c colourBox) split() (colourBox, colourBox) {
	slices.SortStableFunc(c.bins, func(a, b bin) int { return cmp.Compare(a.mean(c.axis), b.mean(c.axis)) })
	mean := c.total.mean(c.axis)
	at := slices.IndexFunc(c.bins, func(b bin) bool { return b.mean(c.axis) > mean })
	at = min(max(at, 1), len(c.bins)-1)
	return newColourBox(c.bins[:at]), newColourBox(c.bins[at:])
}

// dither sets every pixel to the nearest palette colour and spreads the error
// over its neighbours (Floyd and Steinberg 1976): all of it in flat areas, where
// bands would be seen, and the less the busier it is, where only grain would.
func (q *quantised) dither(c *canvas) {
	nearest := newNearest(q.palette)
	here, below := make([][3]int32, c.w+2), make([][3]int32, c.w+2)
	above := c.row(0)
	for y := range c.h {
		row := c.row(y)
		left := row[:4]
		for x := range c.w {
			px := row[4*x : 4*x+4 : 4*x+4]
			var want [3]uint8
			for k := range want {
				want[k] = clamp8(int32(px[k]) + (here[x+1][k]+8*ditherAll)>>8)
			}
			at := nearest.find(want[0], want[1], want[2], px[3])
			q.index[y*c.w+x] = at
			share := ditherShare(px, left, above[4*x:4*x+4:4*x+4])
			for k := range want {
				e := (int32(want[k]) - int32(q.palette[at][k])) * share
				here[x+2][k] += 7 * e
				below[x][k] += 3 * e
				below[x+1][k] += 5 * e
				below[x+2][k] += e
			}
			left = px
		}
		above = row
		here, below = below, here
		clear(below)
	}
}

const ditherAll = 16

// ditherShare is how much of an error is spread, from the steps to two neighbours.
func ditherShare(px, left, above []byte) int32 {
	step := int32(0)
	for k := range 3 {
		a, b := int32(px[k])-int32(left[k]), int32(px[k])-int32(above[k])
		step = max(step, a, -a, b, -b)
	}
	return min(max(ditherAll+4-step, 2), ditherAll)
}

// nearestColour finds palette entries: from the one with the nearest green
// outwards, until green alone is further away than the best.
type nearestColour struct {
	sorted [][4]uint8 // by green
	index  []uint16   // of each in the palette
	from   [256]int   // the first of each green or a higher one
	known  []colourAnswer
}

type colourAnswer struct {
	colour uint32
	at     uint16
	ok     bool
}

const rememberedBits = 14

func newNearest(palette [][4]uint8) *nearestColour {
	n := &nearestColour{known: make([]colourAnswer, 1<<rememberedBits)}
	for i := range palette {
		n.index = append(n.index, uint16(i))
	}
	slices.SortStableFunc(n.index, func(a, b uint16) int { return cmp.Compare(palette[a][1], palette[b][1]) })
	for _, i := range n.index {
		n.sorted = append(n.sorted, palette[i])
	}
	for g := range n.from {
		for n.from[g] = n.from[max(g-1, 0)]; n.from[g] < len(palette) && int(n.sorted[n.from[g]][1]) < g; {
			n.from[g]++
		}
	}
	return n
}

func (n *nearestColour) find(r, g, b, a uint8) uint16 {
	colour := uint32(r)<<24 | uint32(g)<<16 | uint32(b)<<8 | uint32(a)
	answer := &n.known[colour*2654435761>>(32-rememberedBits)]
	if !answer.ok || answer.colour != colour {
		*answer = colourAnswer{colour, n.search([4]uint8{r, g, b, a}), true}
	}
	return answer.at
}

func (n *nearestColour) search(c [4]uint8) uint16 {
	best, least := 0, int32(1<<30)
	visit := func(i int) bool {
		p := &n.sorted[i]
		dr, dg, db := int32(c[0])-int32(p[0]), int32(c[1])-int32(p[1]), int32(c[2])-int32(p[2])
		da := int32(c[3]) - int32(p[3])
		if d := 2*dr*dr + 4*dg*dg + db*db + 4*da*da; d < least {
			best, least = i, d
		}
		return 4*dg*dg < least
	}
	up := n.from[c[1]]
	for i := up; i < len(n.sorted) && visit(i); i++ {
	}
	for i := up - 1; i >= 0 && visit(i); i-- {
	}
	return n.index[best]
}
