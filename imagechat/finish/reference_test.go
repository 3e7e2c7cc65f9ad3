package finish

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"testing"
)

// reference reads a file of testdata/reference, which make.sh there made.
func reference(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "reference", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// asItIs finishes a file at its own size without loss.
func asItIs(t testing.TB, data []byte) image.Image {
	t.Helper()
	info, err := Inspect(bytes.NewReader(data), nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Do(context.Background(), bytes.NewReader(data),
		Spec{Width: info.Width, Height: info.Height, Formats: []Format{PNG}, Alpha: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return decoded(t, r.Data)
}

func straight(m image.Image, x, y int) color.NRGBA {
	c, _ := color.NRGBAModel.Convert(m.At(x, y)).(color.NRGBA) // the model makes no other
	return c
}

func channels(c color.NRGBA) [4]int { return [4]int{int(c.R), int(c.G), int(c.B), int(c.A)} }

// TestDecodingAgreesWithTheReferenceDecoders compares every pixel with what
// libwebp and libjpeg-turbo make of the same file.
func TestDecodingAgreesWithTheReferenceDecoders(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"video.webp", "video-alpha.webp", "sampling-2x2.jpg", "sampling-2x1.jpg", "sampling-1x2.jpg", "sampling-1x1.jpg", "sampling-4x1.jpg",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, want := asItIs(t, reference(t, name)), decoded(t, reference(t, name+".png"))
			if got.Bounds() != want.Bounds() {
				t.Fatalf("got %v, want %v", got.Bounds(), want.Bounds())
			}
			most := 0
			for y := range want.Bounds().Dy() {
				for x := range want.Bounds().Dx() {
					a, b := channels(straight(got, x, y)), channels(straight(want, x, y))
					for k := range a {
						if b[3] == 0 && k < 3 {
							continue // what cannot be seen has no colour
						}
						most = max(most, a[k]-b[k], b[k]-a[k])
					}
				}
			}
			// Two decoders may round a block, a sample and a pixel differently.
			if most > 4 {
				t.Errorf("a channel is off by %d, want at most 4", most)
			}
		})
	}
}

// TestATurnedPictureIsTheSamePicture wants the colour between the samples to be
// the same whichever way the camera was held.
func TestATurnedPictureIsTheSamePicture(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"sampling-2x2.jpg", "sampling-2x1.jpg", "sampling-1x2.jpg", "video-alpha.webp"} {
		upright := decodedPicture(t, reference(t, name))
		for orientation := 1; orientation <= 8; orientation++ {
			turned := *upright
			turned.orientation = orientation
			if orientation >= 5 {
				turned.w, turned.h = upright.h, upright.w
			}
			all := upright.rgbaRows(true)
			var want []byte
			for y := range upright.h {
				want = append(want, all(y)...)
			}
			rows := turned.rgbaRows(true)
			for y := range turned.h {
				for x, row := 0, rows(y); x < turned.w; x++ {
					sx, sy, _, _ := turned.step(x, y)
					if o := 4 * (sy*upright.w + sx); !bytes.Equal(row[4*x:4*x+4], want[o:o+4]) {
						t.Fatalf("%s, orientation %d, at %d,%d: got %v, want %v", name, orientation, x, y, row[4*x:4*x+4], want[o:o+4])
					}
				}
			}
		}
	}
}

func decodedPicture(t testing.TB, data []byte) *picture {
	t.Helper()
	r := bytes.NewReader(data)
	info, err := Inspect(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := decodePicture(context.Background(), r, info)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
