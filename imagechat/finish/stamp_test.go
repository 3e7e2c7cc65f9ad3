package finish_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"testing"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat/finish"
)

// A crop to a strip loses whatever the picture says in its corners; the stamp
// is in the file all the same, dark with light letters.
func TestAStampIsInEveryShapeOfFile(t *testing.T) {
	t.Parallel()
	grey := color.NRGBA{R: 128, G: 128, B: 128, A: 255}
	src := image.NewNRGBA(image.Rect(0, 0, 400, 400))
	for i := range 400 * 400 {
		src.SetNRGBA(i%400, i/400, grey)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, src); err != nil {
		t.Fatal(err)
	}
	for _, size := range []image.Point{{1920, 300}, {160, 600}, {320, 50}, {1080, 1080}} {
		for _, word := range []string{"", "DEMO"} {
			r, err := finish.Do(t.Context(), bytes.NewReader(b.Bytes()), finish.Spec{Width: size.X, Height: size.Y, Formats: []finish.Format{finish.PNG}}, &finish.Options{Stamp: word})
			if err != nil {
				t.Fatal(err)
			}
			out, err := png.Decode(bytes.NewReader(r.Data))
			if err != nil {
				t.Fatal(err)
			}
			dark, light := 0, 0
			for y := size.Y / 2; y < size.Y; y++ {
				for x := size.X / 2; x < size.X; x++ {
					switch v := color.GrayModel.Convert(out.At(x, y)).(color.Gray).Y; {
					case v < 40:
						dark++
					case v > 240:
						light++
					}
				}
			}
			if marked := dark > 300 && light > 60; marked != (word != "") {
				t.Errorf("%v with %q: %d dark and %d light pixels", size, word, dark, light)
			}
		}
	}
}
