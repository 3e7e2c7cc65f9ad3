package finish

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
)

// maxMetaChunk is the most of one metadata chunk that is looked into. Larger
// ones are skipped, which only means that an orientation there is not applied.
const maxMetaChunk = 1 << 20

// readPNGHeader walks the chunks to the end of the file, because metadata may
// stand after the pixels; bodies it does not need are skipped unread.
func readPNGHeader(r *bufio.Reader) (header, error) {
	h := header{orientation: 1, bytesPerPixel: 4}
	if _, err := r.Discard(8); err != nil {
		return h, err
	}
	var ihdr [13]byte
	transparent := false
	for {
		var head [8]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			break // a missing end is the decoder's to judge
		}
		length, kind := binary.BigEndian.Uint32(head[:4]), string(head[4:])
		body, err := chunkBody(r, kind, length)
		if err != nil {
			break
		}
		switch kind {
		case "IHDR":
			if copy(ihdr[:], body) < 13 {
				return h, fmt.Errorf("%w: IHDR length %d", ErrInvalid, length)
			}
		case "tRNS":
			transparent = true
		case "eXIf":
			h.orientation = exifOrientation(body)
		case "iCCP":
			h.icc = [][]byte{pngProfile(body)}
		case "caBX": // the C2PA chunk of PNG (C2PA 2.1, embedding manifests into PNG)
			h.c2pa = bytes.Contains(body, []byte("c2pa"))
		}
		if kind == "IEND" {
			break
		}
	}
	h.alpha = transparent || ihdr[9] == 4 || ihdr[9] == 6
	h.bytesPerPixel = pngBytesPerPixel(ihdr[8], ihdr[9], ihdr[12], transparent)
	return h, nil
}

// chunkBody returns the body of the chunks that are of interest and skips the
// others; nil without an error means skipped.
func chunkBody(r *bufio.Reader, kind string, length uint32) ([]byte, error) {
	wanted := kind == "IHDR" || kind == "eXIf" || kind == "caBX" || kind == "iCCP"
	if !wanted || length > maxMetaChunk {
		_, err := io.CopyN(io.Discard, r, int64(length)+4)
		return nil, err
	}
	body := make([]byte, int(length)+4)
	if _, err := io.ReadFull(r, body); err != nil {
		return nil, err
	}
	return body[:length], nil
}

// pngBytesPerPixel is what image/png allocates for a colour type and depth.
func pngBytesPerPixel(depth, colour, interlace byte, transparent bool) float64 {
	var bpp float64
	switch {
	case colour == 3:
		bpp = 1
	case colour == 0 && !transparent:
		bpp = 1
	default:
		bpp = 4
	}
	if depth == 16 {
		bpp *= 2
	}
	if interlace != 0 {
		bpp *= 1.5 // the largest of the seven passes is half the picture
	}
	return bpp
}
