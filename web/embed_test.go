package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func newHandler(t *testing.T) http.Handler {
	t.Helper()
	h, err := Handler(nil)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func get(t *testing.T, h http.Handler, target string, header http.Header) *http.Response {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, target, nil)
	for name, values := range header {
		r.Header[name] = values
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

// script returns the path of a large script.
func script(t *testing.T) string {
	t.Helper()
	found, err := fs.Glob(Dist(), "assets/vendor-*.js")
	if err != nil || len(found) != 1 {
		t.Fatalf("got scripts %q (%v), want one of libraries", found, err)
	}
	return "/" + found[0]
}

func TestPaths(t *testing.T) {
	t.Parallel()
	h := newHandler(t)
	tests := []struct {
		name, path string
		status     int
		kind       string
		cache      string
	}{
		{"the root is the page, asked for each time", "/", 200, "text/html; charset=utf-8", cacheNever},
		{"a page of the app is the same page", "/c/0193?img=1", 200, "text/html; charset=utf-8", cacheNever},
		{"a climbing path ends at the page", "/../../etc/passwd", 200, "text/html; charset=utf-8", cacheNever},
		{"the build's manifest is not served", "/.vite/manifest.json", 404, "text/plain; charset=utf-8", ""},
		{"what search engines may do", "/robots.txt", 200, "text/plain; charset=utf-8", "public, max-age=3600"},
		{"where to report a fault", "/.well-known/security.txt", 200, "text/plain; charset=utf-8", "public, max-age=3600"},
		{"other known places are not the page", "/.well-known/nothing", 404, "text/plain; charset=utf-8", ""},
		{"a file that is not there is not the page", "/favicon.ico", 404, "text/plain; charset=utf-8", ""},
		{"a hashed script is kept for ever", script(t), 200, "text/javascript; charset=utf-8", cacheForever},
		{"a missing asset is missing", "/assets/gone.js", 404, "text/plain; charset=utf-8", ""},
		{"an unknown API path is not the page", "/api/image-chat/nothing", 404, "text/plain; charset=utf-8", ""},
		{"an unknown socket path is not the page", "/ws/nothing", 404, "text/plain; charset=utf-8", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := get(t, h, tt.path, nil)
			if got.StatusCode != tt.status || got.Header.Get("Content-Type") != tt.kind || got.Header.Get("Cache-Control") != tt.cache {
				t.Errorf("got %d %q %q, want %d %q %q", got.StatusCode, got.Header.Get("Content-Type"), got.Header.Get("Cache-Control"), tt.status, tt.kind, tt.cache)
			}
		})
	}
}

func TestEncodings(t *testing.T) {
	t.Parallel()
	h := newHandler(t)
	tests := []struct{ name, accept, want string }{
		{"brotli is preferred", "gzip, deflate, br, zstd", "br"},
		{"gzip where brotli is not taken", "gzip", "gzip"},
		{"a weight of zero refuses", "br;q=0, gzip;q=0.5", "gzip"},
		{"nothing named, nothing compressed", "", ""},
	}
	plain, err := io.ReadAll(get(t, h, script(t), nil).Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			answer := get(t, h, script(t), http.Header{"Accept-Encoding": {tt.accept}})
			if got := answer.Header.Get("Content-Encoding"); got != tt.want {
				t.Fatalf("got encoding %q, want %q", got, tt.want)
			}
			if got := answer.Header.Get("Vary"); got != "Accept-Encoding" {
				t.Errorf("got Vary %q, want Accept-Encoding", got)
			}
			body, err := io.ReadAll(answer.Body)
			if err != nil {
				t.Fatal(err)
			}
			if tt.want != "" && len(body) >= len(plain)/2 {
				t.Errorf("got %d bytes, want less than half of %d", len(body), len(plain))
			}
			if tt.want == "gzip" {
				unzipped, err := gzip.NewReader(bytes.NewReader(body))
				if err != nil {
					t.Fatal(err)
				}
				if body, err = io.ReadAll(unzipped); err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(body, plain) {
					t.Error("the unzipped copy differs from the original")
				}
			}
		})
	}
}

func TestNotModified(t *testing.T) {
	t.Parallel()
	h := newHandler(t)
	first := get(t, h, "/", nil)
	again := get(t, h, "/", http.Header{"If-None-Match": {first.Header.Get("Etag")}})
	if again.StatusCode != http.StatusNotModified {
		t.Errorf("got %d, want %d", again.StatusCode, http.StatusNotModified)
	}
}

func TestMethods(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	newHandler(t).ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", nil))
	if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("got %d %q, want 405 with the methods allowed", w.Code, w.Header().Get("Allow"))
	}
}

// The policy forbids inline script and style and other hosts; a page that held some would be blank.
func TestPageObeysItsPolicy(t *testing.T) {
	t.Parallel()
	answer := get(t, newHandler(t), "/", nil)
	if got := answer.Header.Get("Content-Security-Policy"); got != Policy || strings.Contains(got, "unsafe") {
		t.Errorf("got policy %q", got)
	}
	page, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, forbidden := range []string{"<style", "style=", "onload=", "https://", "<script>"} {
		if bytes.Contains(page, []byte(forbidden)) {
			t.Errorf("the page contains %q:\n%s", forbidden, page)
		}
	}
}

// What is built must not depend on where: it is committed, and made anew elsewhere to compare.
func TestTheBuildNamesNoPathOfItsMachine(t *testing.T) {
	t.Parallel()
	manifest, err := fs.ReadFile(Dist(), ".vite/manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	if at := bytes.Index(manifest, []byte(`"/`)); at >= 0 {
		t.Errorf("the manifest names an absolute path: %s", bytes.SplitN(manifest[at:], []byte("\n"), 2)[0])
	}
}
