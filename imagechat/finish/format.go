package finish

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
)

// Format is an image file format, told from the bytes and never from a name.
type Format string

// The formats that are read. Written are JPEG and PNG.
const (
	JPEG Format = "jpeg"
	PNG  Format = "png"
	WebP Format = "webp"
	GIF  Format = "gif"
)

// MIMEType is the media type, such as "image/jpeg".
func (f Format) MIMEType() string { return "image/" + string(f) }

// Extension is the usual file name extension without the dot, such as "jpg".
func (f Format) Extension() string {
	if f == JPEG {
		return "jpg"
	}
	return string(f)
}

// sniffLen is how many leading bytes Sniff looks at: enough for every
// signature, and for an XML prologue before <svg.
const sniffLen = 512

// signatures of the formats that are read.
var signatures = []struct {
	format Format
	magic  string // '?' stands for any byte
}{
	{PNG, "\x89PNG\r\n\x1a\n"},
	{JPEG, "\xff\xd8\xff"},
	{WebP, "RIFF????WEBPVP8"},
	{GIF, "GIF87a"},
	{GIF, "GIF89a"},
}

// refused are types that people do upload; naming them makes the refusal useful.
var refused = []struct{ kind, magic string }{
	{KindBMP, "BM"}, {KindTIFF, "II*\x00"}, {KindTIFF, "MM\x00*"},
	{KindPDF, "%PDF-"}, {KindPhotoshop, "8BPS"}, {KindICO, "\x00\x00\x01\x00"}, {KindJPEGXL, "\xff\x0a"},
	{KindJPEGXL, "\x00\x00\x00\x0cJXL "}, {KindZIP, "PK\x03\x04"},
}

// isoKind tells what an ISO base media file is by the brands of its first box
// (ISO/IEC 14496-12, 4.3): a major brand, a version, then compatible brands.
// HEIC and AVIF both may have the general brand mif1 first.
func isoKind(prefix []byte) string {
	if len(prefix) < 12 || string(prefix[4:8]) != "ftyp" {
		return ""
	}
	end := min(int(binary.BigEndian.Uint32(prefix)), len(prefix))
	brands := []string{string(prefix[8:12])}
	for i := 16; i+4 <= end; i += 4 {
		brands = append(brands, string(prefix[i:i+4]))
	}
	kind := KindVideo
	for _, brand := range brands {
		switch brand {
		case "avif", "avis":
			return KindAVIF
		case "heic", "heix", "hevc", "hevx", "heim", "heis", "hevm", "hevs", "mif1", "msf1":
			kind = KindHEIC
		}
	}
	return kind
}

// Sniff tells the format from a file's first bytes; 512 are looked at, 16 are
// enough for every format that is read. The error wraps ErrUnsupported; it is an
// *UnsupportedError where the type is a known one.
func Sniff(prefix []byte) (Format, error) {
	if len(prefix) > sniffLen {
		prefix = prefix[:sniffLen]
	}
	for _, s := range signatures {
		if hasMagic(prefix, s.magic) {
			return s.format, nil
		}
	}
	if kind := isoKind(prefix); kind != "" {
		return "", &UnsupportedError{Kind: kind}
	}
	for _, r := range refused {
		if hasMagic(prefix, r.magic) {
			return "", &UnsupportedError{Kind: r.kind}
		}
	}
	if bytes.Contains(bytes.ToLower(prefix), []byte("<svg")) {
		return "", &UnsupportedError{Kind: KindSVG}
	}
	return "", fmt.Errorf("%w: not a PNG, JPEG, WebP or GIF", ErrUnsupported)
}

func hasMagic(prefix []byte, magic string) bool {
	if len(prefix) < len(magic) {
		return false
	}
	for i := range len(magic) {
		if magic[i] != '?' && magic[i] != prefix[i] {
			return false
		}
	}
	return true
}

// sniffReader reads the format at the start of src and rewinds it.
func sniffReader(src io.ReadSeeker) (Format, error) {
	if _, err := src.Seek(0, io.SeekStart); err != nil {
		return "", fmt.Errorf("finish: rewind: %w", err)
	}
	prefix := make([]byte, sniffLen)
	n, err := io.ReadFull(src, prefix)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return "", fmt.Errorf("finish: read: %w", err)
	}
	if _, err := src.Seek(0, io.SeekStart); err != nil {
		return "", fmt.Errorf("finish: rewind: %w", err)
	}
	return Sniff(prefix[:n])
}
