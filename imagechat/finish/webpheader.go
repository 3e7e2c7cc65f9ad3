package finish

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
)

// readWebPHeader walks the RIFF chunks to the end of the file.
func readWebPHeader(r *bufio.Reader) (header, error) {
	// Lossy pictures are 4:2:0. With alpha, and for lossless ones, the decoder
	// holds four bytes a pixel and a transformed copy.
	h := header{orientation: 1, bytesPerPixel: 1.5}
	if _, err := r.Discard(12); err != nil {
		return h, err
	}
	for {
		kind, body, ok := nextRIFFChunk(r)
		if !ok {
			return h, nil // a missing end is the decoder's to judge
		}
		switch kind {
		case "ANIM", "ANMF":
			return h, &UnsupportedError{Kind: KindAnimatedWebP}
		case "VP8L":
			h.bytesPerPixel = 8
			h.alpha = h.alpha || len(body) >= 5 && body[4]&0x10 != 0 // alpha_is_used
		case "VP8X":
			h.alpha = h.alpha || len(body) >= 1 && body[0]&0x10 != 0
		case "ALPH":
			h.alpha, h.bytesPerPixel = true, 10.5
		case "EXIF":
			h.orientation = exifOrientation(bytes.TrimPrefix(body, []byte("Exif\x00\x00")))
		case "ICCP":
			h.icc = [][]byte{body}
		case "C2PA":
			h.c2pa = bytes.Contains(body, []byte("c2pa"))
		}
	}
}

// nextRIFFChunk returns the next chunk with the start of its body, where that
// is of interest, and skips the rest with its padding.
func nextRIFFChunk(r *bufio.Reader) (kind string, body []byte, ok bool) {
	var head [8]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return "", nil, false
	}
	kind = string(head[:4])
	length := int64(binary.LittleEndian.Uint32(head[4:]))
	keep := int64(0)
	switch kind {
	case "VP8L", "VP8X":
		keep = 10
	case "EXIF", "C2PA", "ICCP":
		keep = maxMetaChunk
	}
	keep = min(keep, length)
	body = make([]byte, keep)
	if _, err := io.ReadFull(r, body); err != nil {
		return "", nil, false
	}
	// Where the rest is missing the next call finds the end.
	_, _ = io.CopyN(io.Discard, r, length+length&1-keep)
	return kind, body, true
}
