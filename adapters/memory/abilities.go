package memory

import (
	"context"
	"fmt"
	"iter"
	"sync"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// hold is what Repository and BlobStore have in common: a lock and a mark.
type hold struct {
	what string

	mu   sync.Mutex
	held bool
	id   imagechat.StoreID
}

func (h *hold) lock() (unlock func() error, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.held {
		return nil, fmt.Errorf("memory: %s: %w", h.what, imagechat.ErrInUse)
	}
	h.held = true
	return sync.OnceValue(func() error {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.held = false
		return nil
	}), nil
}

func (h *hold) identity() imagechat.StoreID {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.id
}

func (h *hold) setIdentity(id imagechat.StoreID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.id = id
}

// Lock implements imagechat.Locker.
func (r *Repository) Lock(ctx context.Context) (unlock func() error, err error) {
	if err := r.ready(ctx, "Lock"); err != nil {
		return nil, err
	}
	return r.hold.lock()
}

// Identity implements imagechat.Identified.
func (r *Repository) Identity(ctx context.Context) (imagechat.StoreID, error) {
	return r.hold.identity(), r.ready(ctx, "Identity")
}

// SetIdentity implements imagechat.Identified.
func (r *Repository) SetIdentity(ctx context.Context, id imagechat.StoreID) error {
	if err := r.ready(ctx, "SetIdentity"); err != nil {
		return err
	}
	r.hold.setIdentity(id)
	return nil
}

// Lock implements imagechat.Locker.
func (b *BlobStore) Lock(ctx context.Context) (unlock func() error, err error) {
	if err := b.ready(ctx, "Lock"); err != nil {
		return nil, err
	}
	return b.hold.lock()
}

// Identity implements imagechat.Identified.
func (b *BlobStore) Identity(ctx context.Context) (imagechat.StoreID, error) {
	return b.hold.identity(), b.ready(ctx, "Identity")
}

// SetIdentity implements imagechat.Identified.
func (b *BlobStore) SetIdentity(ctx context.Context, id imagechat.StoreID) error {
	if err := b.ready(ctx, "SetIdentity"); err != nil {
		return err
	}
	b.hold.setIdentity(id)
	return nil
}

// Discard implements imagechat.Trash.
func (b *BlobStore) Discard(ctx context.Context, key imagechat.BlobKey) error {
	if err := b.readyFor(ctx, "Discard", key); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if x, ok := b.blobs[key]; ok {
		b.trash[key] = blob{x.data, time.Now()}
		delete(b.blobs, key)
	}
	return nil
}

// Restore implements imagechat.Trash.
func (b *BlobStore) Restore(ctx context.Context, key imagechat.BlobKey) error {
	if err := b.readyFor(ctx, "Restore", key); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	x, discarded := b.trash[key]
	_, there := b.blobs[key]
	switch {
	case !discarded && !there:
		return fmt.Errorf("memory: blob %q: %w", key, imagechat.NotFound)
	case !there:
		b.blobs[key] = blob{x.data, time.Now()}
	}
	delete(b.trash, key)
	return nil
}

// ListTrash implements imagechat.Trash.
func (b *BlobStore) ListTrash(ctx context.Context) iter.Seq2[imagechat.BlobInfo, error] {
	return b.list(ctx, "ListTrash", b.trash)
}

// Purge implements imagechat.Trash.
func (b *BlobStore) Purge(ctx context.Context, key imagechat.BlobKey) error {
	if err := b.readyFor(ctx, "Purge", key); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.trash, key)
	return nil
}

// readyFor is ready for an operation on one blob.
func (b *BlobStore) readyFor(ctx context.Context, op string, key imagechat.BlobKey) error {
	if err := b.ready(ctx, op); err != nil {
		return err
	}
	if !key.Valid() {
		return fmt.Errorf("memory: blob %q: %w", key, imagechat.NotFound)
	}
	return nil
}

var (
	_ imagechat.Locker     = (*Repository)(nil)
	_ imagechat.Identified = (*Repository)(nil)
	_ imagechat.Locker     = (*BlobStore)(nil)
	_ imagechat.Identified = (*BlobStore)(nil)
	_ imagechat.Trash      = (*BlobStore)(nil)
)
