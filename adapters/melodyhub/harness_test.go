package melodyhub_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"image"
	"image/png"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/melodyhub"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/memory"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/wire"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds waiting for what must come; nothing is measured by it.
const patience = 20 * time.Second

// place is a hub over a service on memory adapters, behind a real listener.
type place struct {
	t       *testing.T
	ctx     context.Context
	svc     *imagechat.Service
	hub     *melodyhub.Hub
	web     *httptest.Server
	small   bool // the connections hold little
	session imagechat.SessionID
}

// wrapper may change what reaches the hub.
type wrapper func(http.Handler) http.Handler

func open(t *testing.T, o *melodyhub.Options, wrap wrapper, replies ...imagechattest.Reply) *place {
	t.Helper()
	return openOn(t, func(l net.Listener) net.Listener { return l }, o, wrap, replies...)
}

func openOn(t *testing.T, listen func(net.Listener) net.Listener, o *melodyhub.Options, wrap wrapper, replies ...imagechattest.Reply) *place {
	t.Helper()
	svc, err := imagechat.New(memory.Ports(imagechattest.NewScript(replies...)), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := svc.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	hub, err := melodyhub.New(svc, o)
	if err != nil {
		t.Fatal(err)
	}
	var h http.Handler = hub
	if wrap != nil {
		h = wrap(h)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /ws/image-chat/{session_id}", h)
	web := httptest.NewUnstartedServer(mux)
	web.Listener = listen(web.Listener)
	web.Start()
	_, small := web.Listener.(smallBuffers)
	p := &place{t: t, ctx: t.Context(), svc: svc, hub: hub, web: web, small: small}
	s, err := svc.CreateSession(p.ctx, imagechat.NewSession{ImagePurpose: "email_header"})
	if err != nil {
		t.Fatal(err)
	}
	p.session = s.ID
	t.Cleanup(p.shut)
	return p
}

func (p *place) shut() {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := p.hub.Close(ctx); err != nil {
		p.t.Errorf("Hub.Close: %v", err)
	}
	if err := p.svc.Close(ctx); err != nil {
		p.t.Errorf("Service.Close: %v", err)
	}
	p.web.Close()
}

// smallBuffers makes connections that hold little, so that a client that
// does not read is felt soon.
type smallBuffers struct{ net.Listener }

func small(l net.Listener) net.Listener { return smallBuffers{l} }

func (l smallBuffers) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetWriteBuffer(32 << 10)
	}
	return c, err
}

// tab is one client.
type tab struct {
	t    *testing.T
	conn *websocket.Conn
}

func (p *place) url(query string) string {
	return "ws" + strings.TrimPrefix(p.web.URL, "http") + "/ws/image-chat/" + string(p.session) + query
}

func (p *place) dial(query string, headers ...string) (*tab, *http.Response, error) {
	h := http.Header{}
	for i := 0; i+1 < len(headers); i += 2 {
		h.Set(headers[i], headers[i+1])
	}
	d := &websocket.Dialer{NetDialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, network, addr)
		if tcp, ok := c.(*net.TCPConn); ok && p.small {
			_ = tcp.SetReadBuffer(32 << 10)
		}
		return c, err
	}}
	conn, resp, err := d.DialContext(p.ctx, p.url(query), h)
	if err != nil {
		return nil, resp, err
	}
	p.t.Cleanup(func() { _ = conn.Close() })
	return &tab{p.t, conn}, resp, nil
}

// join connects and reads the greeting.
func (p *place) join(query string, headers ...string) *tab {
	p.t.Helper()
	c, _, err := p.dial(query, headers...)
	if err != nil {
		p.t.Fatalf("dial: %v", err)
	}
	if f := c.next(); f.code() != "connected" {
		p.t.Fatalf("first frame: got %+v, want connected", f)
	}
	return c
}

// frame is a server's frame as a client sees it.
type frame struct {
	Type     string         `json:"type"`
	Content  string         `json:"content"`
	ImageURL string         `json:"image_url"`
	Data     map[string]any `json:"data"`
	Seq      int64          `json:"seq"`
	TurnID   string         `json:"turn_id"`
	ID       string         `json:"id"`
}

func (f frame) code() string { s, _ := f.Data["code"].(string); return s }

func (c *tab) read() (frame, error) {
	_ = c.conn.SetReadDeadline(time.Now().Add(patience))
	_, b, err := c.conn.ReadMessage()
	if err != nil {
		return frame{}, err
	}
	var f frame
	if err := json.Unmarshal(b, &f); err != nil {
		c.t.Fatalf("frame is no JSON: %v\n%s", err, b)
	}
	return f, nil
}

func (c *tab) next() frame {
	c.t.Helper()
	f, err := c.read()
	if err != nil {
		c.t.Fatalf("read: %v", err)
	}
	return f
}

// until reads frames up to one that is wanted, and returns them all.
func (c *tab) until(wanted func(frame) bool) []frame {
	c.t.Helper()
	var all []frame
	for {
		f := c.next()
		all = append(all, f)
		if wanted(f) {
			return all
		}
	}
}

func ofType(types ...string) func(frame) bool {
	return func(f frame) bool {
		for _, t := range types {
			if f.Type == t {
				return true
			}
		}
		return false
	}
}

func withSeq(seq int64) func(frame) bool { return func(f frame) bool { return f.Seq == seq } }

func (c *tab) say(v any) {
	c.t.Helper()
	var err error
	if s, ok := v.(string); ok {
		err = c.conn.WriteMessage(websocket.TextMessage, []byte(s))
	} else {
		err = c.conn.WriteJSON(v)
	}
	if err != nil {
		c.t.Fatalf("write: %v", err)
	}
}

// closedWith reads to the end and returns its close code.
func (c *tab) closedWith() int {
	c.t.Helper()
	for {
		if _, err := c.read(); err != nil {
			if closed, ok := errors.AsType[*websocket.CloseError](err); ok {
				return closed.Code
			}
			c.t.Fatalf("the socket ended without a code: %v", err)
		}
	}
}

type object = map[string]any

// rename makes n durable events, each of some size.
func (p *place) rename(n int) {
	p.t.Helper()
	filling := strings.Repeat("넓은 여백 ", 1000) // 14 KB, near the most that is taken
	for i := range n {
		title := "제목 " + strconv.Itoa(i)
		guidelines := map[string]any{"tone": filling}
		if _, err := p.svc.UpdateSession(p.ctx, p.session, imagechat.SessionPatch{Title: &title, BrandGuidelines: &guidelines}); err != nil {
			p.t.Fatal(err)
		}
	}
}

// inOrder fails unless the durable frames count from first without a hole or a repeat.
func inOrder(t *testing.T, frames []frame, first int64) {
	t.Helper()
	want := first
	for _, f := range frames {
		if f.Seq == 0 {
			continue
		}
		if f.Seq != want {
			t.Fatalf("seq: got %d, want %d", f.Seq, want)
		}
		want++
	}
}

// as is a wrapper that makes every caller the given one.
func as(owner imagechat.Owner, change func(*wire.Caller)) wrapper {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			c := &wire.Caller{
				RequestID: "r1", Address: "192.0.2.7", AllowTurn: func() error { return nil },
				Recheck: func(context.Context) error { return nil },
			}
			change(c)
			next.ServeHTTP(w, r.WithContext(wire.WithCaller(imagechat.WithOwner(r.Context(), owner), c)))
		})
	}
}

func picture(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewRGBA(image.Rect(0, 0, 64, 32))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// waitFor polls for a state that has no channel of its own.
func waitFor(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never happened: %s", what)
		}
	}
}
