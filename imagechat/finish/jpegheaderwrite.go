package finish

import "encoding/binary"

// More JPEG markers (T.81, table B.1).
const (
	markerAPP0 = 0xe0
	markerDQT  = 0xdb
	markerDHT  = 0xc4
	markerSOF0 = 0xc0
)

// jfif says that colours are JFIF's, version 1.02, with square pixels and no
// preview. Some readers tell a JPEG by it.
const jfif = "JFIF\x00\x01\x02\x00\x00\x01\x00\x01\x00\x00"

// xmpNamespace begins an APP1 segment that holds XMP (XMP part 3, 1.1.3).
const xmpNamespace = "http://ns.adobe.com/xap/1.0/\x00"

// jpegSegments are what stands right behind the start marker.
func jpegSegments(xmp []byte) []byte {
	out := appendSegment(nil, markerAPP0, []byte(jfif))
	if len(xmp) > 0 {
		out = appendSegment(out, markerAPP1, append([]byte(xmpNamespace), xmp...))
	}
	return appendSegment(out, markerAPP2, append([]byte("ICC_PROFILE\x00\x01\x01"), compactSRGB...))
}

func appendSegment(out []byte, marker byte, body []byte) []byte {
	out = append(out, 0xff, marker)
	return append(binary.BigEndian.AppendUint16(out, uint16(len(body)+2)), body...)
}

// header is the file up to its first code.
func (a *jpegAttempt) header(segments []byte) []byte {
	out := append([]byte{0xff, markerSOI}, segments...)
	var steps []byte
	for k, t := range a.tables {
		steps = append(steps, byte(k))
		for _, s := range t.steps {
			steps = append(steps, byte(s))
		}
	}
	out = appendSegment(out, markerDQT, steps)

	frame := []byte{8}
	frame = binary.BigEndian.AppendUint16(frame, uint16(a.h))
	frame = binary.BigEndian.AppendUint16(frame, uint16(a.w))
	luma := byte(a.shared<<4 | a.shared)
	frame = append(frame, 3, 1, luma, 0, 2, 0x11, 1, 3, 0x11, 1)
	out = appendSegment(out, markerSOF0, frame)

	var codes []byte
	for k := range a.dc {
		for class, t := range []*huffmanTable{a.dc[k], a.ac[k]} {
			codes = append(codes, byte(class<<4|k))
			codes = append(append(codes, t.counts[1:]...), t.symbols...)
		}
	}
	out = appendSegment(out, markerDHT, codes)
	return appendSegment(out, markerSOS, []byte{3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0})
}
