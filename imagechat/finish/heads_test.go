package finish

import (
	"context"
	"image"
	"image/color"
	"testing"
)

// personAt draws a head with a neck above a loud checked shirt, 1000 × 1500
// and dx to the right of the middle. The face spans the rows 180 to 560.
func personAt(dx int, skin color.NRGBA) *image.NRGBA {
	const w, h = 1000, 1500
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	hair, lips := color.NRGBA{70, 48, 38, 255}, color.NRGBA{185, 90, 92, 255}
	inside := func(x, y, cx, cy, rx, ry int) bool {
		x, y = x-cx, y-cy
		return x*x*ry*ry+y*y*rx*rx <= rx*rx*ry*ry
	}
	for y := range h {
		for px := range w {
			x := px - dx
			c := color.NRGBA{uint8(235 - y*25/h), uint8(236 - y*24/h), uint8(240 - y*20/h), 255}
			switch {
			case inside(x, y, 450, 346, 17, 12), inside(x, y, 550, 346, 17, 12):
				c = hair
			case inside(x, y, 500, 470, 46, 16):
				c = lips
			case inside(x, y, 500, 370, 125, 190), x >= 445 && x < 555 && y >= 540 && y < 650:
				c = skin
			case inside(x, y, 500, 340, 170, 220):
				c = hair
			case x >= 230 && x < 770 && y >= 650 && (x/40+y/40)%2 == 0:
				c = color.NRGBA{30, 50, 145, 255}
			case x >= 230 && x < 770 && y >= 650:
				c = color.NRGBA{238, 228, 216, 255}
			}
			img.SetNRGBA(px, y, c)
		}
	}
	return img
}

func TestAWideCropKeepsTheHead(t *testing.T) {
	t.Parallel()
	const eyes, hairTop, chin = 346, 120, 560
	for _, c := range []struct {
		name string
		dx   int
		skin color.NRGBA
	}{
		{"pale", 0, color.NRGBA{250, 222, 200, 255}},
		{"light", 0, color.NRGBA{232, 192, 163, 255}},
		{"tan", 0, color.NRGBA{198, 143, 107, 255}},
		{"brown", 0, color.NRGBA{141, 85, 54, 255}},
		{"dark", 0, color.NRGBA{88, 56, 40, 255}},
		{"very dark", 0, color.NRGBA{58, 38, 30, 255}},
		{"left of the middle", -200, color.NRGBA{232, 192, 163, 255}},
		{"right of the middle", 200, color.NRGBA{88, 56, 40, 255}},
	} {
		src := pngOf(t, personAt(c.dx, c.skin))
		for _, size := range []image.Point{{1200, 400}, {1029, 258}, {1200, 628}} {
			if _, err := src.Seek(0, 0); err != nil {
				t.Fatal(err)
			}
			r, err := Do(context.Background(), src, Spec{Width: size.X, Height: size.Y}, nil)
			if err != nil {
				t.Fatal(err)
			}
			// The head is 440 rows high: a crop that is lower lies within it.
			kept := min(r.Crop.Max.Y, chin) - max(r.Crop.Min.Y, hairTop)
			most := min(r.Crop.Dy(), chin-hairTop)
			if 100*kept < 95*most {
				t.Errorf("%s, %v: rows %d to %d keep %d of %d rows of the head", c.name, size, r.Crop.Min.Y, r.Crop.Max.Y, kept, most)
			}
			if r.Crop.Min.Y > eyes-12 || r.Crop.Max.Y < eyes+12 {
				t.Errorf("%s, %v: rows %d to %d cut the eyes away", c.name, size, r.Crop.Min.Y, r.Crop.Max.Y)
			}
		}
	}
}
