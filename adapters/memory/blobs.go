package memory

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"iter"
	"math"
	"sync"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// BlobStore implements imagechat.BlobStore, SpoolAdopter, SpaceReporter, Locker,
// Identified and Trash.
type BlobStore struct {
	Faults
	spool *Spool

	hold  hold
	mu    sync.Mutex
	blobs map[imagechat.BlobKey]blob
	trash map[imagechat.BlobKey]blob // with the time at which each was discarded
	free  int64
}

type blob struct {
	data []byte // never written to once stored
	time time.Time
}

// NewBlobStore returns an empty store with room for everything.
func NewBlobStore() *BlobStore {
	b := &BlobStore{
		hold: hold{what: "the blob store"}, blobs: map[imagechat.BlobKey]blob{}, trash: map[imagechat.BlobKey]blob{}, free: math.MaxInt64,
	}
	b.spool = &Spool{faults: &b.Faults, entries: map[imagechat.AttemptID][]*spooled{}}
	return b
}

// Spool returns the spool beside the store; they share their Faults.
func (b *BlobStore) Spool() *Spool { return b.spool }

// SetFree says what FreeBytes reports from now on. It bounds nothing.
func (b *BlobStore) SetFree(n int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.free = n
}

// FreeBytes implements imagechat.SpaceReporter.
func (b *BlobStore) FreeBytes(ctx context.Context) (int64, error) {
	if err := b.ready(ctx, "FreeBytes"); err != nil {
		return 0, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.free, nil
}

// CheckHealth implements imagechat.HealthChecker.
func (b *BlobStore) CheckHealth(ctx context.Context) error { return b.ready(ctx, "CheckHealth") }

func keyOf(data []byte) imagechat.BlobKey {
	sum := sha256.Sum256(data)
	return imagechat.BlobKey(hex.EncodeToString(sum[:]))
}

// Put implements imagechat.BlobStore.
func (b *BlobStore) Put(ctx context.Context, key imagechat.BlobKey, r io.Reader) error {
	if err := b.ready(ctx, "Put"); err != nil {
		return err
	}
	if !key.Valid() {
		return fmt.Errorf("memory: blob %q: %w", key, imagechat.NotFound)
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return fmt.Errorf("memory: blob %s: %w", key, err)
	}
	if got := keyOf(data); got != key {
		return fmt.Errorf("memory: blob %s has the hash %s: %w", key, got, imagechat.InvalidRequest)
	}
	b.put(key, data)
	return nil
}

func (b *BlobStore) put(key imagechat.BlobKey, data []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.blobs[key] = blob{data, time.Now()}
}

// Open implements imagechat.BlobStore.
func (b *BlobStore) Open(ctx context.Context, key imagechat.BlobKey) (io.ReadSeekCloser, error) {
	x, err := b.find(ctx, "Open", key)
	if err != nil {
		return nil, err
	}
	return file{bytes.NewReader(x.data)}, nil
}

type file struct{ *bytes.Reader }

func (file) Close() error { return nil }

// Stat implements imagechat.BlobStore.
func (b *BlobStore) Stat(ctx context.Context, key imagechat.BlobKey) (imagechat.BlobInfo, error) {
	x, err := b.find(ctx, "Stat", key)
	if err != nil {
		return imagechat.BlobInfo{}, err
	}
	return imagechat.BlobInfo{Key: key, Size: int64(len(x.data)), Time: x.time}, nil
}

func (b *BlobStore) find(ctx context.Context, op string, key imagechat.BlobKey) (blob, error) {
	if err := b.ready(ctx, op); err != nil {
		return blob{}, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	x, ok := b.blobs[key]
	if !ok {
		return blob{}, fmt.Errorf("memory: blob %q: %w", key, imagechat.NotFound)
	}
	return x, nil
}

// Delete implements imagechat.BlobStore.
func (b *BlobStore) Delete(ctx context.Context, key imagechat.BlobKey) error {
	if err := b.readyFor(ctx, "Delete", key); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.blobs, key)
	delete(b.trash, key)
	return nil
}

// List implements imagechat.BlobStore.
func (b *BlobStore) List(ctx context.Context) iter.Seq2[imagechat.BlobInfo, error] {
	return b.list(ctx, "List", b.blobs)
}

func (b *BlobStore) list(ctx context.Context, op string, blobs map[imagechat.BlobKey]blob) iter.Seq2[imagechat.BlobInfo, error] {
	return func(yield func(imagechat.BlobInfo, error) bool) {
		if err := b.ready(ctx, op); err != nil {
			yield(imagechat.BlobInfo{}, err)
			return
		}
		b.mu.Lock()
		var all []imagechat.BlobInfo
		for k, x := range blobs {
			all = append(all, imagechat.BlobInfo{Key: k, Size: int64(len(x.data)), Time: x.time})
		}
		b.mu.Unlock()
		for _, i := range all {
			if err := ctx.Err(); err != nil {
				yield(imagechat.BlobInfo{}, err)
				return
			}
			if !yield(i, nil) {
				return
			}
		}
	}
}

// Adopt implements imagechat.SpoolAdopter for entries of the store's Spool.
func (b *BlobStore) Adopt(ctx context.Context, e imagechat.SpoolEntry) error {
	if err := b.ready(ctx, "Adopt"); err != nil {
		return err
	}
	data, err := b.spool.bytes(e)
	if err != nil {
		return err
	}
	b.put(e.Blob, data)
	return nil
}

var (
	_ imagechat.BlobStore     = (*BlobStore)(nil)
	_ imagechat.SpoolAdopter  = (*BlobStore)(nil)
	_ imagechat.SpaceReporter = (*BlobStore)(nil)
	_ imagechat.HealthChecker = (*BlobStore)(nil)
)
