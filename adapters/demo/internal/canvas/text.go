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
	s = Printable(s)
	if s == "" || box.W() < 4 || box.H() < 4 {
		return nil
	}
	least = min(least, most)
	for size := most; ; size = max(size*0.93, least) {
		t, whole := set(s, box, size, maxLines, align, place, size <= least)
		if whole || size <= least {
			return t
		}
		t.close()
	}
}

// set breaks s at one size. It reports whether all of it fits; with cut it shortens what does not.
func set(s string, box Rect, size float64, maxLines int, align Align, place float64, cut bool) (*Type, bool) {
	face, err := opentype.NewFace(typeface(), &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		return nil, true // only for absurd sizes
	}
	room := int((box.H()-(ascent+descent)*size)/(lineHeight*size)) + 1
	if box.H() < (ascent+descent)*size {
		room = 0
	}
	limit := min(maxLines, room)
	lines, split := wrap(face, s, box.W())
	whole := len(lines) <= limit && !split
	if cut && len(lines) > limit {
		if limit < 1 {
			return nil, true
		}
		lines = lines[:limit]
		lines[limit-1] = ellipsis(face, lines[limit-1], box.W())
	}
	t := &Type{Lines: lines, Size: size, align: align, face: face}
	t.place(box, place)
	return t, whole
}

func (t *Type) close() {
	if t != nil {
		_ = t.face.Close() // opentype faces hold nothing that could fail to close
	}
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

// wrap breaks between words; split reports that a word had to be broken inside.
func wrap(face font.Face, s string, limit float64) (lines []string, split bool) {
	line := ""
	for _, word := range strings.Fields(s) {
		joined := word
		if line != "" {
			joined = line + " " + word
		}
		if width(face, joined) <= limit {
			line = joined
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		for width(face, word) > limit {
			head := fitting(face, word, limit)
			lines, word, split = append(lines, word[:head]), word[head:], true
		}
		line = word
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines, split
}

// fitting is how many bytes of the word fit, at least one rune's.
func fitting(face font.Face, word string, limit float64) int {
	end := 0
	for i, r := range word {
		next := i + len(string(r))
		if end > 0 && width(face, word[:next]) > limit {
			break
		}
		end = next
	}
	return end
}

func ellipsis(face font.Face, line string, limit float64) string {
	runes := []rune(line)
	for len(runes) > 0 && width(face, string(runes)+"…") > limit {
		runes = runes[:len(runes)-1]
	}
	return strings.TrimRight(string(runes), " ,.") + "…"
}

// Shift moves the text.
func (t *Type) Shift(dx, dy float64) {
	t.Box = Rect{t.Box.X0 + dx, t.Box.Y0 + dy, t.Box.X1 + dx, t.Box.Y1 + dy}
}
