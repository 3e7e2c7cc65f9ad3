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
	markerAPP2  = 0xe2
	markerAPP11 = 0xeb
	markerSOF2  = 0xc2 // start of a progressive frame
)

// maxScans is how many scans a progressive file may have; encoders write about
// ten. A scan of thirty bytes makes a decoder visit every pixel, so that a small
// file with thousands of them would keep it busy for hours.
const maxScans = 100

// readJPEGHeader walks the segments up to the first scan, and through all scans
// of a progressive file to count them.
func readJPEGHeader(r *bufio.Reader) (header, error) {
	h := header{orientation: 1, bytesPerPixel: 3}
	if _, err := r.Discard(2); err != nil {
		return h, err
	}
	progressive, scans := false, 0
	for {
		marker, err := nextMarker(r)
		if err != nil && scans > 0 {
			return h, nil // a missing end is the decoder's to judge
		}
		if err != nil {
			return h, err
		}
		if marker == markerSOF2 {
			progressive = true
		}
		if marker == markerSOS {
			scans++
		}
		if marker == markerEOI || scans > 0 && !progressive {
			return h, nil
		}
		if scans > maxScans {
			return h, fmt.Errorf("%w: more than %d scans", ErrInvalid, maxScans)
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
	case marker == markerAPP2:
		h.addProfilePart(body)
	case marker == markerAPP11:
		// JPEG XT box segments: "JP", instance, sequence, then a JUMBF superbox
		// whose description names c2pa (C2PA 2.1, embedding manifests into JPEG).
		if bytes.HasPrefix(body, []byte("JP")) && bytes.Contains(body, []byte("c2pa")) {
			h.c2pa = true
		}
	case marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc:
		bpp, err := jpegBytesPerPixel(body, marker == markerSOF2)
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
		if err := skipTo(r, 0xff); err != nil {
			return 0, err
		}
		b := byte(0xff)
		for b == 0xff {
			var err error
			if b, err = r.ReadByte(); err != nil {
				return 0, err
			}
		}
		if b != 0 {
			return b, nil
		}
	}
}

// skipTo reads up to and with the next byte of this value.
func skipTo(r *bufio.Reader, value byte) error {
	for {
		if _, err := r.Peek(1); err != nil {
			return err
		}
		buffered, _ := r.Peek(r.Buffered())
		at := bytes.IndexByte(buffered, value)
		if at >= 0 {
			_, err := r.Discard(at + 1)
			return err
		}
		if _, err := r.Discard(len(buffered)); err != nil {
			return err
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
