package finish

import (
	"context"
	"math/bits"
)

// Pixels that share a sample of colour, each way.
const (
	fullColour = 1 // 4:4:4
	halfColour = 2 // 4:2:0
)

// storedPixels is up to which size coefficients are kept between passes, six
// bytes a pixel; those of larger pictures are computed anew for every pass.
const storedPixels = 4 << 20

// zigzag is the order in which a file holds a block's coefficients (T.81,
// figure A.6).
var zigzag = [blockSize]uint8{
	0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
	35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
}

// jpegCoefficients are a picture's blocks after the transform, before a quality
// has been chosen. image/jpeg cannot write 4:4:4 nor tables of its own, and
// would transform anew for every quality that is tried.
type jpegCoefficients struct {
	w, h         int
	shared       int                // pixels that share a sample of colour, each way
	row          func(y int) []byte // RGBA, opaque
	across, down int                // units: blockSide×shared pixels each way
	luma         int                // blocks of luma in a unit; one of each colour follows
	stored       []int16            // of all units, or nil
	band         []int16            // of one row of units
	samples      [3][]int16         // of one row of units, around zero
}

func newJPEGCoefficients(ctx context.Context, w, h, shared int, row func(y int) []byte) (*jpegCoefficients, error) {
	if err := checkJPEGSides(w, h); err != nil {
		return nil, err
	}
	side := blockSide * shared
	c := &jpegCoefficients{
		w: w, h: h, shared: shared, row: row, luma: shared * shared,
		across: (w + side - 1) / side, down: (h + side - 1) / side,
	}
	for k := range c.samples {
		c.samples[k] = make([]int16, c.across*side*side)
	}
	n := c.across * c.unitLen()
	if w*h > storedPixels {
		c.band = make([]int16, n)
		return c, ctx.Err()
	}
	c.stored = make([]int16, n*c.down)
	for y := range c.down {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		c.transform(y, c.stored[y*n:][:n])
	}
	return c, nil
}

func (c *jpegCoefficients) unitLen() int { return (c.luma + 2) * blockSize }

// units returns the coefficients of a row of units, in the file's order.
func (c *jpegCoefficients) units(y int) []int16 {
	n := c.across * c.unitLen()
	if c.stored != nil {
		return c.stored[y*n:][:n]
	}
	c.transform(y, c.band)
	return c.band
}

// transform reads a row of units and transforms its blocks.
func (c *jpegCoefficients) transform(y int, dst []int16) {
	side, width := blockSide*c.shared, c.across*blockSide*c.shared
	for line := range side {
		at := y*side + line
		if at < c.h {
			c.readLine(c.row(at), line*width)
			continue
		}
		for k := range c.samples { // below the picture its last row goes on
			copy(c.samples[k][line*width:][:width], c.samples[k][(line-1)*width:][:width])
		}
	}
	colourWidth := width
	if c.shared == halfColour {
		c.halve(c.samples[1], width)
		c.halve(c.samples[2], width)
		colourWidth = width / 2
	}
	for x := range c.across {
		for b := range c.luma {
			left, top := x*side+b%c.shared*blockSide, b/c.shared*blockSide
			transformBlock(c.samples[0][top*width+left:], width, dst)
			dst = dst[blockSize:]
		}
		for _, plane := range c.samples[1:] {
			transformBlock(plane[x*blockSide:], colourWidth, dst)
			dst = dst[blockSize:]
		}
	}
}

// readLine converts a row of pixels (JFIF 1.02) and goes on with its last one
// to the end of the units.
func (c *jpegCoefficients) readLine(rgba []byte, at int) {
	width := c.across * blockSide * c.shared
	luma, cb, cr := c.samples[0][at:][:width], c.samples[1][at:][:width], c.samples[2][at:][:width]
	const half, middle = 1 << 15, 128 << 16
	for x := range c.w {
		px := rgba[4*x : 4*x+4 : 4*x+4]
		r, g, b := int32(px[0]), int32(px[1]), int32(px[2])
		luma[x] = int16((19595*r + 38470*g + 7471*b + half - middle) >> 16)
		cb[x] = int16((-11056*r - 21712*g + 32768*b + half - 1) >> 16)
		cr[x] = int16((32768*r - 27440*g - 5328*b + half - 1) >> 16)
	}
	for x := c.w; x < width; x++ {
		luma[x], cb[x], cr[x] = luma[c.w-1], cb[c.w-1], cr[c.w-1]
	}
}

// halve averages squares of four samples in place.
func (c *jpegCoefficients) halve(plane []int16, width int) {
	for y := range blockSide {
		a, b := plane[2*y*width:][:width], plane[(2*y+1)*width:][:width]
		out := plane[y*width/2:][:width/2]
		for x := range out {
			out[x] = (a[2*x] + a[2*x+1] + b[2*x] + b[2*x+1] + 2) >> 2
		}
	}
}

// transformBlock transforms one block of a plane into the file's order.
func transformBlock(plane []int16, width int, dst []int16) {
	var b [blockSize]int32
	for y := range blockSide {
		row := plane[y*width:][:blockSide]
		for x, v := range row {
			b[y*blockSide+x] = int32(v)
		}
	}
	forwardDCT(&b)
	dst = dst[:blockSize]
	for i, n := range zigzag {
		dst[i] = int16(b[n])
	}
}

// quantiser divides coefficients by a table's steps, rounding to the nearest.
type quantiser struct{ steps, half, inverse [blockSize]uint32 }

const inverseBits = 20

// The tables of T.81, K.1 for quality 50, in rows.
var lumaSteps = [blockSize]uint8{
	16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62,
	18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
}

var colourSteps = [blockSize]uint8{
	17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99, 99, 99, 99,
	99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
}

// newQuantiser scales a table as libjpeg does: 50 leaves it, 100 has steps of one.
func newQuantiser(table *[blockSize]uint8, quality int) *quantiser {
	scale := 200 - 2*quality
	if quality < 50 {
		scale = 5000 / quality
	}
	q := &quantiser{}
	for i, n := range zigzag {
		step := uint32(min(max((int(table[n])*scale+50)/100, 1), 255))
		q.steps[i] = step
		step *= 8 // as the coefficients are
		q.half[i], q.inverse[i] = step/2, (1<<inverseBits+step-1)/step
	}
	return q
}

// block quantises and returns the place of the last coefficient that is not zero.
func (q *quantiser) block(src []int16, out *[blockSize]int32) (last int) {
	src = src[:blockSize]
	for i := range out {
		c := int32(src[i])
		sign := c >> 31
		v := min(int32((uint32((c^sign)-sign)+q.half[i])*q.inverse[i]>>inverseBits), 1023) // what a code can say
		out[i] = (v ^ sign) - sign
		if v != 0 {
			last = i
		}
	}
	return last
}

// Symbols of the AC code that are no coefficient (T.81, F.1.2.2).
const (
	endOfBlock  = 0x00
	sixteenZero = 0xf0
)

// jpegStatistics are what a pass over the blocks needs to know to choose codes.
type jpegStatistics struct {
	dc, ac [2][256]int // of luma, of colour
	extra  int64       // bits behind the codes
}

func (s *jpegStatistics) add(class, previous, last int, b *[blockSize]int32) {
	n := bits.Len32(magnitude(b[0] - int32(previous)))
	s.dc[class][n]++
	s.extra += int64(n)
	ac, run := &s.ac[class], 0
	for i := 1; i <= last; i++ {
		if b[i] == 0 {
			run++
			continue
		}
		for ; run > 15; run -= 16 {
			ac[sixteenZero]++
		}
		n := bits.Len32(magnitude(b[i]))
		ac[run<<4|n]++
		s.extra += int64(n)
		run = 0
	}
	if last < blockSize-1 {
		ac[endOfBlock]++
	}
}

func magnitude(v int32) uint32 { return uint32(max(v, -v)) }

// jpegCodes write blocks.
type jpegCodes struct {
	bitWriter
	dc, ac [2]*huffmanTable
}

func (w *jpegCodes) block(class, previous, last int, b *[blockSize]int32) {
	w.value(w.dc[class], 0, b[0]-int32(previous))
	ac, run := w.ac[class], 0
	for i := 1; i <= last; i++ {
		if b[i] == 0 {
			run++
			continue
		}
		for ; run > 15; run -= 16 {
			w.write(ac.code[sixteenZero], uint(ac.length[sixteenZero]))
		}
		w.value(ac, run, b[i])
		run = 0
	}
	if last < blockSize-1 {
		w.write(ac.code[endOfBlock], uint(ac.length[endOfBlock]))
	}
}

// value writes the code of a run of zeros and a size, then the value itself in
// so many bits, one less where it is negative.
func (w *jpegCodes) value(t *huffmanTable, run int, v int32) {
	n := uint(bits.Len32(magnitude(v)))
	symbol := run<<4 | int(n)
	low := uint32(v+v>>31) & (1<<n - 1)
	w.write(t.code[symbol]<<n|low, uint(t.length[symbol])+n)
}

// jpegAttempt is one quality of a picture: its steps and codes, and how many
// bytes it takes at least.
type jpegAttempt struct {
	*jpegCoefficients
	quality int
	tables  [2]*quantiser
	dc, ac  [2]*huffmanTable
	bytes   int64
}

// at measures a quality: everything but the zeros that some bytes need behind them.
func (c *jpegCoefficients) at(quality int) *jpegAttempt {
	a := &jpegAttempt{jpegCoefficients: c, quality: quality}
	a.tables = [2]*quantiser{newQuantiser(&lumaSteps, quality), newQuantiser(&colourSteps, quality)}
	var s jpegStatistics
	a.each(s.add)
	payload := s.extra
	for k := range a.dc {
		a.dc[k], a.ac[k] = newHuffmanTable(&s.dc[k]), newHuffmanTable(&s.ac[k])
		payload += a.dc[k].bits(&s.dc[k]) + a.ac[k].bits(&s.ac[k])
	}
	a.bytes = int64(len(a.header(nil))) + payload/8
	return a
}

// each quantises every block and hands it on with its predecessor's DC value.
func (a *jpegAttempt) each(visit func(class, previous, last int, b *[blockSize]int32)) {
	var b [blockSize]int32
	var previous [3]int
	for y := range a.down {
		units := a.units(y)
		for len(units) > 0 {
			for k := range a.luma + 2 {
				plane := max(k-a.luma+1, 0)
				class := min(plane, 1)
				last := a.tables[class].block(units, &b)
				visit(class, previous[plane], last, &b)
				previous[plane] = int(b[0])
				units = units[blockSize:]
			}
		}
	}
}

// file writes the whole file; the segments stand right behind its start.
func (a *jpegAttempt) file(segments []byte) []byte {
	out := make([]byte, 0, int(a.bytes+a.bytes/64)+len(segments)+1024)
	w := jpegCodes{dc: a.dc, ac: a.ac}
	out = append(out, a.header(segments)...)
	w.out = out
	a.each(w.block)
	w.flush()
	return append(w.out, 0xff, markerEOI)
}
