package humaapi_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/humaapi"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/metrics"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/secret"
)

// logBuffer keeps what is logged by many at once.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

// having are the lines that hold every one of parts.
func (l *logBuffer) having(parts ...string) (found []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range strings.Lines(l.b.String()) {
		all := true
		for _, part := range parts {
			all = all && strings.Contains(line, part)
		}
		if all {
			found = append(found, line)
		}
	}
	return found
}

func TestLoginsAreInTheLogAndCounted(t *testing.T) {
	t.Parallel()
	log := &logBuffer{}
	counted := metrics.New(metrics.Options{})
	s := start(t, setup{api: humaapi.Options{
		Auth: logins(t), Logger: slog.New(slog.NewTextHandler(log, nil)), ClientAddressHeader: "Fly-Client-IP", Meter: counted, Metrics: counted.Handler(),
	}})
	from := []string{"Fly-Client-IP", "198.51.100.9"}
	s.do("POST", base+"/login", object{"token": "a-wrong-secret"}, from...)
	if r := s.do("POST", base+"/login", object{"token": minaSecret}, from...); r.StatusCode != 204 {
		t.Fatalf("login: got %d", r.StatusCode)
	}
	s.do("GET", base+"/sessions", nil, "Authorization", "Bearer another-wrong-one", "Fly-Client-IP", "198.51.100.9")
	for range 3 {
		s.want(200, s.do("GET", base+"/sessions", nil, "Authorization", "Bearer "+junSecret, "Fly-Client-IP", "198.51.100.9"))
	}
	for what, parts := range map[string][]string{
		"a wrong token in the form": {"level=WARN", `msg="login refused"`, "address=198.51.100.9", "by=form"},
		"a login by the form":       {"level=INFO", "msg=login ", "owner=mina", "address=198.51.100.9", "by=form"},
		"a wrong credential":        {"level=WARN", `msg="login refused"`, "address=198.51.100.9", "by=credential"},
		"a program's first request": {"level=INFO", "msg=login ", "owner=jun", "address=198.51.100.9", "by=credential"},
	} {
		if got := log.having(parts...); len(got) != 1 {
			t.Errorf("%s: got the lines %q, want one", what, got)
		}
	}
	if got := log.having("secret"); len(got) != 0 {
		t.Errorf("the log holds secrets: %q", got)
	}
	page := string(s.do("GET", "/metrics", nil, "Authorization", "Bearer "+minaSecret).body)
	for _, want := range []string{`imagechat_logins_total{outcome="ok"} 1`, `imagechat_logins_total{outcome="wrong"} 1`} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s in the metrics", want)
		}
	}
}

func TestMetricsHaveATokenOfTheirOwn(t *testing.T) {
	t.Parallel()
	const scraper = "a-secret-for-machines"
	counted := metrics.New(metrics.Options{})
	s := start(t, setup{api: humaapi.Options{Auth: logins(t), Metrics: counted.Handler(), MetricsToken: secret.New(scraper)}})
	for token, want := range map[string]int{scraper: 200, minaSecret: 401, "": 401, "something-else-altogether": 401} {
		header := []string{}
		if token != "" {
			header = []string{"Authorization", "Bearer " + token}
		}
		if r := s.do("GET", "/metrics", nil, header...); r.StatusCode != want {
			t.Errorf("/metrics with %q: got %d, want %d", token, r.StatusCode, want)
		}
	}
	if r := s.do("GET", base+"/sessions", nil, "Authorization", "Bearer "+scraper); r.StatusCode != http.StatusUnauthorized {
		t.Errorf("the scraper's token opened the sessions: %d", r.StatusCode)
	}
}

func TestReadinessNeedsNoLoginAndIsNotCounted(t *testing.T) {
	t.Parallel()
	s := start(t, setup{api: humaapi.Options{Auth: logins(t), Limits: humaapi.Limits{RequestsPerMinute: 3}}})
	for range 10 {
		if got := s.want(200, s.do("GET", "/ready", nil)); got["status"] != "ready" {
			t.Fatalf("got %v", got)
		}
	}
}
