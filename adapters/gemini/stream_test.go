package gemini_test

import (
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/gemini"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

// piped answers with what is written to a pipe, which holds nothing.
type piped struct{ body *io.PipeReader }

func (p piped) RoundTrip(req *http.Request) (*http.Response, error) {
	if _, err := io.Copy(io.Discard, req.Body); err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: p.body, Request: req}, nil
}

// Each event is told before the next is written: words held back would hang
// the test.
func TestWordsAreToldWhileTheStreamIsOpen(t *testing.T) {
	t.Parallel()
	pr, pw := io.Pipe()
	k := newKit(t, nil, func(o *gemini.Options) { o.Transport = piped{pr} })
	told := make(chan imagechat.Progress)
	call := k.call(imagechat.KindConverse, "a bag")
	call.Progress = func(p imagechat.Progress) { told <- p }
	done := make(chan error, 1)
	go func() {
		_, err := k.gen.Generate(t.Context(), call)
		done <- err
	}()
	write := func(s string) {
		t.Helper()
		if _, err := io.WriteString(pw, s); err != nil {
			t.Fatal(err)
		}
	}
	event := func(part string) string {
		return `data: {"candidates":[{"content":{"parts":[` + part + `],"role":"model"}}]}` + "\r\n\r\n"
	}
	var got []imagechat.Progress
	write(event(`{"text":"**Plan**","thought":true}`))
	got = append(got, <-told)
	write(event(`{"text":"안녕"}`))
	got = append(got, <-told)
	write(event(`{"text":"하세요"}`))
	got = append(got, <-told)
	picture := base64.StdEncoding.EncodeToString(imagechattest.PNG(8, 8, 1))
	write(`data: {"candidates":[{"content":{"parts":[{"inlineData":{"mimeType":"image/png","data":"` + picture[:8])
	got = append(got, <-told) // drawing: the picture is not there yet
	write(picture[8:] + `"}}],"role":"model"},"finishReason":"STOP"}]}` + "\n\n")
	if err := pw.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	want := []imagechat.Progress{{Thinking: "**Plan**"}, {Text: "안녕"}, {Text: "안녕하세요"}, {Drawing: true}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// net/http repeats a request that looks repeatable when a kept-alive connection
// breaks. Ours must not: it may have been paid for.
func TestABrokenReusedConnectionSendsNothingTwice(t *testing.T) {
	t.Parallel()
	for _, fault := range []string{"reset", "cut"} {
		k := newKit(t, nil, nil)
		for _, prompt := range []string{"a bag", "another [[" + fault + "]]"} {
			_, _ = k.gen.Generate(t.Context(), k.call(imagechat.KindGenerate, prompt))
		}
		if calls := k.srv.Calls(); calls != 2 {
			t.Errorf("%s: %d requests, want 2", fault, calls)
		}
		if got := k.srv.Last().Header.Get("Idempotency-Key"); got != "" {
			t.Errorf("an idempotency key makes net/http replay: %q", got)
		}
	}
}

// A spool whose writers cannot be marked keeps no draft at all.
func TestADraftThatCannotBeMarkedIsNotKept(t *testing.T) {
	t.Parallel()
	k := newKit(t, nil, nil)
	call := k.call(imagechat.KindGenerate, "a bag [[drafts]]")
	call.Spool = plainSpool{call.Spool}
	res, err := k.gen.Generate(t.Context(), call)
	if err != nil {
		t.Fatal(err)
	}
	if d, i := k.spooledAs(imagechat.SpoolDraft), k.spooledAs(imagechat.SpoolImage); d != 0 || i != 1 || res.Image() == nil {
		t.Errorf("kept %d drafts and %d pictures", d, i)
	}
}

type plainSpool struct{ imagechat.AttemptSpool }

func (s plainSpool) Create(ctx context.Context, kind imagechat.SpoolKind) (imagechat.SpoolWriter, error) {
	w, err := s.AttemptSpool.Create(ctx, kind)
	return struct{ imagechat.SpoolWriter }{w}, err
}

// The machine's own credentials are found, exchanged for a token at the server
// that they name, and sent.
func TestVertexAIWithDefaultCredentials(t *testing.T) {
	k := newKit(t, nil, nil)
	account := filepath.Join(t.TempDir(), "account.json")
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", account)
	gen := newGenerator(t, k.srv.URL, func(o *gemini.Options) { o.Backend, o.Project = gemini.BackendVertex, "shop" })
	_, err := gen.Generate(t.Context(), k.call(imagechat.KindGenerate, "a bag"))
	if e := imagechat.AsError(err); e == nil || e.Code != imagechat.GeneratorRejectedKey || e.Charge != none || k.srv.Calls() != 0 {
		t.Errorf("without credentials: got %+v after %d calls", e, k.srv.Calls())
	}
	// They may come later, as a machine's own identity does.
	if err := k.srv.WriteServiceAccount(account); err != nil {
		t.Fatal(err)
	}
	res, err := gen.Generate(t.Context(), k.call(imagechat.KindGenerate, "a bag"))
	if err != nil || res.Image() == nil {
		t.Fatalf("got %+v, %v", res, err)
	}
	if want := "/v1beta1/projects/shop/locations/global/"; !strings.HasPrefix(k.srv.Last().Path, want) {
		t.Errorf("got path %s, want %s…", k.srv.Last().Path, want)
	}
}
