package demo_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

func keyOf(data []byte) imagechat.BlobKey { return imagechattest.KeyOf(data) }

// hugePNG claims 100,000 x 100,000 pixels in a few bytes.
func hugePNG() []byte {
	header := binary.BigEndian.AppendUint32([]byte("IHDR"), 100_000)
	header = append(binary.BigEndian.AppendUint32(header, 100_000), 8, 2, 0, 0, 0)
	var file bytes.Buffer
	file.WriteString("\x89PNG\r\n\x1a\n")
	file.Write(binary.BigEndian.AppendUint32(nil, 13))
	file.Write(header)
	file.Write(binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(header)))
	return file.Bytes()
}
