package geminitest

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
)

// draw makes a picture of blocks whose colours follow from seed: the same
// words give the same bytes, other words others. JPEGs carry a C2PA box as the
// API's do.
func draw(seed string, width, height int, format string) []byte {
	sum := sha256.Sum256([]byte(seed))
	rnd := rand.New(rand.NewChaCha8(sum))
	var buf bytes.Buffer
	if format == "png" {
		img := image.NewPaletted(image.Rect(0, 0, width, height), palette(rnd))
		fill(img.Pix, img.Stride, height, rnd, len(img.Palette))
		// Writing to a buffer does not fail, nor does a size above zero.
		_ = (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&buf, img)
		return buf.Bytes()
	}
	img := image.NewYCbCr(image.Rect(0, 0, width, height), image.YCbCrSubsampleRatio420)
	fill(img.Y, img.YStride, height, rnd, 256)
	fill(img.Cb, img.CStride, (height+1)/2, rnd, 256)
	fill(img.Cr, img.CStride, (height+1)/2, rnd, 256)
	_ = jpeg.Encode(&buf, img, &jpeg.Options{Quality: 80})
	return withC2PA(buf.Bytes())
}

func palette(rnd *rand.Rand) color.Palette {
	p := make(color.Palette, 16)
	for i := range p {
		v := rnd.Uint32()
		p[i] = color.RGBA{uint8(v), uint8(v >> 8), uint8(v >> 16), 255}
	}
	return p
}

// fill paints blocks of 64×64 with values below levels.
func fill(pix []byte, stride, height int, rnd *rand.Rand, levels int) {
	const block = 64
	for y := range height {
		row := pix[y*stride : (y+1)*stride]
		if y%block != 0 {
			copy(row, pix[(y-1)*stride:y*stride])
			continue
		}
		for x := 0; x < len(row); x += block {
			v := byte(rnd.IntN(levels))
			for i := x; i < min(x+block, len(row)); i++ {
				row[i] = v
			}
		}
	}
}

// withC2PA puts an APP11 segment with a JUMBF superbox labelled "c2pa" behind
// the start of a JPEG (ISO/IEC 19566-5; C2PA 2.1 §11.3). The box names itself
// and holds no claim: enough to be detected, nothing to be verified.
func withC2PA(jpg []byte) []byte {
	label := append([]byte{
		0x63, 0x32, 0x70, 0x61, 0x00, 0x11, 0x00, 0x10, 0x80, 0x00, 0x00, 0xAA, 0x00, 0x38, 0x9B, 0x71, // type "c2pa"
		0x03, // toggles: requestable, labelled
	}, "c2pa\x00"...)
	super := box("jumb", box("jumd", label))
	payload := append([]byte("JP\x00\x01\x00\x00\x00\x01"), super...)
	segment := binary.BigEndian.AppendUint16([]byte{0xFF, 0xEB}, uint16(len(payload)+2))
	out := append([]byte{}, jpg[:2]...)
	out = append(out, segment...)
	out = append(out, payload...)
	return append(out, jpg[2:]...)
}

func box(kind string, content []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(8+len(content)))
	return append(append(b, kind...), content...)
}
