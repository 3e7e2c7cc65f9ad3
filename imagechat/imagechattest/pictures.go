package imagechattest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// PNG returns a real picture. Different seeds make different bytes.
func PNG(width, height int, seed byte) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, paint(width, height, seed)); err != nil {
		panic(err) // a size of zero, or too large
	}
	return b.Bytes()
}

// JPEG returns a real picture. Seeds that lie well apart make different bytes.
func JPEG(width, height int, seed byte) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, paint(width, height, seed), nil); err != nil {
		panic(err) // a size that is too large
	}
	return b.Bytes()
}

func paint(width, height int, seed byte) image.Image {
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			m.SetRGBA(x, y, color.RGBA{byte(x), byte(y), seed, 255})
		}
	}
	return m
}

// KeyOf returns the key under which bytes are kept.
func KeyOf(data []byte) imagechat.BlobKey {
	sum := sha256.Sum256(data)
	return imagechat.BlobKey(hex.EncodeToString(sum[:]))
}
