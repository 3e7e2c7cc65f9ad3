package humaapi_test

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/humaapi"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/metrics"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/wire"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

func TestHealthIsToldHoweverManyAsk(t *testing.T) {
	t.Parallel()
	s := start(t, setup{api: humaapi.Options{Auth: logins(t), Limits: humaapi.Limits{RequestsPerMinute: 6}}})
	for range 4 {
		s.do("GET", base+"/sessions", nil)
	}
	s.wantProblem(429, "rate_limited", s.do("GET", base+"/sessions", nil))
	for range 30 {
		s.want(200, s.do("GET", "/health", nil))
	}
}

func TestARefusedRequestIsLoggedAndCountedLikeAnyOther(t *testing.T) {
	t.Parallel()
	log := make(lines, 1)
	counted := metrics.New(metrics.Options{})
	s := start(t, setup{api: humaapi.Options{
		Auth: logins(t), Logger: slog.New(slog.NewTextHandler(log, nil)), ClientAddressHeader: "Fly-Client-IP", Meter: counted, Metrics: counted.Handler(),
	}})
	s.wantProblem(401, "unauthorized", s.do("GET", base+"/sessions", nil, "Fly-Client-IP", "198.51.100.9"))
	if got := <-log; !strings.Contains(got, "address=198.51.100.9") {
		t.Errorf("got %q, want the address in it", got)
	}
	s.wantProblem(403, "forbidden", s.do("POST", base+"/sessions", object{}, "Origin", "https://evil.example"))
	if got := <-log; !strings.Contains(got, "address=127.0.0.1") {
		t.Errorf("got %q, want the address in it", got)
	}
	page := string(s.do("GET", "/metrics", nil, "Authorization", "Bearer "+minaSecret).body)
	for _, want := range []string{
		`imagechat_http_requests_total{method="GET",route="/api/image-chat/sessions",status="401"} 1`,
		`imagechat_http_requests_total{method="POST",route="/api/image-chat/sessions",status="403"} 1`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s in the metrics", want)
		}
	}
}

func TestThereIsAPlaceForSoManyEventStreamsOnly(t *testing.T) {
	t.Parallel()
	places := wire.NewPlaces(0, 2)
	s := start(t, setup{api: humaapi.Options{Auth: logins(t), Places: places}})
	s.header = bearer(minaSecret)
	path := base + "/sessions/" + s.session() + "/events"
	follow := func() func() {
		ctx, cancel := context.WithCancel(t.Context())
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header = s.header.Clone()
		resp, err := http.DefaultClient.Do(req)
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("got %v, %v", resp, err)
		}
		return func() { cancel(); resp.Body.Close() }
	}
	leave, stay := follow(), follow()
	defer stay()
	r := s.do("GET", path, nil)
	s.wantProblem(503, "rate_limited", r)
	if r.Header.Get("Retry-After") == "" {
		t.Error("503 without Retry-After")
	}
	leave()
	for status := 0; status != http.StatusOK; { // as soon as the server sees it
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodHead, s.URL+path, nil)
		req.Header = s.header.Clone()
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		status = resp.StatusCode
	}
}

func TestRequestsAndTurnsAreCountedByOwner(t *testing.T) {
	t.Parallel()
	always := imagechattest.Reply{Text: "네."}
	s := start(t, setup{
		api:     humaapi.Options{Auth: logins(t), Limits: humaapi.Limits{RequestsPerMinute: 30, TurnsPerMinute: 2}},
		replies: []imagechattest.Reply{always, always, always},
	})
	s.header = bearer(minaSecret)
	path := base + "/sessions/" + s.session() + "/message"
	s.want(200, s.do("POST", path, object{"content": "하나"}))
	s.wantProblem(429, "rate_limited", s.do("POST", path, object{"content": "둘"}))
	limited := false
	for range 10 {
		limited = limited || s.do("GET", base+"/styles", nil).StatusCode == 429
	}
	if !limited {
		t.Error("twelve requests at once, of thirty a minute, were all answered")
	}
	s.header = bearer(junSecret)
	if r := s.do("GET", base+"/styles", nil); r.StatusCode != 200 {
		t.Errorf("another owner: got %d, want 200", r.StatusCode)
	}
}
