package finish

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

// pngAttempt is one way of writing a canvas as PNG.
type pngAttempt struct {
	level   int
	colors  int // at most; 0: all that there are
	indexed bool
}

// Deflate levels: swift for the first attempt, tight where a limit presses.
// Of one photo-like picture of 1080×1080, filtered, level 2 of compress/zlib
// takes a quarter of level 6's time and leaves 9 % more bytes; levels above 6
// find less than 1 % more.
const (
	swift = 2
	tight = 6
)

// truecolourAttempts keep all colours of the picture.
var truecolourAttempts = []pngAttempt{{level: swift}, {level: tight}}

// reducedAttempts keep the file a 24 or 32-bit PNG, which some placements
// demand, and save bytes by giving deflate fewer different pixels to write:
// the colours that suit the picture, dithered, and no row filters, which would
// make many different differences of few colours. Each is smaller than the one
// before.
var reducedAttempts = []pngAttempt{
	{level: tight, colors: 2048}, {level: tight, colors: 1024}, {level: tight, colors: 512}, {level: tight, colors: 256},
	{level: tight, colors: 128}, {level: tight, colors: 64},
}

var paletteAttempts = []pngAttempt{
	{level: tight, colors: 256, indexed: true},
	{level: tight, colors: 128, indexed: true},
	{level: tight, colors: 64, indexed: true},
}

// leastTrueColours is the number of colours below which a palette's smaller
// file is the better use of the bytes, where it may be one.
const leastTrueColours = 256

// encodePNG returns the best attempt that fits.
func (c *canvas) encodePNG(ctx context.Context, spec Spec, xmp []byte) (encoded, error) {
	var nearest encoded
	first := func(attempts []pngAttempt) (encoded, bool, error) {
		for _, a := range attempts {
			if err := ctx.Err(); err != nil {
				return encoded{}, false, err
			}
			out, err := c.pngBytes(a, xmp)
			if err != nil {
				return encoded{}, false, err
			}
			if spec.MaxBytes == 0 || int64(len(out.data)) <= spec.MaxBytes {
				return out, true, nil
			}
			if nearest.data == nil || len(out.data) < len(nearest.data) {
				nearest = out
			}
		}
		return encoded{}, false, nil
	}
	if !spec.Palette {
		out, ok, err := first(truecolourAttempts)
		if err != nil || ok {
			return out, err
		}
		for _, group := range c.reducedGroups(spec) {
			if out, ok, err := first(group); err != nil || ok {
				return out, err
			}
		}
	} else if out, ok, err := first(paletteAttempts); err != nil || ok {
		return out, err
	}
	return encoded{}, &OverLimitError{spec.MaxBytes, int64(len(nearest.data)), PNG, fmt.Sprintf("%d colours", nearest.colors)}
}

// reducedGroups orders what is tried when all colours do not fit. Where even
// 256 colours in full do not, a palette goes first if the placement takes one.
func (c *canvas) reducedGroups(spec Spec) [][]pngAttempt {
	from := 0
	if spec.MaxBytes < int64(c.w*c.h)/2 {
		from = 2 // half a byte a pixel: more colours never fit
	}
	var groups [][]pngAttempt
	for i, a := range reducedAttempts[from:] {
		if a.colors < leastTrueColours && !spec.TrueColour {
			return append(groups, paletteAttempts)
		}
		groups = append(groups, reducedAttempts[from+i:from+i+1])
	}
	return groups
}

func (c *canvas) pngBytes(a pngAttempt, xmp []byte) (encoded, error) {
	out := encoded{bits: 8, transparent: !c.opaque}
	var rows pngRows
	switch {
	case a.colors == 0:
		rows = truecolourRows(c.w, c.opaque, c.row)
	default:
		q := c.quantise(a.colors)
		out.colors, out.merged = len(q.palette), q.merged
		if a.indexed {
			rows = q.indexedRows()
		} else {
			rows = truecolourRows(c.w, c.opaque, q.row)
			rows.filtered = false
		}
	}
	data, err := writePNG(c.w, c.h, rows, a.level, xmp)
	out.data = data
	return out, err
}

func (c *canvas) row(y int) []byte { return c.pix[4*c.w*y:][:4*c.w] }

// pngRows is what writePNG needs to know of the pixels.
type pngRows struct {
	depth, colourType byte
	bytesPerPixel     int // distance of a byte to its left neighbour in filtering
	filtered          bool
	most              int    // bytes of packed pixels above which writing ends with errLongPNG; 0: any
	palette, alphas   []byte // PLTE and tRNS
	row               func(y int) []byte
}

// truecolourRows drops the alpha byte where nothing is transparent. A row of
// rgba need only be valid until the next.
func truecolourRows(w int, opaque bool, rgba func(y int) []byte) pngRows {
	if !opaque {
		return pngRows{depth: 8, colourType: 6, bytesPerPixel: 4, filtered: true, row: rgba}
	}
	line := make([]byte, 3*w)
	return pngRows{depth: 8, colourType: 2, bytesPerPixel: 3, filtered: true, row: func(y int) []byte {
		src := rgba(y)
		for i, j := 0, 0; j < len(line); i, j = i+4, j+3 {
			line[j], line[j+1], line[j+2] = src[i], src[i+1], src[i+2]
		}
		return line
	}}
}

var errLongPNG = errors.New("finish: the PNG is longer than it may be")

// writePNG writes a whole file. image/png has no way to choose this level, and
// its default takes seven times as long (docs/adr/0010).
func writePNG(w, h int, rows pngRows, level int, xmp []byte) ([]byte, error) {
	var idat bytes.Buffer
	z, err := zlib.NewWriterLevel(&idat, level)
	if err != nil {
		return nil, fmt.Errorf("finish: encode PNG: %w", err)
	}
	var failed error
	f := newRowFilter(rows.bytesPerPixel)
	for y := range h {
		filter, line := byte(0), rows.row(y)
		if rows.filtered {
			filter, line = f.next(line)
		}
		_, e1 := z.Write([]byte{filter})
		_, e2 := z.Write(line)
		failed = errors.Join(failed, e1, e2)
		if rows.most > 0 && idat.Len() > rows.most {
			return nil, errLongPNG
		}
	}
	if failed = errors.Join(failed, z.Close()); failed != nil {
		return nil, fmt.Errorf("finish: encode PNG: %w", failed)
	}
	ihdr := binary.BigEndian.AppendUint32(nil, uint32(w))
	ihdr = binary.BigEndian.AppendUint32(ihdr, uint32(h))
	ihdr = append(ihdr, rows.depth, rows.colourType, 0, 0, 0)

	out := make([]byte, 0, idat.Len()+len(xmp)+1200)
	out = append(out, "\x89PNG\r\n\x1a\n"...)
	out = appendChunk(out, "IHDR", ihdr)
	out = appendChunk(out, "sRGB", []byte{0}) // perceptual intent
	if len(xmp) > 0 {
		// Keyword, then no compression, no language, no translated keyword.
		out = appendChunk(out, "iTXt", append([]byte("XML:com.adobe.xmp\x00\x00\x00\x00\x00"), xmp...))
	}
	if rows.palette != nil {
		out = appendChunk(out, "PLTE", rows.palette)
	}
	if rows.alphas != nil {
		out = appendChunk(out, "tRNS", rows.alphas)
	}
	out = appendChunk(out, "IDAT", idat.Bytes())
	return appendChunk(out, "IEND", nil), nil
}

func appendChunk(out []byte, kind string, body []byte) []byte {
	out = binary.BigEndian.AppendUint32(out, uint32(len(body)))
	start := len(out)
	out = append(append(out, kind...), body...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[start:]))
}

// rowFilter chooses one of PNG's five filters for every row: the one whose
// bytes, taken as signed, have the least absolute sum (PNG 1.2, 9.6).
type rowFilter struct {
	bpp   int
	above []byte
	lines [5][]byte
}

func newRowFilter(bpp int) *rowFilter { return &rowFilter{bpp: bpp} }

// next returns the filter and the filtered row, valid until the next call.
func (f *rowFilter) next(row []byte) (byte, []byte) {
	if f.above == nil {
		f.above = make([]byte, len(row))
		for i := range f.lines {
			f.lines[i] = make([]byte, len(row))
		}
	}
	f.fill(row)
	best, least := 0, -1
	for i, line := range f.lines {
		sum := 0
		for _, v := range line {
			s := int(int8(v))
			sum += max(s, -s)
		}
		if least < 0 || sum < least {
			best, least = i, sum
		}
	}
	copy(f.above, row)
	return byte(best), f.lines[best]
}

// fill computes None, Sub, Up, Average and Paeth.
func (f *rowFilter) fill(row []byte) {
	n, bpp := len(row), f.bpp
	above := f.above[:n]
	none, sub, up, avg, paeth := f.lines[0][:n], f.lines[1][:n], f.lines[2][:n], f.lines[3][:n], f.lines[4][:n]
	copy(none, row)
	for i := range min(bpp, n) {
		v, b := row[i], above[i]
		sub[i], up[i], avg[i], paeth[i] = v, v-b, v-b/2, v-b
	}
	for i := bpp; i < n; i++ {
		v, a, b, c := row[i], int(row[i-bpp]), int(above[i]), int(above[i-bpp])
		sub[i], up[i], avg[i] = v-byte(a), v-byte(b), v-byte((a+b)/2)
		pa, pb := b-c, a-c
		pc := pa + pb
		pa, pb, pc = max(pa, -pa), max(pb, -pb), max(pc, -pc)
		switch {
		case pa <= pb && pa <= pc:
			paeth[i] = v - byte(a)
		case pb <= pc:
			paeth[i] = v - byte(b)
		default:
			paeth[i] = v - byte(c)
		}
	}
}
