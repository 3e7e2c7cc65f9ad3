package bunstore_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/bunstore"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

func TestPatrolFindsADamagedPageThatAStartDoesNot(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	file := filepath.Join(t.TempDir(), "x.db")
	s, err := bunstore.OpenFile(ctx, file, &bunstore.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	err = s.Atomically(ctx, func(r imagechat.Repository) error {
		for i := range 2000 {
			b := &imagechat.Brand{ID: imagechat.BrandID(fmt.Sprintf("%08d", i)), Owner: "mina", Name: strings.Repeat("x", 100), CreatedAt: now, UpdatedAt: now}
			if err := r.CreateBrand(ctx, b); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Patrol(ctx); err != nil || s.Damaged() || len(s.Warnings()) > 0 {
		t.Fatalf("a sound database: got %v, damaged %v, %q", err, s.Damaged(), s.Warnings())
	}
	if err := s.Close(); err != nil { // so that no log is left that would repair a page
		t.Fatal(err)
	}

	const page = 4096
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	sound := bytes.Clone(content)
	// A page in the middle of many that are of one table, as the content shows.
	at := bytes.LastIndex(content[:len(content)/2], bytes.Repeat([]byte("x"), 100)) / page * page
	copy(content[at:at+page], bytes.Repeat([]byte{0xa5}, page))
	write := func(b []byte) *bunstore.Store {
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := bunstore.OpenFile(ctx, file, nil)
		if err != nil {
			t.Fatalf("the start notices, so this tests nothing: %v", err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	s = write(content)
	if err := s.CheckHealth(ctx); err != nil {
		t.Errorf("the rest works: %v", err)
	}
	if err := s.Patrol(ctx); !errors.Is(err, imagechat.StorageUnavailable) || !strings.Contains(err.Error(), "brands") {
		t.Errorf("got %v, want StorageUnavailable and the table's name", err)
	}
	if !s.Damaged() || len(s.Warnings()) != 1 {
		t.Errorf("got damaged %v and warnings %q, want one", s.Damaged(), s.Warnings())
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	s = write(sound)
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if err := s.Patrol(gone); !errors.Is(err, context.Canceled) || s.Damaged() {
		t.Errorf("cut off: got %v, damaged %v; want only that it was cut off", err, s.Damaged())
	}
	if err := s.Patrol(ctx); err != nil || s.Damaged() {
		t.Errorf("after a restore: got %v, damaged %v", err, s.Damaged())
	}
}
