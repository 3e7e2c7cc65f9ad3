package imagechattest_test

import (
	"context"
	"errors"
	"testing"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

func TestAScriptPlaysItsRepliesInOrderAndThenTheLast(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := imagechattest.NewScript(imagechattest.Words("one"), imagechattest.Failure(imagechat.RateLimited, imagechat.ChargeNone, true))
	call := &imagechat.Call{Model: imagechattest.ScriptModel}
	if r, err := s.Generate(ctx, call); err != nil || r.Text() != "one" {
		t.Errorf("first: got %v, %v", r, err)
	}
	if _, err := s.Generate(ctx, call); !errors.Is(err, imagechat.RateLimited) {
		t.Errorf("second: got %v, want rate_limited", err)
	}
	if _, err := s.Generate(ctx, call); !errors.Is(err, imagechat.Internal) {
		t.Errorf("after the end: got %v, want internal", err)
	}
	s.Always(imagechattest.Words("again"))
	for range 2 {
		if r, err := s.Generate(ctx, call); err != nil || r.Text() != "again" {
			t.Errorf("always: got %v, %v", r, err)
		}
	}
	if n := len(s.Calls()); n != 5 {
		t.Errorf("%d calls were counted, want 5", n)
	}
}

func TestAScriptWaitsUntilItIsLetGoOrGivenUp(t *testing.T) {
	t.Parallel()
	hold := make(chan struct{})
	s := imagechattest.NewScript(imagechattest.Reply{Wait: hold}, imagechattest.Reply{Wait: hold})
	call := &imagechat.Call{Model: imagechattest.ScriptModel}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 2)
	for _, c := range []context.Context{ctx, t.Context()} {
		go func() {
			_, err := s.Generate(c, call)
			done <- err
		}()
	}
	if err := s.WaitCalls(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	cancel()
	err := <-done
	if e := imagechat.AsError(err); !errors.Is(err, context.Canceled) || e.Charge != imagechat.ChargeUnknown {
		t.Errorf("given up: got %v", err)
	}
	close(hold)
	if err := <-done; err != nil {
		t.Errorf("let go: got %v", err)
	}
	if s.Peak() != 2 {
		t.Errorf("at most %d ran at once, want 2", s.Peak())
	}
}
