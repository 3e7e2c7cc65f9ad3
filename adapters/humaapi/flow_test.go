package humaapi_test

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

func TestASentenceBecomesAStoredPicture(t *testing.T) {
	t.Parallel()
	data := picture(t, 1024, 512, 7)
	s := start(t, setup{replies: []imagechattest.Reply{{Text: "만들었어요.", Images: [][]byte{data}}}})
	id := s.session()
	m := s.want(200, s.do("POST", base+"/sessions/"+id+"/generate", map[string]any{"prompt": "아이스 라떼"}))
	if m["role"] != "assistant" || m["content_type"] != "mixed" || m["text_content"] != "만들었어요." {
		t.Errorf("message: got %v", m)
	}
	content := s.do("GET", m["image_url"].(string), nil)
	sum := sha256.Sum256(content.body)
	want := sha256.Sum256(data)
	if content.StatusCode != 200 || sum != want {
		t.Errorf("content: got status %d and sha256 %x, want %x", content.StatusCode, sum, want)
	}
	if got := content.Header.Get("ETag"); got != `"`+hex.EncodeToString(want[:])+`"` {
		t.Errorf("ETag: got %s", got)
	}
	thumb := s.do("GET", m["image_thumbnail_url"].(string), nil)
	if thumb.StatusCode != 200 || len(thumb.body) == 0 || thumb.Header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("thumbnail: got %d, %s, %d bytes\n%.200s", thumb.StatusCode, thumb.Header.Get("Content-Type"), len(thumb.body), thumb.body)
	}
}
