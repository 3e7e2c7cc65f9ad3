package finish

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// photo draws a photograph-like picture: noise of falling strength over eight
// octaves, as natural pictures have it, a bright round subject off the middle,
// and grain. It is the same on every machine.
func photo(w, h int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	long := float64(max(w, h))
	for y := range h {
		for x := range w {
			u, v := float64(x)/long, float64(y)/long
			light, warm := 0.0, 0.0
			for octave, f, strength := 0, 4.0, 0.5; octave < 8; octave, f, strength = octave+1, f*2, strength*0.6 {
				light += smoothNoise(u*f, v*f, octave) * strength
				if octave < 3 {
					warm += smoothNoise(u*f, v*f, octave+50) * strength
				}
			}
			dx, dy := (float64(x)-0.7*float64(w))/float64(min(w, h)), (float64(y)-0.6*float64(h))/float64(min(w, h))
			subject := math.Max(0, 1-12*(dx*dx+dy*dy))
			grain := (lattice(x, y, 99) - 0.5) * 6
			l := 110*light + 70*subject + grain
			o := img.PixOffset(x, y)
			img.Pix[o] = clamp8(int32(l + 60*warm + 40*subject))
			img.Pix[o+1] = clamp8(int32(l))
			img.Pix[o+2] = clamp8(int32(l - 60*warm - 60*subject))
			img.Pix[o+3] = 255
		}
	}
	return img
}

// lattice is a hash of a place as a number from 0 to 1.
func lattice(x, y, seed int) float64 {
	n := uint32(x)*374761393 + uint32(y)*668265263 + uint32(seed)*2246822519
	n = (n ^ n>>13) * 1274126177
	return float64((n^n>>16)&0xffff) / 65535
}

func smoothNoise(u, v float64, seed int) float64 {
	x, y := int(u), int(v)
	fx, fy := u-float64(x), v-float64(y)
	fx, fy = fx*fx*(3-2*fx), fy*fy*(3-2*fy)
	top := lattice(x, y, seed)*(1-fx) + lattice(x+1, y, seed)*fx
	bottom := lattice(x, y+1, seed)*(1-fx) + lattice(x+1, y+1, seed)*fx
	return top*(1-fy) + bottom*fy
}

// flat draws a graphic: areas of one colour, hard edges, a ring and stripes.
func flat(w, h int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	small := float64(min(w, h))
	for y := range h {
		for x := range w {
			c := color.NRGBA{245, 240, 230, 255}
			r := math.Hypot(float64(x)-0.5*float64(w), float64(y)-0.5*float64(h)) / small
			switch {
			case r > 0.2 && r < 0.3:
				c = color.NRGBA{220, 40, 60, 255}
			case r <= 0.2:
				c = color.NRGBA{20, 60, 160, 255}
			case y > h*4/5 && x/max(w/24, 1)%2 == 0:
				c = color.NRGBA{30, 30, 30, 255}
			}
			img.SetNRGBA(x, y, c)
		}
	}
	return img
}

// cutOut makes everything outside a soft ellipse transparent.
func cutOut(img *image.NRGBA) *image.NRGBA {
	b := img.Bounds()
	for y := range b.Dy() {
		for x := range b.Dx() {
			dx, dy := 2*float64(x)/float64(b.Dx())-1, 2*float64(y)/float64(b.Dy())-1
			a := math.Min(math.Max((1-math.Hypot(dx, dy))*8, 0), 1)
			img.Pix[img.PixOffset(x, y)+3] = uint8(a * 255)
		}
	}
	return img
}

func pngOf(t testing.TB, img image.Image) *bytes.Reader {
	t.Helper()
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(b.Bytes())
}

func jpegOf(t testing.TB, img image.Image, quality int) *bytes.Reader {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(b.Bytes())
}

// decoded reads back a file that this package wrote, with the standard decoder.
func decoded(t testing.TB, data []byte) image.Image {
	t.Helper()
	img, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("our own file does not decode: %v", err)
	}
	return img
}

// webpFile reads a 30×20 WebP, made with libvips from flat and cutOut, as Go
// has no encoder.
func webpFile(t testing.TB, name string) []byte {
	t.Helper()
	return madeByLibvips(t, name)
}

// progressiveFile reads a 30×20 progressive JPEG with 4:2:0 chroma.
func progressiveFile(t testing.TB) []byte {
	t.Helper()
	return madeByLibvips(t, "progressive.jpg")
}

func madeByLibvips(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "libvips", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}
