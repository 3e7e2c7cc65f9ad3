package finish

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"unicode/utf8"
)

// addUploads seeds a target with the small hostile uploads; more seeds are in
// testdata/fuzz.
func addUploads(f *testing.F) {
	f.Helper()
	for i, h := range hostileUploads(f) {
		if len(h.data) < 8<<10 && i%5 == 0 {
			f.Add(h.data)
		}
	}
}

func FuzzSniff(f *testing.F) {
	addUploads(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		format, err := Sniff(data)
		if (err == nil) == (format == "") {
			t.Errorf("got %q, %v: a format or an error is wanted", format, err)
		}
		if err != nil && !errors.Is(err, ErrUnsupported) {
			t.Errorf("got error %v, want ErrUnsupported", err)
		}
	})
}

func FuzzInspect(f *testing.F) {
	addUploads(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		info, err := Inspect(bytes.NewReader(data), nil)
		if err != nil {
			if !ours(err) {
				t.Errorf("got error %v, want one of ours", err)
			}
			return
		}
		if info.Width < 1 || info.Height < 1 || int64(info.Width)*int64(info.Height) > DefaultLimits.MaxPixels ||
			info.Orientation < 1 || info.Orientation > 8 || info.decodeBytes <= 0 {
			t.Errorf("got %+v", info)
		}
	})
}

func ours(err error) bool {
	for _, e := range []error{ErrUnsupported, ErrInvalid, ErrTooLarge} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// FuzzClean wants every upload refused with one of our errors or turned into a
// file that holds the size it says.
func FuzzClean(f *testing.F) {
	addUploads(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Clean(context.Background(), bytes.NewReader(data), &Options{Limits: Limits{MaxPixels: 1 << 16}})
		if err != nil {
			if !ours(err) {
				t.Errorf("got error %v, want one of ours", err)
			}
			return
		}
		info, err := Inspect(bytes.NewReader(r.Data), nil)
		if err != nil || info.Width != r.Width || info.Height != r.Height || info.Format != r.Format {
			t.Errorf("the cleaned file is %+v, %v; the result says %+v", info, err, r)
		}
	})
}

func FuzzEXIF(f *testing.F) {
	f.Add([]byte("MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00"))
	f.Add([]byte("II*\x00\xff\xff\xff\x7f"))
	f.Add([]byte("II*\x00\x08\x00\x00\x00\xff\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if got := exifOrientation(data); got < 1 || got > 8 {
			t.Errorf("got orientation %d", got)
		}
	})
}

// FuzzXMP reads what anybody may have written, and writes and reads back
// anything as a field.
func FuzzXMP(f *testing.F) {
	f.Add([]byte("plain"))
	f.Add([]byte("<a>&amp;]]>\x00\xff\"'"))
	f.Add((&Provenance{ImageID: "1", SourceSHA256: "ab", Model: "m", Software: "s"}).packet())
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := ParseXMP(data); err != nil && !errors.Is(err, ErrInvalid) {
			t.Errorf("got error %v, want ErrInvalid", err)
		}
		p := Provenance{Model: string(data), ImageID: "id"}
		got, err := ParseXMP(p.packet())
		if err != nil || got.ImageID != "id" || got.DigitalSourceType != TrainedAlgorithmicMedia {
			t.Errorf("with model %q: got %+v, %v", p.Model, got, err)
		}
		if len(got.Model) > 4*maxXMPField || !utf8.ValidString(got.Model) {
			t.Errorf("the model came back as %d bytes", len(got.Model))
		}
	})
}
