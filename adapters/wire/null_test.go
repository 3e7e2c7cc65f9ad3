package wire

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// fields is v as a client reads it.
func fields(t *testing.T, v any) map[string]any {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func wantNull(t *testing.T, what string, got map[string]any, names ...string) {
	t.Helper()
	for _, name := range names {
		if v, there := got[name]; !there || v != nil {
			t.Errorf("%s: got %s %v, want null", what, name, v)
		}
	}
}

func TestWhatDoesNotApplyIsNull(t *testing.T) {
	t.Parallel()
	l := Locale{Lang: imagechat.LangKO}
	said := imagechat.Message{Role: imagechat.RoleUser, Text: "안녕하세요"}
	wantNull(t, "a person's message", fields(t, NewMessage(&said, l)), "generation_time_ms", "tokens_used", "image_url", "image_thumbnail_url")
	failed := imagechat.Message{Role: imagechat.RoleAssistant, Error: &imagechat.Error{Code: imagechat.ContentBlocked}}
	wantNull(t, "a failed reply", fields(t, NewMessage(&failed, l)), "generation_time_ms", "tokens_used", "image_url")
	picture := imagechat.Message{Role: imagechat.RoleAssistant, Images: []imagechat.Image{{Width: 8, Height: 8}}, GenerationTime: time.Microsecond, TokensUsed: 7}
	got := fields(t, NewMessage(&picture, l))
	wantNull(t, "a picture without words", got, "text_content")
	if got["generation_time_ms"] != 1.0 || got["tokens_used"] != 7.0 {
		t.Errorf("a reply within a millisecond: got %v ms, %v tokens, want 1 and 7", got["generation_time_ms"], got["tokens_used"])
	}
	wantNull(t, "a new session", fields(t, NewSession(&imagechat.Session{}, Locale{})),
		"title", "style_preset", "brand_guidelines", "brand_id", "final_image_url", "final_image_id")
	words := imagechat.Message{Role: imagechat.RoleAssistant, Text: "네", TurnID: "t"}
	frame := UpdateFrame(&imagechat.Update{Event: &imagechat.Event{Type: imagechat.EventMessage, Message: &words}}, l, "", time.Now())
	wantNull(t, "a reply in words", fields(t, frame.Data), "prompt_used", "model_used", "width", "height", "generation_time_ms")
}
