package humaapi_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"reflect"
	"testing"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

func TestAnExportIsAnnouncedBeforeItIsMade(t *testing.T) {
	t.Parallel()
	s := start(t, setup{replies: []imagechattest.Reply{{Images: [][]byte{picture(t, 800, 400, 7)}}}})
	m := s.want(200, s.do("POST", base+"/sessions/"+s.session()+"/generate", map[string]any{"prompt": "아이스 라떼"}))
	image := base + "/images/" + m["images"].([]any)[0].(map[string]any)["id"].(string)
	for _, focus := range []any{nil, map[string]any{"x": 0.25, "y": 0.5}} {
		body := map[string]any{"purposes": []string{"sns_instagram_square", "email_header"}}
		query := url.Values{}
		if focus != nil {
			body["focus"] = focus
			query.Set("focus", "0.25,0.5")
		}
		p := s.want(200, s.do("POST", image+"/export/preview", body))
		// By the first round's exports only.
		if got := s.want(200, s.do("GET", image, nil)); got["is_exported"] != (focus != nil) {
			t.Errorf("is_exported after a preview: got %v", got["is_exported"])
		}
		if at := p["focus"].(map[string]any); at["x"] == nil || at["y"] == nil {
			t.Errorf("focus: got %v, want where the subject is", at)
		}
		for _, one := range p["files"].([]any) {
			f := one.(map[string]any)
			query.Set("purpose", f["purpose"].(string))
			file := s.do("GET", image+"/export?"+query.Encode(), nil)
			sum := sha256.Sum256(file.body)
			if file.StatusCode != 200 || f["bytes"] != float64(len(file.body)) || f["sha256"] != hex.EncodeToString(sum[:]) || f["mime_type"] != file.Header.Get("Content-Type") {
				t.Errorf("%v: announced %v, got %d, %d bytes of %s", f["purpose"], f, file.StatusCode, len(file.body), file.Header.Get("Content-Type"))
			}
		}
	}
	s.wantProblem(422, "invalid_request", s.do("POST", image+"/export/preview", map[string]any{"purposes": []string{"nowhere"}}))
	s.wantProblem(422, "invalid_request", s.do("POST", image+"/export/preview", map[string]any{"purposes": []string{}}))
	s.wantProblem(404, "image_not_found", s.do("POST", base+"/images/0199f3c2-7a10-7c3e-9b1a-2f6f1f0c5a11/export/preview", map[string]any{"purposes": []string{"email_header"}}))
}

func TestAPackKeepsAFocusForEachPurposeAndTheWordsOfThePerson(t *testing.T) {
	t.Parallel()
	s := start(t, setup{replies: []imagechattest.Reply{{Images: [][]byte{picture(t, 800, 400, 7)}}}})
	session := base + "/sessions/" + s.session()
	m := s.want(200, s.do("POST", session+"/generate", map[string]any{"prompt": "아이스 라떼"}))
	id := m["images"].([]any)[0].(map[string]any)["id"].(string)
	body := map[string]any{
		"image_id": id, "purposes": []string{"sns_instagram_square", "ig_feed_square", "kakao_bizboard"},
		"focus": map[string]any{"x": 0, "y": 0.5}, "focuses": map[string]any{"ig_feed_square": map[string]any{"x": 1, "y": 0.5}},
	}
	answer := s.do("POST", session+"/exports", body)
	if answer.StatusCode != 200 {
		t.Fatalf("got %d: %s", answer.StatusCode, answer.body)
	}
	var manifest []map[string]any
	z, err := zip.NewReader(bytes.NewReader(answer.body), int64(len(answer.body)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open("manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := json.NewDecoder(f).Decode(&manifest); err != nil {
		t.Fatal(err)
	}
	left := []float64{}
	for _, entry := range manifest[:2] {
		left = append(left, entry["crop"].(map[string]any)["x"].(float64))
		if entry["prompt"] != "아이스 라떼" {
			t.Errorf("prompt: got %q, want the person's words alone", entry["prompt"])
		}
	}
	if want := []float64{0, 400}; !reflect.DeepEqual(left, want) {
		t.Errorf("the crops begin at %v, want %v", left, want)
	}

	delete(body, "image_id")
	p := s.want(200, s.do("POST", base+"/images/"+id+"/export/preview", body))
	for i, one := range p["files"].([]any) {
		file := one.(map[string]any)
		if i < 2 && file["crop"].(map[string]any)["x"].(float64)*800 != left[i] {
			t.Errorf("announced %v, made from %v on", file["crop"], left[i])
		}
		opaque := false
		for _, w := range file["warnings"].([]any) {
			opaque = opaque || w == "opaque"
		}
		if want := file["purpose"] == "kakao_bizboard"; opaque != want {
			t.Errorf("%v: warned of an opaque background: %v, want %v", file["purpose"], opaque, want)
		}
	}
	body["focuses"] = map[string]any{"email_header": map[string]any{"x": 1, "y": 0.5}}
	s.wantProblem(422, "invalid_request", s.do("POST", base+"/images/"+id+"/export/preview", body))
}
