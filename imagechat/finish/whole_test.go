package finish

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"
)

// wholeFiles are files by the standard library's encoders.
func wholeFiles(t *testing.T) map[Format][]byte {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, 40, 30))
	for i := range m.Pix {
		m.Pix[i] = byte(i*7) | 0x80
	}
	var p, j, g bytes.Buffer
	if err := errors.Join(png.Encode(&p, m), jpeg.Encode(&j, m, nil), gif.Encode(&g, m, nil)); err != nil {
		t.Fatal(err)
	}
	return map[Format][]byte{PNG: p.Bytes(), JPEG: j.Bytes(), GIF: g.Bytes()}
}

func TestAFileThatArrivedCutOffIsTold(t *testing.T) {
	t.Parallel()
	for format, whole := range wholeFiles(t) {
		if err := CheckWhole(bytes.NewReader(whole), format); err != nil {
			t.Errorf("%s, whole: %v", format, err)
		}
		for _, keep := range []int{len(whole) / 2, len(whole) - 2, 12} {
			if err := CheckWhole(bytes.NewReader(whole[:keep]), format); !errors.Is(err, ErrInvalid) {
				t.Errorf("%s of %d of %d bytes: got %v, want ErrInvalid", format, keep, len(whole), err)
			}
		}
	}
	whole := wholeFiles(t)[PNG]
	damaged := bytes.Clone(whole)
	damaged[len(damaged)/2] ^= 1
	if err := CheckWhole(bytes.NewReader(damaged), PNG); !errors.Is(err, ErrInvalid) {
		t.Errorf("a PNG with a flipped bit: got %v, want ErrInvalid", err)
	}
}

func TestAFileThatIsNotReadIsNamed(t *testing.T) {
	t.Parallel()
	twelve := bytes.Clone(wholeFiles(t)[JPEG])
	at := bytes.Index(twelve, []byte{0xff, 0xc0})
	twelve[at+4] = 12 // the sample precision of the frame header
	box := func(brands string) []byte {
		return []byte("\x00\x00\x00\x1cftyp" + brands[:4] + "\x00\x00\x00\x00" + brands[4:])
	}
	for name, test := range map[string]struct {
		data []byte
		kind string
	}{
		"an iPhone's photo":               {box("heicmif1heic"), KindHEIC},
		"a HEIC of the general brand":     {box("mif1mif1heic"), KindHEIC},
		"an AVIF":                         {box("avifmif1miaf"), KindAVIF},
		"an AVIF of the general brand":    {box("mif1avifmiaf"), KindAVIF},
		"a film":                          {box("isomiso2avc1"), KindVideo},
		"a Photoshop file":                {[]byte("8BPS\x00\x01\x00\x00\x00\x00\x00\x00"), KindPhotoshop},
		"an SVG":                          {[]byte(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>`), KindSVG},
		"a JPEG of twelve bits a channel": {twelve, string(JPEG)},
	} {
		_, err := Clean(context.Background(), bytes.NewReader(test.data), nil)
		var got *UnsupportedError
		if !errors.As(err, &got) || got.Kind != test.kind || !errors.Is(err, ErrUnsupported) {
			t.Errorf("%s: got %v, want an UnsupportedError of kind %q", name, err, test.kind)
		}
	}
}

func TestASideThatJPEGCannotHaveIsRefusedByItsName(t *testing.T) {
	t.Parallel()
	m := image.NewPaletted(image.Rect(0, 0, 1, MaxJPEGSide+1), color.Palette{color.Black, color.White})
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	_, err := Clean(context.Background(), bytes.NewReader(b.Bytes()), nil)
	if !errors.Is(err, ErrTooLong) || !errors.Is(err, ErrInvalid) {
		t.Errorf("an upload: got %v, want ErrTooLong", err)
	}
	_, err = newJPEGCoefficients(context.Background(), 1, MaxJPEGSide+1, fullColour, nil)
	if !errors.Is(err, ErrTooLong) {
		t.Errorf("an encoder's refusal: got %v, want ErrTooLong", err)
	}
}
