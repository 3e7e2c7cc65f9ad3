package finish

import (
	"encoding/binary"
	"math"
)

// compactSRGB is a colour profile that says sRGB (IEC 61966-2-1) in as few bytes
// as ICC.1:2022 allows: one curve in parameters, shared by the three colours.
var compactSRGB = makeCompactSRGB()

func makeCompactSRGB() []byte {
	text := func(s string) []byte { // one record of US English, 10.15
		b := []byte("mluc\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x0cenUS")
		b = binary.BigEndian.AppendUint32(b, uint32(2*len(s)))
		b = binary.BigEndian.AppendUint32(b, 28)
		for _, r := range s {
			b = binary.BigEndian.AppendUint16(b, uint16(r))
		}
		return b
	}
	numbers := func(kind string, values ...float64) []byte { // s15Fixed16
		b := append([]byte(kind), 0, 0, 0, 0)
		if kind == "para" {
			b = append(b, 0, 3, 0, 0)
		}
		for _, v := range values {
			b = binary.BigEndian.AppendUint32(b, uint32(int32(math.Round(v*65536))))
		}
		return b
	}
	tags := []struct {
		names []string
		body  []byte
	}{
		{[]string{"desc"}, text("sRGB")},
		{[]string{"cprt"}, text("CC0")},
		{[]string{"wtpt"}, numbers("XYZ ", 0.9642, 1, 0.8249)},
		{[]string{"rXYZ"}, numbers("XYZ ", 0.43607, 0.22249, 0.01392)},
		{[]string{"gXYZ"}, numbers("XYZ ", 0.38515, 0.71687, 0.09708)},
		{[]string{"bXYZ"}, numbers("XYZ ", 0.14307, 0.06061, 0.71410)},
		{[]string{"rTRC", "gTRC", "bTRC"}, numbers("para", 2.4, 1/1.055, 0.055/1.055, 1/12.92, 0.04045)},
	}
	count := 0
	for _, t := range tags {
		count += len(t.names)
	}
	table, data, start := binary.BigEndian.AppendUint32(nil, uint32(count)), []byte(nil), 128+4+12*count
	for _, t := range tags {
		for _, name := range t.names {
			table = append(table, name...)
			table = binary.BigEndian.AppendUint32(table, uint32(start+len(data)))
			table = binary.BigEndian.AppendUint32(table, uint32(len(t.body)))
		}
		data = append(data, t.body...)
		data = append(data, make([]byte, (4-len(data)%4)%4)...)
	}
	head := make([]byte, 128)
	binary.BigEndian.PutUint32(head, uint32(start+len(data)))
	head[8] = 4 // version
	copy(head[12:], "mntrRGB XYZ ")
	copy(head[24:], "\x07\xea\x00\x01\x00\x01") // a date: 2026-01-01
	copy(head[36:], "acsp")
	copy(head[68:], "\x00\x00\xf6\xd6\x00\x01\x00\x00\x00\x00\xd3\x2d") // D50
	return append(append(head, table...), data...)
}
