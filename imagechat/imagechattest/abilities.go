package imagechattest

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// testLock is for every port that is a Locker.
func testLock[T any](t *testing.T, port T) {
	l, ok := any(port).(imagechat.Locker)
	if !ok {
		return
	}
	for range 2 {
		unlock, err := l.Lock(t.Context())
		if err != nil {
			t.Fatalf("Lock: %v", err)
		}
		if _, err := l.Lock(t.Context()); !errors.Is(err, imagechat.ErrInUse) {
			t.Errorf("Lock of what is held: got %v, want ErrInUse", err)
		}
		if err := unlock(); err != nil {
			t.Fatalf("unlock: %v", err)
		}
		if err := unlock(); err != nil {
			t.Errorf("unlocking twice: %v", err)
		}
	}
}

// testIdentity is for every port that is Identified.
func testIdentity[T any](t *testing.T, port T) {
	x, ok := any(port).(imagechat.Identified)
	if !ok {
		return
	}
	check := func(want imagechat.StoreID) {
		t.Helper()
		if got, err := x.Identity(t.Context()); got != want || err != nil {
			t.Fatalf("Identity: got %q, %v, want %q", got, err, want)
		}
	}
	check("")
	for _, id := range []imagechat.StoreID{"3f1b8f5e-6d3c-4b9e-9a51-0c7d1f7b2a10", "another"} {
		must(t, x.SetIdentity(t.Context(), id))
		check(id)
	}
}

// testTrash is for blob stores that have a Trash.
func testTrash(t *testing.T, s imagechat.BlobStore) {
	trash, ok := s.(imagechat.Trash)
	if !ok {
		return
	}
	ctx := t.Context()
	data := []byte("discarded, but not gone")
	key := mustPut(t, s, data)
	other := mustPut(t, s, []byte("beside it"))
	trashed := func() map[imagechat.BlobKey]imagechat.BlobInfo {
		found := map[imagechat.BlobKey]imagechat.BlobInfo{}
		for info, err := range trash.ListTrash(ctx) {
			must(t, err)
			found[info.Key] = info
		}
		return found
	}
	wantGone := func(what string) {
		t.Helper()
		_, err := s.Open(ctx, key)
		wantCode(t, what+": Open", err, imagechat.NotFound)
		_, err = s.Stat(ctx, key)
		wantCode(t, what+": Stat", err, imagechat.NotFound)
		if listed := listBlobs(t, s); len(listed) != 1 || listed[other].Key != other {
			t.Errorf("%s: List yields %v, want the other blob alone", what, listed)
		}
	}
	must(t, trash.Discard(ctx, key))
	must(t, trash.Discard(ctx, key)) // twice is no error
	wantGone("discarded")
	info, listed := trashed()[key]
	if age := time.Since(info.Time); !listed || info.Size != int64(len(data)) || age < -time.Minute || age > time.Hour {
		t.Errorf("ListTrash: got %+v, want %d bytes discarded now", trashed(), len(data))
	}

	must(t, trash.Restore(ctx, key))
	if got := readBlob(t, s, key); !bytes.Equal(got, data) {
		t.Errorf("restored: got %q, want %q", got, data)
	}
	must(t, trash.Restore(ctx, key)) // it is in its place
	if len(trashed()) > 0 {
		t.Errorf("restored, and still in the trash: %v", trashed())
	}

	must(t, trash.Discard(ctx, key))
	must(t, trash.Purge(ctx, key))
	must(t, trash.Purge(ctx, key))
	wantGone("purged")
	wantCode(t, "Restore of what was purged", trash.Restore(ctx, key), imagechat.NotFound)

	// What is put anew is a blob of its own.
	mustPut(t, s, data)
	must(t, trash.Discard(ctx, key))
	mustPut(t, s, data)
	must(t, trash.Purge(ctx, key))
	if got := readBlob(t, s, key); !bytes.Equal(got, data) {
		t.Errorf("put anew, the old one purged: got %q, want %q", got, data)
	}
	must(t, trash.Discard(ctx, key))
	must(t, s.Delete(ctx, key))
	if len(trashed()) > 0 {
		t.Errorf("deleted, and still in the trash: %v", trashed())
	}
	for _, bad := range []imagechat.BlobKey{"", "../../x", "ABC"} {
		wantCode(t, "Restore of a malformed key", trash.Restore(ctx, bad), imagechat.NotFound)
		wantCode(t, "Discard of a malformed key", trash.Discard(ctx, bad), imagechat.NotFound)
		wantCode(t, "Purge of a malformed key", trash.Purge(ctx, bad), imagechat.NotFound)
	}
}
