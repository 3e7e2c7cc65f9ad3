package filelock_test

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/gemini-image-chat/gemini-image-chat/internal/filelock"
)

func TestOneAtATime(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	for range 2 {
		release, err := filelock.Lock(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := filelock.Lock(path); !errors.Is(err, filelock.ErrLocked) {
			t.Errorf("a second lock: got %v, want ErrLocked", err)
		}
		if err := release(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := filelock.Lock(filepath.Join(path, "below a file")); err == nil || errors.Is(err, filelock.ErrLocked) {
		t.Errorf("where no file can be: got %v, want an error of its own", err)
	}
}
