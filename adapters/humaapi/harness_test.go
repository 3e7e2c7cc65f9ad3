package humaapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/humaapi"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/memory"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const base = "/api/image-chat"

// server is the API on memory adapters behind a real listener.
type server struct {
	*httptest.Server
	t      *testing.T
	svc    *imagechat.Service
	script *imagechattest.Script
	ports  imagechat.Ports
	header http.Header // sent with every request
}

// setup is what a test may choose.
type setup struct {
	api     humaapi.Options
	service imagechat.Options
	replies []imagechattest.Reply
}

func start(t *testing.T, s setup) *server {
	t.Helper()
	script := imagechattest.NewScript(s.replies...)
	ports := memory.Ports(script)
	svc, err := imagechat.New(ports, &s.service)
	if err != nil {
		t.Fatal(err)
	}
	if err := svc.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.api.Version = "test"
	api, err := humaapi.New(svc, &s.api)
	if err != nil {
		t.Fatal(err)
	}
	srv := &server{Server: httptest.NewServer(checked(t, api.Handler())), t: t, svc: svc, script: script, ports: ports, header: http.Header{}}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := svc.Close(ctx); err != nil { // ends event streams, so that the listener can close
			t.Errorf("Close: %v", err)
		}
		srv.CloseClientConnections()
		srv.Server.Close()
		http.DefaultClient.CloseIdleConnections()
	})
	return srv
}

// reply is an answer, read whole.
type reply struct {
	*http.Response
	body []byte
}

func (r reply) json(t *testing.T) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(r.body, &v); err != nil {
		t.Fatalf("answer is no JSON object: %v\n%s", err, r.body)
	}
	return v
}

// do sends a request; body may be nil, a string, bytes or something for JSON.
func (s *server) do(method, path string, body any, headers ...string) reply {
	s.t.Helper()
	var in io.Reader
	contentType := "application/json"
	switch b := body.(type) {
	case nil:
		contentType = ""
	case string:
		in = strings.NewReader(b)
	case []byte:
		in = bytes.NewReader(b)
	default:
		data, err := json.Marshal(b)
		if err != nil {
			s.t.Fatal(err)
		}
		in = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.URL+path, in)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header = s.header.Clone()
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i] == "Host" {
			req.Host = headers[i+1]
		}
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := noRedirects.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return reply{resp, data}
}

var noRedirects = &http.Client{
	Transport:     http.DefaultTransport,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// want fails unless the status is right, and returns the answer's object.
func (s *server) want(status int, r reply) map[string]any {
	s.t.Helper()
	if r.StatusCode != status {
		s.t.Fatalf("%s %s: got %d, want %d\n%s", r.Request.Method, r.Request.URL.Path, r.StatusCode, status, r.body)
	}
	if len(r.body) == 0 {
		return nil
	}
	return r.json(s.t)
}

// wantProblem fails unless the answer is a whole problem of that code.
func (s *server) wantProblem(status int, code string, r reply) map[string]any {
	s.t.Helper()
	p := s.want(status, r)
	if got := r.Header.Get("Content-Type"); got != "application/problem+json" {
		s.t.Errorf("Content-Type: got %q", got)
	}
	if p["code"] != code || p["status"] != float64(status) {
		s.t.Errorf("got code %v and status %v, want %s and %d\n%s", p["code"], p["status"], code, status, r.body)
	}
	for _, field := range []string{"type", "title", "detail", "request_id"} {
		if p[field] == "" || p[field] == nil {
			s.t.Errorf("problem has no %s: %s", field, r.body)
		}
	}
	if p["request_id"] != r.Header.Get("X-Request-Id") {
		s.t.Errorf("request_id: got %v, the header says %q", p["request_id"], r.Header.Get("X-Request-Id"))
	}
	return p
}

func (s *server) session() string {
	s.t.Helper()
	got := s.want(201, s.do("POST", base+"/sessions", map[string]any{"image_purpose": "email_header", "title": "여름 신메뉴"}))
	return got["id"].(string)
}

// picture is a PNG of w × h pixels, different for each seed.
func picture(t *testing.T, w, h int, seed uint8) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.Set(x, y, color.RGBA{uint8(x) ^ seed, uint8(y), seed, 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
