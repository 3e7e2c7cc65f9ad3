package olderclient

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/gemini-image-chat/gemini-image-chat/internal/realserver"
)

func TestMain(m *testing.M) {
	code := m.Run()
	realserver.Cleanup()
	os.Exit(code)
}

const base = "/api/image-chat"

// The shapes that the older client knows; everything else is passed over.
type (
	session struct {
		ID              string    `json:"id"`
		Title           *string   `json:"title"`
		ImagePurpose    string    `json:"image_purpose"`
		Status          string    `json:"status"`
		StylePreset     *string   `json:"style_preset"`
		FinalImageURL   *string   `json:"final_image_url"`
		MessagesCount   int       `json:"messages_count"`
		ImagesGenerated int       `json:"images_generated"`
		TotalTokensUsed int       `json:"total_tokens_used"`
		CreatedAt       time.Time `json:"created_at"`
		Messages        []message `json:"messages"`
	}
	message struct {
		ID                string    `json:"id"`
		SessionID         string    `json:"session_id"`
		Role              string    `json:"role"`
		ContentType       string    `json:"content_type"`
		TextContent       *string   `json:"text_content"`
		ImageURL          *string   `json:"image_url"`
		ImageThumbnailURL *string   `json:"image_thumbnail_url"`
		TokensUsed        *int      `json:"tokens_used"`
		GenerationTimeMS  *int      `json:"generation_time_ms"`
		CreatedAt         time.Time `json:"created_at"`
	}
	list struct {
		Sessions []session `json:"sessions"`
		Total    int       `json:"total"`
		Limit    int       `json:"limit"`
		Offset   int       `json:"offset"`
	}
	frame struct {
		Type      string         `json:"type"`
		Content   string         `json:"content"`
		ImageURL  string         `json:"image_url"`
		Data      map[string]any `json:"data"`
		Timestamp time.Time      `json:"timestamp"`
	}
)

// older is the older client: fetch and a WebSocket, nothing more.
type older struct {
	t      *testing.T
	server *realserver.Server
}

func (o *older) call(method, path string, body, into any) int {
	o.t.Helper()
	var r io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			o.t.Fatal(err)
		}
		r = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(o.t.Context(), method, o.server.URL+path, r)
	if err != nil {
		o.t.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		o.t.Fatal(err)
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		o.t.Fatal(err)
	}
	if into != nil {
		if err := json.Unmarshal(got, into); err != nil {
			o.t.Fatalf("%s %s: %v in %s", method, path, err, got)
		}
	}
	return resp.StatusCode
}

func (o *older) create(purpose string) session {
	o.t.Helper()
	var s session
	status := o.call(http.MethodPost, base+"/sessions", map[string]any{"title": "테스트 세션", "image_purpose": purpose, "style_preset": "modern"}, &s)
	if status/100 != 2 || s.Status != "active" || s.ImagePurpose != purpose || s.ID == "" {
		o.t.Fatalf("create: got %d %+v", status, s)
	}
	return s
}

func (o *older) open(id string) session {
	o.t.Helper()
	var s session
	if status := o.call(http.MethodGet, base+"/sessions/"+id, nil, &s); status != http.StatusOK {
		o.t.Fatalf("open: got %d", status)
	}
	return s
}

// socket is the older client's hook: it dials and says what it hears.
func (o *older) socket(id string) *websocket.Conn {
	o.t.Helper()
	// The browser may prefer English: the client's own page is Korean and
	// looks for Korean words.
	english := http.Header{"Accept-Language": {"en-US,en;q=0.9"}}
	ws, resp, err := websocket.DefaultDialer.DialContext(o.t.Context(), strings.Replace(o.server.URL, "http", "ws", 1)+"/ws/image-chat/"+id, english)
	if err != nil {
		o.t.Fatal(err)
	}
	resp.Body.Close()
	o.t.Cleanup(func() { ws.Close() })
	first := o.next(ws)
	if first.Type != "status" || first.Content != "연결되었습니다." || first.Data["session_id"] != id {
		o.t.Fatalf("first frame: got %+v", first)
	}
	return ws
}

func (o *older) next(ws *websocket.Conn) frame {
	o.t.Helper()
	_ = ws.SetReadDeadline(time.Now().Add(realserver.Patience))
	var f frame
	if err := ws.ReadJSON(&f); err != nil {
		o.t.Fatal(err)
	}
	switch f.Type {
	case "status", "message", "image", "mixed", "error":
	default:
		o.t.Fatalf("a sixth frame type: %+v", f)
	}
	return f
}

// say sends what the older client sends and returns the reply, with the
// contents of the status frames before it.
func (o *older) say(ws *websocket.Conn, kind, content string, data map[string]any) (frame, []string) {
	o.t.Helper()
	msg := map[string]any{"type": kind, "content": content}
	if data != nil {
		msg["data"] = data
	}
	if err := ws.WriteJSON(msg); err != nil {
		o.t.Fatal(err)
	}
	var seen []string
	for {
		f := o.next(ws)
		if f.Type != "status" {
			if f.Timestamp.IsZero() {
				o.t.Errorf("%s: a reply without a timestamp", kind)
			}
			return f, seen
		}
		seen = append(seen, f.Content)
	}
}

func (o *older) bytes(path string) (body []byte, contentType string) {
	o.t.Helper()
	ctx, cancel := context.WithTimeout(o.t.Context(), realserver.Patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, o.server.URL+path, nil)
	if err != nil {
		o.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		o.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		o.t.Fatalf("%s: got %d, %v", path, resp.StatusCode, err)
	}
	return b, resp.Header.Get("Content-Type")
}

func TestTheOlderClientWorksUnmodified(t *testing.T) {
	t.Parallel()
	o := &older{t: t, server: realserver.Start(t, "GENERATOR=demo")}
	s := o.create("sns_instagram_square")
	ws := o.socket(s.ID)
	style := map[string]any{"purpose": "sns_instagram_square", "style": "luxury"}

	asked, _ := o.say(ws, "converse", "안녕하세요", style)
	if asked.Type != "message" || asked.Content == "" || asked.ImageURL != "" {
		t.Errorf("converse without a wish: got %+v, want words", asked)
	}
	drawn, seen := o.say(ws, "converse", "인스타그램용 조명 이미지를 만들고 싶어", style)
	if drawn.Type != "mixed" && drawn.Type != "image" || drawn.ImageURL == "" {
		t.Errorf("converse with a wish: got %+v, want a picture", drawn)
	}
	if all := strings.Join(seen, "|"); !strings.Contains(all, "생각 중") {
		t.Errorf("got status texts %q, want one that thinks", all)
	}
	generated, seen := o.say(ws, "generate", "고급스러운 소파 사진이 필요해", map[string]any{"purpose": "no such purpose", "style": "no such style"})
	if generated.ImageURL == "" || generated.Data["prompt_used"] == "" || generated.Data["width"] == nil {
		t.Errorf("generate: got %+v", generated)
	}
	if all := strings.Join(seen, "|"); !strings.Contains(all, "생성 중") {
		t.Errorf("got status texts %q, want one that generates", all)
	}
	refined, _ := o.say(ws, "refine", "더 밝게 해 줘", style)
	if refined.ImageURL == "" || refined.ImageURL == generated.ImageURL {
		t.Errorf("refine: got %+v", refined)
	}
	chat, _ := o.say(ws, "", "고마워", nil)
	if chat.Type != "message" {
		t.Errorf("a frame without a type: got %+v, want chat", chat)
	}
	nonsense, _ := o.say(ws, "dance", "?", nil)
	if nonsense.Type != "error" || nonsense.Content == "" {
		t.Errorf("an unknown type: got %+v, want an error", nonsense)
	}

	if body, contentType := o.bytes(refined.ImageURL); http.DetectContentType(body) != contentType {
		t.Errorf("got type %s for %s", contentType, http.DetectContentType(body))
	}
	o.found(s.ID, 10, 3)
	o.server.Kill()
	o.server.Restart()
	o.found(s.ID, 10, 3)
	again, _ := o.say(o.socket(s.ID), "refine", "배경을 파랗게", style)
	if again.ImageURL == "" {
		t.Errorf("refine after a restart: got %+v", again)
	}
	if status := o.call(http.MethodDelete, base+"/sessions/"+s.ID, nil, nil); status/100 != 2 {
		t.Errorf("delete: got %d", status)
	}
	if status := o.call(http.MethodGet, base+"/sessions/"+s.ID, nil, nil); status != http.StatusNotFound {
		t.Errorf("open after delete: got %d, want 404", status)
	}
}

// found checks that a reload shows everything again.
func (o *older) found(id string, messages, images int) {
	o.t.Helper()
	var all list
	if status := o.call(http.MethodGet, base+"/sessions?limit=20&offset=0", nil, &all); status != http.StatusOK || all.Total != 1 || len(all.Sessions) != 1 {
		o.t.Fatalf("list: got %d %+v", status, all)
	}
	s := o.open(id)
	if len(s.Messages) != messages || s.MessagesCount != messages || s.ImagesGenerated != images || s.FinalImageURL == nil {
		o.t.Fatalf("open: got %d messages, counted %d, %d images, final %v", len(s.Messages), s.MessagesCount, s.ImagesGenerated, s.FinalImageURL)
	}
	pictures := 0
	for i, m := range s.Messages {
		if want := []string{"user", "assistant"}[i%2]; m.Role != want {
			o.t.Errorf("message %d is the %s's, want the %s's", i, m.Role, want)
		}
		if m.TextContent == nil && m.ImageURL == nil {
			o.t.Errorf("message %d shows nothing", i)
		}
		o.drawsNoZero(i, &m)
		if m.ImageURL != nil {
			pictures++
			o.bytes(*m.ImageURL)
			o.bytes(*m.ImageThumbnailURL)
		}
	}
	if pictures != images {
		o.t.Errorf("got %d pictures, want %d", pictures, images)
	}
}

// drawsNoZero checks the numbers that the older client shows wherever they are
// truthy, in a way that draws a 0 as the text "0".
func (o *older) drawsNoZero(i int, m *message) {
	o.t.Helper()
	for name, n := range map[string]*int{"generation_time_ms": m.GenerationTimeMS, "tokens_used": m.TokensUsed} {
		if n != nil && *n == 0 {
			o.t.Errorf("message %d: %s is 0, want null", i, name)
		}
		if n != nil && m.Role == "user" {
			o.t.Errorf("message %d: %s of a person's message is %d, want null", i, name, *n)
		}
	}
	if m.Role == "assistant" && m.GenerationTimeMS == nil {
		o.t.Errorf("message %d: a reply without its time", i)
	}
}

func TestTheOlderClientMayNameACustomSizeWithThePicture(t *testing.T) {
	t.Parallel()
	o := &older{t: t, server: realserver.Start(t, "GENERATOR=demo")}
	s := o.create("custom")
	hello, _ := o.say(o.socket(s.ID), "chat", "안녕하세요", nil)
	if hello.Type != "message" {
		t.Errorf("talk before there is a size: got %+v", hello)
	}
	var drawn message
	body := map[string]any{"prompt": "가을 세일 간판", "custom_width": 800, "custom_height": 400}
	if status := o.call(http.MethodPost, base+"/sessions/"+s.ID+"/generate", body, &drawn); status != http.StatusOK || drawn.ImageURL == nil {
		t.Errorf("generate: got %d %+v", status, drawn)
	}
	var all list
	if status := o.call(http.MethodGet, base+"/sessions?limit=1000&offset=0", nil, &all); status != http.StatusOK || all.Total != 1 {
		t.Errorf("list: got %d %+v", status, all)
	}
}

func TestTheOlderRoutesAnswerAsTheyDid(t *testing.T) {
	t.Parallel()
	o := &older{t: t, server: realserver.Start(t, "GENERATOR=demo")}
	s := o.create("banner_web")
	var reply message
	if status := o.call(http.MethodPost, base+"/sessions/"+s.ID+"/message", map[string]any{"content": "안녕"}, &reply); status != http.StatusOK || reply.Role != "assistant" || reply.ContentType != "text" {
		t.Errorf("message: got %d %+v", status, reply)
	}
	var drawn message
	if status := o.call(http.MethodPost, base+"/sessions/"+s.ID+"/generate", map[string]any{"prompt": "가을 세일", "style_preset": "vibrant"}, &drawn); status != http.StatusOK || drawn.ImageURL == nil {
		t.Fatalf("generate: got %d %+v", status, drawn)
	}
	id := strings.Split(*drawn.ImageURL, "/")[4]
	var refined message
	if status := o.call(http.MethodPost, base+"/sessions/"+s.ID+"/refine", map[string]any{"feedback": "더 따뜻하게", "image_id": id}, &refined); status != http.StatusOK || refined.ImageURL == nil || *refined.ImageURL == *drawn.ImageURL {
		t.Errorf("refine: got %d %+v", status, refined)
	}
	var purposes []struct {
		ID, Name, Ratio, Description string
		Width, Height                *int
	}
	o.call(http.MethodGet, base+"/purposes", nil, &purposes)
	var seeds []string
	for _, p := range purposes[:8] {
		seeds = append(seeds, fmt.Sprintf("%s %s", p.ID, p.Ratio))
	}
	want := "sns_instagram_square 1:1, sns_instagram_portrait 4:5, sns_facebook 1.91:1, banner_web 3:1, banner_mobile 2:1, product_showcase 1:1, email_header 3:1, custom custom"
	if got := strings.Join(seeds, ", "); got != want {
		t.Errorf("purposes: got  %s\nwant %s", got, want)
	}
	var styles []struct{ ID, Name, Description string }
	if o.call(http.MethodGet, base+"/styles", nil, &styles); len(styles) != 8 || styles[0].Name == "" {
		t.Errorf("styles: got %+v", styles)
	}
	var health map[string]any
	if status := o.call(http.MethodGet, "/health", nil, &health); status != http.StatusOK || health["status"] != "healthy" || health["gemini_configured"] != false {
		t.Errorf("health: got %d %v", status, health)
	}
	var info map[string]any
	if o.call(http.MethodGet, "/api/info", nil, &info); info["name"] != "Gemini Image Chat" || info["endpoints"] == nil {
		t.Errorf("info: got %v", info)
	}
}
