package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

// visitor is somebody with a browser's cookies.
type visitor struct {
	t    *testing.T
	url  string
	http *http.Client
}

func visit(t *testing.T, server *httptest.Server, name string) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	v := &visitor{t: t, url: server.URL, http: &http.Client{Jar: jar}}
	if name != "" {
		v.want(http.StatusOK, http.MethodPost, "/login/"+name, "")
	}
	return v
}

func (v *visitor) want(status int, method, path, body string) (http.Header, string) {
	v.t.Helper()
	req, err := http.NewRequestWithContext(v.t.Context(), method, v.url+path, strings.NewReader(body))
	if err != nil {
		v.t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := v.http.Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	if resp.StatusCode != status {
		v.t.Fatalf("%s %s: got %d %.300s, want %d", method, path, resp.StatusCode, got, status)
	}
	return resp.Header, string(got)
}

func mounted(t *testing.T) *httptest.Server {
	t.Helper()
	mux, closeAll, err := newMux(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(mux)
	t.Cleanup(func() {
		server.Close()
		if err := closeAll(); err != nil {
			t.Error(err)
		}
	})
	return server
}

const sessions = "/studio/api/image-chat/sessions"

// What an answer names has to be there for whoever follows it.
func TestEveryPathOfAnAnswerLeadsSomewhere(t *testing.T) {
	t.Parallel()
	server := mounted(t)
	mina := visit(t, server, "mina")
	header, _ := mina.want(http.StatusCreated, http.MethodPost, sessions, `{"image_purpose":"email_header"}`)
	session := header.Get("Location")
	socket, _, err := websocket.Dial(t.Context(), server.URL+strings.Replace(session, "/api/image-chat/sessions", "/ws/image-chat", 1), &websocket.DialOptions{HTTPClient: mina.http})
	if err != nil {
		t.Fatal(err)
	}
	defer socket.CloseNow()
	_, reply := mina.want(http.StatusOK, http.MethodPost, session+"/generate", `{"prompt":"a lamp"}`)
	mina.want(http.StatusOK, http.MethodGet, sessions+"/", "") // a slash too many is led back
	paths := regexp.MustCompile(`"(/[^"]*/images/[^"]*)"`)
	var said strings.Builder
	for !strings.Contains(said.String(), `"type":"mixed"`) {
		_, b, err := socket.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		said.Write(b)
	}
	_, detail := mina.want(http.StatusOK, http.MethodGet, session, "")
	_, gallery := mina.want(http.StatusOK, http.MethodGet, "/studio/api/image-chat/images", "")
	for place, body := range map[string]string{"the reply": reply, "the socket": said.String(), "the conversation": detail, "the gallery": gallery} {
		found := paths.FindAllStringSubmatch(body, -1)
		if len(found) < 2 {
			t.Errorf("%s names %d paths", place, len(found))
		}
		for _, path := range found {
			if header, _ := mina.want(http.StatusOK, http.MethodGet, path[1], ""); !strings.HasPrefix(header.Get("Content-Type"), "image/") {
				t.Errorf("%s: %s is %s", place, path[1], header.Get("Content-Type"))
			}
		}
	}
	var image struct {
		ImageURL string `json:"image_url"`
	}
	if err := json.Unmarshal([]byte(reply), &image); err != nil {
		t.Fatal(err)
	}
	// What an answer named is taken back as a reference.
	mina.want(http.StatusOK, http.MethodPost, session+"/generate", `{"prompt":"like this","reference_image_url":"`+image.ImageURL+`"}`)
	_, info := mina.want(http.StatusOK, http.MethodGet, "/studio/api/info", "")
	for _, path := range regexp.MustCompile(`"(/[^"{]*)"`).FindAllStringSubmatch(info, -1) {
		if !strings.HasPrefix(path[1], "/studio/") {
			t.Errorf("/api/info names %s", path[1])
		}
	}
	if _, document := mina.want(http.StatusOK, http.MethodGet, "/studio/openapi.yaml", ""); !strings.Contains(document, "url: /studio\n") {
		t.Error("the document's server is elsewhere")
	}
}

func TestTheAppFindsItsFiles(t *testing.T) {
	t.Parallel()
	server := mounted(t)
	anybody := visit(t, server, "")
	for _, page := range []string{"/studio/", "/studio/gallery", "/studio/c/some-id"} {
		_, html := anybody.want(http.StatusOK, http.MethodGet, page, "")
		files := regexp.MustCompile(`["'(](/[^"'() ]+\.(?:js|css|svg))`).FindAllStringSubmatch(html, -1)
		if len(files) < 4 {
			t.Fatalf("%s names %d files", page, len(files))
		}
		for _, file := range files {
			anybody.want(http.StatusOK, http.MethodGet, file[1], "")
		}
	}
}

func TestTheHostsLoginDecides(t *testing.T) {
	t.Parallel()
	server := mounted(t)
	mina := visit(t, server, "mina")
	header, _ := mina.want(http.StatusCreated, http.MethodPost, sessions, `{"image_purpose":"email_header"}`)
	session := header.Get("Location")
	visit(t, server, "mina").want(http.StatusOK, http.MethodGet, session, "")
	visit(t, server, "jun").want(http.StatusNotFound, http.MethodGet, session, "")
	visit(t, server, "").want(http.StatusUnauthorized, http.MethodGet, session, "")
	socket, _, err := websocket.Dial(t.Context(), server.URL+strings.Replace(session, "/api/image-chat/sessions", "/ws/image-chat", 1), &websocket.DialOptions{HTTPClient: mina.http})
	if err != nil {
		t.Fatal(err)
	}
	defer socket.CloseNow()
	mina.want(http.StatusOK, http.MethodPost, "/logout", "")
	for {
		if _, _, err := socket.Read(t.Context()); err != nil {
			if code := websocket.CloseStatus(err); code < 4500 {
				t.Errorf("the socket of an ended login: closed with %d (%v), want one that does not ask to come back", code, err)
			}
			break
		}
	}
	mina.want(http.StatusUnauthorized, http.MethodGet, session, "")
	if _, page := visit(t, server, "").want(http.StatusOK, http.MethodGet, "/", ""); page != "A page of your own.\n" {
		t.Errorf("the program's own page: got %q", page)
	}
}
