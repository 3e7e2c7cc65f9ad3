package canvas

import (
	_ "embed"
	"fmt"
	"image"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// Pretendard 1.3.9 Bold, the author's own WOFF file with all 11,172 Hangul syllables, under the SIL Open Font License
// 1.1 (font/LICENSE.txt).
//
//go:embed font/Pretendard-Bold.woff
var pretendard []byte

// FontLicense is the licence that goes with the typeface wherever it goes.
//
//go:embed font/LICENSE.txt
var FontLicense string

// typeface is unpacked on first use (about 20 ms), never at start.
var typeface = sync.OnceValue(func() *sfnt.Font {
	plain, err := unpackWOFF(pretendard)
	if err == nil {
		var f *sfnt.Font
		if f, err = opentype.Parse(plain); err == nil {
			return f
		}
	}
	panic(fmt.Sprintf("canvas: embedded font: %v", err)) // a build fault, caught by the package's tests
})

// Align is where lines stand in their box.
type Align int

// The alignments.
const (
	AlignLeft Align = iota
	AlignCenter
	AlignRight
)

// Type is a text that was fitted into a box: nothing of it reaches outside.
type Type struct {
	Lines []string
	Size  float64 // pixels an em
	Box   Rect    // what the lines cover, ascenders to descenders
	align Align
	face  font.Face
}

const (
	lineHeight = 1.22
	ascent     = 0.95 // of Pretendard's Hangul and capitals with their accents, in ems
	descent    = 0.24
	overhang   = 0.05 // how far ink may reach over a line's own width, in ems
)

// Printable leaves only what the typeface can show, with white space folded to single spaces.
func Printable(s string) string {
	var buffer sfnt.Buffer
	kept := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if g, err := typeface().GlyphIndex(&buffer, r); err != nil || g == 0 {
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(kept), " ")
}

// Fit sets s in the largest size from most down to least pixels at which it fits the box in at most maxLines lines,
// breaking between words and, where a word is longer than a line, within it. If even the least size is too large the
// end is dropped for an ellipsis. The block stands at the top (place 0), middle (0.5) or bottom (1) of the box. It is
// nil when there is nothing to show or no room at all.
func Fit(s string, box Rect, most, least float64, maxLines int, align Align, place float64) *Type {
	words := measured(Printable(s))
	if len(words) == 0 || box.W() < 4 || box.H() < 4 {
		return nil
	}
	least = min(least, most)
	for size := most; ; size = max(size*0.93, least) {
		inner := box
		inner.X0, inner.X1 = inner.X0+overhang*size, inner.X1-overhang*size
		limit := min(maxLines, int((box.H()-(ascent+descent)*size)/(lineHeight*size)+1))
		lines, split := wrap(words, inner.W()/size)
		if size > least && (len(lines) > limit || split) {
			continue
		}
		if limit < 1 || box.H() < (ascent+descent)*size {
			return nil
		}
		if len(lines) > limit {
			lines = lines[:limit]
			lines[limit-1] = ellipsis(lines[limit-1], inner.W()/size)
		}
		return set(lines, inner, size, align, place)
	}
}

func set(lines []string, box Rect, size float64, align Align, place float64) *Type {
	face, err := opentype.NewFace(typeface(), &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		return nil // only for absurd sizes
	}
	t := &Type{Lines: lines, Size: size, align: align, face: face}
	t.place(box, place)
	return t
}

func (t *Type) place(box Rect, place float64) {
	widest := 0.0
	for _, line := range t.Lines {
		widest = max(widest, width(t.face, line))
	}
	height := (ascent+descent)*t.Size + float64(len(t.Lines)-1)*lineHeight*t.Size
	x := box.X0 + (box.W()-widest)*float64(t.align)/2
	y := box.Y0 + (box.H()-height)*place
	t.Box = Rect{x, y, x + widest, y + height}
}

// Draw paints the lines.
func (t *Type) Draw(c *Canvas, k Color) {
	d := font.Drawer{Dst: c.Img, Src: image.NewUniform(k.RGBA8()), Face: t.face}
	for i, line := range t.Lines {
		x := t.Box.X0 + (t.Box.W()-width(t.face, line))*float64(t.align)/2
		y := t.Box.Y0 + ascent*t.Size + float64(i)*lineHeight*t.Size
		d.Dot = fixed.Point26_6{X: fixed.Int26_6(x * 64), Y: fixed.Int26_6(y * 64)}
		d.DrawString(line)
	}
}

func width(face font.Face, s string) float64 { return float64(font.MeasureString(face, s)) / 64 }

// Text is measured once, in ems: without hinting, widths grow with the size and nothing else.
type word struct {
	runes []rune
	ends  []float64 // width up to and with each rune
}

func (w word) width() float64 { return w.ends[len(w.ends)-1] }

const space = 0.26 // of Pretendard Bold, in ems, rounded up

func measured(s string) []word {
	var buffer sfnt.Buffer
	const scale = 1024
	var words []word
	for _, field := range strings.Fields(s) {
		w := word{runes: []rune(field)}
		total := 0.0
		for _, r := range w.runes {
			glyph, _ := typeface().GlyphIndex(&buffer, r) // Printable left only runes that have one
			advance, err := typeface().GlyphAdvance(&buffer, glyph, fixed.I(scale), font.HintingNone)
			if err == nil {
				total += float64(advance) / 64 / scale
			}
			w.ends = append(w.ends, total)
		}
		words = append(words, w)
	}
	return words
}

// wrap breaks between words into lines of at most limit ems; split reports that a word had to be broken inside, or
// that even one letter is wider.
func wrap(words []word, limit float64) (lines []string, split bool) {
	line, length := "", 0.0
	flush := func() {
		if line != "" {
			lines = append(lines, line)
		}
		line, length = "", 0
	}
	for _, w := range words {
		if line != "" && length+space+w.width() > limit {
			flush()
		}
		if line != "" {
			line, length = line+" "+string(w.runes), length+space+w.width()
			continue
		}
		for w.width() > limit && len(w.runes) > 1 {
			n := fitting(w, limit)
			lines, split = append(lines, string(w.runes[:n])), true
			w = w.from(n)
		}
		line, length, split = string(w.runes), w.width(), split || w.width() > limit
	}
	flush()
	return lines, split
}

// fitting is how many runes of a word fit into limit ems, at least one and never all.
func fitting(w word, limit float64) int {
	n := 1
	for n < len(w.runes)-1 && w.ends[n] <= limit {
		n++
	}
	return n
}

func (w word) from(n int) word {
	rest := word{runes: w.runes[n:]}
	for _, end := range w.ends[n:] {
		rest.ends = append(rest.ends, end-w.ends[n-1])
	}
	return rest
}

func ellipsis(line string, limit float64) string {
	runes := []rune(line)
	for len(runes) > 0 && lengthOf(string(runes)+"…") > limit {
		runes = runes[:len(runes)-1]
	}
	return strings.TrimRight(string(runes), " ,.") + "…"
}

func lengthOf(line string) float64 {
	total := 0.0
	for i, w := range measured(line) {
		if i > 0 {
			total += space
		}
		total += w.width()
	}
	return total
}

// Shift moves the text.
func (t *Type) Shift(dx, dy float64) {
	t.Box = Rect{t.Box.X0 + dx, t.Box.Y0 + dy, t.Box.X1 + dx, t.Box.Y1 + dy}
}
