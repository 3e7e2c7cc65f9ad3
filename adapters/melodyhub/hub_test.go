package melodyhub_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/melodyhub"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/wire"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

func TestATurnIsToldFromAcceptedToThePicture(t *testing.T) {
	t.Parallel()
	p := open(t, nil, nil, imagechattest.Reply{Text: "만들었어요.", Images: [][]byte{picture(t)}})
	c := p.join("")
	c.say(object{"type": "generate", "content": "아이스 라떼", "data": object{"purpose": "nowhere", "style": "unheard-of"}, "id": "k1"})
	frames := c.until(ofType("mixed", "image", "message", "error"))
	accepted, last := frames[0], frames[len(frames)-1]
	if accepted.code() != "accepted" || accepted.Seq == 0 || accepted.TurnID == "" || accepted.Data["message"] == nil || accepted.Data["turn"] == nil {
		t.Errorf("first frame of the turn: got %+v, want accepted with message and turn", accepted)
	}
	if last.Type != "mixed" || last.Content != "만들었어요." || last.ImageURL == "" {
		t.Fatalf("last frame: got %+v, want mixed", last)
	}
	for _, field := range []string{"message", "prompt_used", "model_used", "width", "height", "generation_time_ms"} {
		if _, ok := last.Data[field]; !ok {
			t.Errorf("data has no %s: %v", field, last.Data)
		}
	}
	if last.Data["width"] != 64.0 || last.Data["height"] != 32.0 {
		t.Errorf("size: got %v × %v, want 64 × 32", last.Data["width"], last.Data["height"])
	}
	inOrder(t, frames, accepted.Seq)

	// The same key starts nothing new and is told again.
	c.say(object{"type": "generate", "content": "아이스 라떼", "data": object{"purpose": "nowhere", "style": "unheard-of"}, "id": "k1"})
	again := c.next()
	if again.code() != "accepted" || again.TurnID != accepted.TurnID || again.Seq != 0 {
		t.Errorf("repeated frame: got %+v, want accepted of the first turn, without seq", again)
	}
}

func TestAnAnswerNamesTheFrameThatItAnswers(t *testing.T) {
	t.Parallel()
	p := open(t, nil, nil, imagechattest.Reply{Text: "안녕하세요."})
	c := p.join("")
	for name, wrong := range map[string]object{
		"an unknown type":           {"type": "dance", "content": "x", "id": "k"},
		"empty content":             {"type": "chat", "content": "", "id": "k"},
		"content of the wrong kind": {"type": "chat", "content": 5, "id": "k"},
		"data of the wrong kind":    {"type": "generate", "content": "x", "data": "y", "id": "k"},
		"refine of no picture":      {"type": "refine", "content": "x", "id": "k"},
		"cancel of an unknown turn": {"type": "cancel", "id": "k", "data": object{"turn_id": "0199f3c2-7a10-7c3e-9b1a-2f6f1f0c5a11"}},
	} {
		c.say(wrong)
		if f := c.next(); f.Type != "error" || f.ID != "k" {
			t.Errorf("%s: got %+v, want an error with the frame's id", name, f)
		}
	}
	c.say(object{"type": "chat", "content": "안녕", "id": "k1"})
	if f := c.next(); f.code() != "accepted" || f.ID != "k1" {
		t.Errorf("a turn: got %+v, want accepted with the frame's id", f)
	}
	c.until(ofType("message"))

	// Somebody who comes back hears it with the id too, and a mismatch says whose it is.
	back := p.join("?after=0")
	if f := back.next(); f.code() != "accepted" || f.Seq == 0 || f.ID != "k1" {
		t.Errorf("replayed: got %+v, want the durable accepted frame with its id", f)
	}
	back.until(ofType("message"))
	back.say(object{"type": "chat", "content": "다른 말", "id": "k1"})
	if f := back.next(); f.Data["code"] != "idempotency_mismatch" || f.ID != "k1" {
		t.Errorf("another request under the key: got %+v, want idempotency_mismatch with the id", f)
	}
}

func TestAKnownTurnIsAnsweredWhenTheAllowanceIsUsedUp(t *testing.T) {
	t.Parallel()
	left := 1
	p := open(t, nil, as("", func(c *wire.Caller) {
		c.AllowTurn = func() error {
			if left--; left < 0 {
				return &imagechat.Error{Code: imagechat.RateLimited, Retryable: true}
			}
			return nil
		}
	}), imagechattest.Reply{Text: "안녕하세요."})
	c := p.join("")
	turn := object{"type": "chat", "content": "안녕", "id": "k1"}
	c.say(turn)
	c.until(ofType("message"))
	c.say(turn)
	if f := c.next(); f.code() != "accepted" || f.ID != "k1" {
		t.Errorf("the same turn again: got %+v, want accepted", f)
	}
	c.say(object{"type": "chat", "content": "또", "id": "k2"})
	if f := c.next(); f.Data["code"] != "rate_limited" || f.ID != "k2" {
		t.Errorf("a new turn: got %+v, want rate_limited", f)
	}
	c.say(object{"type": "chat", "content": "다른 말", "id": "k1"})
	if f := c.next(); f.Data["code"] != "idempotency_mismatch" {
		t.Errorf("another turn under the key: got %+v, want idempotency_mismatch", f)
	}
}

func TestTwoTabsSeeTheSameFrames(t *testing.T) {
	t.Parallel()
	p := open(t, nil, nil, imagechattest.Reply{Text: "안녕하세요."})
	a, b := p.join(""), p.join("")
	a.say(object{"content": "안녕"}) // an absent type is chat
	durable := func(frames []frame) []frame {
		var out []frame
		for _, f := range frames {
			if f.Seq > 0 {
				out = append(out, f)
			}
		}
		return out
	}
	fromA, fromB := durable(a.until(ofType("message"))), durable(b.until(ofType("message")))
	if diff := cmp.Diff(fromA, fromB); diff != "" {
		t.Errorf("the tabs differ (-first +second):\n%s", diff)
	}
}

func TestAClientThatComesBackMissesAndRepeatsNothing(t *testing.T) {
	t.Parallel()
	p := open(t, nil, nil)
	p.rename(300) // ten times melody's queue
	c := p.join("?after=0")
	inOrder(t, c.until(withSeq(300)), 1)
	_ = c.conn.Close()
	p.rename(5)
	back := p.join("?after=300")
	p.rename(5)
	inOrder(t, back.until(withSeq(310)), 301)
}

func TestWhatIsWrongWithAFrameIsAnsweredAndTheSocketStaysOpen(t *testing.T) {
	t.Parallel()
	p := open(t, nil, nil)
	c := p.join("?lang=en")
	for name, test := range map[string]struct {
		frame any
		code  string
	}{
		"no JSON":                   {"{", "malformed_request"},
		"a list":                    {"[]", "malformed_request"},
		"an empty text":             {"", "malformed_request"},
		"not UTF-8":                 {"{\"content\":\"\xff\"}", "malformed_request"},
		"an unknown type":           {object{"type": "dance", "content": "x"}, "invalid_request"},
		"a type of the wrong kind":  {object{"type": 5}, "invalid_request"},
		"empty content":             {object{"type": "chat", "content": ""}, "invalid_request"},
		"too long content":          {object{"type": "chat", "content": strings.Repeat("가", 2001)}, "invalid_request"},
		"a NUL":                     {object{"type": "chat", "content": "a\x00b"}, "invalid_request"},
		"content of the wrong kind": {object{"type": "chat", "content": 5}, "invalid_request"},
		"data of the wrong kind":    {object{"type": "chat", "content": "x", "data": "y"}, "invalid_request"},
		"a count of the wrong kind": {object{"type": "generate", "content": "x", "data": object{"count": "many"}}, "invalid_request"},
		"cancel of nothing":         {object{"type": "cancel"}, "invalid_request"},
		"cancel of an unknown turn": {object{"type": "cancel", "data": object{"turn_id": "0199f3c2-7a10-7c3e-9b1a-2f6f1f0c5a11"}}, "turn_not_found"},
		"refine of no picture":      {object{"type": "refine", "content": "x"}, "invalid_request"},
	} {
		c.say(test.frame)
		f := c.next()
		if f.Type != "error" || f.Data["code"] != test.code || f.Content == "" || f.Content != f.Data["detail"] {
			t.Errorf("%s: got %+v, want an error frame of code %s", name, f, test.code)
		}
	}
	for name, test := range map[string]struct {
		frame   any
		problem string
	}{
		"half a picture":         {object{"type": "generate", "content": "x", "data": object{"count": 1.5}}, "data.count: 512처럼 정수로 적어 주세요."},
		"an id that is too long": {object{"content": "x", "id": strings.Repeat("k", 256)}, "id: 255자까지 쓸 수 있어요."},
	} {
		c.say(test.frame)
		if f := c.next(); f.Type != "error" || !strings.HasSuffix(f.Content, test.problem) {
			t.Errorf("%s: got %+v, want %q", name, f, test.problem)
		}
	}
	c.say(object{"type": "ping", "id": "p"})
	if f := c.next(); f.Type != "status" || f.code() != "pong" {
		t.Errorf("ping: got %+v, want pong", f)
	}
	s, err := p.svc.Session(p.ctx, p.session)
	if err != nil || s.MessagesCount != 0 {
		t.Errorf("session: got %+v and %v, want no message", s, err)
	}
}

func TestCancelEndsARunningTurn(t *testing.T) {
	t.Parallel()
	never := make(chan struct{})
	p := open(t, nil, nil, imagechattest.Reply{Wait: never})
	c := p.join("")
	c.say(object{"type": "generate", "content": "라떼"})
	accepted := c.next()
	c.say(object{"type": "ping"}) // answered while the generator works
	c.until(func(f frame) bool { return f.code() == "pong" })
	c.say(object{"type": "cancel", "data": object{"turn_id": accepted.TurnID}})
	frames := c.until(ofType("error"))
	if last := frames[len(frames)-1]; last.Data["code"] != "cancelled" || last.Seq == 0 || last.TurnID != accepted.TurnID {
		t.Errorf("got %+v, want the turn's durable cancelled", last)
	}
}

func TestWhatCanBeRefusedIsRefusedBeforeTheHandshake(t *testing.T) {
	t.Parallel()
	p := open(t, &melodyhub.Options{AllowedOrigins: []string{"https://studio.example.com"}}, nil)
	known := p.session
	for name, test := range map[string]struct {
		session, query string
		headers        []string
		status         int
	}{
		"an unknown session":        {"0199f3c2-7a10-7c3e-9b1a-2f6f1f0c5a11", "", nil, 404},
		"an id that is none":        {"x", "", nil, 404},
		"an after that is no count": {string(known), "?after=-3", nil, 422},
		"another site's page":       {string(known), "", []string{"Origin", "https://evil.example"}, 403},
		"a page without an origin":  {string(known), "", []string{"Origin", "null"}, 403},
	} {
		q := *p
		q.session = "" // url() appends it
		_, resp, err := q.dial(test.session+test.query, test.headers...)
		if err == nil || resp == nil || resp.StatusCode != test.status || resp.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: got %v and %v, want a problem of %d", name, resp, err, test.status)
		}
	}
	for name, origin := range map[string]string{"the server's own page": p.web.URL, "an allowed origin": "https://studio.example.com"} {
		if _, resp, err := p.dial("", "Origin", origin); err != nil {
			t.Errorf("%s: got %v and %v, want a socket", name, resp, err)
		}
	}
	resp, err := http.Get("http" + strings.TrimPrefix(p.url(""), "ws"))
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	if resp.StatusCode != http.StatusUpgradeRequired || !strings.Contains(string(body), "Upgrade: websocket") {
		t.Errorf("plain GET: got %d, want 426 and what to do\n%s", resp.StatusCode, body)
	}
}

func TestThereIsAPlaceForSoManySocketsOnly(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]melodyhub.Options{
		"in all":        {Places: wire.NewPlaces(2, 0)},
		"for one owner": {Places: wire.NewPlaces(0, 2)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := open(t, &o, as("", func(*wire.Caller) {}))
			a := p.join("")
			p.join("")
			_, resp, err := p.dial("")
			if err == nil || resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") == "" {
				t.Errorf("third socket: got %v and %v, want 503 with Retry-After", resp, err)
			}
			_ = a.conn.Close()
			waitFor(t, "a place becomes free", func() bool { return p.hub.Len() == 1 })
			p.join("")
		})
	}
}

func TestADeletedSessionEndsItsSocketsForGood(t *testing.T) {
	t.Parallel()
	p := open(t, nil, nil)
	c := p.join("")
	if err := p.svc.DeleteSession(p.ctx, p.session); err != nil {
		t.Fatal(err)
	}
	if got := c.closedWith(); got != melodyhub.CloseDeleted {
		t.Errorf("close code: got %d, want %d", got, melodyhub.CloseDeleted)
	}
}

func TestTheLanguageIsThePersons(t *testing.T) {
	t.Parallel()
	p := open(t, nil, nil)
	c, _, err := p.dial("")
	if err != nil {
		t.Fatal(err)
	}
	if f := c.next(); f.Content != "연결되었습니다." || f.Data["session_id"] != string(p.session) || f.Data["seq"] != 0.0 {
		t.Errorf("greeting: got %+v", f)
	}
}

// The HTTP server keeps a request's buffers until its handler returns; a
// socket that is open for hours must not.
func TestTheRequestIsOverWhenTheSocketBegins(t *testing.T) {
	t.Parallel()
	over := make(chan struct{})
	p := open(t, nil, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r)
			close(over)
		})
	})
	p.join("")
	select {
	case <-over:
	case <-time.After(patience):
		t.Fatal("the handler stays as long as the socket")
	}
	if got := p.hub.Len(); got != 1 {
		t.Errorf("got %d sockets after the handler returned, want 1", got)
	}
}
