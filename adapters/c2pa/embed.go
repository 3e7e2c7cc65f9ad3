package c2pa

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

// ErrNoManifest: the file holds no manifest store.
var ErrNoManifest = errors.New("c2pa: no manifest")

// errContainer: the file is no JPEG, PNG or WebP that can be walked.
var errContainer = errors.New("c2pa: not a JPEG, PNG or WebP")

const (
	pngMagic  = "\x89PNG\r\n\x1a\n"
	app11     = 0xeb
	maxJUMBF  = 65_535 - 2 - 8 - 8 // payload of one APP11 segment behind its headers
	jpegFront = 4 + 8 + 8          // marker, length, JPEG XT header, box header
)

// extract returns the file's manifest store and the ranges that hold it.
// Several ranges are the segments of a JPEG.
func extract(file []byte) ([]byte, []span, error) {
	switch {
	case bytes.HasPrefix(file, []byte("\xff\xd8\xff")):
		return extractJPEG(file)
	case bytes.HasPrefix(file, []byte(pngMagic)):
		return extractPNG(file)
	case len(file) > 12 && string(file[:4]) == "RIFF" && string(file[8:12]) == "WEBP":
		return extractWebP(file)
	}
	return nil, nil, errContainer
}

// span is a part of a file.
type span struct{ start, length int }

func extractJPEG(file []byte) ([]byte, []span, error) {
	var store []byte
	var spans []span
	var instance uint16
	for i := 2; ; {
		marker, body, next, ok := jpegSegment(file, i)
		if !ok {
			break
		}
		if marker == app11 && len(body) > 16 && string(body[:2]) == "JP" {
			box, number := binary.BigEndian.Uint16(body[2:]), binary.BigEndian.Uint32(body[4:])
			switch {
			case spans == nil && number == 1 && string(body[12:16]) == "jumb" && bytes.Contains(body[:min(len(body), 64)], []byte("c2pa")):
				instance, store, spans = box, append(store, body[8:]...), append(spans, span{i, next - i})
			case spans != nil && box == instance && int(number) == len(spans)+1:
				store, spans = append(store, body[16:]...), append(spans, span{i, next - i})
			}
		}
		i = next
	}
	if spans == nil {
		return nil, nil, ErrNoManifest
	}
	return store, spans, nil
}

// jpegSegment reads the segment at i; ok is false at the first scan or the end.
func jpegSegment(file []byte, i int) (marker byte, body []byte, next int, ok bool) {
	for i+1 < len(file) && file[i] == 0xff && file[i+1] == 0xff { // fill bytes
		i++
	}
	if i+4 > len(file) || file[i] != 0xff || file[i+1] == 0xda || file[i+1] == 0xd9 {
		return 0, nil, 0, false
	}
	n := int(binary.BigEndian.Uint16(file[i+2:]))
	if n < 2 || i+2+n > len(file) {
		return 0, nil, 0, false
	}
	return file[i+1], file[i+4 : i+2+n], i + 2 + n, true
}

func extractPNG(file []byte) ([]byte, []span, error) {
	for i := len(pngMagic); i+12 <= len(file); {
		n := int(binary.BigEndian.Uint32(file[i:]))
		if n > len(file)-i-12 {
			break
		}
		if string(file[i+4:i+8]) == "caBX" {
			return file[i+8 : i+8+n], []span{{i, 12 + n}}, nil
		}
		i += 12 + n
	}
	return nil, nil, ErrNoManifest
}

func extractWebP(file []byte) ([]byte, []span, error) {
	for i := 12; i+8 <= len(file); {
		n := int(binary.LittleEndian.Uint32(file[i+4:]))
		if n > len(file)-i-8 {
			break
		}
		if string(file[i:i+4]) == "C2PA" {
			return file[i+8 : i+8+n], []span{{i, 8 + n + n&1}}, nil
		}
		i += 8 + n + n&1
	}
	return nil, nil, ErrNoManifest
}

// place is where a store goes into a file that has none: in a JPEG behind the
// JFIF and Exif segments, which readers expect first; in a PNG in front of the
// pixels.
func place(file []byte) (int, error) {
	switch {
	case bytes.HasPrefix(file, []byte("\xff\xd8\xff")):
		at := 2
		for {
			marker, _, next, ok := jpegSegment(file, at)
			if !ok || marker != 0xe0 && marker != 0xe1 {
				return at, nil
			}
			at = next
		}
	case bytes.HasPrefix(file, []byte(pngMagic)):
		for i := len(pngMagic); i+12 <= len(file); {
			n := int(binary.BigEndian.Uint32(file[i:]))
			if kind := string(file[i+4 : i+8]); kind == "PLTE" || kind == "tRNS" || kind == "IDAT" {
				return i, nil
			}
			if n > len(file)-i-12 {
				break
			}
			i += 12 + n
		}
	}
	return 0, errContainer
}

// wrapped is a store as it stands in a file: JPEG segments, or a PNG chunk.
func wrapped(file, store []byte) []byte {
	if bytes.HasPrefix(file, []byte(pngMagic)) {
		out := binary.BigEndian.AppendUint32(make([]byte, 0, len(store)+12), uint32(len(store)))
		out = append(append(out, "caBX"...), store...)
		return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
	}
	// JPEG XT (ISO/IEC 18477-3, B): a box that is longer than a segment goes on
	// in the next, each repeating the box's header.
	header, rest := store[:8], store[8:]
	out := make([]byte, 0, wrappedSize(file, len(store)))
	for number := uint32(1); len(rest) > 0; number++ {
		part := rest[:min(len(rest), maxJUMBF)]
		rest = rest[len(part):]
		out = append(out, 0xff, app11)
		out = binary.BigEndian.AppendUint16(out, uint16(2+8+8+len(part)))
		out = append(out, 'J', 'P', 0, 1)
		out = binary.BigEndian.AppendUint32(out, number)
		out = append(append(out, header...), part...)
	}
	return out
}

// wrappedSize is the length of wrapped for a store of n bytes.
func wrappedSize(file []byte, n int) int {
	if bytes.HasPrefix(file, []byte(pngMagic)) {
		return n + 12
	}
	segments := (n - 8 + maxJUMBF - 1) / maxJUMBF
	return n - 8 + segments*jpegFront
}

// insert puts what is wrapped into a file.
func insert(file, what []byte, at int) []byte {
	out := make([]byte, 0, len(file)+len(what))
	return append(append(append(out, file[:at]...), what...), file[at:]...)
}

// errorf keeps a sentinel in an error.
func errorf(sentinel error, format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{sentinel}, args...)...)
}
