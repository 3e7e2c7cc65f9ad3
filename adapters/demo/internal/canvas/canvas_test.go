package canvas

import (
	"image"
	"math"
	"strings"
	"testing"

	"golang.org/x/image/font/sfnt"
)

func TestTheTypefaceHasEveryHangulSyllableAndLatinLetter(t *testing.T) {
	t.Parallel()
	var buffer sfnt.Buffer
	check := func(r rune) {
		if g, err := typeface().GlyphIndex(&buffer, r); err != nil || g == 0 {
			t.Fatalf("no glyph for %q (%v)", r, err)
		}
	}
	for r := '가'; r <= '힣'; r++ {
		check(r)
	}
	for _, r := range "ABCXYZabcxyz0123456789%₩$€&!?…“”‘’·—" {
		check(r)
	}
}

func TestDamagedFontFilesAreErrors(t *testing.T) {
	t.Parallel()
	tests := map[string][]byte{
		"nothing":             nil,
		"another format":      append([]byte("OTTO"), make([]byte, 60)...),
		"a cut-off directory": pretendard[:60],
		"a cut-off table":     pretendard[:len(pretendard)/2],
		"a broken stream":     append(append([]byte(nil), pretendard[:2000]...), make([]byte, len(pretendard)-2000)...),
	}
	for name, file := range tests {
		if font, err := unpackWOFF(file); err == nil {
			t.Errorf("%s: got a font of %d bytes, want an error", name, len(font))
		}
	}
}

func TestTextStaysInsideItsBox(t *testing.T) {
	t.Parallel()
	texts := []string{
		"여름", "여름 세일 최대 50%", "Summer", "The quick brown fox jumps over the lazy dog", "띄어쓰기없이아주길게이어지는한글문장입니다아주길게길게",
		strings.Repeat("W", 300), strings.Repeat("가나다라 ", 400), "gjpqy ÅÉÎ", "뷁뷁뷁 쀍", "a",
	}
	boxes := []Rect{{20, 30, 380, 200}, {100, 100, 140, 380}, {10, 10, 390, 40}, {200, 200, 230, 225}}
	for _, text := range texts {
		for _, box := range boxes {
			for _, align := range []Align{AlignLeft, AlignCenter, AlignRight} {
				checkInk(t, text, box, align)
			}
		}
	}
}

// checkInk draws white on black and looks for white outside the box.
func checkInk(t *testing.T, text string, box Rect, align Align) {
	t.Helper()
	set := Fit(text, box, 90, 12, 4, align, 0.5)
	if set == nil {
		t.Errorf("%.12q in %v: nothing was set", text, box)
		return
	}
	c := New(400, 400)
	set.Draw(c, Hex("#FFFFFF"))
	ink := 0
	for y := range 400 {
		for x := range 400 {
			if c.Img.RGBAAt(x, y).R == 0 {
				continue
			}
			ink++
			// Side bearings may reach a pixel or two over a glyph's own width.
			if float64(x) < box.X0-2 || float64(x) > box.X1+2 || float64(y) < box.Y0-1 || float64(y) > box.Y1+1 {
				t.Fatalf("%.12q in %v (size %.1f): ink at %d,%d", text, box, set.Size, x, y)
			}
		}
	}
	if ink == 0 {
		t.Errorf("%.12q in %v: no ink", text, box)
	}
}

func TestFitBreaksBetweenWordsAndShortensOnlyWhenItMust(t *testing.T) {
	t.Parallel()
	whole := Fit("맑은 아침을 담은 세럼", Rect{0, 0, 300, 300}, 60, 10, 4, AlignLeft, 0)
	if got := strings.Join(whole.Lines, " "); got != "맑은 아침을 담은 세럼" {
		t.Errorf("got %q, want every word", got)
	}
	for _, line := range whole.Lines {
		if strings.HasPrefix(line, " ") || strings.HasSuffix(line, " ") {
			t.Errorf("line %q begins or ends with a space", line)
		}
	}
	cut := Fit(strings.Repeat("낱말 ", 200), Rect{0, 0, 120, 60}, 40, 14, 3, AlignLeft, 0)
	if last := cut.Lines[len(cut.Lines)-1]; !strings.HasSuffix(last, "…") || len(cut.Lines) > 3 {
		t.Errorf("got %q, want at most three lines that end in an ellipsis", cut.Lines)
	}
	for name, box := range map[string]Rect{"no width": {5, 5, 6, 90}, "no height": {5, 5, 90, 6}, "inside out": {90, 90, 5, 5}} {
		if got := Fit("글", box, 20, 10, 1, AlignLeft, 0); got != nil {
			t.Errorf("%s: got %v, want nothing", name, got.Lines)
		}
	}
}

func TestPrintableDropsWhatHasNoGlyph(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"여름 🎉 세일\n\t50%": "여름 세일 50%", "🎉🎉": "", "a\x00b": "ab", "  x  ": "x",
	} {
		if got := Printable(in); got != want {
			t.Errorf("Printable(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestColoursSurviveOKLCh(t *testing.T) {
	t.Parallel()
	for _, hex := range []string{"#000000", "#FFFFFF", "#FF0000", "#00FF00", "#0000FF", "#7C8B5A", "#123456"} {
		want := Hex(hex)
		if got := want.LCh().Color(); math.Abs(got.R-want.R)+math.Abs(got.G-want.G)+math.Abs(got.B-want.B) > 0.003 {
			t.Errorf("%s: got %v, want %v", hex, got, want)
		}
	}
	if got := Hex("#nonsense"); got != (Color{}) {
		t.Errorf("Hex of nonsense = %v, want black", got)
	}
}

func TestARingIsHollow(t *testing.T) {
	t.Parallel()
	c := New(100, 100)
	c.Draw(Ring(50, 50, 40, 20), Solid(Hex("#FFFFFF")), 1)
	for at, want := range map[image.Point]uint8{{X: 50, Y: 50}: 0, {X: 80, Y: 50}: 255, {X: 50, Y: 20}: 255, {X: 2, Y: 2}: 0} {
		if got := c.Img.RGBAAt(at.X, at.Y).R; got != want {
			t.Errorf("at %v: got %d, want %d", at, got, want)
		}
	}
}

func TestShapesOffTheCanvasAreHarmless(t *testing.T) {
	t.Parallel()
	c := New(40, 40)
	for _, p := range []*Path{Circle(-100, -100, 20), Circle(500, 20, 30), RoundRect(Rect{90, 90, 70, 70}, 5)} {
		c.Draw(p, Solid(Hex("#FFFFFF")), 1)
		c.Soft(p, Solid(Hex("#FFFFFF")), 1, 9)
		c.DrawWithin(p, Circle(20, 20, 10), Solid(Hex("#FFFFFF")), 1)
	}
	c.Glow(Point{-500, 0}, 10, 10, Hex("#FFFFFF"), 1)
	if mean, deviation := c.Average(c.Bounds()); mean.Luma() > 0 || deviation > 0 {
		t.Errorf("the canvas changed: mean %v, deviation %v", mean, deviation)
	}
	c.Draw(Circle(0, 20, 15), Solid(Hex("#FFFFFF")), 1)
	if c.Img.RGBAAt(5, 20).R != 255 {
		t.Error("the part of a shape that lies on the canvas is missing")
	}
}
