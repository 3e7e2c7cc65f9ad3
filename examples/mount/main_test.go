package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestEachUserSeesTheirOwn(t *testing.T) {
	t.Parallel()
	mux, closeAll, err := newMux(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := closeAll(); err != nil {
			t.Error(err)
		}
	}()
	server := httptest.NewServer(mux)
	defer server.Close()
	call := func(method, path, key, body string) (int, string) {
		req, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		if key != "" {
			req.Header.Set("Authorization", "Bearer "+key)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		return resp.StatusCode, resp.Header.Get("Location")
	}
	const sessions = "/api/image-chat/sessions"
	status, location := call(http.MethodPost, sessions, "mina-key", `{"image_purpose":"email_header"}`)
	if status != http.StatusCreated {
		t.Fatalf("create: got %d", status)
	}
	for key, want := range map[string]int{"mina-key": 200, "jun-key": 404, "": 401, "guess": 401} {
		if got, _ := call(http.MethodGet, location, key, ""); got != want {
			t.Errorf("%q reads mina's session: got %d, want %d", key, got, want)
		}
	}
	if got, _ := call(http.MethodGet, "/", "", ""); got != http.StatusOK {
		t.Errorf("the program's own page: got %d", got)
	}
}
