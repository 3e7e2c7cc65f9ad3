package humaapi

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/memory"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

// unread fails the test when somebody reads it.
type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) {
	u.t.Error("a body was read that there was no room for")
	return 0, http.ErrBodyReadAfterClose
}

func TestABodyIsReadWhenThereIsRoomForIt(t *testing.T) {
	t.Parallel()
	svc, err := imagechat.New(memory.Ports(imagechattest.NewScript()), nil)
	if err != nil {
		t.Fatal(err)
	}
	api, err := New(svc, nil)
	if err != nil {
		t.Fatal(err)
	}
	b := api.ops.bodies
	b.patience = time.Millisecond
	post := func(r *http.Request) *httptest.ResponseRecorder {
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		api.Handler().ServeHTTP(w, r)
		return w
	}
	message := base + "/sessions/none/message"
	large := func() *http.Request {
		return httptest.NewRequest(http.MethodPost, message, strings.NewReader(`{"content":"`+strings.Repeat("x", 2<<20)+`"}`))
	}

	if !b.large.TryAcquire(largeBodiesAtOnce) {
		t.Fatal("the allowance is not whole at the start")
	}
	for name, length := range map[string]int64{"a large one": 20 << 20, "one of unknown size": -1, "one beyond the limit": 1 << 40} {
		r := httptest.NewRequest(http.MethodPost, message, unread{t})
		r.ContentLength = length
		if w := post(r); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
			t.Errorf("%s: got %d %s, want 503 with Retry-After", name, w.Code, w.Body)
		}
	}
	small := httptest.NewRequest(http.MethodPost, message, strings.NewReader(`{"content":"a lamp"}`))
	if w := post(small); w.Code != http.StatusNotFound {
		t.Errorf("a small one: got %d %s, want 404", w.Code, w.Body)
	}
	usual := httptest.NewRequest(http.MethodPost, base+"/sessions", strings.NewReader(`{"title":"`+strings.Repeat("x", 100<<10)+`"}`))
	if w := post(usual); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("one of another route: got %d %s, want 422", w.Code, w.Body)
	}
	b.large.Release(largeBodiesAtOnce)
	for range 3 { // each gives its share back
		if w := post(large()); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("with room: got %d %s, want 422", w.Code, w.Body)
		}
	}
	if !b.large.TryAcquire(largeBodiesAtOnce) || !b.usual.TryAcquire(bodiesAtOnce) {
		t.Error("a share was not given back")
	}
}
