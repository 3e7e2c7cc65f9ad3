package imagechat

import (
	"context"
	"fmt"
	"time"
)

// orphanAge is how old bytes that nothing refers to must be before they are
// swept: far older than any turn can run.
const orphanAge = 24 * time.Hour

// trashTerm is how long what was swept can still be brought back: long enough
// that somebody misses a picture, and finds out why, before it is gone.
const trashTerm = 30 * 24 * time.Hour

// sweepEvery is how often the sweeper looks, and sweepDelay how long after a start.
const (
	sweepEvery = 6 * time.Hour
	sweepDelay = 2 * time.Minute
)

// sweepBatch is how many blobs are looked up at once.
const sweepBatch = 500

// A sweep takes at most one blob of sweepShare at once, or sweepFew where it
// can be undone. Orphans are what crashes leave, a few in many; when there
// are more, it is rather the database that lacks something.
const (
	sweepShare = 20
	sweepFew   = 20
)

// sweepLoop tidies up the stores until Close.
func (s *engine) sweepLoop() {
	timer := time.NewTimer(sweepDelay)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
		case <-s.life.Done():
			return
		}
		if _, err := s.stores.Sweep(s.life); err != nil && s.life.Err() == nil {
			s.log.Error("sweep failed", "err", err)
		}
		if m, ok := s.repo.(Maintainer); ok {
			if err := m.Maintain(s.life); err != nil && s.life.Err() == nil {
				s.log.Error("maintenance of the repository failed", "err", err)
			}
		}
		timer.Reset(sweepEvery)
	}
}

// Sweep does what [Service.Sweep] promises.
func (s *stores) Sweep(ctx context.Context) (int, error) {
	if n, err := s.dropUnusedUploads(ctx); err != nil {
		return 0, err
	} else if n > 0 {
		s.log.Info("dropped uploads that nothing has used", "count", n, "for", UnusedUploadAge.String())
	}
	c, err := s.Collect(ctx, CollectOptions{})
	return c.Swept, err
}

// CollectOptions say how thoroughly Collect works.
type CollectOptions struct {
	// DryRun counts and changes nothing.
	DryRun bool
	// ForGood deletes what is unused instead of putting it into the trash,
	// and empties the trash whatever its age, so that the room is free at once.
	ForGood bool
	// Any lifts the bound on how large a share may be taken at once.
	Any bool
}

// Collection is what Collect found and did; with DryRun, what it would have done.
type Collection struct {
	Blobs int   // in the store, those that Collect then took included
	Bytes int64 // of these

	Unused      int   // blobs older than a day that nothing refers to
	UnusedBytes int64 // of these
	// Swept is how many of the unused were put into the trash or deleted: all,
	// or none because they are too large a share (Held).
	Swept int
	Held  bool

	Restored    int // blobs that came back out of the trash because they are referred to
	Purged      int // blobs that left the trash for good
	PurgedBytes int64
}

// Collect does what [Service.Collect] promises.
func (s *stores) Collect(ctx context.Context, o CollectOptions) (c Collection, err error) {
	if !s.paired.Load() {
		p := newPair(s.vault)
		if err := p.check(ctx); err != nil {
			return c, err
		}
		s.paired.Store(p.known)
	}
	if !o.DryRun {
		if err := s.spool.Sweep(ctx, s.now().Add(-orphanAge)); err != nil {
			return c, err
		}
	}
	if err := s.sweepUnused(ctx, o, &c); err != nil {
		return c, err
	}
	// Last: what is to go for good is looked up again once it is out of the way.
	return c, s.tidyTrash(ctx, o, &c)
}

func (s *stores) sweepUnused(ctx context.Context, o CollectOptions, c *Collection) error {
	unused, err := s.unusedBlobs(ctx, c)
	if err != nil || len(unused) == 0 {
		return err
	}
	if c.Held = c.Unused > s.sweepBound(c.Blobs) && !o.Any; c.Held {
		s.log.Warn("more blobs are unused than a sweep takes by itself, so none was taken; "+
			"check that the database is the right one, then collect them on demand (imagechat gc --all)",
			"unused", c.Unused, "bytes", c.UnusedBytes, "blobs", c.Blobs)
		return nil
	}
	if o.DryRun {
		c.Swept = c.Unused
		return nil
	}
	for len(unused) > 0 && err == nil {
		var gone []BlobKey
		n := min(len(unused), sweepBatch)
		gone, err = s.vault.drop(ctx, unused[:n], func(ctx context.Context, key BlobKey) error { return s.sweepOne(ctx, key, o.ForGood) })
		c.Swept += len(gone)
		unused = unused[n:]
	}
	if c.Swept > 0 {
		s.log.Warn("took blobs out of use that nothing refers to", "count", c.Swept, "of", c.Blobs, "into_trash", s.vault.trash != nil)
	}
	return err
}

// sweepBound is how many of so many blobs a sweep may take by itself.
func (s *stores) sweepBound(blobs int) int {
	bound := blobs / sweepShare
	if s.vault.trash != nil && s.paired.Load() {
		bound = max(bound, sweepFew)
	}
	return bound
}

// sweepOne takes a blob out of use, unless it was stored again since it was
// listed: another process may be about to refer to it.
func (s *stores) sweepOne(ctx context.Context, key BlobKey, forGood bool) error {
	info, err := s.blobs.Stat(ctx, key)
	switch {
	case CodeOf(err) == NotFound, err == nil && info.Time.After(s.now().Add(-orphanAge)):
		return nil
	case err != nil:
		return err
	case s.vault.trash == nil:
		return s.blobs.Delete(ctx, key)
	}
	err = s.vault.trash.Discard(ctx, key)
	if forGood && CodeOf(err) == StorageFull {
		return s.blobs.Delete(ctx, key) // a disk so full that even moving a file fails
	}
	return err
}

// unusedBlobs lists the blobs that may be swept, and counts all.
func (s *stores) unusedBlobs(ctx context.Context, c *Collection) (unused []BlobKey, err error) {
	limit := s.now().Add(-orphanAge)
	sizes := map[BlobKey]int64{} // of the batch
	flush := func() error {
		var keys []BlobKey
		for key := range sizes {
			keys = append(keys, key)
		}
		found, err := s.vault.unreferenced(ctx, keys)
		for _, key := range found {
			c.Unused++
			c.UnusedBytes += sizes[key]
		}
		unused = append(unused, found...)
		clear(sizes)
		return err
	}
	for info, err := range s.blobs.List(ctx) {
		if err != nil {
			return nil, err
		}
		c.Blobs++
		c.Bytes += info.Size
		if info.Time.After(limit) {
			continue
		}
		if sizes[info.Key] = info.Size; len(sizes) == sweepBatch {
			if err := flush(); err != nil {
				return nil, err
			}
		}
	}
	return unused, flush()
}

// tidyTrash brings back what is referred to, and deletes what is due.
func (s *stores) tidyTrash(ctx context.Context, o CollectOptions, c *Collection) error {
	trash := s.vault.trash
	if trash == nil {
		return nil
	}
	due := s.now().Add(-trashTerm)
	for info, err := range trash.ListTrash(ctx) {
		if err != nil {
			return fmt.Errorf("imagechat: list the trash: %w", err)
		}
		unused, err := s.vault.unreferenced(ctx, []BlobKey{info.Key})
		switch {
		case err != nil:
			return err
		case len(unused) == 0:
			c.Restored++
			if !o.DryRun {
				err = trash.Restore(ctx, info.Key)
				s.log.Warn("brought a blob back out of the trash, because it is referred to", "blob", info.Key)
			}
		case o.ForGood || info.Time.Before(due):
			c.Purged++
			c.PurgedBytes += info.Size
			if !o.DryRun {
				err = trash.Purge(ctx, info.Key)
			}
		}
		if err != nil {
			return err
		}
	}
	if c.Purged > 0 && !o.DryRun {
		s.log.Warn("deleted blobs from the trash for good", "count", c.Purged, "bytes", c.PurgedBytes)
	}
	return nil
}

// deleteBlobs deletes those of keys that nothing refers to any more, because
// a person deleted what did. What fails is left to the sweeper.
func (s *stores) deleteBlobs(ctx context.Context, keys []BlobKey) {
	if _, err := s.vault.drop(ctx, keys, s.blobs.Delete); err != nil {
		s.log.Warn("cannot delete blobs now", "err", err)
	}
}
