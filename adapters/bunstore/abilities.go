package bunstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/internal/filelock"
)

// Lock implements imagechat.Locker by a file beside the database. Close lets
// go, too.
func (s *Store) Lock(ctx context.Context) (unlock func() error, err error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("bunstore: lock: %w", err)
	}
	release, err := filelock.Lock(s.file + ".lock")
	if errors.Is(err, filelock.ErrLocked) {
		return nil, fmt.Errorf("bunstore: the database %s: %w", s.file, imagechat.ErrInUse)
	}
	if err != nil {
		return nil, fmt.Errorf("bunstore: lock %s: %w: %w", s.file, imagechat.StorageUnavailable, err)
	}
	unlock = sync.OnceValue(release)
	s.unlock.Store(&unlock)
	return unlock, nil
}

// Identity implements imagechat.Identified.
func (s *Store) Identity(ctx context.Context) (imagechat.StoreID, error) {
	var id imagechat.StoreID
	err := s.row(ctx, `SELECT id FROM identity`).Scan(&id)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("bunstore: identity: %w", translate(err))
	}
	return id, nil
}

// SetIdentity implements imagechat.Identified.
func (s *Store) SetIdentity(ctx context.Context, id imagechat.StoreID) error {
	return s.atomically(ctx, func(v view) error {
		if _, err := v.exec(ctx, `DELETE FROM identity`); err != nil {
			return err
		}
		_, err := v.exec(ctx, `INSERT INTO identity (id) VALUES (?)`, string(id))
		return err
	})
}

var (
	_ imagechat.Locker     = (*Store)(nil)
	_ imagechat.Identified = (*Store)(nil)
)
