package finish

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// ManifestEntry describes one file of an archive. The fields about pixels and
// bytes are filled from the Result; the caller adds what only it knows.
type ManifestEntry struct {
	Name        string  `json:"name"` // of the file in the archive
	Purpose     string  `json:"purpose"`
	Width       int     `json:"width"`
	Height      int     `json:"height"`
	Bytes       int64   `json:"bytes"`
	SHA256      string  `json:"sha256"`
	Format      Format  `json:"format"`
	MIMEType    string  `json:"mime_type"`
	Fit         Fit     `json:"fit"`
	Crop        Crop    `json:"crop"`
	CropPercent float64 `json:"crop_percent"`
	Focus       Point   `json:"focus"`
	Quality     int     `json:"quality,omitempty"`
	SourceImage string  `json:"source_image"` // id of the image it was made from
	Prompt      string  `json:"prompt"`
	Model       string  `json:"model"`
	SpecSource  string  `json:"spec_source"` // where the placement's figures are from
	SpecDate    string  `json:"spec_date"`   // and when they were checked, YYYY-MM-DD
}

// Crop is a rectangle of the source in pixels from its top left.
type Crop struct {
	X      int `json:"x"`
	Y      int `json:"y"`
	Width  int `json:"width"`
	Height int `json:"height"`
}

// ZipWriter streams finished files into an archive. Entries are stored and not
// deflated, because pictures do not get smaller, with sizes and checksum in
// front, so that the archive can also be unpacked while it arrives. Close
// writes manifest.json and manifest.csv. It is not for use by many goroutines.
type ZipWriter struct {
	zip      *zip.Writer
	modified time.Time
	names    map[string]bool
	manifest []ManifestEntry
}

// NewZipWriter writes an archive to w. All entries get the time modified; the
// zero time leaves it out, and the same files then make the same archive.
func NewZipWriter(w io.Writer, modified time.Time) *ZipWriter {
	return &ZipWriter{zip: zip.NewWriter(w), modified: modified, names: map[string]bool{}}
}

// Add writes one file. The entry's name is made safe and unique (see
// [EntryName]); what the Result knows is filled in.
func (z *ZipWriter) Add(e ManifestEntry, r Result) error {
	e.Width, e.Height, e.Bytes, e.SHA256 = r.Width, r.Height, r.Bytes, r.SHA256
	e.Format, e.MIMEType, e.Quality = r.Format, r.MIMEType, r.Quality
	e.Fit, e.Focus, e.CropPercent = r.Fit, r.Focus, r.CropPercent
	e.Crop = Crop{r.Crop.Min.X, r.Crop.Min.Y, r.Crop.Dx(), r.Crop.Dy()}
	e.Name = z.unique(e.Name, r.Format)
	if err := z.store(e.Name, r.Data); err != nil {
		return err
	}
	z.manifest = append(z.manifest, e)
	return nil
}

// Close writes the manifests and the archive's directory; it does not close the
// writer beneath. An archive that is not closed cannot be opened.
func (z *ZipWriter) Close() error {
	if z.manifest == nil {
		z.manifest = []ManifestEntry{}
	}
	data, err := json.MarshalIndent(z.manifest, "", "  ")
	if err != nil {
		return fmt.Errorf("finish: manifest: %w", err)
	}
	if err := z.store("manifest.json", append(data, '\n')); err != nil {
		return err
	}
	table, err := manifestCSV(z.manifest)
	if err != nil {
		return err
	}
	if err := z.store("manifest.csv", table); err != nil {
		return err
	}
	if err := z.zip.Close(); err != nil {
		return fmt.Errorf("finish: zip: %w", err)
	}
	return nil
}

func (z *ZipWriter) store(name string, data []byte) error {
	const namesAreUTF8 = 0x800
	date, clock := dosTime(z.modified)
	w, err := z.zip.CreateRaw(&zip.FileHeader{
		Name: name, Method: zip.Store, Flags: namesAreUTF8, ModifiedDate: date, ModifiedTime: clock,
		CRC32: crc32.ChecksumIEEE(data), CompressedSize64: uint64(len(data)), UncompressedSize64: uint64(len(data)),
	})
	if err == nil {
		_, err = w.Write(data)
	}
	if err == nil {
		err = z.zip.Flush()
	}
	if err != nil {
		return fmt.Errorf("finish: zip %s: %w", name, err)
	}
	return nil
}

// dosTime packs a time as ZIP has it, in steps of two seconds and in UTC;
// before 1980 there is nothing.
func dosTime(t time.Time) (date, clock uint16) {
	if t = t.UTC(); t.Year() < 1980 {
		return 1<<5 | 1, 0
	}
	return uint16((t.Year()-1980)<<9 | int(t.Month())<<5 | t.Day()), uint16(t.Hour()<<11 | t.Minute()<<5 | t.Second()/2)
}

// unique makes a name safe and adds a number where it is taken already.
func (z *ZipWriter) unique(name string, format Format) string {
	base := strings.TrimSuffix(SafeName(name), "."+format.Extension())
	if base == "" || base == "manifest" {
		base = "image"
	}
	for n := 1; ; n++ {
		try := base + "." + format.Extension()
		if n > 1 {
			try = fmt.Sprintf("%s-%d.%s", base, n, format.Extension())
		}
		if !z.names[strings.ToLower(try)] {
			z.names[strings.ToLower(try)] = true
			return try
		}
	}
}

// EntryName makes a file name that sorts in the order of index (of total, both
// counted from 1) and says what the file is: "03_ig_feed_square_1080x1080.jpg".
// It is UTF-8 in NFC without anything a file system dislikes.
func EntryName(index, total int, purpose string, r Result) string {
	digits := max(len(strconv.Itoa(total)), 2)
	return SafeName(fmt.Sprintf("%0*d_%s_%dx%d.%s", digits, index, purpose, r.Width, r.Height, r.Format.Extension()))
}

// maxName keeps a name under the 255 bytes of common file systems, with room
// for a number.
const maxName = 200

// SafeName makes a file name in NFC without what file systems dislike, at most
// 200 bytes with its extension kept.
func SafeName(name string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r) || r == unicode.ReplacementChar || unicode.Is(unicode.Cf, r):
			return -1
		case strings.ContainsRune(`/\:*?"<>|`, r) || unicode.IsSpace(r):
			return '_'
		}
		return r
	}, norm.NFC.String(name))
	name = strings.Trim(name, ". ")
	for len(name) > maxName {
		_, size := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-size]
	}
	return name
}

// manifestCSV writes the manifest as a table with a header, for spreadsheets.
func manifestCSV(entries []ManifestEntry) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("\ufeff") // spreadsheets take CSV for UTF-8 only with this mark
	w := csv.NewWriter(&b)
	rows := [][]string{{"name", "purpose", "width", "height", "bytes", "sha256", "format", "mime_type", "fit",
		"crop_x", "crop_y", "crop_width", "crop_height", "crop_percent", "focus_x", "focus_y", "quality",
		"source_image", "prompt", "model", "spec_source", "spec_date"}}
	decimal := func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
	for _, e := range entries {
		rows = append(rows, []string{cell(e.Name), cell(e.Purpose), strconv.Itoa(e.Width), strconv.Itoa(e.Height),
			strconv.FormatInt(e.Bytes, 10), e.SHA256, string(e.Format), e.MIMEType, string(e.Fit),
			strconv.Itoa(e.Crop.X), strconv.Itoa(e.Crop.Y), strconv.Itoa(e.Crop.Width), strconv.Itoa(e.Crop.Height),
			decimal(e.CropPercent), decimal(e.Focus.X), decimal(e.Focus.Y), strconv.Itoa(e.Quality),
			cell(e.SourceImage), cell(e.Prompt), cell(e.Model), cell(e.SpecSource), cell(e.SpecDate)})
	}
	if err := w.WriteAll(rows); err != nil {
		return nil, fmt.Errorf("finish: manifest: %w", err)
	}
	return b.Bytes(), nil
}

// cell keeps a spreadsheet from running a text as a formula.
func cell(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}
