//go:build !windows

package operations

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/gemini/geminitest"
	"github.com/gemini-image-chat/gemini-image-chat/internal/realserver"
)

func TestStartSaysOnceWhereAndWhat(t *testing.T) {
	t.Parallel()
	s := realserver.Start(t, "GENERATOR=demo")
	s.Signal(os.Interrupt)
	if code := s.Wait(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	out := s.Output()
	for _, want := range []string{s.URL, "set GEMINI_API_KEY", s.Dir} {
		if strings.Count(out, want) != 1 {
			t.Errorf("says %q %d times, want once:\n%s", want, strings.Count(out, want), out)
		}
	}
}

func TestProductionSpeaksJSONOnly(t *testing.T) {
	t.Parallel()
	s := realserver.Start(t, "GENERATOR=demo", "APP_ENV=production", "LOG_LEVEL=debug")
	s.Signal(os.Interrupt)
	s.Wait()
	if out := s.Output(); !strings.Contains(out, `"drain_timeout":"1m0s"`) || strings.Contains(out, "stacktrace") {
		t.Errorf("want durations in words, and no stack traces of a start that went well:\n%s", out)
	}
	for line := range strings.Lines(s.Output()) {
		if !strings.HasPrefix(line, "{") {
			t.Errorf("not a line of JSON: %q", line)
		}
	}
}

func TestALogoutOutlivesARestart(t *testing.T) {
	t.Parallel()
	s := realserver.Start(t, "GENERATOR=demo", "AUTH_TOKENS=mina:a-long-enough-secret")
	call := func(method, path, body string, cookie *http.Cookie) *http.Response {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, s.URL+"/api/image-chat"+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		if cookie != nil {
			req.AddCookie(cookie)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		return res
	}
	login := func() *http.Cookie {
		res := call("POST", "/login", `{"token":"a-long-enough-secret"}`, nil)
		if len(res.Cookies()) != 1 {
			t.Fatalf("login: got %s and %d cookies", res.Status, len(res.Cookies()))
		}
		return res.Cookies()[0]
	}
	stolen, other := login(), login()
	if res := call("POST", "/logout", "", stolen); res.StatusCode != http.StatusNoContent {
		t.Fatalf("logout: got %s", res.Status)
	}
	s.Kill()
	s.Restart()
	if res := call("GET", "/sessions", "", stolen); res.StatusCode != http.StatusUnauthorized {
		t.Errorf("the cookie that was logged out, after a restart: got %s, want 401", res.Status)
	}
	if res := call("GET", "/sessions", "", other); res.StatusCode != http.StatusOK {
		t.Errorf("another browser's cookie, after a restart: got %s, want 200", res.Status)
	}
}

func TestSecondSignalStopsAtOnce(t *testing.T) {
	t.Parallel()
	google, err := geminitest.New(&geminitest.Options{Default: geminitest.Outcome{Hold: true}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(google.Close)
	s := realserver.Start(t, "GEMINI_API_KEY=test", "GEMINI_BASE_URL="+google.URL, "DRAIN_TIMEOUT=1h")
	res, err := http.Post(s.URL+"/api/image-chat/sessions", "application/json", strings.NewReader(`{"image_purpose":"email_header"}`))
	if err != nil {
		t.Fatal(err)
	}
	location := res.Header.Get("Location")
	res.Body.Close()
	if res, err = http.Post(s.URL+location+"/turns", "application/json", strings.NewReader(`{"kind":"generate","content":"가을"}`)); err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if err := google.AwaitCalls(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	s.Signal(os.Interrupt) // it would wait an hour for the turn
	// Another signal, since the kernel makes one of two that are the same.
	s.Signal(syscall.SIGTERM)
	if code := s.Wait(); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
}

func TestSlowHeadersAreEndedAndOthersServed(t *testing.T) {
	t.Parallel()
	s := realserver.Start(t, "GENERATOR=demo")
	var slow []net.Conn
	var dialer net.Dialer
	for range 200 {
		c, err := dialer.DialContext(t.Context(), "tcp", fmt.Sprintf("127.0.0.1:%d", s.Port))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		if _, err := io.WriteString(c, "GET /health HTTP/1.1\r\nHost: x\r\nX-Slow: "); err != nil {
			t.Fatal(err)
		}
		slow = append(slow, c)
	}
	res, err := http.Get(s.URL + "/health")
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("beside 200 slow clients: %v, %v", res, err)
	}
	res.Body.Close()
	// Each read ends when the server has had enough; none may stay for ever.
	for i, c := range slow {
		ended := make(chan struct{})
		stop := context.AfterFunc(t.Context(), func() { c.Close() })
		go func() { _, _ = io.Copy(io.Discard, c); close(ended) }()
		<-ended
		stop()
		if t.Context().Err() != nil {
			t.Fatalf("connection %d was never ended", i)
		}
	}
}
