package gemini_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/gemini"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/gemini/geminitest"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/secret"
)

func TestWarnsOfModelsThatDoNotLive(t *testing.T) {
	t.Parallel()
	const use = " Set GEMINI_MODEL to gemini-nano-banana-2.1."
	tests := []struct {
		name, model, key string
		want             []string
	}{
		{"a model that lives", "gemini-nano-banana-2.1", canary, nil},
		{"a model that does not draw but lives is not our business", "gemini-3.5-flash", canary, nil},
		{"a deprecated model", "gemini-3.1-flash-image", canary, []string{"The model gemini-3.1-flash-image is deprecated and may be shut down." + use}},
		{"a model that is gone", "gemini-2.0-flash-exp", canary,
			[]string{"The model gemini-2.0-flash-exp is not among those that the Gemini API offers to this key." + use}},
		{"a model that was hidden from the key", "gemini-3-pro-image", canary,
			[]string{"The model gemini-3-pro-image is not among those that the Gemini API offers to this key." + use}},
		{"a wrong key", "gemini-nano-banana-2.1", "wrong", []string{"The Gemini API rejects the key, so no images can be made. Correct GEMINI_API_KEY in the server's .env and restart it; imagechat doctor tells more. Gemini says: API key not valid. Please pass a valid API key."}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			k := newKit(t, &geminitest.Options{Key: canary, HiddenModels: []string{"gemini-3-pro-image"}}, nil)
			gen := newGenerator(t, k.srv.URL, func(o *gemini.Options) { o.Model, o.APIKey = tt.model, secret.New(tt.key) })
			if err := gen.CheckModels(t.Context()); (err != nil) != (tt.key == "wrong") {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, english(t, gen.Warnings())); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheTableWarnsBeforeAnybodyWasAsked(t *testing.T) {
	t.Parallel()
	gen := newGenerator(t, "http://127.0.0.1:1", func(o *gemini.Options) { o.Model = "gemini-2.0-flash-exp" })
	want := []string{"The model gemini-2.0-flash-exp was shut down. Set GEMINI_MODEL to gemini-nano-banana-2.1."}
	if diff := cmp.Diff(want, english(t, gen.Warnings())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := gen.CheckModels(t.Context()); err == nil {
		t.Error("nobody listens there")
	}
	if diff := cmp.Diff(want, english(t, gen.Warnings())); diff != "" {
		t.Errorf("after a list that could not be had (-want +got):\n%s", diff)
	}
}

func TestTheListIsKeptForADayOverRestarts(t *testing.T) {
	t.Parallel()
	cache := filepath.Join(t.TempDir(), "models.json")
	k := newKit(t, nil, nil)
	now := noon
	// runs starts a generator as a process does and stops it when it settled.
	run := func(model string) {
		gen := newGenerator(t, k.srv.URL, func(o *gemini.Options) {
			o.Model, o.CacheFile, o.Now = model, cache, func() time.Time { return now }
		})
		if err := gen.CheckModelsIfDue(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	steps := []struct {
		name  string
		do    func()
		lists int
	}{
		{"the first start asks", func() { run(gemini.DefaultModel) }, 1},
		{"a restart does not", func() { run(gemini.DefaultModel) }, 1},
		{"nor one 23 hours later", func() { now = now.Add(23 * time.Hour); run(gemini.DefaultModel) }, 1},
		{"one a day later does", func() { now = now.Add(time.Hour); run(gemini.DefaultModel) }, 2},
		{"a model that is not in the kept list is looked for again", func() { run("gemini-9-image") }, 3},
		{"a torn file is as good as none", func() {
			if err := os.WriteFile(cache, []byte("{"), 0o600); err != nil {
				t.Fatal(err)
			}
			run(gemini.DefaultModel)
		}, 4},
	}
	for _, s := range steps {
		s.do()
		if got := k.srv.Lists(); got != s.lists {
			t.Errorf("%s: the list was asked for %d times, want %d", s.name, got, s.lists)
		}
	}
	left, err := filepath.Glob(cache + "*")
	if err != nil || len(left) != 1 {
		t.Errorf("left in the directory: %v, %v", left, err)
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	t.Parallel()
	k := newKit(t, nil, nil)
	var logs syncBuffer
	gen := newGenerator(t, k.srv.URL, func(o *gemini.Options) { o.Model, o.Logger = "gemini-2.0-flash-exp", logs.logger() })
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- gen.Run(ctx) }()
	logs.await(t, "is not among those")
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if !strings.Contains(logs.String(), "level=WARN") {
		t.Errorf("log: %s", logs.String())
	}
}

// english is what warnings say in English; each must say it in Korean too.
func english(t *testing.T, warnings []imagechat.Localized) []string {
	t.Helper()
	var out []string
	for _, w := range warnings {
		if !strings.ContainsFunc(w.KO, func(r rune) bool { return unicode.Is(unicode.Hangul, r) }) {
			t.Errorf("not in Korean: %q", w.KO)
		}
		out = append(out, w.EN)
	}
	return out
}
