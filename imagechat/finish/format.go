package finish

import (
	"bytes"
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
var refused = []struct{ name, magic string }{
	{"HEIC", "????ftyphei"}, {"HEIC", "????ftypmif1"}, {"HEIC", "????ftyphev"},
	{"AVIF", "????ftypavi"}, {"BMP", "BM"}, {"TIFF", "II*\x00"}, {"TIFF", "MM\x00*"},
	{"PDF", "%PDF-"}, {"Photoshop", "8BPS"}, {"ICO", "\x00\x00\x01\x00"}, {"JPEG XL", "\xff\x0a"},
	{"JPEG XL", "\x00\x00\x00\x0cJXL "}, {"ZIP", "PK\x03\x04"},
}

// Sniff tells the format from a file's first bytes; 512 are looked at, 16 are
// enough for every format that is read. The error wraps ErrUnsupported and
// names the type where it is a known one.
func Sniff(prefix []byte) (Format, error) {
	if len(prefix) > sniffLen {
		prefix = prefix[:sniffLen]
	}
	for _, s := range signatures {
		if hasMagic(prefix, s.magic) {
			return s.format, nil
		}
	}
	for _, r := range refused {
		if hasMagic(prefix, r.magic) {
			return "", fmt.Errorf("%w: %s", ErrUnsupported, r.name)
		}
	}
	if bytes.Contains(bytes.ToLower(prefix), []byte("<svg")) {
		return "", fmt.Errorf("%w: SVG", ErrUnsupported)
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
