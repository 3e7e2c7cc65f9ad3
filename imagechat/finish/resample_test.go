package finish

import (
	"context"
	"image"
	"image/color"
	"testing"
)

// scaled runs an image through the scaler alone.
func scaled(t *testing.T, img image.Image, w, h int) *canvas {
	t.Helper()
	src := pngOf(t, img)
	info, err := Inspect(src, nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := decodePicture(context.Background(), src, info)
	if err != nil {
		t.Fatal(err)
	}
	c := newCanvas(w, h)
	if err := c.paint(context.Background(), p.window(rectOf(p.w, p.h), true), rectOf(w, h)); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestScalingKeepsARamp(t *testing.T) {
	t.Parallel()
	// Equal steps of light, not of the sRGB value: that is what is scaled.
	ramp := image.NewNRGBA(image.Rect(0, 0, 64, 16))
	lightAt := func(x float64) int64 { return int64((x + 0.5) / 64 * full) }
	for i := range ramp.Pix {
		ramp.Pix[i] = 255
		if i%4 < 3 {
			ramp.Pix[i] = toSRGB[lightAt(float64(i/4%64))]
		}
	}
	for _, w := range []int{23, 32, 40, 64, 100, 200} {
		c := scaled(t, ramp, w, 16)
		for x := w / 8; x < w*7/8; x++ {
			want := toSRGB[lightAt((float64(x)+0.5)*64/float64(w)-0.5)]
			if got := c.row(8)[4*x]; max(got, want)-min(got, want) > 1 {
				t.Errorf("width %d, column %d: got %d, want %d", w, x, got, want)
			}
		}
	}
}

func TestScalingKeepsAFlatColourExactly(t *testing.T) {
	t.Parallel()
	for _, c := range []color.NRGBA{{0, 0, 0, 255}, {1, 2, 3, 255}, {200, 100, 50, 255}, {255, 255, 255, 255}, {90, 180, 30, 128}} {
		img := image.NewNRGBA(image.Rect(0, 0, 90, 70))
		for y := range 70 {
			for x := range 90 {
				img.SetNRGBA(x, y, c)
			}
		}
		for _, size := range [][2]int{{90, 70}, {33, 17}, {7, 70}, {5, 5}, {120, 100}, {1, 1}} {
			out := scaled(t, img, size[0], size[1])
			for i := 0; i < len(out.pix); i += 4 {
				got := color.NRGBA{out.pix[i], out.pix[i+1], out.pix[i+2], out.pix[i+3]}
				if got != c {
					t.Fatalf("%v to %v: pixel %d is %v", c, size, i/4, got)
				}
			}
		}
	}
}

func TestScalingMixesLightAndNotNumbers(t *testing.T) {
	t.Parallel()
	// Black and white by turns are half the light, which is sRGB 188 and not 128.
	img := image.NewNRGBA(image.Rect(0, 0, 64, 64))
	for y := range 64 {
		for x := range 64 {
			v := uint8((x + y) % 2 * 255)
			img.SetNRGBA(x, y, color.NRGBA{v, v, v, 255})
		}
	}
	for _, side := range []int{8, 16, 32} {
		if got := scaled(t, img, side, side).row(side / 2)[4*(side/2)]; got < 187 || got > 189 {
			t.Errorf("to %d: got grey %d, want 188", side, got)
		}
	}
}

func TestTransparentPixelsDoNotBleed(t *testing.T) {
	t.Parallel()
	// Red beside invisible green: no green and no darker red may appear.
	img := image.NewNRGBA(image.Rect(0, 0, 60, 60))
	for y := range 60 {
		for x := range 60 {
			c := color.NRGBA{255, 0, 0, 255}
			if x >= 30 {
				c = color.NRGBA{0, 255, 0, 0}
			}
			img.SetNRGBA(x, y, c)
		}
	}
	for _, w := range []int{7, 25, 110} {
		c := scaled(t, img, w, w)
		for x := range w {
			px := c.row(w / 2)[4*x:][:4]
			if px[3] > 8 && (px[0] < 250 || px[1] > 5) {
				t.Errorf("width %d, column %d: got %v, want red", w, x, px)
			}
		}
	}
}

func TestEveryEightBitValueSurvivesTheRoundTrip(t *testing.T) {
	t.Parallel()
	for v := range 256 {
		if got, _, _, a := opaquePixel(uint8(v), 0, 0).nrgba(); int(got) != v || a != 255 {
			t.Errorf("%d came back as %d with alpha %d", v, got, a)
		}
		if r, g, b, a := alphaPixel(255, 255, 255, uint8(v)).nrgba(); int(a) != v || v > 0 && (r != 255 || g != 255 || b != 255) {
			t.Errorf("white with alpha %d came back as %d %d %d %d", v, r, g, b, a)
		}
	}
}

func TestSharpeningRaisesContrastAndKeepsFlatAreas(t *testing.T) {
	t.Parallel()
	c := newCanvas(9, 3)
	for i := range c.pix {
		c.pix[i] = 100
		if i/4%9 >= 5 {
			c.pix[i] = 150
		}
		if i%4 == 3 {
			c.pix[i] = 255
		}
	}
	c.sharpen()
	row := c.row(1)
	got := []uint8{row[0], row[4*3], row[4*4], row[4*5], row[4*8]}
	want := []uint8{100, 100, 97, 153, 150}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("got %v, want %v", got, want)
		}
	}
}

// TestNoOutlinesBesideAnEdge shrinks a dark box on white, whose edges fall on
// whole pixels, with white and coloured lines as text has them. Lanczos in
// sRGB values, as sharp 0.35.5 and ImageMagick 6.9 shrink it, gives 27 and 26
// for the pixel beside the edge.
func TestNoOutlinesBesideAnEdge(t *testing.T) {
	t.Parallel()
	img := image.NewNRGBA(image.Rect(0, 0, 800, 800))
	blue := color.NRGBA{0, 60, 200, 255}
	for y := range 800 {
		for x := range 800 {
			c := color.NRGBA{255, 255, 255, 255}
			if x >= 200 && x < 600 && y >= 200 && y < 600 {
				c = color.NRGBA{30, 30, 30, 255}
			}
			if y < 160 && x/40%2 == 1 { // strokes five pixels wide at 1:8
				c = blue
			}
			img.SetNRGBA(x, y, c)
		}
	}
	r, err := Do(context.Background(), pngOf(t, img), Spec{Width: 100, Height: 100, Formats: []Format{PNG}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := decoded(t, r.Data)
	for x := 26; x < 74; x++ {
		if c := straight(got, x, 50); c.R < 24 || c.R > 34 {
			t.Errorf("column %d inside the box is %v, want about 30", x, c)
		}
	}
	for x := 7; x < 90; x += 10 {
		if c := straight(got, x, 8); c.R > 10 || c.G < 52 || c.G > 66 || c.B < 190 || c.B > 205 {
			t.Errorf("the middle of the stroke at %d is %v, want %v", x, c, blue)
		}
	}
	for name, size := range map[string]int{"the same size": 800, "larger": 1200, "a little smaller": 700} {
		c := scaled(t, img, size, size)
		for x := range size {
			if v := c.row(size / 2)[4*x]; v < 29 {
				t.Errorf("%s: column %d is %d, darker than the box", name, x, v)
			}
		}
	}
}
