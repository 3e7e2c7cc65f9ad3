package canvas

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"
)

// maxFontBytes bounds an unpacked font; the one that ships has 2.7 MB.
const maxFontBytes = 16 << 20

// unpackWOFF turns a WOFF 1.0 file (https://www.w3.org/TR/WOFF/) into the plain font that sfnt readers want. The font's
// maker publishes WOFF files; keeping them as they are keeps to the terms of its reserved name.
func unpackWOFF(file []byte) ([]byte, error) {
	if len(file) < 44 || string(file[:4]) != "wOFF" {
		return nil, errors.New("canvas: not a WOFF file")
	}
	tables := int(binary.BigEndian.Uint16(file[12:]))
	if len(file) < 44+20*tables {
		return nil, errors.New("canvas: WOFF directory is cut off")
	}
	font := sfntHeader(file[4:8], tables)
	for i := range tables {
		entry := file[44+20*i:]
		data, err := woffTable(file, entry)
		if err != nil {
			return nil, fmt.Errorf("canvas: WOFF table %q: %w", entry[:4], err)
		}
		if len(font)+len(data) > maxFontBytes {
			return nil, errors.New("canvas: WOFF font is too large")
		}
		record := font[12+16*i:]
		copy(record, entry[:4])
		copy(record[4:], entry[16:20]) // checksum
		binary.BigEndian.PutUint32(record[8:], uint32(len(font)))
		binary.BigEndian.PutUint32(record[12:], uint32(len(data)))
		font = append(font, data...)
		for len(font)%4 != 0 {
			font = append(font, 0)
		}
	}
	return font, nil
}

// sfntHeader is an offset table with room for its directory (OpenType 1.9, "Organization of an OpenType Font").
func sfntHeader(flavor []byte, tables int) []byte {
	header := make([]byte, 12+16*tables)
	copy(header, flavor)
	exponent := max(bits.Len(uint(tables))-1, 0)
	search := 16 << exponent
	binary.BigEndian.PutUint16(header[4:], uint16(tables))
	binary.BigEndian.PutUint16(header[6:], uint16(search))
	binary.BigEndian.PutUint16(header[8:], uint16(exponent))
	binary.BigEndian.PutUint16(header[10:], uint16(16*tables-search))
	return header
}

func woffTable(file, entry []byte) ([]byte, error) {
	offset, packed := int(binary.BigEndian.Uint32(entry[4:])), int(binary.BigEndian.Uint32(entry[8:]))
	size := int(binary.BigEndian.Uint32(entry[12:]))
	if offset > len(file) || packed > len(file)-offset || size > maxFontBytes {
		return nil, errors.New("points outside the file")
	}
	data := file[offset : offset+packed]
	if packed == size {
		return data, nil
	}
	reader, err := zlib.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	unpacked := make([]byte, size)
	if _, err := io.ReadFull(reader, unpacked); err != nil {
		return nil, err
	}
	return unpacked, nil
}
