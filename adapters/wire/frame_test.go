package wire

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

func TestRepliesAreShownByWhatTheyHold(t *testing.T) {
	t.Parallel()
	picture := imagechat.Image{ID: "i1", Width: 4, Height: 3, PromptUsed: "p", ModelUsed: "m"}
	for name, test := range map[string]struct {
		message imagechat.Message
		want    FrameType
	}{
		"words":             {imagechat.Message{Text: "안녕"}, FrameMessage},
		"a picture":         {imagechat.Message{Images: []imagechat.Image{picture}}, FrameImage},
		"words and picture": {imagechat.Message{Text: "여기요", Images: []imagechat.Image{picture}}, FrameMixed},
	} {
		u := &imagechat.Update{Event: &imagechat.Event{Seq: 3, Type: imagechat.EventMessage, TurnID: "t1", Message: &test.message}}
		f := UpdateFrame(u, Locale{Lang: imagechat.LangKO}, "r", time.Now())
		if f.Type != test.want || f.Seq != 3 || f.TurnID != "t1" || f.Content != test.message.Text {
			t.Errorf("%s: got %+v, want type %s", name, f, test.want)
		}
		if want := len(test.message.Images) > 0; (f.ImageURL != "") != want {
			t.Errorf("%s: got image_url %q", name, f.ImageURL)
		}
	}
}

func TestHintsCarryTheirNumbers(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for name, test := range map[string]struct {
		hint imagechat.Hint
		want string
	}{
		"queued":     {imagechat.Hint{Stage: imagechat.StageQueued, Position: 3}, `{"code":"queued","position":3}`},
		"generating": {imagechat.Hint{Stage: imagechat.StageGenerating, Elapsed: 2 * time.Second, Expected: 11 * time.Second}, `{"code":"generating","elapsed_ms":2000,"expected_ms":11000}`},
		"retrying":   {imagechat.Hint{Stage: imagechat.StageRetrying, RetryAfter: 1500 * time.Millisecond}, `{"code":"retrying","retry_after_ms":1500}`},
		"saving":     {imagechat.Hint{Stage: imagechat.StageSaving}, `{"code":"saving"}`},
		"thinking":   {imagechat.Hint{Stage: imagechat.StageThinking}, `{"code":"thinking"}`},
		"streaming":  {imagechat.Hint{Stage: imagechat.StageStreaming, Text: "안녕"}, `{"code":"streaming"}`},
	} {
		f := UpdateFrame(&imagechat.Update{Hint: &test.hint}, Locale{Lang: imagechat.LangKO}, "r", now)
		data, err := json.Marshal(f.Data)
		if err != nil || string(data) != test.want || f.Seq != 0 || f.Type != FrameStatus || f.Content == "" {
			t.Errorf("%s: got %s of %+v (%v), want %s", name, data, f, err, test.want)
		}
	}
}

func TestListsAreNeverNull(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]any{
		"message":  NewMessage(&imagechat.Message{}, Locale{}),
		"sessions": NewSessionPage(&imagechat.SessionPage{}, 20, 0, Locale{}),
		"images":   NewImagePage(&imagechat.ImagePage{}, Locale{}),
		"brand":    NewBrand(&imagechat.Brand{}, Locale{}),
		"brands":   NewBrandList(nil, Locale{}),
		"usage":    NewUsage(&imagechat.Usage{}),
		"models":   NewModels([]imagechat.Model{{}}),
		"detail":   NewSessionDetail(&imagechat.Conversation{Session: &imagechat.Session{}, Messages: &imagechat.MessagePage{}}, Locale{}),
	} {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		var fields any
		if err := json.Unmarshal(b, &fields); err != nil {
			t.Fatal(err)
		}
		for _, list := range []string{"messages", "images", "reference_images", "sessions", "brands", "palette", "do", "dont", "by_day", "by_session", "sizes", "ratios", "thinking", "active_turns"} {
			if o, ok := fields.(map[string]any); ok {
				if value, there := o[list]; there && value == nil {
					t.Errorf("%s.%s is null", name, list)
				}
			}
		}
	}
}

func TestAClientFrameIsReadAsTheContractSays(t *testing.T) {
	t.Parallel()
	f, err := ParseClientFrame([]byte(`{"content":"안녕","data":{"purpose":"banner_web","style":"modern","count":2,"unheard":1},"id":"k","timestamp":"2025-01-01T00:00:00Z"}`))
	if err != nil {
		t.Fatal(err)
	}
	got := f.Turn(imagechat.DefaultPurposes(), imagechat.LangKO)
	want := imagechat.TurnRequest{
		Kind: imagechat.KindChat, Content: "안녕", ImagePurpose: "banner_web", StylePreset: "modern", Count: 2, Lang: imagechat.LangKO,
	}
	if diff := cmp.Diff(want, got); diff != "" || f.ID != "k" {
		t.Errorf("(-want +got) id %q:\n%s", f.ID, diff)
	}
	f, err = ParseClientFrame([]byte(`{"type":"generate","content":"x","data":{"purpose":"nowhere","style":"nothing"}}`))
	if err != nil {
		t.Fatal(err)
	}
	if got := f.Turn(imagechat.DefaultPurposes(), imagechat.LangKO); got.ImagePurpose != "" || got.StylePreset != "" {
		t.Errorf("unknown purpose and style: got %+v, want both left to the session", got)
	}
}

func TestAWholeNumberMayBeSpelledAsJSONAllows(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"2": 2, "2.0": 2, "2e0": 2, "20e-1": 2, "null": 0} {
		f, err := ParseClientFrame([]byte(`{"content":"x","data":{"count":` + text + `}}`))
		if err != nil || int(f.Data.Count) != want {
			t.Errorf("%s: got %+v (%v), want %d", text, f, err, want)
		}
	}
	for _, text := range []string{"2.5", `"2"`, "1e300", "true", "[2]"} {
		_, err := ParseClientFrame([]byte(`{"content":"x","data":{"count":` + text + `}}`))
		e := imagechat.AsError(err)
		if e == nil || len(e.Fields) != 1 || e.Fields[0] != (imagechat.FieldError{Location: "data.count", Rule: "integer"}) {
			t.Errorf("%s: got %v, want the field and its rule", text, err)
		}
	}
}

func FuzzParseClientFrame(f *testing.F) {
	for _, seed := range []string{`{"type":"generate","content":"라떼","data":{"count":2},"id":"k"}`, `{"type":5}`, `[]`, ``, `{"data":{"count":1e9}}`, `{"data":{"count":2.0,"custom_width":5e2}}`, "{\"content\":\"\xff\"}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		frame, err := ParseClientFrame(b)
		if err == nil && frame == nil {
			t.Fatal("got neither a frame nor an error")
		}
		if err != nil {
			if frame != nil && !reflect.DeepEqual(frame, &ClientFrame{ID: frame.ID}) {
				t.Errorf("a refused frame: got %+v, want nothing but its id", frame)
			}
			if c := imagechat.CodeOf(err); c != imagechat.MalformedRequest && c != imagechat.InvalidRequest {
				t.Errorf("code: got %s", c)
			}
			return
		}
		frame.Turn(imagechat.DefaultPurposes(), imagechat.LangEN)
	})
}
