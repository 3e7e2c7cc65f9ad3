package imagechat_test

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/bunstore"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/fsblob"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// diskPorts are the stores that people use: SQLite and a directory.
func diskPorts(t *testing.T) imagechat.Ports {
	dir := t.TempDir()
	store, err := bunstore.OpenFile(context.Background(), filepath.Join(dir, "chat.db"), &bunstore.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	blobs, err := fsblob.Open(filepath.Join(dir, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := blobs.Close(); err != nil {
			t.Error(err)
		}
	})
	return imagechat.Ports{Repository: store, Blobs: blobs, Spool: blobs.Spool()}
}

// TestThePromisesHoldOnRealStores plays some of the same stories with syncing
// and locking as they are; STORIES sets how many.
func TestThePromisesHoldOnRealStores(t *testing.T) {
	t.Parallel()
	n := 12
	if v, err := strconv.Atoi(os.Getenv("STORIES")); err == nil {
		n = v
	}
	for seed := range n {
		acts := stories.Example(seed)
		if faults := story(t, acts, diskPorts); len(faults) > 0 {
			t.Errorf("story %d, %v:\n%s", seed, acts, strings.Join(faults, "\n"))
		}
	}
}
