package imagechat_test

import (
	"context"
	"fmt"
	"io"
	"sync"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// fuse stands between a Service and its stores and blows at a chosen write:
// from that instant nothing reaches the stores any more, as when the process
// is killed there. A Service behind a blown fuse is closed, and another one
// starts on the stores.
type fuse struct {
	mu    sync.Mutex
	left  int  // writes until it blows; negative: never
	after bool // the fatal write still happens, but nobody hears of it
	blown bool
	at    string // the fatal write
	full  bool   // every write fails for want of space, until it no longer does
}

func newFuse() *fuse { return &fuse{left: -1} }

// arm lets the fuse blow at the n-th write from now, from 0.
func (f *fuse) arm(n int, after bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.left, f.after = n, after
}

// blow lets it blow now.
func (f *fuse) blow() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.blown = true
}

var errBlown = fmt.Errorf("the process is dead: %w", imagechat.StorageUnavailable)

func (f *fuse) setFull(full bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.full = full
}

// write passes a write on, or not.
func (f *fuse) write(what string, do func() error) error {
	f.mu.Lock()
	if f.blown {
		f.mu.Unlock()
		return errBlown
	}
	if f.full {
		f.mu.Unlock()
		return errFull
	}
	fatal := f.left == 0
	if f.left >= 0 {
		f.left--
	}
	after := f.after
	if fatal {
		f.blown, f.at = true, what
	}
	f.mu.Unlock()
	if !fatal {
		return do()
	}
	if after {
		_ = do()
	}
	return errBlown
}

func (f *fuse) read() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.blown {
		return errBlown
	}
	return nil
}

// ports puts the fuse between a Service and p.
func (f *fuse) ports(p imagechat.Ports) imagechat.Ports {
	p.Repository = &fusedRepository{p.Repository, f}
	p.Blobs = &fusedBlobs{p.Blobs, f}
	p.Spool = &fusedSpool{p.Spool, f}
	p.Publisher = nil // each process has its own
	return p
}

type fusedRepository struct {
	imagechat.Repository
	f *fuse
}

func (r *fusedRepository) Atomically(ctx context.Context, fn func(imagechat.Repository) error) error {
	var inner error
	err := r.f.write("transaction", func() error {
		inner = r.Repository.Atomically(ctx, fn)
		return inner
	})
	return err
}

func (r *fusedRepository) UpdateAttempt(ctx context.Context, a *imagechat.Attempt, from imagechat.AttemptState) error {
	return r.f.write(fmt.Sprintf("attempt %s to %s", from, a.State), func() error { return r.Repository.UpdateAttempt(ctx, a, from) })
}

func (r *fusedRepository) UpdateTurn(ctx context.Context, t *imagechat.Turn, from ...imagechat.TurnStatus) error {
	return r.f.write("turn to "+string(t.Status), func() error { return r.Repository.UpdateTurn(ctx, t, from...) })
}

func (r *fusedRepository) CreateSession(ctx context.Context, s *imagechat.Session) error {
	return r.f.write("session", func() error { return r.Repository.CreateSession(ctx, s) })
}

func (r *fusedRepository) GetSession(ctx context.Context, id imagechat.SessionID) (*imagechat.Session, error) {
	if err := r.f.read(); err != nil {
		return nil, err
	}
	return r.Repository.GetSession(ctx, id)
}

type fusedBlobs struct {
	imagechat.BlobStore
	f *fuse
}

func (b *fusedBlobs) Put(ctx context.Context, key imagechat.BlobKey, r io.Reader) error {
	return b.f.write("blob put", func() error { return b.BlobStore.Put(ctx, key, r) })
}

func (b *fusedBlobs) Delete(ctx context.Context, key imagechat.BlobKey) error {
	return b.f.write("blob delete", func() error { return b.BlobStore.Delete(ctx, key) })
}

func (b *fusedBlobs) Adopt(ctx context.Context, e imagechat.SpoolEntry) error {
	ad, ok := b.BlobStore.(imagechat.SpoolAdopter)
	if !ok {
		panic("the store under test adopts nothing")
	}
	return b.f.write("adopt", func() error { return ad.Adopt(ctx, e) })
}

type fusedSpool struct {
	imagechat.Spool
	f *fuse
}

func (s *fusedSpool) Create(ctx context.Context, a imagechat.AttemptID, kind imagechat.SpoolKind) (imagechat.SpoolWriter, error) {
	var w imagechat.SpoolWriter
	err := s.f.write("spool "+string(kind), func() (err error) {
		w, err = s.Spool.Create(ctx, a, kind)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &fusedWriter{w, s.f, kind}, nil
}

func (s *fusedSpool) List(ctx context.Context, a imagechat.AttemptID) ([]imagechat.SpoolEntry, error) {
	if err := s.f.read(); err != nil {
		return nil, err
	}
	return s.Spool.List(ctx, a)
}

func (s *fusedSpool) Remove(ctx context.Context, a imagechat.AttemptID) error {
	return s.f.write("spool remove", func() error { return s.Spool.Remove(ctx, a) })
}

type fusedWriter struct {
	imagechat.SpoolWriter
	f    *fuse
	kind imagechat.SpoolKind
}

func (w *fusedWriter) Commit() (e imagechat.SpoolEntry, err error) {
	err = w.f.write("spool commit "+string(w.kind), func() (err error) {
		e, err = w.SpoolWriter.Commit()
		return err
	})
	return e, err
}

// Abort of a dead process removes nothing; the handle is closed all the same.
func (w *fusedWriter) Abort() {
	if w.f.read() == nil {
		w.SpoolWriter.Abort()
	}
}
