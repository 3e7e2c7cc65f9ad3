package finish

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
)

// JPEG markers that matter here (ITU-T T.81 table B.1).
const (
	markerSOI   = 0xd8
	markerEOI   = 0xd9
	markerSOS   = 0xda
	markerAPP1  = 0xe1
	markerAPP11 = 0xeb
)

// readJPEGHeader walks the segments up to the first scan.
func readJPEGHeader(r *bufio.Reader) (header, error) {
	h := header{orientation: 1, bytesPerPixel: 3}
	if _, err := r.Discard(2); err != nil {
		return h, err
	}
	for {
		marker, err := nextMarker(r)
		if err != nil {
			return h, err
		}
		if marker == markerSOS || marker == markerEOI {
			return h, nil
		}
		if marker == 0x01 || marker >= 0xd0 && marker <= 0xd7 { // TEM, RSTn: no length
			continue
		}
		body, err := segmentBody(r)
		if err != nil {
			return h, err
		}
		if err := h.addJPEGSegment(marker, body); err != nil {
			return h, err
		}
	}
}

func (h *header) addJPEGSegment(marker byte, body []byte) error {
	switch {
	case marker == markerAPP1:
		if tiff, ok := bytes.CutPrefix(body, []byte("Exif\x00\x00")); ok {
			h.orientation = exifOrientation(tiff)
		}
	case marker == markerAPP11:
		// JPEG XT box segments: "JP", instance, sequence, then a JUMBF superbox
		// whose description names c2pa (C2PA 2.1, embedding manifests into JPEG).
		if bytes.HasPrefix(body, []byte("JP")) && bytes.Contains(body, []byte("c2pa")) {
			h.c2pa = true
		}
	case marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc:
		bpp, err := jpegBytesPerPixel(body, marker == 0xc2)
		if err != nil {
			return err
		}
		h.bytesPerPixel = bpp
	}
	return nil
}

// jpegBytesPerPixel estimates decoding memory from a start-of-frame segment: a
// byte a sample, four more a sample for the coefficients of a progressive file,
// and four a pixel where the decoder converts four inks in the end.
func jpegBytesPerPixel(sof []byte, progressive bool) (float64, error) {
	if len(sof) < 6 || len(sof) < 6+3*int(sof[5]) || sof[5] == 0 {
		return 0, fmt.Errorf("%w: frame header cut short", ErrInvalid)
	}
	sum, maxH, maxV := 0, 0, 0
	for c := range int(sof[5]) {
		sampling := sof[6+3*c+1]
		hs, vs := int(sampling>>4), int(sampling&15)
		sum += hs * vs
		maxH, maxV = max(maxH, hs), max(maxV, vs)
	}
	maxArea := maxH * maxV
	if maxArea == 0 {
		return 0, fmt.Errorf("%w: sampling factors", ErrInvalid)
	}
	samples := float64(sum) / float64(maxArea)
	bpp := samples
	if progressive {
		bpp += 4 * samples
	}
	if sof[5] == 4 {
		bpp += 4
	}
	return bpp, nil
}

// nextMarker skips to the next marker byte. Garbage between segments is
// skipped as image/jpeg does, so that both see the same picture.
func nextMarker(r *bufio.Reader) (byte, error) {
	for {
		b, err := r.ReadByte()
		if err != nil {
			return 0, err
		}
		if b != 0xff {
			continue
		}
		for b == 0xff {
			if b, err = r.ReadByte(); err != nil {
				return 0, err
			}
		}
		if b != 0 {
			return b, nil
		}
	}
}

func segmentBody(r *bufio.Reader) ([]byte, error) {
	var n [2]byte
	if _, err := io.ReadFull(r, n[:]); err != nil {
		return nil, err
	}
	length := int(binary.BigEndian.Uint16(n[:]))
	if length < 2 {
		return nil, fmt.Errorf("%w: segment length %d", ErrInvalid, length)
	}
	body := make([]byte, length-2)
	_, err := io.ReadFull(r, body)
	return body, err
}
