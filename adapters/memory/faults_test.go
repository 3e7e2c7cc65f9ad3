package memory_test

import (
	"errors"
	"testing"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/memory"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

func TestFaultsFailAsManyCallsAsAsked(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	r := memory.NewRepository()
	r.FailNext("CreateSession", 2, imagechat.StorageFull)
	for i := range 3 {
		err := r.CreateSession(ctx, &imagechat.Session{ID: "s"})
		if want := i < 2; errors.Is(err, imagechat.StorageFull) != want {
			t.Errorf("call %d: got error %v, want one: %v", i, err, want)
		}
	}
	if got := r.Calls()["CreateSession"]; got != 3 {
		t.Errorf("got %d calls, want 3", got)
	}
}

func TestAFailedCommitUndoesTheTransaction(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	r := memory.NewRepository()
	r.FailNext("Commit", 1, imagechat.StorageFull)
	err := r.Atomically(ctx, func(tx imagechat.Repository) error {
		return tx.CreateSession(ctx, &imagechat.Session{ID: "s"})
	})
	if !errors.Is(err, imagechat.StorageFull) {
		t.Errorf("got %v, want StorageFull", err)
	}
	if _, err := r.GetSession(ctx, "s"); !errors.Is(err, imagechat.NotFound) {
		t.Errorf("after the failed commit: got %v, want NotFound", err)
	}
}
