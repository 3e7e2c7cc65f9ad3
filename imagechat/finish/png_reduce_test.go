package finish

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// sky is a smooth sky over busy ground, which is what uniform steps spoil.
func sky(w, h int) *image.NRGBA {
	img := photo(w, h)
	for y := range h * 2 / 5 {
		t := float64(y) / float64(h) * 5 / 2
		for x := range w {
			o := img.PixOffset(x, y)
			grain := 1.5 * (lattice(x, y, 7) - 0.5)
			for k, c := range [3][2]float64{{60, 250}, {110, 205}, {185, 150}} {
				img.Pix[o+k] = uint8(math.Round(c[0] + t*(c[1]-c[0]) + grain))
			}
		}
	}
	return img
}

// TestATrueColourPNGUnderALimitHasNoBands makes the banner whose PNG has to be
// 24-bit, below a limit that all its colours do not meet. Its distance from the picture has to be that
// of libvips' palette, which is what one would see without the demand.
func TestATrueColourPNGUnderALimitHasNoBands(t *testing.T) {
	t.Parallel()
	const w, h = 1029, 258
	img := sky(w, h)
	r, err := Do(context.Background(), pngOf(t, img),
		Spec{Width: w, Height: h, MaxBytes: 200_000, Formats: []Format{PNG}, Alpha: true, TrueColour: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if colourType := r.Data[25]; colourType != 2 || r.Bytes > 200_000 || r.Colors < 256 || !r.Merged {
		t.Errorf("colour type %d, %d bytes, %d colours; want 24-bit with 256 or more", colourType, r.Bytes, r.Colors)
	}
	got := decoded(t, r.Data)
	for y := 0; y+8 <= h*2/5; y += 8 {
		for x := 0; x+8 <= w; x += 8 {
			a, b := meanColour(got, x, y, 8), meanColour(img, x, y, 8)
			for k := range a {
				if d := a[k] - b[k]; math.Abs(d) > 4 {
					t.Errorf("the sky at %d,%d is %v, want %v", x, y, a, b)
				}
			}
		}
	}
	if ours, theirs := psnr(img, got), psnr(img, vipsPalette(t, img)); ours < theirs {
		t.Errorf("ours is %.2f dB from the picture, the palette of libvips %.2f", ours, theirs)
	}
}

func meanColour(m image.Image, x0, y0, side int) (mean [3]float64) {
	for y := y0; y < y0+side; y++ {
		for x := x0; x < x0+side; x++ {
			c := channels(straight(m, x, y))
			for k := range mean {
				mean[k] += float64(c[k]) / float64(side*side)
			}
		}
	}
	return mean
}

func vipsPalette(t *testing.T, img image.Image) image.Image {
	t.Helper()
	dir := t.TempDir()
	source, out := filepath.Join(dir, "in.png"), filepath.Join(dir, "out.png")
	if err := os.WriteFile(source, bytesOf(t, pngOf(t, img)), 0o600); err != nil {
		t.Fatal(err)
	}
	if msg, err := exec.Command(vips(t, "vips"), "pngsave", source, out, "--palette").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, msg)
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	m, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := m.(*image.Paletted); !ok {
		t.Fatalf("libvips wrote %T, not a palette", m)
	}
	return m
}

// TestAPaletteIsUsedWhereItIsAllowedAndNeeded wants the smaller file only where
// 24 bits do not fit with 256 colours.
func TestAPaletteIsUsedWhereItIsAllowedAndNeeded(t *testing.T) {
	t.Parallel()
	src := pngOf(t, photo(300, 300))
	spec := Spec{Width: 300, Height: 300, Formats: []Format{PNG}, MaxBytes: 78_000}
	free, err := Do(context.Background(), src, spec, nil)
	if err != nil {
		t.Fatal(err)
	}
	spec.TrueColour = true
	bound, err := Do(context.Background(), src, spec, nil)
	if err != nil {
		t.Fatal(err)
	}
	const palette, rgb = 3, 2
	if free.Data[25] != palette || free.Colors != 256 {
		t.Errorf("colour type %d with %d colours, want a palette of 256", free.Data[25], free.Colors)
	}
	if bound.Data[25] != rgb || bound.Colors >= 256 {
		t.Errorf("colour type %d with %d colours, want 24 bits with fewer than 256", bound.Data[25], bound.Colors)
	}
}
