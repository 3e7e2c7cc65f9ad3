package finish

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// packed makes an archive of three outputs of one picture.
func packed(t *testing.T, modified time.Time) []byte {
	t.Helper()
	var b bytes.Buffer
	z := NewZipWriter(&b, modified)
	specs := []Spec{{Width: 60, Height: 60}, {Width: 90, Height: 30}, {Width: 30, Height: 30, Formats: []Format{PNG}}}
	purposes := []string{"ig_feed_square", "email_header", "로고"} // the last in NFD
	err := Pack(context.Background(), pngOf(t, photo(120, 80)), specs, nil, func(i int, r Result, err error) error {
		if err != nil {
			return err
		}
		return z.Add(ManifestEntry{
			Name: EntryName(i+1, len(specs), purposes[i], r), Purpose: purposes[i], SourceImage: "img-1",
			Prompt: "=SUM(A1), \"여름\"\nsale", Model: "demo", SpecSource: "https://example.com", SpecDate: "2026-11-22",
		}, r)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func unpacked(t *testing.T, archive []byte) (names []string, files map[string][]byte) {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	files = map[string][]byte{}
	for _, f := range r.File {
		if f.Method != zip.Store || f.CompressedSize64 != f.UncompressedSize64 {
			t.Errorf("%s is compressed", f.Name)
		}
		if f.NonUTF8 {
			t.Errorf("%s is not marked as UTF-8", f.Name)
		}
		if f.Flags&0x8 != 0 {
			t.Errorf("%s has its sizes behind it, so that it cannot be unpacked while it arrives", f.Name)
		}
		rc, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if files[f.Name], err = io.ReadAll(rc); err != nil { // checks the CRC too
			t.Fatalf("%s: %v", f.Name, err)
		}
		names = append(names, f.Name)
	}
	return names, files
}

func TestZipHoldsTheFilesAndWhatTheyAre(t *testing.T) {
	t.Parallel()
	names, files := unpacked(t, packed(t, time.Time{}))
	want := []string{"01_ig_feed_square_60x60.jpg", "02_email_header_90x30.jpg", "03_로고_30x30.png", "manifest.json", "manifest.csv"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Fatalf("names (-want +got)\n%s", diff)
	}
	if !slices.IsSorted(names[:3]) {
		t.Error("the names do not sort in their order")
	}
	var manifest []ManifestEntry
	if err := json.Unmarshal(files["manifest.json"], &manifest); err != nil {
		t.Fatal(err)
	}
	for _, e := range manifest {
		data := files[e.Name]
		sum := sha256.Sum256(data)
		info, err := Inspect(bytes.NewReader(data), nil)
		if err != nil || info.Width != e.Width || info.Height != e.Height || int64(len(data)) != e.Bytes ||
			info.Format != e.Format || hex.EncodeToString(sum[:]) != e.SHA256 {
			t.Errorf("%s: the manifest says %+v, the file is %+v, %v", e.Name, e, info, err)
		}
	}
	got := manifest[1]
	got.Bytes, got.SHA256 = 0, ""
	entry := ManifestEntry{
		Name: "02_email_header_90x30.jpg", Purpose: "email_header", Width: 90, Height: 30, Format: JPEG, MIMEType: "image/jpeg",
		Fit: Cover, Crop: Crop{0, got.Crop.Y, 120, 40}, CropPercent: 50, Focus: got.Focus, Quality: 95,
		SourceImage: "img-1", Prompt: "=SUM(A1), \"여름\"\nsale", Model: "demo", SpecSource: "https://example.com", SpecDate: "2026-11-22",
	}
	if diff := cmp.Diff(entry, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	checkTable(t, files["manifest.csv"], manifest)
}

func checkTable(t *testing.T, data []byte, manifest []ManifestEntry) {
	t.Helper()
	text, ok := bytes.CutPrefix(data, []byte("\ufeff"))
	if !ok {
		t.Error("the CSV has no byte order mark, without which spreadsheets misread Korean")
	}
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != len(manifest)+1 {
		t.Fatalf("%d rows, want a header and %d", len(rows), len(manifest))
	}
	column := func(row int, name string) string { return rows[row][slices.Index(rows[0], name)] }
	got := []string{column(2, "name"), column(2, "width"), column(2, "crop_percent"), column(2, "prompt"), column(3, "format")}
	want := []string{"02_email_header_90x30.jpg", "90", "50", "'=SUM(A1), \"여름\"\nsale", "png"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestTheSameFilesMakeTheSameZip(t *testing.T) {
	t.Parallel()
	if !bytes.Equal(packed(t, time.Time{}), packed(t, time.Time{})) {
		t.Error("two archives of the same files differ")
	}
	at := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	r, err := zip.NewReader(bytes.NewReader(packed(t, at)), int64(len(packed(t, at))))
	if err != nil || !r.File[0].Modified.Equal(at) {
		t.Errorf("got %v, %v, want the time given", r.File[0].Modified, err)
	}
}

func TestZipNamesAreSafeAndUnique(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	z := NewZipWriter(&b, time.Time{})
	r := Result{Format: JPEG, Data: []byte("x"), Bytes: 1}
	given := []string{"../../etc/passwd", "a.jpg", "A.jpg", "", "manifest.json", "manifest.jpg", "CON:1|2.jpg", "x\x00\n\u202ey.jpg", strings.Repeat("가", 300), "\u1112\u1161\u11ab.jpg"}
	for _, name := range given {
		if err := z.Add(ManifestEntry{Name: name}, r); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	names, _ := unpacked(t, b.Bytes())
	want := []string{"_.._etc_passwd.jpg", "a.jpg", "A-2.jpg", "image.jpg", "manifest.json.jpg", "image-2.jpg", "CON_1_2.jpg", "xy.jpg",
		strings.Repeat("가", 66) + ".jpg", "한.jpg", "manifest.json", "manifest.csv"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestAnEmptyZipHasAnEmptyManifest(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := NewZipWriter(&b, time.Time{}).Close(); err != nil {
		t.Fatal(err)
	}
	if _, files := unpacked(t, b.Bytes()); string(files["manifest.json"]) != "[]\n" {
		t.Errorf("got %q, want an empty array", files["manifest.json"])
	}
}

type brokenWriter struct{ err error }

func (w brokenWriter) Write([]byte) (int, error) { return 0, w.err }

func TestZipReportsAReaderThatWentAway(t *testing.T) {
	t.Parallel()
	gone := errors.New("connection reset")
	z := NewZipWriter(brokenWriter{gone}, time.Time{})
	if err := z.Add(ManifestEntry{Name: "a"}, Result{Format: PNG, Data: make([]byte, 100)}); !errors.Is(err, gone) {
		t.Errorf("got error %v, want the writer's own, at once", err)
	}
}
