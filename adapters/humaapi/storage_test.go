package humaapi_test

import (
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/humaapi"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/memory"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

// reading are the operations that keep nothing although their method says so.
var reading = map[string]bool{"login": true, "estimateTurn": true, "previewExport": true, "createExport": true}

// operationsOf are the document's operations by name.
func operationsOf(doc *huma.OpenAPI) map[string]*huma.Operation {
	found := map[string]*huma.Operation{}
	for _, item := range doc.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Put, item.Post, item.Patch, item.Delete} {
			if op != nil {
				found[op.OperationID] = op
			}
		}
	}
	return found
}

func TestWhatWritesMayFindTheDiskFull(t *testing.T) {
	t.Parallel()
	for id, op := range operationsOf(humaapi.Document()) {
		want := op.Method != http.MethodGet && !reading[id]
		if _, got := op.Responses["507"]; got != want {
			t.Errorf("%s: the document lists 507: %v, want %v", id, got, want)
		}
	}
}

// failWrites makes every write of the repository and every new blob fail, or lets them pass again.
func (s *server) failWrites(times int) {
	repository := s.ports.Repository.(*memory.Repository)
	for i := range reflect.TypeFor[imagechat.Repository]().NumMethod() {
		name := reflect.TypeFor[imagechat.Repository]().Method(i).Name
		for _, verb := range []string{"Create", "Update", "Delete", "Append", "Put", "Prune"} {
			if strings.HasPrefix(name, verb) {
				repository.FailNext(name, times, imagechat.StorageFull)
			}
		}
	}
	s.ports.Blobs.(*memory.BlobStore).FailNext("Put", times, imagechat.StorageFull)
}

// TestEveryWriteSaysThatTheDiskIsFull calls each of the document's operations
// that write, on a full disk. [checked] holds each answer against the document.
func TestEveryWriteSaysThatTheDiskIsFull(t *testing.T) {
	t.Parallel()
	hold := make(chan struct{})
	s := start(t, setup{replies: []imagechattest.Reply{
		{Text: "네.", Images: [][]byte{picture(t, 64, 32, 9)}},
		{Cut: []byte("cut")},
		{Wait: hold, Text: "네."},
	}})
	defer close(hold)
	say := func(session string, headers ...string) map[string]any {
		r := s.do("POST", base+"/sessions/"+session+"/turns", map[string]any{"kind": "generate", "content": "라떼"}, headers...)
		if r.StatusCode >= 300 {
			t.Fatalf("turn: got %d\n%s", r.StatusCode, r.body)
		}
		return r.json(t)
	}
	session := s.session()
	say(session, "Prefer", "wait=20")
	image := s.want(200, s.do("GET", base+"/images", nil))["images"].([]any)[0].(map[string]any)["id"].(string)
	failed := say(session, "Prefer", "wait=20")
	running := say(s.session())
	brand := s.want(201, s.do("POST", base+"/brands", map[string]any{"name": "가게"}))["id"].(string)
	upload, uploadType := form(t, "file", picture(t, 8, 8, 1))

	requests := map[string]struct {
		path    string
		body    any
		headers []string
	}{
		"createSession":   {path: "/sessions", body: map[string]any{"image_purpose": "email_header"}},
		"updateSession":   {path: "/sessions/" + session, body: map[string]any{"title": "가을"}},
		"deleteSession":   {path: "/sessions/" + session},
		"createTurn":      {path: "/sessions/" + session + "/turns", body: map[string]any{"kind": "chat", "content": "라떼"}},
		"cancelTurn":      {path: "/turns/" + running["id"].(string) + "/cancel"},
		"retryTurn":       {path: "/turns/" + failed["id"].(string) + "/retry"},
		"sendMessage":     {path: "/sessions/" + session + "/message", body: map[string]any{"content": "라떼"}},
		"generateImage":   {path: "/sessions/" + session + "/generate", body: map[string]any{"prompt": "라떼"}},
		"refineImage":     {path: "/sessions/" + session + "/refine", body: map[string]any{"feedback": "라떼", "image_id": image}},
		"updateImage":     {path: "/images/" + image, body: map[string]any{"is_selected": true}},
		"deleteImage":     {path: "/images/" + image},
		"uploadImage":     {path: "/uploads", body: upload, headers: []string{"Content-Type", uploadType}},
		"createBrand":     {path: "/brands", body: map[string]any{"name": "가게"}},
		"updateBrand":     {path: "/brands/" + brand, body: map[string]any{"name": "상점"}},
		"deleteBrand":     {path: "/brands/" + brand},
		"uploadBrandLogo": {path: "/brands/" + brand + "/logo", body: upload, headers: []string{"Content-Type", uploadType}},
	}
	s.failWrites(-1)
	defer s.failWrites(0)
	for id, op := range operationsOf(humaapi.Document()) {
		if op.Method == http.MethodGet || reading[id] || id == "logout" { // a logout is kept elsewhere
			continue
		}
		r, ok := requests[id]
		if !ok {
			t.Errorf("%s writes: say here how it is called", id)
			continue
		}
		if got := s.do(op.Method, base+r.path, r.body, r.headers...); got.StatusCode != http.StatusInsufficientStorage {
			t.Errorf("%s on a full disk: got %d, want 507\n%s", id, got.StatusCode, got.body)
		}
	}
}
