package finish

import (
	"bytes"
	"context"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// xmpOf finds the XMP packet of a file as a reader of the format would.
func xmpOf(t *testing.T, data []byte, format Format) []byte {
	t.Helper()
	if format == JPEG {
		for rest := data[2:]; len(rest) > 4 && rest[0] == 0xff && rest[1] != markerSOS; {
			end := 2 + int(binary.BigEndian.Uint16(rest[2:]))
			packet, ok := bytes.CutPrefix(rest[4:end], []byte("http://ns.adobe.com/xap/1.0/\x00"))
			if ok && rest[1] == markerAPP1 {
				return packet
			}
			rest = rest[end:]
		}
		t.Fatal("no APP1 segment is XMP")
	}
	for rest := data[8:]; len(rest) >= 12; {
		n := int(binary.BigEndian.Uint32(rest))
		if string(rest[4:8]) == "iTXt" {
			packet, ok := bytes.CutPrefix(rest[8:8+n], []byte("XML:com.adobe.xmp\x00\x00\x00\x00\x00"))
			if !ok {
				t.Fatal("the iTXt chunk is not XMP")
			}
			return packet
		}
		rest = rest[12+n:]
	}
	t.Fatal("no iTXt chunk")
	return nil
}

func TestProvenanceIsWrittenIntoTheFile(t *testing.T) {
	t.Parallel()
	want := Provenance{
		ImageID: "0193-<&>", SourceSHA256: strings.Repeat("ab", 32), Model: "gemini \"banana\"", Software: "Gemini Image Chat",
		DigitalSourceType: TrainedAlgorithmicMedia,
	}
	given := want
	given.DigitalSourceType = ""
	for _, spec := range []Spec{
		{Width: 40, Height: 40, Formats: []Format{JPEG}},
		{Width: 40, Height: 40, Formats: []Format{PNG}},
		{Width: 40, Height: 40, Formats: []Format{PNG}, Palette: true},
	} {
		r, err := Do(context.Background(), pngOf(t, photo(80, 80)), spec, &Options{Provenance: &given})
		if err != nil {
			t.Fatal(err)
		}
		decoded(t, r.Data)
		got, err := ParseXMP(xmpOf(t, r.Data, r.Format))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%v (-want +got)\n%s", spec.Formats, diff)
		}
	}
}

func TestTheLimitCountsTheMetadata(t *testing.T) {
	t.Parallel()
	src := pngOf(t, photo(300, 300))
	spec := Spec{Width: 300, Height: 300, Formats: []Format{JPEG}}
	bare, err := Do(context.Background(), src, spec, nil)
	if err != nil {
		t.Fatal(err)
	}
	spec.MaxBytes = bare.Bytes
	r, err := Do(context.Background(), src, spec, &Options{Provenance: &Provenance{ImageID: "x"}})
	if err != nil {
		t.Fatal(err)
	}
	if r.Bytes > spec.MaxBytes || r.Quality >= bare.Quality {
		t.Errorf("got %d bytes at quality %d, want at most %d at less than %d", r.Bytes, r.Quality, spec.MaxBytes, bare.Quality)
	}
}

func TestWithoutProvenanceNoneIsClaimed(t *testing.T) {
	t.Parallel()
	for _, format := range []Format{JPEG, PNG} {
		r, err := Do(context.Background(), pngOf(t, photo(80, 80)), Spec{Width: 40, Height: 40, Formats: []Format{format}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(r.Data, []byte("xmp")) || bytes.Contains(r.Data, []byte("iptc")) {
			t.Errorf("%s: there is XMP", format)
		}
	}
}

func TestInspect(t *testing.T) {
	t.Parallel()
	jpegData := bytesOf(t, jpegOf(t, photo(50, 30), 80))
	pngData := bytesOf(t, pngOf(t, cutOut(flat(50, 30))))
	manifest := []byte("JP\x00\x01\x00\x00\x00\x01\x00\x00\x00\x50jumb\x00\x00\x00\x25jumdc2pa\x00\x11\x00\x10\x80\x00\x00\xaa\x00\x38\x9b\x71\x03c2pa\x00")
	withChunk := func(kind string, body []byte) []byte {
		return append(appendChunk(bytes.Clone(pngData[:33]), kind, body), pngData[33:]...)
	}
	exif := []byte("MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00")
	for _, c := range []struct {
		name string
		data []byte
		want Info
	}{
		{"JPEG", jpegData, Info{Format: JPEG, Width: 50, Height: 30, Orientation: 1}},
		{"JPEG with a C2PA manifest", withSegment(jpegData, markerAPP11, manifest), Info{Format: JPEG, Width: 50, Height: 30, Orientation: 1, C2PA: true}},
		{"JPEG with another APP11", withSegment(jpegData, markerAPP11, []byte("JP\x00\x01jumb other")), Info{Format: JPEG, Width: 50, Height: 30, Orientation: 1}},
		{"JPEG on its side", withSegment(jpegData, markerAPP1, append([]byte("Exif\x00\x00"), exif...)), Info{Format: JPEG, Width: 30, Height: 50, Orientation: 6}},
		{"PNG", pngData, Info{Format: PNG, Width: 50, Height: 30, Orientation: 1, HasAlpha: true}},
		{"PNG with a C2PA manifest", withChunk("caBX", manifest[8:]), Info{Format: PNG, Width: 50, Height: 30, Orientation: 1, HasAlpha: true, C2PA: true}},
		{"PNG on its side", withChunk("eXIf", exif), Info{Format: PNG, Width: 30, Height: 50, Orientation: 6, HasAlpha: true}},
		{"opaque PNG", bytesOf(t, pngOf(t, flat(50, 30))), Info{Format: PNG, Width: 50, Height: 30, Orientation: 1}},
		{"GIF", gifOf(t, 2, 50, 30), Info{Format: GIF, Width: 50, Height: 30, Orientation: 1, HasAlpha: true}},
		{"lossy WebP", webpFile(t, "lossy.webp"), Info{Format: WebP, Width: 30, Height: 20, Orientation: 1}},
		{"lossy WebP with alpha", webpFile(t, "lossy-alpha.webp"), Info{Format: WebP, Width: 30, Height: 20, Orientation: 1, HasAlpha: true}},
		{"lossless WebP with alpha", webpFile(t, "lossless-alpha.webp"), Info{Format: WebP, Width: 30, Height: 20, Orientation: 1, HasAlpha: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := Inspect(bytes.NewReader(c.data), nil)
			if err != nil {
				t.Fatal(err)
			}
			c.want.MIMEType, c.want.Bytes, got.decodeBytes = "image/"+string(c.want.Format), int64(len(c.data)), 0
			if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(Info{})); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestThumbnail(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		src   *bytes.Reader
		width int
		w, h  int
		want  Format
	}{
		{"a photo", jpegOf(t, photo(600, 400), 90), 300, 300, 200, JPEG},
		{"transparency is kept", pngOf(t, cutOut(flat(600, 400))), 300, 300, 200, PNG},
		{"a PNG without transparency", pngOf(t, flat(600, 400)), 300, 300, 200, JPEG},
		{"too small a width becomes 64", jpegOf(t, photo(600, 400), 90), 1, 64, 43, JPEG},
		{"it is never enlarged", jpegOf(t, photo(600, 400), 90), 9999, 600, 400, JPEG},
		{"nor is a source smaller than the smallest", jpegOf(t, photo(40, 20), 90), 1, 40, 20, JPEG},
		{"a strip keeps a row", pngOf(t, flat(900, 2)), 64, 64, 1, JPEG},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, err := Thumbnail(context.Background(), c.src, c.width, nil)
			if err != nil {
				t.Fatal(err)
			}
			b := decoded(t, r.Data).Bounds()
			if r.Format != c.want || b.Dx() != c.w || b.Dy() != c.h {
				t.Errorf("got %s of %v, want %s of %d×%d", r.Format, b.Size(), c.want, c.w, c.h)
			}
		})
	}
}
