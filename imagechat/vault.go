package imagechat

import (
	"context"
	"io"
	"sync"
)

// vault is the blob store together with what keeps blobs from being deleted
// while somebody is about to refer to them. It is a BlobStore itself: what
// is opened by way of it comes back out of the trash when it lies there,
// because whoever opens a blob has found a row that refers to it.
type vault struct {
	BlobStore
	trash Trash // nil when the store has none
	repo  Repository

	// deciding is held shared while blobs are being referred to, and alone
	// while it is decided which ones nothing refers to.
	deciding sync.RWMutex
	mu       sync.Mutex
	// leaving are blobs that are being deleted, outside of any lock: stores
	// may be slow. Each channel is closed when its blob is gone.
	leaving map[BlobKey]chan struct{}
}

func newVault(p Ports) *vault {
	v := &vault{BlobStore: p.Blobs, repo: p.Repository, leaving: map[BlobKey]chan struct{}{}}
	v.trash, _ = p.Blobs.(Trash)
	return v
}

// Open implements BlobStore.
func (v *vault) Open(ctx context.Context, key BlobKey) (io.ReadSeekCloser, error) {
	f, err := v.BlobStore.Open(ctx, key)
	if err != nil && v.bringBack(ctx, key, err) {
		return v.BlobStore.Open(ctx, key)
	}
	return f, err
}

// Stat implements BlobStore.
func (v *vault) Stat(ctx context.Context, key BlobKey) (BlobInfo, error) {
	info, err := v.BlobStore.Stat(ctx, key)
	if err != nil && v.bringBack(ctx, key, err) {
		return v.BlobStore.Stat(ctx, key)
	}
	return info, err
}

func (v *vault) bringBack(ctx context.Context, key BlobKey, err error) bool {
	return v.trash != nil && CodeOf(err) == NotFound && v.trash.Restore(ctx, key) == nil
}

// use keeps blobs from being deleted until done is called. Whoever stores a
// blob and then a row that refers to it does both in between. It waits for
// those of keys that are being deleted this moment.
func (v *vault) use(keys ...BlobKey) (done func()) {
	v.deciding.RLock()
	for _, key := range keys {
		v.mu.Lock()
		gone := v.leaving[key]
		v.mu.Unlock()
		if gone != nil {
			<-gone
		}
	}
	return v.deciding.RUnlock
}

// drop removes those of keys that nothing refers to. Which ones is decided
// while nobody may begin to refer to a blob; removing them is not. It returns
// those that are gone, also beside an error.
func (v *vault) drop(ctx context.Context, keys []BlobKey, remove func(context.Context, BlobKey) error) ([]BlobKey, error) {
	doomed, err := v.condemn(ctx, keys)
	var gone []BlobKey
	for _, key := range doomed {
		if err == nil {
			if err = remove(ctx, key); err == nil {
				gone = append(gone, key)
			}
		}
		v.mu.Lock()
		close(v.leaving[key])
		delete(v.leaving, key)
		v.mu.Unlock()
	}
	return gone, err
}

// condemn marks those of keys as leaving that nothing refers to.
func (v *vault) condemn(ctx context.Context, keys []BlobKey) ([]BlobKey, error) {
	v.deciding.Lock()
	defer v.deciding.Unlock()
	unused, err := v.unreferenced(ctx, keys)
	if err != nil {
		return nil, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	var doomed []BlobKey
	for _, key := range unused {
		if v.leaving[key] == nil { // else another is at it
			v.leaving[key] = make(chan struct{})
			doomed = append(doomed, key)
		}
	}
	return doomed, nil
}

// unreferenced returns those of keys that no image, variant, message or live
// attempt refers to, each once.
func (v *vault) unreferenced(ctx context.Context, keys []BlobKey) ([]BlobKey, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	// The ledger first: what is stored between the two reads is in the second.
	live, err := v.repo.ListAttempts(ctx, "")
	if err != nil {
		return nil, err
	}
	used, err := v.repo.ReferencedBlobs(ctx, keys)
	if err != nil {
		return nil, err
	}
	keep := make(map[BlobKey]bool, len(used))
	for _, k := range used {
		keep[k] = true
	}
	for _, a := range live {
		if a.Result != nil {
			m := Message{Parts: a.Result.Parts}
			for _, k := range m.Blobs() {
				keep[k] = true
			}
		}
	}
	var unused []BlobKey
	for _, k := range keys {
		if !keep[k] {
			keep[k] = true // the list may name it twice
			unused = append(unused, k)
		}
	}
	return unused, nil
}
