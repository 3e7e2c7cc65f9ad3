package demo_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/png"
	"testing"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

func keyOf(data []byte) imagechat.BlobKey { return imagechattest.KeyOf(data) }

func TestReferencesAppearInThePicture(t *testing.T) {
	t.Parallel()
	d := newDesk()
	red, green := image.NewRGBA(image.Rect(0, 0, 90, 60)), image.NewRGBA(image.Rect(0, 0, 40, 40))
	for i := 0; i < len(red.Pix); i += 4 {
		red.Pix[i], red.Pix[i+3] = 220, 255
	}
	for i := 0; i < len(green.Pix); i += 4 {
		green.Pix[i+1], green.Pix[i+3] = 200, 255
	}
	keys := map[string]imagechat.BlobKey{}
	for name, img := range map[string]image.Image{"red": red, "green": green} {
		var file bytes.Buffer
		if err := png.Encode(&file, img); err != nil {
			t.Fatal(err)
		}
		keys[name] = put(t, d, file.Bytes())
	}
	call := d.call(imagechat.KindConverse, "sns_instagram_square", "이걸로 그려 줘")
	call.References = []imagechat.InputImage{{Blob: keys["red"], Role: "product"}, {Blob: keys["green"], Role: "logo"}}
	data, _ := d.picture(t, call)
	img := decoded(t, data)
	if r, g, _ := shade(img, 45, 50, 55, 60); r < 150 || g > 60 {
		t.Errorf("where the product should be: red %.0f, green %.0f", r, g)
	}
	if r, g, _ := shade(img, 6, 89, 11, 94); g < r+60 {
		t.Errorf("where the logo should be: red %.0f, green %.0f", r, g)
	}
	call = d.call(imagechat.KindGenerate, "sns_instagram_square", "향수")
	call.References = []imagechat.InputImage{{Blob: keys["green"], Role: "style"}}
	data, _ = d.picture(t, call)
	if r, g, b := shade(decoded(t, data), 0, 0, 100, 100); g < max(r, b) {
		t.Errorf("in the style of something green: %.0f %.0f %.0f", r, g, b)
	}
	call = d.call(imagechat.KindGenerate, "sns_instagram_square", "향수")
	call.References = []imagechat.InputImage{{Blob: put(t, d, []byte("no picture"))}}
	if _, err := d.generator.Generate(t.Context(), call); !errors.Is(err, imagechat.InvalidImage) {
		t.Errorf("a broken reference: got %v", err)
	}
}

func put(t *testing.T, d *desk, data []byte) imagechat.BlobKey {
	t.Helper()
	key := keyOf(data)
	if err := d.blobs.Put(t.Context(), key, bytes.NewReader(data)); err != nil {
		t.Fatal(err)
	}
	return key
}

func TestAPictureThatCannotBeReadIsSaidSo(t *testing.T) {
	t.Parallel()
	d := newDesk()
	tests := map[string]struct {
		key  imagechat.BlobKey
		want imagechat.Code
	}{
		"no image at all": {put(t, d, []byte("hello")), imagechat.InvalidImage},
		"a cut-off JPEG":  {put(t, d, []byte{0xFF, 0xD8, 0xFF, 0xE0}), imagechat.InvalidImage},
		"a huge claim":    {put(t, d, hugePNG()), imagechat.InvalidImage},
		"not there":       {keyOf([]byte("never stored")), imagechat.NotFound},
	}
	for name, tt := range tests {
		call := d.call(imagechat.KindRefine, "banner_web", "더 밝게")
		call.Anchor = &imagechat.InputImage{Blob: tt.key}
		result, err := d.generator.Generate(t.Context(), call)
		if got := imagechat.CodeOf(err); result != nil || got != tt.want {
			t.Errorf("%s: got %v, %s; want %s", name, result, got, tt.want)
		}
		if entries, _ := d.spool.List(t.Context(), call.Attempt); len(entries) != 0 {
			t.Errorf("%s: %d entries were spooled", name, len(entries))
		}
	}
}

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
