package finish

import (
	"cmp"
	"slices"
)

// quantised is a canvas in at most 256 colours.
type quantised struct {
	palette [][4]uint8
	index   []uint8
	w       int
}

// quantise reduces the canvas to at most n colours: exactly, where it has no
// more, else to the means of n groups, dithered.
func (c *canvas) quantise(n int) *quantised {
	q := &quantised{w: c.w, index: make([]uint8, c.w*c.h)}
	if q.exact(c.pix, n) {
		return q
	}
	q.palette = splitColours(histogram(c.pix), n)
	q.dither(c)
	return q
}

// exact uses the canvas's own colours if there are at most n.
func (q *quantised) exact(pix []byte, n int) bool {
	seen := make(map[[4]uint8]uint8, n)
	for i := range q.index {
		colour := [4]uint8(pix[4*i:])
		at, ok := seen[colour]
		if !ok {
			if len(q.palette) == n {
				q.palette = nil
				return false
			}
			at = uint8(len(q.palette))
			seen[colour] = at
			q.palette = append(q.palette, colour)
		}
		q.index[i] = at
	}
	return true
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
			line[x/perByte] |= i << shift
		}
		return line
	}
	return rows
}

// colourKey names the group of near colours that a colour belongs to: five bits
// of red, green and blue, three of alpha.
func colourKey(r, g, b, a uint8) int {
	return int(r>>3)<<13 | int(g>>3)<<8 | int(b>>3)<<3 | int(a>>5)
}

const colourKeys = 1 << 18

// bin is a group of near colours: how many pixels, and their sums.
type bin struct {
	n   int64
	sum [4]int64
}

func (b *bin) mean(k int) int64 { return b.sum[k] / b.n }

func histogram(pix []byte) []bin {
	all := make([]bin, colourKeys)
	for i := 0; i < len(pix); i += 4 {
		p := pix[i : i+4 : i+4]
		b := &all[colourKey(p[0], p[1], p[2], p[3])]
		b.n++
		for k := range b.sum {
			b.sum[k] += int64(p[k])
		}
	}
	used := all[:0]
	for _, b := range all {
		if b.n > 0 {
			used = append(used, b)
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
// over its neighbours (Floyd and Steinberg 1976).
func (q *quantised) dither(c *canvas) {
	nearest := newNearest(q.palette)
	here, below := make([][3]int32, c.w+2), make([][3]int32, c.w+2)
	for y := range c.h {
		row := c.row(y)
		for x := range c.w {
			px := row[4*x : 4*x+4 : 4*x+4]
			var want [3]uint8
			for k := range want {
				want[k] = clamp8(int32(px[k]) + (here[x+1][k]+8)>>4)
			}
			at := nearest.find(want[0], want[1], want[2], px[3])
			q.index[y*c.w+x] = at
			for k := range want {
				e := int32(want[k]) - int32(q.palette[at][k])
				here[x+2][k] += 7 * e
				below[x][k] += 3 * e
				below[x+1][k] += 5 * e
				below[x+2][k] += e
			}
		}
		here, below = below, here
		clear(below)
	}
}

// nearestColour finds palette entries, remembering the answer for every group
// of near colours.
type nearestColour struct {
	palette [][4]uint8
	known   []int16
}

func newNearest(palette [][4]uint8) *nearestColour {
	n := &nearestColour{palette: palette, known: make([]int16, colourKeys)}
	for i := range n.known {
		n.known[i] = -1
	}
	return n
}

func (n *nearestColour) find(r, g, b, a uint8) uint8 {
	key := colourKey(r, g, b, a)
	if at := n.known[key]; at >= 0 {
		return uint8(at)
	}
	best, least := 0, int32(1<<30)
	for i, p := range n.palette {
		dr, dg, db := int32(r)-int32(p[0]), int32(g)-int32(p[1]), int32(b)-int32(p[2])
		da := int32(a) - int32(p[3])
		if d := 2*dr*dr + 4*dg*dg + db*db + 4*da*da; d < least {
			best, least = i, d
		}
	}
	n.known[key] = int16(best)
	return uint8(best)
}
