package humaapi_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"mime/multipart"
	"strings"
	"testing"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

// upload sends one file as a form.
func (s *server) upload(path string, data []byte, headers ...string) reply {
	s.t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	part, err := form.CreateFormFile("file", "picture")
	if err == nil {
		_, err = part.Write(data)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return s.do("POST", path, b.Bytes(), append([]string{"Content-Type", form.FormDataContentType()}, headers...)...)
}

func TestARefusedUploadIsToldWhatItIs(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	var tall bytes.Buffer
	if err := png.Encode(&tall, image.NewPaletted(image.Rect(0, 0, 1, 70_000), color.Palette{color.Black, color.White})); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		data   []byte
		status int
		code   string
		want   string
	}{
		"a picture of 70,000 rows": {tall.Bytes(), 422, "invalid_image", "65535픽셀"},
		"an iPhone's photo":        {[]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), 415, "unsupported_image", "높은 호환성"},
		"a Photoshop file":         {[]byte("8BPS\x00\x01\x00\x00\x00\x00\x00\x00\x00\x03"), 415, "unsupported_image", "Photoshop"},
	} {
		p := s.wantProblem(test.status, test.code, s.upload(base+"/uploads", test.data))
		if detail := p["detail"].(string); !strings.Contains(detail, test.want) || p["retryable"] != false {
			t.Errorf("%s: got %q, retryable %v, want it to contain %q", name, detail, p["retryable"], test.want)
		}
	}
}

func TestAPictureThatArrivedCutOffIsNoSuccess(t *testing.T) {
	t.Parallel()
	whole := picture(t, 64, 64, 9)
	s := start(t, setup{replies: []imagechattest.Reply{{Images: [][]byte{whole[:len(whole)/2]}}}})
	id := s.session()
	p := s.wantProblem(502, "generator_protocol", s.do("POST", base+"/sessions/"+id+"/generate", object{"prompt": "라떼"}))
	if !strings.Contains(p["detail"].(string), "깨져") {
		t.Errorf("got %v", p["detail"])
	}
}
