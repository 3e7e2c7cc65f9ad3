//go:build unix

package finish

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

// TestScalingAgreesWithLibvips sets our pixels beside those of libvips for the
// same rectangle of the same picture, in linear light as we scale and without
// the ringing of its kernel, and wants a structural similarity of 0.98. Enlarging is not compared: libvips 8.14 shifts
// an enlarged picture by a third of a source pixel, which TestScalingKeepsARamp
// would not forgive.
func TestScalingAgreesWithLibvips(t *testing.T) {
	t.Parallel()
	vips(t, "vips")
	for _, drawn := range []struct {
		name string
		img  image.Image
	}{{"photographic", photo(900, 700)}, {"flat", flat(900, 700)}} {
		dir := t.TempDir()
		source := filepath.Join(dir, "source.png")
		file, err := os.Create(source)
		if err != nil {
			t.Fatal(err)
		}
		if err := png.Encode(file, drawn.img); err != nil {
			t.Fatal(err)
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
		for i, size := range [][2]int{{300, 250}, {540, 540}, {600, 200}, {800, 600}, {320, 50}, {160, 600}, {64, 64}, {860, 640}} {
			if raceEnabled && i > 0 {
				break
			}
			t.Run(fmt.Sprintf("%s to %d×%d", drawn.name, size[0], size[1]), func(t *testing.T) {
				t.Parallel()
				ours, crop := oursAt(t, source, size[0], size[1])
				theirs := vipsAt(t, source, crop, size[0], size[1])
				withoutRinging(theirs, drawn.img, crop)
				if got := ssim(ours, theirs); got < 0.98 {
					t.Errorf("SSIM to libvips is %.4f, want at least 0.98", got)
				} else {
					t.Logf("SSIM to libvips is %.4f", got)
				}
			})
		}
	}
}

// withoutRinging brings every channel of a scaled picture between the least and
// the greatest of the source within one pixel of the scaled one.
func withoutRinging(scaled draw.Image, source image.Image, crop image.Rectangle) {
	b := scaled.Bounds()
	fx, fy := float64(crop.Dx())/float64(b.Dx()), float64(crop.Dy())/float64(b.Dy())
	for y := range b.Dy() {
		for x := range b.Dx() {
			near := image.Rect(int(math.Floor((float64(x)-0.5)*fx)), int(math.Floor((float64(y)-0.5)*fy)),
				int(math.Ceil((float64(x)+1.5)*fx)), int(math.Ceil((float64(y)+1.5)*fy))).Add(crop.Min).Intersect(crop)
			low, high := [4]int{255, 255, 255, 255}, [4]int{}
			for sy := near.Min.Y; sy < near.Max.Y; sy++ {
				for sx := near.Min.X; sx < near.Max.X; sx++ {
					for k, v := range channels(straight(source, sx, sy)) {
						low[k], high[k] = min(low[k], v), max(high[k], v)
					}
				}
			}
			px := channels(straight(scaled, x, y))
			for k := range px {
				px[k] = min(max(px[k], low[k]), high[k])
			}
			scaled.Set(x, y, color.NRGBA{uint8(px[0]), uint8(px[1]), uint8(px[2]), uint8(px[3])})
		}
	}
}

func oursAt(t *testing.T, source string, w, h int) (image.Image, image.Rectangle) {
	t.Helper()
	file, err := os.Open(source)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	r, err := Do(context.Background(), file, Spec{Width: w, Height: h, Formats: []Format{PNG}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return decoded(t, r.Data), r.Crop
}

func vipsAt(t *testing.T, source string, crop image.Rectangle, w, h int) draw.Image {
	t.Helper()
	dir := t.TempDir()
	cut, out := filepath.Join(dir, "cut.v"), filepath.Join(dir, "out.png")
	for _, args := range [][]string{
		{"crop", source, cut, strconv.Itoa(crop.Min.X), strconv.Itoa(crop.Min.Y), strconv.Itoa(crop.Dx()), strconv.Itoa(crop.Dy())},
		{"thumbnail", cut, out, strconv.Itoa(w), "--height", strconv.Itoa(h), "--size", "force", "--linear"},
	} {
		if msg, err := exec.Command(vips(t, "vips"), args...).CombinedOutput(); err != nil {
			t.Fatalf("vips %v: %v\n%s", args, err, msg)
		}
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	img, ok := decoded(t, data).(draw.Image)
	if !ok {
		t.Fatal("the picture of libvips cannot be drawn on")
	}
	return img
}

// ssim is the mean structural similarity of the luma of two pictures over
// windows of 8×8 pixels at every fourth place (Wang et al. 2004).
func ssim(a, b image.Image) float64 {
	const side, stride = 8, 4
	r := a.Bounds()
	if r.Size() != b.Bounds().Size() {
		return 0
	}
	la, lb := luma(a), luma(b)
	sum, n := 0.0, 0
	for y := 0; y+side <= r.Dy(); y += stride {
		for x := 0; x+side <= r.Dx(); x += stride {
			sum += windowSSIM(la, lb, r.Dx(), x, y, side)
			n++
		}
	}
	return sum / float64(n)
}

func luma(m image.Image) []float64 {
	r := m.Bounds()
	out := make([]float64, 0, r.Dx()*r.Dy())
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			red, green, blue, _ := m.At(x, y).RGBA()
			out = append(out, (0.299*float64(red)+0.587*float64(green)+0.114*float64(blue))/257)
		}
	}
	return out
}

func windowSSIM(a, b []float64, width, x0, y0, side int) float64 {
	var sa, sb, saa, sbb, sab float64
	for y := y0; y < y0+side; y++ {
		for x := x0; x < x0+side; x++ {
			va, vb := a[y*width+x], b[y*width+x]
			sa += va
			sb += vb
			saa += va * va
			sbb += vb * vb
			sab += va * vb
		}
	}
	n := float64(side * side)
	ma, mb := sa/n, sb/n
	va, vb, cov := saa/n-ma*ma, sbb/n-mb*mb, sab/n-ma*mb
	const c1, c2 = 0.01 * 255 * 0.01 * 255, 0.03 * 255 * 0.03 * 255
	return (2*ma*mb + c1) * (2*cov + c2) / ((ma*ma + mb*mb + c1) * (va + vb + c2))
}
