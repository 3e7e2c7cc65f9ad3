package imagechatclient_test

import (
	"context"
	"errors"
	"os"
	"testing"

	imagechatclient "github.com/gemini-image-chat/gemini-image-chat/openapi/go"

	"github.com/gemini-image-chat/gemini-image-chat/internal/realserver"
)

func TestMain(m *testing.M) {
	code := m.Run()
	realserver.Cleanup()
	os.Exit(code)
}

func connect(t *testing.T) (*realserver.Server, *imagechatclient.Connection) {
	t.Helper()
	s := realserver.Start(t, "GENERATOR=demo")
	c, err := imagechatclient.New(s.URL, &imagechatclient.Options{Language: "en"})
	if err != nil {
		t.Fatal(err)
	}
	return s, c
}

func newSession(t *testing.T, c *imagechatclient.Connection) string {
	t.Helper()
	s, err := c.StartSession(t.Context(), imagechatclient.CreateSessionRequest{ImagePurpose: "email_header"})
	if err != nil {
		t.Fatal(err)
	}
	return s.ID
}

func TestATurnRunsAndItsEventsComeOnceAcrossARestart(t *testing.T) {
	t.Parallel()
	server, c := connect(t)
	id := newSession(t, c)
	reply, err := c.Run(t.Context(), id, imagechatclient.TurnRequest{Kind: imagechatclient.TurnKindGenerate, Content: "a lamp"}, nil)
	if err != nil || len(reply.Images) != 1 {
		t.Fatalf("Run: got %+v, %v", reply, err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var seqs []int64
	restarted := false
	for frame, err := range c.Events(ctx, id, 0) {
		if err != nil {
			t.Fatal(err)
		}
		value, err := frame.ValueByDiscriminator()
		if err != nil {
			t.Fatal(err)
		}
		switch f := value.(type) {
		case imagechatclient.StatusFrame:
			if f.Seq != nil {
				seqs = append(seqs, *f.Seq)
			}
		case imagechatclient.MixedFrame:
			seqs = append(seqs, *f.Seq)
			if restarted {
				stop()
			}
		}
		if len(seqs) == 2 && !restarted {
			restarted = true
			server.Kill()
			server.Restart()
			go func() {
				_, _ = c.Run(t.Context(), id, imagechatclient.TurnRequest{Kind: imagechatclient.TurnKindGenerate, Content: "another"}, nil)
			}()
		}
		if ctx.Err() != nil {
			break
		}
	}
	if len(seqs) != 4 || seqs[0] != 1 || seqs[3] != 4 {
		t.Errorf("got events %v, want 1 to 4 once each", seqs)
	}
}

func TestPagesAreWalkedAndProblemsAreErrors(t *testing.T) {
	t.Parallel()
	_, c := connect(t)
	for range 7 {
		newSession(t, c)
	}
	limit, n := int64(3), 0
	for _, err := range c.Sessions(t.Context(), imagechatclient.ListSessionsParams{Limit: &limit}) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != 7 {
		t.Errorf("got %d sessions, want 7", n)
	}
	_, err := c.Run(t.Context(), "01900000-0000-7000-8000-000000000000", imagechatclient.TurnRequest{Kind: imagechatclient.TurnKindChat, Content: "hi"}, nil)
	if e, ok := errors.AsType[*imagechatclient.APIError](err); !ok || e.Problem.Code != imagechatclient.ErrorCodeSessionNotFound || e.Status != 404 {
		t.Errorf("got %v, want session_not_found", err)
	}
	for _, err := range c.Events(t.Context(), "01900000-0000-7000-8000-000000000000", 0) {
		if e, ok := errors.AsType[*imagechatclient.APIError](err); !ok || e.Status != 404 {
			t.Errorf("got %v, want 404", err)
		}
	}
}
