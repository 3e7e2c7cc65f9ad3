package imagechat

import (
	"context"
	"errors"
	"fmt"
)

// ErrForeignStores says that the repository and the blob store do not belong
// together: each carries the mark of another, or one carries none and the
// repository knows none of the blobs. An empty database beside a full blob
// store is that, too. Whoever means it calls [AdoptStores] once.
var ErrForeignStores = errors.New("the database and the blob store do not belong together")

// hold takes the locks of the stores that have one, and makes sure that the
// stores belong together.
func (s *stores) hold(ctx context.Context) error {
	for _, port := range []any{s.repo, s.vault.BlobStore} {
		l, ok := port.(Locker)
		if !ok {
			continue
		}
		unlock, err := l.Lock(ctx)
		if err != nil {
			return errors.Join(err, s.letGo())
		}
		s.holding.Lock()
		s.unlocks = append(s.unlocks, unlock)
		s.holding.Unlock()
	}
	p := newPair(s.vault)
	err := p.check(ctx)
	switch {
	case s.o.Restored:
		// The copy is an installation of its own, whose database must never
		// be taken for that of the original's pictures.
		err = p.mark(ctx, newStoreID())
	case err == nil:
		err = p.mark(ctx, p.id)
	}
	if p.known && CodeOf(err) == StorageFull {
		// What is there can be read, and deleted to make room.
		s.log.Warn("the stores could not be marked as belonging together; the next start tries again", "err", err)
		err = nil
	}
	if err != nil {
		return errors.Join(err, s.letGo())
	}
	s.paired.Store(p.known)
	return nil
}

// letGo releases the stores.
func (s *stores) letGo() error {
	s.holding.Lock()
	defer s.holding.Unlock()
	var err error
	for _, unlock := range s.unlocks {
		err = errors.Join(err, unlock())
	}
	s.unlocks = nil
	return err
}

// AdoptStores declares that the repository and the blob store of p belong
// together from now on, whatever they are marked with, and gives both a new
// mark. What the repository does not refer to is then taken for unused. No
// Service may run on either.
func AdoptStores(ctx context.Context, p Ports) error {
	pair := newPair(newVault(p))
	if pair.repo == nil || pair.blobs == nil {
		return nil
	}
	return pair.mark(ctx, newStoreID())
}

// pair is the marks of a repository and a blob store.
type pair struct {
	vault       *vault
	repo, blobs Identified // nil when the store carries no mark
	// id is what both are marked with, or are to be; known says that they can be.
	id    StoreID
	known bool
}

func newPair(v *vault) *pair {
	p := &pair{vault: v}
	p.repo, _ = v.repo.(Identified)
	p.blobs, _ = v.BlobStore.(Identified)
	return p
}

// check compares the marks. Where one is missing, as in installations of
// versions that set none, the blobs themselves must tell: a store without
// any, or one of which the repository knows some, is its own.
func (p *pair) check(ctx context.Context) error {
	if p.repo == nil || p.blobs == nil {
		return nil
	}
	of, err := p.repo.Identity(ctx)
	if err != nil {
		return err
	}
	at, err := p.blobs.Identity(ctx)
	if err != nil {
		return err
	}
	if of != "" && at != "" && of != at {
		return fmt.Errorf("imagechat: %w: the database is marked %s, the blobs %s", ErrForeignStores, of, at)
	}
	if of == "" || at == "" {
		if err := p.recognise(ctx); err != nil {
			return err
		}
	}
	p.known = true
	switch {
	case of != "":
		p.id = of
	case at != "":
		p.id = at
	default:
		p.id = newStoreID()
	}
	return nil
}

// recognise looks through the blobs for one that the repository refers to.
func (p *pair) recognise(ctx context.Context) error {
	var keys []BlobKey
	seen := 0
	known := func() (bool, error) {
		unused, err := p.vault.unreferenced(ctx, keys)
		found := len(unused) < len(keys)
		keys = keys[:0]
		return found, err
	}
	for info, err := range p.vault.List(ctx) {
		if err != nil {
			return err
		}
		seen++
		if keys = append(keys, info.Key); len(keys) < sweepBatch {
			continue
		}
		if found, err := known(); found || err != nil {
			return err
		}
	}
	if found, err := known(); found || err != nil || seen == 0 {
		return err
	}
	return fmt.Errorf("imagechat: %w: the database refers to none of the %d blobs", ErrForeignStores, seen)
}

// mark writes the id into both stores where it is not in them already.
func (p *pair) mark(ctx context.Context, id StoreID) error {
	for _, store := range []Identified{p.blobs, p.repo} {
		if p.repo == nil || p.blobs == nil {
			return nil
		}
		old, err := store.Identity(ctx)
		if err == nil && old != id {
			err = store.SetIdentity(ctx, id)
		}
		if err != nil {
			return fmt.Errorf("imagechat: mark the stores as belonging together: %w", err)
		}
	}
	p.id, p.known = id, true
	return nil
}
