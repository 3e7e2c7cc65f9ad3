package fsblob

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/internal/filelock"
)

const (
	lockFile     = "imagechat.lock"
	identityFile = "imagechat.id"
	trashDir     = "trash"
)

// Bookkeeping reports whether a file in the directory of a store, named
// relative to it, is the store's own and holds nothing of anybody's.
func Bookkeeping(name string) bool { return name == lockFile || name == identityFile }

// Lock implements imagechat.Locker. Close lets go, too.
func (s *Store) Lock(ctx context.Context) (unlock func() error, err error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("fsblob: lock: %w", err)
	}
	release, err := filelock.Lock(filepath.Join(s.dir, lockFile))
	if errors.Is(err, filelock.ErrLocked) {
		return nil, fmt.Errorf("fsblob: the directory %s: %w", s.dir, imagechat.ErrInUse)
	}
	if err != nil {
		return nil, fmt.Errorf("fsblob: lock the directory: %w", translate(err))
	}
	unlock = sync.OnceValue(release)
	s.unlock.Store(&unlock)
	return unlock, nil
}

// Identity implements imagechat.Identified.
func (s *Store) Identity(ctx context.Context) (imagechat.StoreID, error) {
	if err := ctx.Err(); err != nil {
		return "", fmt.Errorf("fsblob: identity: %w", err)
	}
	text, err := s.root.ReadFile(identityFile)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("fsblob: identity: %w", translate(err))
	}
	return imagechat.StoreID(strings.TrimSpace(string(text))), nil
}

// SetIdentity implements imagechat.Identified.
func (s *Store) SetIdentity(ctx context.Context, id imagechat.StoreID) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("fsblob: identity: %w", err)
	}
	name := path.Join(tmpDir, rand.Text())
	f, err := s.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, fileMode)
	if err != nil {
		return fmt.Errorf("fsblob: identity: %w", translate(err))
	}
	defer s.discard(f, name)
	_, err = f.WriteString(string(id) + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = s.root.Rename(name, identityFile)
	}
	if err == nil {
		err = s.syncDir(".")
	}
	if err != nil {
		return fmt.Errorf("fsblob: identity: %w", translate(err))
	}
	return nil
}

func trashOf(key imagechat.BlobKey) string { return path.Join(trashDir, string(key)) }

// Discard implements imagechat.Trash.
func (s *Store) Discard(ctx context.Context, key imagechat.BlobKey) error {
	if _, err := s.Stat(ctx, key); err != nil {
		if key.Valid() && errors.Is(err, imagechat.NotFound) {
			return nil
		}
		return err
	}
	now := time.Now()
	err := s.root.MkdirAll(trashDir, dirMode)
	if err == nil {
		err = s.root.Chtimes(pathOf(key), now, now)
	}
	if err == nil {
		err = s.root.Rename(pathOf(key), trashOf(key))
	}
	if err == nil {
		err = errors.Join(s.syncDir(trashDir), s.syncDir("."), s.syncDir(path.Dir(pathOf(key))))
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("fsblob: discard %s: %w", key, translate(err))
	}
	return nil
}

// Restore implements imagechat.Trash.
func (s *Store) Restore(ctx context.Context, key imagechat.BlobKey) error {
	if !key.Valid() {
		return badKey(key)
	}
	if _, err := s.Stat(ctx, key); err == nil {
		return s.Purge(ctx, key)
	} else if !errors.Is(err, imagechat.NotFound) {
		return err
	}
	if fi, err := s.root.Lstat(trashOf(key)); err != nil {
		return fmt.Errorf("fsblob: restore %s: %w", key, translateLookup(err))
	} else if !fi.Mode().IsRegular() {
		return badKey(key)
	}
	now := time.Now()
	if err := s.root.Chtimes(trashOf(key), now, now); err != nil {
		return fmt.Errorf("fsblob: restore %s: %w", key, translateLookup(err))
	}
	return s.place(key, func(target string) error { return s.root.Rename(trashOf(key), target) })
}

// ListTrash implements imagechat.Trash.
func (s *Store) ListTrash(ctx context.Context) iter.Seq2[imagechat.BlobInfo, error] {
	return func(yield func(imagechat.BlobInfo, error) bool) {
		err := s.listDir(ctx, trashDir, func(imagechat.BlobKey) string { return trashDir }, yield)
		if err != nil && !errors.Is(err, errStopped) {
			yield(imagechat.BlobInfo{}, fmt.Errorf("fsblob: list the trash: %w", translate(err)))
		}
	}
}

// Purge implements imagechat.Trash.
func (s *Store) Purge(ctx context.Context, key imagechat.BlobKey) error {
	if !key.Valid() {
		return badKey(key)
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("fsblob: purge %s: %w", key, err)
	}
	if err := s.root.Remove(trashOf(key)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("fsblob: purge %s: %w", key, translate(err))
	}
	return nil
}

var (
	_ imagechat.Locker     = (*Store)(nil)
	_ imagechat.Identified = (*Store)(nil)
	_ imagechat.Trash      = (*Store)(nil)
)
