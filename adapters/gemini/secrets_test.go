package gemini_test

import (
	"bytes"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/gemini"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/secret"
)

func TestNewRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		o    gemini.Options
		want imagechat.Code
	}{
		{"no key", gemini.Options{}, imagechat.GeneratorNotConfigured},
		{"a key with a line break inside", gemini.Options{APIKey: secret.New(canary + "\nX: y")}, imagechat.GeneratorNotConfigured},
		{"a base URL without a scheme", gemini.Options{APIKey: secret.New(canary), BaseURL: "localhost:80"}, imagechat.InvalidRequest},
		{"an unknown backend", gemini.Options{APIKey: secret.New(canary), Backend: "bedrock"}, imagechat.InvalidRequest},
		{"Vertex AI without a project", gemini.Options{APIKey: secret.New(canary), Backend: gemini.BackendVertex}, imagechat.GeneratorNotConfigured},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := gemini.New(tt.o)
			if !errors.Is(err, tt.want) || strings.Contains(fmt.Sprintf("%+v", err), canary) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

// echo answers with everything it was sent, headers first, in the shape given.
func echo(shape string, status int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key := r.Header.Get("X-Goog-Api-Key")
		if status == http.StatusTemporaryRedirect {
			w.Header().Set("Location", "http://127.0.0.1:1/?key="+key)
		}
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, shape, key)
	})
}

// Not parallel: it listens to the log package, which the SDK writes to.
func TestTheKeyShowsNowhere(t *testing.T) {
	var mu sync.Mutex
	var std bytes.Buffer
	before := log.Writer()
	t.Cleanup(func() { log.SetOutput(before) })
	log.SetOutput(writerFunc(func(p []byte) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		return std.Write(p)
	}))
	tests := []struct {
		name, shape string
		status      int
	}{
		{"in an API error", `{"error":{"code":400,"message":"bad key %s","status":"INVALID_ARGUMENT"}}`, 400},
		{"in an error's details", `{"error":{"code":403,"message":"no","status":"PERMISSION_DENIED","details":[{"reason":"%s"}]}}`, 403},
		{"in a web page", `<html>%s</html>`, 502},
		{"in a 200 that is no JSON", `key: %s`, 200},
		{"in a finish message", `{"candidates":[{"finishReason":"IMAGE_SAFETY","finishMessage":"%s"}]}`, 200},
		{"in an answer of the wrong shape", `{"candidates":"%s"}`, 200},
		{"in a broken event", "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"%s\n\n", 200},
		{"in a redirect", `%s`, 307},
	}
	for _, tt := range tests {
		for _, unary := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, unary %v", tt.name, unary), func(t *testing.T) {
				srv := httptest.NewServer(echo(tt.shape, tt.status))
				defer srv.Close()
				var logs bytes.Buffer
				gen := newGenerator(t, srv.URL, func(o *gemini.Options) {
					o.Unary, o.Logger = unary, slog.New(slog.NewTextHandler(&logs, nil))
				})
				k := &kit{t: t}
				call := &imagechat.Call{Kind: imagechat.KindGenerate, Model: gemini.DefaultModel, Prompt: imagechat.Prompt{Text: "a bag"}}
				call.Spool = noSpool{}
				_, err := gen.Generate(k.t.Context(), call)
				if err == nil {
					t.Fatal("no error")
				}
				gen.Warnings()
				_ = gen.CheckModels(t.Context())
				seen := fmt.Sprintf("%v %+v %#v %+v %+v %v %s %s", err, err, err, imagechat.AsError(err), gen, gen.Warnings(), logs.String(), std.String())
				for e := err; e != nil; e = errors.Unwrap(e) {
					seen += fmt.Sprintf("%+v %#v", e, e)
				}
				if strings.Contains(seen, canary) {
					t.Errorf("the key shows in %s", seen)
				}
			})
		}
	}
	o := gemini.Options{APIKey: secret.New(canary)}
	if s := fmt.Sprintf("%v %+v %#v", o, o, &o); strings.Contains(s, canary) {
		t.Errorf("the key shows in the options: %s", s)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
