package finish

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// jpegCanvas is an opaque picture as the encoder gets it.
func jpegCanvas(img *image.NRGBA) *canvas {
	return &canvas{pix: img.Pix, w: img.Rect.Dx(), h: img.Rect.Dy(), opaque: true}
}

func psnr(a, b image.Image) float64 {
	sum, n := 0.0, 0
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			p, q := channels(straight(a, x, y)), channels(straight(b, x, y))
			for k := range 3 {
				sum += float64((p[k] - q[k]) * (p[k] - q[k]))
				n++
			}
		}
	}
	if sum == 0 {
		return 99
	}
	return 10 * math.Log10(255*255*float64(n)/sum)
}

// TestJPEGIsAsGoodAndAsSmallAsThatOfLibvips writes pictures at several
// qualities with both and decodes both with image/jpeg: the tables of steps are
// the same, so distance and size have to be nearly so.
func TestJPEGIsAsGoodAndAsSmallAsThatOfLibvips(t *testing.T) {
	t.Parallel()
	program := vips(t, "vips")
	for name, img := range map[string]*image.NRGBA{"photographic": photo(301, 203), "flat": flat(301, 203)} {
		for _, quality := range []int{50, 75, 90, 95, 100} {
			for shared, mode := range map[int]string{fullColour: "off", halfColour: "on"} {
				t.Run(fmt.Sprintf("%s, quality %d, %d", name, quality, shared), func(t *testing.T) {
					t.Parallel()
					c := jpegCanvas(img)
					out, err := searchJPEG(context.Background(), c.w, c.h, shared, c.row, [2]int{quality, quality}, 0, nil)
					if err != nil {
						t.Fatal(err)
					}
					theirs := vipsJPEG(t, program, img, quality, mode)
					ourPSNR, theirPSNR := psnr(img, decoded(t, out.data)), psnr(img, decoded(t, theirs))
					if len(out.data) > len(theirs)*101/100 || ourPSNR < theirPSNR-0.15 {
						t.Errorf("ours %d bytes and %.2f dB, libvips %d and %.2f", len(out.data), ourPSNR, len(theirs), theirPSNR)
					}
				})
			}
		}
	}
}

func vipsJPEG(t *testing.T, program string, img image.Image, quality int, subsample string) []byte {
	t.Helper()
	dir := t.TempDir()
	source, out := filepath.Join(dir, "in.png"), filepath.Join(dir, "out.jpg")
	file, err := os.Create(source)
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(file, img); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	args := []string{"jpegsave", source, out, "--Q", fmt.Sprint(quality), "--optimize-coding", "--strip", "--subsample-mode", subsample}
	if msg, err := exec.Command(program, args...).CombinedOutput(); err != nil {
		t.Fatalf("vips %v: %v\n%s", args, err, msg)
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestJPEGOfEverySize writes what does not fill its last units.
func TestJPEGOfEverySize(t *testing.T) {
	t.Parallel()
	for w := 1; w <= 18; w++ {
		for _, h := range []int{1, 2, 7, 8, 9, 15, 16, 17, 33} {
			for _, shared := range []int{fullColour, halfColour} {
				img := flat(w, h)
				for i := range img.Pix { // one soft ramp, so that half the colour costs nothing
					if i%4 < 3 {
						img.Pix[i] = uint8(60 + 5*(i/4%w) + 3*(i/4/w))
					}
				}
				c := jpegCanvas(img)
				out, err := searchJPEG(context.Background(), w, h, shared, c.row, [2]int{98, 98}, 0, jpegSegments(nil))
				if err != nil {
					t.Fatal(err)
				}
				got := decoded(t, out.data)
				if got.Bounds().Size() != image.Pt(w, h) || psnr(img, got) < 40 {
					t.Errorf("%d×%d, %d: %v with %.1f dB", w, h, shared, got.Bounds(), psnr(img, got))
				}
			}
		}
	}
}

// TestLargePicturesAreWrittenAlike compares a picture whose coefficients are
// computed for every pass with the same one whose coefficients are kept.
func TestLargePicturesAreWrittenAlike(t *testing.T) {
	t.Parallel()
	c := jpegCanvas(photo(200, 100))
	for _, shared := range []int{fullColour, halfColour} {
		kept, err := newJPEGCoefficients(context.Background(), c.w, c.h, shared, c.row)
		if err != nil {
			t.Fatal(err)
		}
		anew := *kept
		anew.stored, anew.band = nil, make([]int16, len(kept.stored)/kept.down)
		if !bytes.Equal(kept.at(80).file(nil), anew.at(80).file(nil)) {
			t.Errorf("%d: the files differ", shared)
		}
	}
}

// TestColouredTextKeepsItsColour wants the colour of thin strokes and of flat
// areas side by side to stay what it is while the limit leaves room.
func TestColouredTextKeepsItsColour(t *testing.T) {
	t.Parallel()
	img := image.NewNRGBA(image.Rect(0, 0, 300, 250))
	red, blue, white := color.NRGBA{220, 0, 30, 255}, color.NRGBA{0, 60, 200, 255}, color.NRGBA{255, 255, 255, 255}
	for y := range 250 {
		for x := range 300 {
			c := white
			switch {
			case y > 160 && x < 150, y <= 160 && x%11 < 3:
				c = red
			case y > 160, y <= 160 && x%11 == 6:
				c = blue
			}
			img.SetNRGBA(x, y, c)
		}
	}
	r, err := Do(context.Background(), pngOf(t, img), Spec{Width: 300, Height: 250, MaxBytes: 150_000, Formats: []Format{JPEG}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := decoded(t, r.Data)
	for y := range 250 {
		for x := range 300 {
			a, b := channels(straight(got, x, y)), channels(straight(img, x, y))
			for k := range a {
				if d := a[k] - b[k]; max(d, -d) > 24 {
					t.Fatalf("%d,%d of %d bytes: got %v, want %v", x, y, r.Bytes, a, b)
				}
			}
		}
	}
}

func TestJPEGSaysWhatItIs(t *testing.T) {
	t.Parallel()
	r, err := Do(context.Background(), pngOf(t, photo(40, 30)), Spec{Width: 40, Height: 30},
		&Options{Provenance: &Provenance{ImageID: "id"}})
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(r.Data, []byte("\xff\xd8\xff\xe0\x00\x10JFIF\x00")) {
		t.Errorf("it starts with % x, want JFIF's segment", r.Data[:12])
	}
	for _, want := range []string{"ICC_PROFILE\x00\x01\x01", xmpNamespace, "<stRef:documentID>id</stRef:documentID>"} {
		if !bytes.Contains(r.Data, []byte(want)) {
			t.Errorf("it lacks %q", want)
		}
	}
	if p := parseProfile(compactSRGB); p != nil {
		t.Error("the profile that is written is not read as sRGB")
	}
	if len(compactSRGB) > 480 {
		t.Errorf("the profile has %d bytes, want at most 480", len(compactSRGB))
	}
}

func TestNoJPEGGoesBeyondItsLimit(t *testing.T) {
	t.Parallel()
	c := jpegCanvas(photo(160, 120))
	opts := (&Options{}).orDefault()
	best, err := c.encodeJPEG(context.Background(), 0, &opts, nil)
	if err != nil {
		t.Fatal(err)
	}
	halves := 0
	for limit := int64(len(best.data)); limit > 3000; limit -= 173 {
		out, err := c.encodeJPEG(context.Background(), limit, &opts, nil)
		if err != nil {
			t.Fatalf("under %d: %v", limit, err)
		}
		if int64(len(out.data)) > limit {
			t.Errorf("%d bytes under a limit of %d", len(out.data), limit)
		}
		img, err := jpeg.Decode(bytes.NewReader(out.data))
		if err != nil {
			t.Fatal(err)
		}
		half := img.(*image.YCbCr).SubsampleRatio == image.YCbCrSubsampleRatio420 //nolint:forcetypeassert // colour
		if half {
			halves++
		} else if out.quality < fullColourQuality {
			t.Errorf("quality %d has its colour in full", out.quality)
		}
	}
	if halves == 0 {
		t.Error("no limit was so low that colour was halved")
	}
}
