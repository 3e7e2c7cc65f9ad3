package imagechatclient_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	imagechatclient "github.com/gemini-image-chat/gemini-image-chat/openapi/go"
)

// lamp asks for a picture.
var lamp = imagechatclient.TurnRequest{Kind: imagechatclient.TurnKindGenerate, Content: "a lamp"}

func TestAPageOfSomebodyElseIsAnErrorAndNoFlood(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		fmt.Fprint(w, "<html>sign in to the wifi</html>")
	}))
	defer page.Close()
	c, err := imagechatclient.New(page.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	calls := map[string]func() error{
		"Run": func() error {
			_, err := c.Run(t.Context(), "x", lamp, &imagechatclient.RunOptions{Patience: time.Millisecond})
			return err
		},
		"StartSession": func() error {
			_, err := c.StartSession(t.Context(), imagechatclient.CreateSessionRequest{})
			return err
		},
		"Sessions": func() error {
			for _, err := range c.Sessions(t.Context(), imagechatclient.ListSessionsParams{}) {
				return err
			}
			return nil
		},
		"Images": func() error {
			for _, err := range c.Images(t.Context(), imagechatclient.ListImagesParams{}) {
				return err
			}
			return nil
		},
		"Export": func() error {
			_, err := c.Export(t.Context(), "x", imagechatclient.ExportImageParams{}, &bytes.Buffer{})
			return err
		},
		"Upload": func() error {
			_, err := c.Upload(t.Context(), "a.png", bytes.NewReader([]byte("x")), "")
			return err
		},
		"GetUsageWithResponse": func() error {
			_, err := c.GetUsageWithResponse(t.Context(), nil)
			return err
		},
	}
	for name, call := range calls {
		if err := call(); !errors.Is(err, imagechatclient.ErrNotTheServer) {
			t.Errorf("%s: got %v, want ErrNotTheServer", name, err)
		}
	}
	if n := asked.Load(); n > 3*int64(len(calls)) {
		t.Errorf("%d requests for %d calls", n, len(calls))
	}
}

func TestARunOutlivesAServerThatIsAwayOrDrains(t *testing.T) {
	t.Parallel()
	server, _ := connect(t)
	target, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	var n atomic.Int64
	through := httputil.NewSingleHostReverseProxy(target)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			switch n.Add(1) {
			case 2: // a server that drains
				w.Header().Set("Content-Type", "application/problem+json")
				w.WriteHeader(http.StatusServiceUnavailable)
				fmt.Fprint(w, `{"code":"interrupted","title":"t","detail":"draining","status":503,"retryable":true,"request_id":"x","type":"t"}`)
				return
			case 3: // a gateway whose server is gone
				http.Error(w, "<html>bad gateway</html>", http.StatusBadGateway)
				return
			case 4: // a line that breaks
				panic(http.ErrAbortHandler)
			}
		}
		through.ServeHTTP(w, r)
	}))
	defer front.Close()
	c, err := imagechatclient.New(front.URL, &imagechatclient.Options{MaxRetries: -1})
	if err != nil {
		t.Fatal(err)
	}
	reply, err := c.Run(t.Context(), newSession(t, c), lamp, nil)
	if err != nil || len(reply.Images) != 1 {
		t.Fatalf("got %+v, %v", reply, err)
	}
	if n.Load() != 5 {
		t.Errorf("%d POSTs, want 5: the session, three that failed, and the turn", n.Load())
	}
}

func TestAFailedTurnIsAnErrorAndAnOwnKeyGoesOn(t *testing.T) {
	t.Parallel()
	_, c := connect(t)
	id := newSession(t, c)
	again := &imagechatclient.RunOptions{IdempotencyKey: "mine"}
	first, err := c.Run(t.Context(), id, lamp, again)
	if err != nil {
		t.Fatal(err)
	}
	if second, err := c.Run(t.Context(), id, lamp, again); err != nil || second.ID != first.ID {
		t.Errorf("the same key: got %v, %v, want message %s", second, err, first.ID)
	}
	_, err = c.Run(t.Context(), id, imagechatclient.TurnRequest{Kind: imagechatclient.TurnKindChat, Content: "else"}, again)
	if e, ok := errors.AsType[*imagechatclient.APIError](err); !ok || e.Problem.Code != imagechatclient.ErrorCodeIdempotencyMismatch {
		t.Errorf("another body: got %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := c.Run(ctx, id, lamp, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("an ended context: got %v", err)
	}
	// A turn that somebody cancels while it is waited for.
	key := "cancelled"
	params := &imagechatclient.CreateTurnParams{IdempotencyKey: &key}
	r, err := c.CreateTurnWithResponse(t.Context(), id, params, lamp)
	if err != nil || r.JSON202 == nil {
		t.Fatalf("got %v, %v", r, err)
	}
	if _, err := c.CancelTurnWithResponse(t.Context(), r.JSON202.ID); err != nil {
		t.Fatal(err)
	}
	_, err = c.Run(t.Context(), id, lamp, &imagechatclient.RunOptions{IdempotencyKey: key})
	if e, ok := errors.AsType[*imagechatclient.APIError](err); !ok || e.Problem.Code != imagechatclient.ErrorCodeCancelled {
		t.Errorf("a cancelled turn: got %v", err)
	}
}

func TestFilesGoUpAndComeDown(t *testing.T) {
	t.Parallel()
	_, c := connect(t)
	id := newSession(t, c)
	reply, err := c.Run(t.Context(), id, lamp, nil)
	if err != nil {
		t.Fatal(err)
	}
	purpose := "email_header"
	var file, pack bytes.Buffer
	name, err := c.Export(t.Context(), reply.Images[0].ID, imagechatclient.ExportImageParams{Purpose: &purpose}, &file)
	if err != nil || name == "" || name == "." {
		t.Fatalf("Export: got %q, %v", name, err)
	}
	up, err := c.Upload(t.Context(), "로고 최종.png", &file, imagechatclient.ImageRoleLogo)
	if err != nil || up.Role != imagechatclient.ImageRoleLogo || up.Width != 600 || up.Height != 200 {
		t.Errorf("Upload: got %+v, %v", up, err)
	}
	name, err = c.ExportPack(t.Context(), id, imagechatclient.CreateExportRequest{ImageID: reply.Images[0].ID, Purposes: []string{"email_header"}}, &pack)
	if err != nil || !bytes.HasPrefix(pack.Bytes(), []byte("PK")) {
		t.Errorf("ExportPack: got %q, %d bytes, %v", name, pack.Len(), err)
	}
	none := "01900000-0000-7000-8000-000000000000"
	_, err = c.Export(t.Context(), none, imagechatclient.ExportImageParams{Purpose: &purpose}, &file)
	if e, ok := errors.AsType[*imagechatclient.APIError](err); !ok || e.Problem.Code != imagechatclient.ErrorCodeImageNotFound {
		t.Errorf("Export of nothing: got %v", err)
	}
}

func TestEveryTryIsTold(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if n.Add(1) == 1 {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		fmt.Fprint(w, `{"sessions":[],"total":0,"limit":1,"offset":0}`)
	}))
	defer s.Close()
	var told []int
	c, err := imagechatclient.New(s.URL, &imagechatclient.Options{OnAttempt: func(a imagechatclient.Attempt) {
		told = append(told, a.Number, a.Response.StatusCode)
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range c.Sessions(t.Context(), imagechatclient.ListSessionsParams{}) {
		t.Fatal(err)
	}
	if fmt.Sprint(told) != "[1 503 2 200]" {
		t.Errorf("told %v", told)
	}
}
