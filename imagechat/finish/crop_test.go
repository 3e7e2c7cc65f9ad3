package finish

import (
	"bytes"
	"context"
	"encoding/binary"
	"flag"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden pictures anew")

func TestCropPercent(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		sw, sh int
		w, h   int
		want   float64
	}{
		{"the same ratio loses nothing", 1, 1, 1080, 1080, 0},
		{"16:9 to 1200×628", 16, 9, 1200, 628, 7},
		{"16:9 to 1080×566", 16, 9, 1080, 566, 6.8},
		{"16:9 to 2:1", 16, 9, 800, 400, 11.1},
		{"21:9 to 3:1", 21, 9, 1920, 640, 22.2},
		{"8:1 to the wide strip", 8, 1, 1660, 260, 20.2},
		{"a higher source loses at its top and bottom", 9, 16, 1080, 1080, 43.8},
		{"a size without area", 0, 9, 10, 10, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := CropPercent(c.sw, c.sh, c.w, c.h); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

// subjectAt draws a quiet gradient with a small loud subject at (x, y).
func subjectAt(w, h, x, y int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for py := range h {
		for px := range w {
			c := color.NRGBA{150, uint8(160 + py*20/h), uint8(170 + px*20/w), 255}
			if dx, dy := px-x, py-y; dx*dx+dy*dy < h*h/100 {
				c = color.NRGBA{uint8(220 * ((px/3 + py/3) % 2)), 40, 30, 255}
			}
			img.SetNRGBA(px, py, c)
		}
	}
	return img
}

func TestTheFocusIsWhereSomethingStandsOut(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		img     image.Image
		w, h    int
		subject image.Point // must be kept; the zero point: the middle is wanted
	}{
		{"left", subjectAt(600, 300, 70, 150), 300, 300, image.Pt(70, 150)},
		{"right", subjectAt(600, 300, 540, 150), 300, 300, image.Pt(540, 150)},
		{"top of a portrait", subjectAt(300, 600, 150, 60), 300, 300, image.Pt(150, 60)},
		{"bottom, in a strip", subjectAt(600, 300, 300, 270), 600, 80, image.Pt(300, 270)},
		{"nothing stands out", subjectAt(600, 300, -500, -500), 300, 300, image.Point{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, err := Do(context.Background(), pngOf(t, c.img), Spec{Width: c.w, Height: c.h}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if c.subject != (image.Point{}) && !c.subject.In(r.Crop) {
				t.Errorf("the crop %v cuts the subject at %v away", r.Crop, c.subject)
			}
			if c.subject == (image.Point{}) && r.Focus != (Point{0.5, 0.5}) {
				t.Errorf("got focus %v, want the middle", r.Focus)
			}
			found, err := FindFocus(context.Background(), pngOf(t, c.img), c.w, c.h, nil)
			if err != nil || found != r.Focus {
				t.Errorf("FindFocus gives %v, %v; Do used %v", found, err, r.Focus)
			}
			checkSubject(t, c.img, c.subject)
		})
	}
}

// checkSubject wants the half as wide and half as high around what FindSubject
// gives to hold the subject, or to be the middle where nothing stands out.
func checkSubject(t *testing.T, img image.Image, subject image.Point) {
	t.Helper()
	found, err := FindSubject(context.Background(), pngOf(t, img), nil)
	if err != nil {
		t.Fatal(err)
	}
	if subject == (image.Point{}) {
		if found != (Point{0.5, 0.5}) {
			t.Errorf("FindSubject gives %v, want the middle", found)
		}
		return
	}
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	if half := around(found, w, h, w/2, h/2); !subject.In(half) {
		t.Errorf("FindSubject gives %v: %v is not in %v", found, subject, half)
	}
}

// TestGoldenPictures compares whole outputs with committed ones.
func TestGoldenPictures(t *testing.T) {
	t.Parallel()
	pink := color.NRGBA{255, 190, 200, 255}
	subject := subjectAt(160, 80, 130, 40)
	for _, c := range []struct {
		name string
		img  image.Image
		spec Spec
	}{
		{"cover-found", subject, Spec{Width: 40, Height: 40}},
		{"cover-given-left", subject, Spec{Width: 40, Height: 40, Focus: &Point{0, 0.5}}},
		{"cover-enlarged", subject, Spec{Width: 120, Height: 96}},
		{"contain-flat-edges", subject, Spec{Width: 60, Height: 80, Fit: Contain}},
		{"contain-soft", photo(120, 80), Spec{Width: 60, Height: 80, Fit: Contain}},
		{"contain-colour", subject, Spec{Width: 60, Height: 60, Fit: Contain, Background: &pink}},
		{"alpha-kept", cutOut(flat(160, 80)), Spec{Width: 60, Height: 30, Alpha: true}},
		{"alpha-flattened", cutOut(flat(160, 80)), Spec{Width: 60, Height: 30, Background: &pink}},
		{"alpha-contained", cutOut(flat(160, 80)), Spec{Width: 48, Height: 48, Fit: Contain, Alpha: true}},
		{"palette", photo(120, 80), Spec{Width: 60, Height: 40, Palette: true}},
		{"palette-alpha", cutOut(photo(120, 80)), Spec{Width: 60, Height: 40, Palette: true, Alpha: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.spec.Formats = []Format{PNG}
			r, err := Do(context.Background(), pngOf(t, c.img), c.spec, nil)
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", "golden", c.name+".png")
			if *update {
				if err := os.WriteFile(path, r.Data, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			samePixels(t, decoded(t, want), decoded(t, r.Data))
		})
	}
}

func samePixels(t *testing.T, want, got image.Image) {
	t.Helper()
	if want.Bounds() != got.Bounds() {
		t.Fatalf("got %v, want %v", got.Bounds(), want.Bounds())
	}
	b := want.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if w, g := color.NRGBAModel.Convert(want.At(x, y)), color.NRGBAModel.Convert(got.At(x, y)); w != g {
				t.Fatalf("pixel %d,%d: got %v, want %v", x, y, g, w)
			}
		}
	}
}

// withOrientation inserts an EXIF segment behind the start of a JPEG.
func withOrientation(data []byte, orientation uint16, order binary.AppendByteOrder, mark string) []byte {
	tiff := order.AppendUint16([]byte(mark), 42)
	tiff = order.AppendUint32(tiff, 8)
	tiff = order.AppendUint16(tiff, 1)
	tiff = order.AppendUint16(tiff, orientationTag)
	tiff = order.AppendUint16(tiff, 3)
	tiff = order.AppendUint32(tiff, 1)
	tiff = order.AppendUint16(tiff, orientation)
	tiff = append(tiff, 0, 0, 0, 0, 0, 0)
	body := append([]byte("Exif\x00\x00"), tiff...)
	out := append([]byte{}, data[:2]...)
	out = append(out, 0xff, markerAPP1)
	out = binary.BigEndian.AppendUint16(out, uint16(len(body)+2))
	out = append(out, body...)
	return append(out, data[2:]...)
}

// TestOrientationIsApplied stores a picture as a camera would for each of the
// eight orientations and wants it upright again.
func TestOrientationIsApplied(t *testing.T) {
	t.Parallel()
	// Quarters of different colours, 48×32, as it should be seen.
	colours := [2][2]color.NRGBA{{{220, 30, 30, 255}, {30, 200, 30, 255}}, {{30, 30, 220, 255}, {230, 230, 40, 255}}}
	const w, h = 48, 32
	at := func(x, y int) color.NRGBA { return colours[y*2/h][x*2/w] }
	stored := map[uint16]func(x, y int) color.NRGBA{ // what the file holds at (x, y)
		1: at,
		2: func(x, y int) color.NRGBA { return at(w-1-x, y) },
		3: func(x, y int) color.NRGBA { return at(w-1-x, h-1-y) },
		4: func(x, y int) color.NRGBA { return at(x, h-1-y) },
		5: func(x, y int) color.NRGBA { return at(y, x) },
		6: func(x, y int) color.NRGBA { return at(w-1-y, x) },
		7: func(x, y int) color.NRGBA { return at(w-1-y, h-1-x) },
		8: func(x, y int) color.NRGBA { return at(y, h-1-x) },
	}
	for orientation, pick := range stored {
		sw, sh := w, h
		if orientation >= 5 {
			sw, sh = h, w
		}
		img := image.NewNRGBA(image.Rect(0, 0, sw, sh))
		for y := range sh {
			for x := range sw {
				img.SetNRGBA(x, y, pick(x, y))
			}
		}
		var b bytes.Buffer
		if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 95}); err != nil {
			t.Fatal(err)
		}
		for _, data := range [][]byte{
			withOrientation(b.Bytes(), orientation, binary.BigEndian, "MM"),
			withOrientation(b.Bytes(), orientation, binary.LittleEndian, "II"),
		} {
			checkUpright(t, data, int(orientation), w, h, at)
		}
	}
}

func checkUpright(t *testing.T, data []byte, orientation, w, h int, at func(x, y int) color.NRGBA) {
	t.Helper()
	ctx := context.Background()
	info, err := Inspect(bytes.NewReader(data), nil)
	if err != nil {
		t.Fatal(err)
	}
	got := []int{info.Orientation, info.Width, info.Height}
	if diff := cmp.Diff([]int{orientation, w, h}, got); diff != "" {
		t.Errorf("orientation, width, height (-want +got)\n%s", diff)
	}
	finished, err := Do(ctx, bytes.NewReader(data), Spec{Width: w, Height: h, Formats: []Format{PNG}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	cleaned, err := Clean(ctx, bytes.NewReader(data), nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string][]byte{"Do": finished.Data, "Clean": cleaned.Data} {
		img := decoded(t, file)
		for _, p := range []image.Point{{8, 8}, {w - 8, 8}, {8, h - 8}, {w - 8, h - 8}} {
			c, ok := color.NRGBAModel.Convert(img.At(p.X, p.Y)).(color.NRGBA)
			if want := at(p.X, p.Y); !ok || far(c, want) {
				t.Errorf("%s, orientation %d: %v at %v, want %v", name, orientation, c, p, want)
			}
		}
		if info, err := Inspect(bytes.NewReader(file), nil); err != nil || info.Orientation != 1 || info.Width != w {
			t.Errorf("%s, orientation %d: the result says %+v, %v", name, orientation, info, err)
		}
	}
}

func far(a, b color.NRGBA) bool {
	d := func(x, y uint8) int { return int(max(x, y) - min(x, y)) }
	return d(a.R, b.R)+d(a.G, b.G)+d(a.B, b.B) > 40
}

// TestPNGIsWhatTheStandardDecoderReads writes pictures of odd sizes and all
// kinds of PNG that are made, and reads them back without loss.
func TestPNGIsWhatTheStandardDecoderReads(t *testing.T) {
	t.Parallel()
	for _, size := range []image.Point{{1, 1}, {3, 1}, {1, 5}, {17, 9}, {64, 33}} {
		for _, img := range []*image.NRGBA{flat(size.X, size.Y), photo(size.X, size.Y), cutOut(flat(size.X, size.Y))} {
			c := &canvas{pix: img.Pix, w: size.X, h: size.Y}
			c.opaque = c.seemsOpaque()
			for _, palette := range []bool{false, true} {
				out, err := c.encodePNG(context.Background(), Spec{Palette: palette}, nil)
				if err != nil {
					t.Fatal(err)
				}
				got, err := png.Decode(bytes.NewReader(out.data))
				if err != nil {
					t.Fatalf("%v palette=%v: %v", size, palette, err)
				}
				if !palette || out.colors < 64 { // so few are exact
					samePixels(t, img, got)
				}
			}
		}
	}
}
