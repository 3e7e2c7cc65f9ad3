package finish

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"image"
	"image/color"
	"testing"
)

// profileOf writes a matrix-and-curves profile.
func profileOf(colorants [3][3]float64, curve []byte) []byte {
	var tags, data []byte
	add := func(name string, body []byte) {
		const start = 132 + 12*6
		tags = append(tags, name...)
		tags = binary.BigEndian.AppendUint32(tags, uint32(start+len(data)))
		tags = binary.BigEndian.AppendUint32(tags, uint32(len(body)))
		data = append(data, body...)
		data = append(data, make([]byte, (4-len(data)%4)%4)...)
	}
	for i, c := range []string{"r", "g", "b"} {
		xyz := []byte("XYZ \x00\x00\x00\x00")
		for _, v := range colorants[i] {
			xyz = binary.BigEndian.AppendUint32(xyz, uint32(int32(v*65536)))
		}
		add(c+"XYZ", xyz)
		add(c+"TRC", curve)
	}
	icc := make([]byte, 128)
	binary.BigEndian.PutUint32(icc, uint32(132+len(tags)+len(data)))
	icc[8] = 4 // version
	copy(icc[12:], "mntrRGB XYZ ")
	copy(icc[36:], "acsp")
	copy(icc[68:], "\x00\x00\xf6\xd6\x00\x01\x00\x00\x00\x00\xd3\x2d") // D50
	icc = binary.BigEndian.AppendUint32(icc, 6)
	return append(append(icc, tags...), data...)
}

// Colorants adapted to D50, from the profiles their makers publish.
var (
	displayP3 = [3][3]float64{{0.51512, 0.24120, -0.00105}, {0.29198, 0.69225, 0.04189}, {0.15710, 0.06657, 0.78407}}
	srgbD50   = [3][3]float64{{0.43607, 0.22249, 0.01392}, {0.38515, 0.71687, 0.09708}, {0.14307, 0.06061, 0.71410}}
	adobeRGB  = [3][3]float64{{0.60974, 0.31111, 0.01947}, {0.20528, 0.62567, 0.06087}, {0.14919, 0.06322, 0.74457}}
)

// srgbCurve is the parametric form of sRGB's own curve.
func srgbCurve() []byte {
	b := []byte("para\x00\x00\x00\x00\x00\x03\x00\x00")
	for _, v := range []float64{2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045} {
		b = binary.BigEndian.AppendUint32(b, uint32(int32(v*65536)))
	}
	return b
}

// gammaCurve is a curve of one number.
func gammaCurve(gamma float64) []byte {
	return binary.BigEndian.AppendUint16([]byte("curv\x00\x00\x00\x00\x00\x00\x00\x01"), uint16(gamma*256))
}

func TestProfilesAreConvertedToSRGB(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		icc       []byte
		in, want  color.NRGBA
		untouched bool
	}{
		// The wanted values are those of Little CMS for the same profiles.
		{"a red of Display P3 is stronger in sRGB", profileOf(displayP3, srgbCurve()), color.NRGBA{200, 100, 100, 255}, color.NRGBA{215, 93, 97, 255}, false},
		{"grey stays grey", profileOf(displayP3, srgbCurve()), color.NRGBA{128, 128, 128, 255}, color.NRGBA{128, 128, 128, 255}, false},
		{"what sRGB cannot show goes to its edge", profileOf(displayP3, srgbCurve()), color.NRGBA{0, 255, 0, 255}, color.NRGBA{0, 255, 0, 255}, false},
		{"Adobe RGB", profileOf(adobeRGB, gammaCurve(2.19921875)), color.NRGBA{100, 150, 100, 255}, color.NRGBA{66, 151, 97, 255}, false},
		{"sRGB itself is left alone", profileOf(srgbD50, srgbCurve()), color.NRGBA{1, 150, 77, 255}, color.NRGBA{1, 150, 77, 255}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if p := parseProfile(c.icc); (p == nil) != c.untouched {
				t.Fatalf("got profile %v, want none: %v", p, c.untouched)
			}
			img := image.NewNRGBA(image.Rect(0, 0, 20, 20))
			for i := range 400 {
				img.SetNRGBA(i%20, i/20, c.in)
			}
			for name, data := range map[string][]byte{
				"png":  withPNGProfile(bytesOf(t, pngOf(t, img)), c.icc),
				"jpeg": withSegment(bytesOf(t, jpegOf(t, img, 100)), markerAPP2, append([]byte("ICC_PROFILE\x00\x01\x01"), c.icc...)),
			} {
				checkColour(t, name, data, c.want)
			}
		})
	}
}

func withPNGProfile(data, icc []byte) []byte {
	var b bytes.Buffer
	b.WriteString("name\x00\x00")
	z := zlib.NewWriter(&b)
	_, _ = z.Write(icc) // a bytes.Buffer does not fail
	_ = z.Close()
	return append(appendChunk(bytes.Clone(data[:33]), "iCCP", b.Bytes()), data[33:]...)
}

func checkColour(t *testing.T, name string, data []byte, want color.NRGBA) {
	t.Helper()
	ctx := context.Background()
	finished, err := Do(ctx, bytes.NewReader(data), Spec{Width: 10, Height: 10, Formats: []Format{PNG}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	cleaned, err := Clean(ctx, bytes.NewReader(data), &Options{Quality: 100})
	if err != nil {
		t.Fatal(err)
	}
	for step, file := range map[string][]byte{"Do": finished.Data, "Clean": cleaned.Data} {
		got, ok := color.NRGBAModel.Convert(decoded(t, file).At(5, 5)).(color.NRGBA)
		near := func(a, b uint8) bool { return max(a, b)-min(a, b) <= 3 } // JPEG rounds
		if !ok || !near(got.R, want.R) || !near(got.G, want.G) || !near(got.B, want.B) {
			t.Errorf("%s %s: got %v, want %v", name, step, got, want)
		}
	}
}

func TestCurves(t *testing.T) {
	t.Parallel()
	table := []byte("curv\x00\x00\x00\x00\x00\x00\x00\x03\x00\x00\x40\x00\xff\xff")
	for _, c := range []struct {
		name string
		tag  []byte
		at   int
		want int64
	}{
		{"no table is the identity", []byte("curv\x00\x00\x00\x00\x00\x00\x00\x00"), 51, 13107},
		{"a gamma", gammaCurve(2), 51, 2621},
		{"a table, between two entries", table, 64, 8224},
		{"sRGB by parameters", srgbCurve(), 128, toLinear[128]},
	} {
		var curve [256]int64
		if !curveTag(c.tag, &curve) {
			t.Errorf("%s is not read", c.name)
		}
		if d := curve[c.at] - c.want; max(d, -d) > 4 {
			t.Errorf("%s: got %d, want %d", c.name, curve[c.at], c.want)
		}
	}
}

// profileIn is the profile that a file of testdata/reference carries.
func profileIn(t testing.TB, name string) []byte {
	t.Helper()
	h, err := readJPEGHeader(bufio.NewReader(bytes.NewReader(reference(t, name))))
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Join(h.icc, nil)
}

// newTable is a profile in the form of version 4 (lutAToBType): a grid of two
// points each way whose corners are XYZ of Display P3's, so that it says the
// same as that profile's matrix with a curve of gamma 2.
func newTable(t testing.TB) []byte {
	t.Helper()
	curve := append(gammaCurve(2), 0, 0)
	plain := []byte("curv\x00\x00\x00\x00\x00\x00\x00\x00")
	tag := []byte("mAB \x00\x00\x00\x00\x03\x03\x00\x00")
	b, a := bytes.Repeat(plain, 3), bytes.Repeat(curve, 3)
	grid := append(append([]byte{2, 2, 2}, make([]byte, 13)...), 2, 0, 0, 0)
	for i := range 8 {
		for k := range 3 {
			v := 0.0
			for c := range 3 {
				if i>>(2-c)&1 == 1 {
					v += displayP3[c][k]
				}
			}
			grid = binary.BigEndian.AppendUint16(grid, uint16(max(v, 0)*32768))
		}
	}
	atB := 32
	for _, offset := range []int{atB, 0, 0, atB + len(b), atB + len(b) + len(grid)} {
		tag = binary.BigEndian.AppendUint32(tag, uint32(offset))
	}
	tag = append(append(append(tag, b...), grid...), a...)
	icc := append(make([]byte, 128), 0, 0, 0, 1)
	copy(icc[12:], "mntrRGB XYZ ")
	copy(icc[36:], "acsp")
	icc = append(icc, "A2B0"...)
	icc = binary.BigEndian.AppendUint32(icc, 144)
	icc = binary.BigEndian.AppendUint32(icc, uint32(len(tag)))
	return append(icc, tag...)
}

// TestATableSaysWhatItsMatrixSays compares the two forms of one profile.
func TestATableSaysWhatItsMatrixSays(t *testing.T) {
	t.Parallel()
	table, matrix := parseProfile(newTable(t)), parseProfile(profileOf(displayP3, gammaCurve(2)))
	if table == nil || matrix == nil {
		t.Fatal("a profile is not read")
	}
	for i := range 64 {
		px := opaquePixel(uint8(i&3*85), uint8(i>>2&3*85), uint8(i>>4*85))
		a, b := []pixel{px}, []pixel{px}
		table.apply(a)
		matrix.apply(b)
		var x, y color.NRGBA
		x.R, x.G, x.B, x.A = a[0].nrgba()
		y.R, y.G, y.B, y.A = b[0].nrgba()
		if d := deltaE(x, y); d > 1.5 {
			t.Errorf("%d: the table gives %v, the matrix %v", i, x, y)
		}
	}
}

func FuzzProfile(f *testing.F) {
	f.Add(profileOf(displayP3, srgbCurve()))
	f.Add(profileOf(adobeRGB, gammaCurve(2.2)))
	f.Add(profileOf(srgbD50, []byte("curv\x00\x00\x00\x00\xff\xff\xff\xff")))
	for _, name := range []string{"profile-table.jpg", "profile-grey.jpg", "ink-profile.jpg"} {
		f.Add(profileIn(f, name))
	}
	f.Add(newTable(f))
	f.Fuzz(func(t *testing.T, icc []byte) {
		p := parseProfile(icc)
		if p == nil {
			return
		}
		row := []pixel{opaquePixel(255, 0, 128), alphaPixel(3, 200, 255, 90), {}}
		p.apply(row)
		if t, ok := p.(*tableProfile); ok && t.inputs == 4 {
			inks := &image.CMYK{Pix: []byte{0, 9, 200, 255, 255, 255, 255, 255, 3, 77, 0, 128}, Stride: 12, Rect: image.Rect(0, 0, 3, 1)}
			t.table().read(inks, 0, 0, 1, 0, row)
		}
		for _, px := range row {
			for _, lane := range []int64{px.rg & 0xffffffff, px.rg >> 32, px.ba & 0xffffffff, px.ba >> 32} {
				if lane < 0 || lane > full {
					t.Fatalf("a channel left its range: %v", px)
				}
			}
		}
	})
}
