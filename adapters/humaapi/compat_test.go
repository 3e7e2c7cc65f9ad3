package humaapi_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/humaapi"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/memory"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

// references counts the pictures that were stored as references.
func (s *server) references() int {
	s.t.Helper()
	return len(s.want(200, s.do("GET", base+"/images?role=reference", nil))["images"].([]any))
}

func dataURL(data []byte) string {
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(data)
}

func TestARequestWithItsOwnPictureIsTakenInOnce(t *testing.T) {
	t.Parallel()
	s := start(t, setup{replies: []imagechattest.Reply{{Text: "좋아요."}, {Text: "두 번째예요."}}})
	path := base + "/sessions/" + s.session() + "/message"
	request := object{"content": "이 사진 어때?", "reference_image_url": dataURL(picture(t, 80, 40, 3))}
	first := s.want(200, s.do("POST", path, request, "Idempotency-Key", "k"))
	again := s.want(200, s.do("POST", path, request, "Idempotency-Key", "k"))
	if again["id"] != first["id"] {
		t.Errorf("the same key: got message %v, want %v", again["id"], first["id"])
	}
	other := object{"content": "이 사진 어때?", "reference_image_url": dataURL(picture(t, 80, 40, 4))}
	s.wantProblem(409, "idempotency_mismatch", s.do("POST", path, other, "Idempotency-Key", "k"))
	if got := s.references(); got != 1 {
		t.Errorf("got %d references, want the one of the turn", got)
	}
}

func TestARefusedRequestLeavesNoPictureBehind(t *testing.T) {
	t.Parallel()
	s := start(t, setup{replies: []imagechattest.Reply{{Text: "좋아요."}}})
	path := base + "/sessions/" + s.session()
	reference := dataURL(picture(t, 80, 40, 3))
	s.wantProblem(422, "invalid_request", s.do("POST", path+"/message", object{"content": "   ", "reference_image_url": reference}))
	s.wantProblem(422, "invalid_request", s.do("POST", path+"/generate", object{"prompt": "x", "style_preset": "no such", "reference_image_url": reference}))
	s.wantProblem(404, "session_not_found", s.do("POST", base+"/sessions/"+nobody+"/message", object{"content": "x", "reference_image_url": reference}))
	repository := s.ports.Repository.(*memory.Repository)
	repository.FailNext("CreateTurn", 1, imagechat.StorageUnavailable)
	s.wantProblem(503, "storage_unavailable", s.do("POST", path+"/message", object{"content": "x", "reference_image_url": reference}))
	if got := s.references(); got != 0 {
		t.Errorf("got %d references, want none", got)
	}
	s.want(200, s.do("POST", path+"/message", object{"content": "x", "reference_image_url": reference}))
	if got := s.references(); got != 1 {
		t.Errorf("got %d references after a turn, want its own", got)
	}
}

func TestAPictureIsKnownByTheNameThatTheRequestUses(t *testing.T) {
	t.Parallel()
	s := start(t, setup{replies: []imagechattest.Reply{{Text: "좋아요."}}})
	body, contentType := form(t, "file", picture(t, 80, 40, 3))
	url := s.want(201, s.do("POST", base+"/uploads", body, "Content-Type", contentType))["image_url"].(string)
	path := base + "/sessions/" + s.session() + "/message"
	s.want(200, s.do("POST", path, object{"content": "어때?", "reference_image_url": s.URL + url}))
	for _, elsewhere := range []string{"http://other.example" + url, "ftp" + strings.TrimPrefix(s.URL, "http") + url, s.URL + base + "/sessions"} {
		s.wantProblem(422, "invalid_request", s.do("POST", path, object{"content": "어때?", "reference_image_url": elsewhere}))
	}
	s.wantProblem(404, "image_not_found", s.do("POST", path, object{"content": "어때?", "reference_image_url": s.URL + base + "/images/" + nobody + "/content"}))
}

func TestTheSynchronousRoutesKnowATurnWhenTheAllowanceIsUsedUp(t *testing.T) {
	t.Parallel()
	s := start(t, setup{
		api:     humaapi.Options{Auth: logins(t), Limits: humaapi.Limits{TurnsPerMinute: 2}}, // one at once
		replies: []imagechattest.Reply{{Text: "네."}},
	})
	s.header = bearer(minaSecret)
	session := base + "/sessions/" + s.session()
	request := object{"content": "하나", "reference_image_url": dataURL(picture(t, 8, 8, 1))}
	first := s.want(200, s.do("POST", session+"/message", request, "Idempotency-Key", "k1"))
	again := s.want(200, s.do("POST", session+"/message", request, "Idempotency-Key", "k1"))
	if again["id"] != first["id"] {
		t.Errorf("the same turn again: got %v, want %v", again["id"], first["id"])
	}
	s.wantProblem(429, "rate_limited", s.do("POST", session+"/message", request, "Idempotency-Key", "k2"))
	s.wantProblem(409, "conflict", s.do("POST", base+"/turns/"+first["turn_id"].(string)+"/retry", nil))
	if got := s.references(); got != 1 {
		t.Errorf("got %d references, want the one of the turn", got)
	}
}
