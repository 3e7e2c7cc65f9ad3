// Package fsblob keeps blobs, and the spool that they arrive in, in one
// directory of a local file system:
//
//	ab/cd/abcd…              blobs, by the SHA-256 of their bytes
//	spool/ATTEMPT/0000-image-abcd…   received and durable
//	spool/ATTEMPT/0001-image.part    being received
//	tmp/…                    blobs being written
//	trash/abcd…              blobs put aside before they are deleted for good
//	imagechat.id             the mark that the database has, too
//	imagechat.lock           locked while a Service runs on the directory
//
// Files are written as restic's local backend does: to a temporary name,
// synced, renamed, and the directory synced. Everything goes through an
// os.Root, so that neither a key nor a symbolic link leads outside. What is
// found in the directory is not trusted: names that this package would not
// have made are as good as absent.
//
// One process at a time writes to a directory.
package fsblob

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"iter"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

const (
	tmpDir   = "tmp"
	spoolDir = "spool"

	dirMode  = 0o700
	fileMode = 0o600
)

// Store implements imagechat.BlobStore, SpoolAdopter, Scratcher, SpaceReporter,
// HealthChecker, Locker, Identified and Trash. Spool gives the other half.
type Store struct {
	dir   string
	root  *os.Root
	spool *Spool
	// synced holds the directories whose names are known to be durable.
	synced sync.Map
	// beforeWrite lets tests fail a write as a disk does.
	beforeWrite func() error
	unlock      atomic.Pointer[func() error] // of the newest Lock
}

// Open opens the store in a directory and makes it if need be. The location
// is a path, or a URL: file:///absolute/path, file:///./relative/path.
func Open(location string) (*Store, error) {
	dir, err := parse(location)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return nil, fmt.Errorf("fsblob: make the directory: %w", translate(err))
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("fsblob: open the directory: %w", translate(err))
	}
	for _, d := range []string{tmpDir, spoolDir} {
		if err := root.MkdirAll(d, dirMode); err != nil {
			root.Close()
			return nil, fmt.Errorf("fsblob: make the directory: %w", translate(err))
		}
	}
	s := &Store{dir: dir, root: root}
	s.spool = &Spool{store: s, next: map[imagechat.AttemptID]int{}}
	return s, nil
}

// parse returns the directory that a location names. As in DATABASE_URL the
// path begins after the third slash, and one that begins with a dot there is
// relative.
func parse(location string) (string, error) {
	rest, isURL := strings.CutPrefix(location, "file:")
	if !isURL {
		if location == "" || strings.Contains(location, "://") {
			return "", fmt.Errorf("fsblob: %q is no directory; an example is file:///./data/blobs", location)
		}
		return filepath.Clean(location), nil
	}
	p, hasHost := strings.CutPrefix(rest, "//")
	if hasHost {
		p = strings.TrimPrefix(p, "localhost")
		if !strings.HasPrefix(p, "/") {
			return "", fmt.Errorf("fsblob: %q names another host; write three slashes, as in file:///./data/blobs", location)
		}
	}
	p, err := url.PathUnescape(p)
	if err != nil || p == "" || p == "/" || strings.ContainsRune(p, 0) {
		return "", fmt.Errorf("fsblob: %q is no directory; an example is file:///./data/blobs", location)
	}
	if strings.HasPrefix(p, "/./") || strings.HasPrefix(p, "/../") {
		p = p[1:]
	}
	return filepath.Clean(filepath.FromSlash(p)), nil
}

// Spool returns the spool in the same directory.
func (s *Store) Spool() *Spool { return s.spool }

// Dir returns the directory.
func (s *Store) Dir() string { return s.dir }

// Close lets go of the directory. Open files stay usable.
func (s *Store) Close() error {
	var err error
	if unlock := s.unlock.Load(); unlock != nil {
		err = (*unlock)()
	}
	return errors.Join(err, s.root.Close())
}

// pathOf returns where a key's blob is. The key must be valid.
func pathOf(key imagechat.BlobKey) string {
	k := string(key)
	return path.Join(k[:2], k[2:4], k)
}

// Put implements imagechat.BlobStore. A blob that is there already is written
// anew, which mends one that the disk has damaged and renews its time.
func (s *Store) Put(ctx context.Context, key imagechat.BlobKey, r io.Reader) error {
	if !key.Valid() {
		return badKey(key)
	}
	name := path.Join(tmpDir, rand.Text())
	f, err := s.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, fileMode)
	if err != nil {
		return fmt.Errorf("fsblob: blob %s: %w", key, translate(err))
	}
	w := &writer{store: s, f: f, hash: sha256.New()}
	defer s.discard(f, name)
	if _, err := io.Copy(w, contextReader{ctx, r}); err != nil {
		return fmt.Errorf("fsblob: blob %s: %w", key, err)
	}
	if got := w.key(); got != key {
		return fmt.Errorf("fsblob: blob %s has the hash %s: %w", key, got, imagechat.InvalidRequest)
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("fsblob: blob %s: %w", key, translate(err))
	}
	return s.place(key, func(target string) error { return s.root.Rename(name, target) })
}

// Scratch implements imagechat.Scratcher. The file's name is taken away at
// once where the system allows that, so that nothing is left of a process that
// is killed; elsewhere the next Sweep finds it.
func (s *Store) Scratch(ctx context.Context) (*os.File, func() error, error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, fmt.Errorf("fsblob: scratch file: %w", err)
	}
	name := path.Join(tmpDir, rand.Text())
	f, err := s.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_RDWR, fileMode)
	if err != nil {
		return nil, nil, fmt.Errorf("fsblob: scratch file: %w", translate(err))
	}
	if s.root.Remove(name) == nil {
		return f, f.Close, nil
	}
	return f, func() error { return errors.Join(f.Close(), s.root.Remove(name)) }, nil
}

// discard drops a temporary file; once it was renamed there is nothing to drop.
func (s *Store) discard(f *os.File, name string) {
	_ = f.Close()
	_ = s.root.Remove(name)
}

// place gives a synced file its name in the store, durably.
func (s *Store) place(key imagechat.BlobKey, move func(target string) error) error {
	target := pathOf(key)
	dir := path.Dir(target)
	err := s.makeDir(dir)
	if err == nil {
		err = move(target)
	}
	if err == nil {
		err = s.syncDir(dir)
	}
	if err != nil {
		return fmt.Errorf("fsblob: blob %s: %w", key, translate(err))
	}
	return nil
}

// makeDir makes a blob's directory. A blob is only as durable as the names of
// the directories above it, so those are synced once by every process: an
// earlier one may have died in between.
func (s *Store) makeDir(dir string) error {
	if _, ok := s.synced.Load(dir); ok {
		return nil
	}
	if err := s.root.MkdirAll(dir, dirMode); err != nil {
		return err
	}
	if err := errors.Join(s.syncDir("."), s.syncDir(path.Dir(dir))); err != nil {
		return err
	}
	s.synced.Store(dir, true)
	return nil
}

// syncDir makes the names in a directory durable. File systems that cannot
// sync a directory keep them by other means.
func (s *Store) syncDir(name string) error {
	d, err := s.root.Open(name)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, syscall.ENOTSUP) {
		return err
	}
	return nil
}

// Open implements imagechat.BlobStore; the reader is an *os.File.
func (s *Store) Open(ctx context.Context, key imagechat.BlobKey) (io.ReadSeekCloser, error) {
	if _, err := s.Stat(ctx, key); err != nil {
		return nil, err
	}
	f, err := s.root.Open(pathOf(key))
	if err != nil {
		return nil, fmt.Errorf("fsblob: blob %s: %w", key, translateLookup(err))
	}
	return f, nil
}

// Stat implements imagechat.BlobStore.
func (s *Store) Stat(ctx context.Context, key imagechat.BlobKey) (imagechat.BlobInfo, error) {
	if !key.Valid() {
		return imagechat.BlobInfo{}, badKey(key)
	}
	if err := ctx.Err(); err != nil {
		return imagechat.BlobInfo{}, fmt.Errorf("fsblob: blob %s: %w", key, err)
	}
	fi, err := s.root.Lstat(pathOf(key))
	if err != nil {
		return imagechat.BlobInfo{}, fmt.Errorf("fsblob: blob %s: %w", key, translateLookup(err))
	}
	if !fi.Mode().IsRegular() {
		return imagechat.BlobInfo{}, badKey(key)
	}
	return imagechat.BlobInfo{Key: key, Size: fi.Size(), Time: fi.ModTime()}, nil
}

// Delete implements imagechat.BlobStore.
func (s *Store) Delete(ctx context.Context, key imagechat.BlobKey) error {
	if !key.Valid() {
		return badKey(key)
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("fsblob: blob %s: %w", key, err)
	}
	if err := s.root.Remove(pathOf(key)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("fsblob: blob %s: %w", key, translate(err))
	}
	return s.Purge(ctx, key)
}

// List implements imagechat.BlobStore. It holds one directory in memory at a
// time; a blob that comes or goes meanwhile may be missed or listed.
func (s *Store) List(ctx context.Context) iter.Seq2[imagechat.BlobInfo, error] {
	return func(yield func(imagechat.BlobInfo, error) bool) {
		err := s.eachHexDir(".", func(a string) error {
			return s.eachHexDir(a, func(b string) error {
				return s.listDir(ctx, b, func(key imagechat.BlobKey) string { return path.Dir(pathOf(key)) }, yield)
			})
		})
		if err != nil && !errors.Is(err, errStopped) {
			yield(imagechat.BlobInfo{}, fmt.Errorf("fsblob: list: %w", translate(err)))
		}
	}
}

var errStopped = errors.New("the reader of the list has enough")

// eachHexDir calls fn for the subdirectories that blobs may be in.
func (s *Store) eachHexDir(dir string, fn func(name string) error) error {
	entries, err := s.readDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.IsDir() && len(e.Name()) == 2 && isHex(e.Name()) {
			if err := fn(path.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// listDir yields the blobs in a directory that belong there.
func (s *Store) listDir(ctx context.Context, dir string, home func(imagechat.BlobKey) string, yield func(imagechat.BlobInfo, error) bool) error {
	entries, err := s.readDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		key := imagechat.BlobKey(e.Name())
		if !e.Type().IsRegular() || !key.Valid() || home(key) != dir {
			continue
		}
		fi, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // deleted meanwhile
		}
		if err != nil {
			return err
		}
		if !yield(imagechat.BlobInfo{Key: key, Size: fi.Size(), Time: fi.ModTime()}, nil) {
			return errStopped
		}
	}
	return nil
}

// readDir lists a directory; one that is gone is empty.
func (s *Store) readDir(name string) ([]fs.DirEntry, error) {
	d, err := s.root.Open(name)
	if errors.Is(err, fs.ErrNotExist) && name != "." {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer d.Close()
	return d.ReadDir(-1)
}

// Adopt implements imagechat.SpoolAdopter for entries of the store's Spool:
// the blob is a second name of the same file.
func (s *Store) Adopt(ctx context.Context, e imagechat.SpoolEntry) error {
	name, err := s.spool.find(e)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("fsblob: adopt %s: %w", e.Blob, err)
	}
	// Its age counts from now on, so that it is not taken for a blob that
	// nobody wanted for long.
	now := time.Now()
	if err := s.root.Chtimes(name, now, now); err != nil {
		return fmt.Errorf("fsblob: adopt %s: %w", e.Blob, translate(err))
	}
	var linkErr *os.LinkError
	err = s.place(e.Blob, func(target string) error {
		err := s.root.Link(name, target)
		if errors.Is(err, fs.ErrExist) {
			return s.root.Chtimes(target, now, now)
		}
		return err
	})
	if errors.As(err, &linkErr) && noHardLinks(linkErr.Err) {
		return s.copyIn(ctx, e)
	}
	return err
}

// noHardLinks tells a file system without links (exFAT, some network shares)
// from a failing one.
func noHardLinks(err error) bool {
	return errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.ENOTSUP) ||
		errors.Is(err, syscall.ENOSYS) || errors.Is(err, syscall.EMLINK)
}

func (s *Store) copyIn(ctx context.Context, e imagechat.SpoolEntry) error {
	f, err := s.spool.Open(ctx, e)
	if err != nil {
		return err
	}
	defer f.Close()
	return s.Put(ctx, e.Blob, f)
}

// CheckHealth implements imagechat.HealthChecker: a file can be made.
func (s *Store) CheckHealth(ctx context.Context) error {
	name := path.Join(tmpDir, rand.Text())
	f, err := s.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, fileMode)
	if err != nil {
		return fmt.Errorf("fsblob: the directory takes no files: %w", translate(err))
	}
	s.discard(f, name)
	return ctx.Err()
}

// FreeBytes implements imagechat.SpaceReporter.
func (s *Store) FreeBytes(context.Context) (int64, error) { return FreeBytes(s.dir) }

// FreeBytes returns the room that is left on the disk of a directory.
func FreeBytes(dir string) (int64, error) {
	n, err := freeBytes(dir)
	if err != nil {
		return 0, fmt.Errorf("fsblob: free space: %w", translate(err))
	}
	return n, nil
}

// writer hashes what goes into a file.
type writer struct {
	store *Store
	f     *os.File
	hash  hash.Hash
	n     int64
}

func (w *writer) Write(p []byte) (int, error) {
	if hook := w.store.beforeWrite; hook != nil {
		if err := hook(); err != nil {
			return 0, translate(err)
		}
	}
	n, err := w.f.Write(p)
	w.hash.Write(p[:n])
	w.n += int64(n)
	if err != nil {
		return n, translate(err)
	}
	return n, nil
}

func (w *writer) key() imagechat.BlobKey {
	return imagechat.BlobKey(hex.EncodeToString(w.hash.Sum(nil)))
}

// contextReader ends a copy when the context does.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

func isHex(s string) bool {
	for _, c := range []byte(s) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

func badKey(key imagechat.BlobKey) error {
	return fmt.Errorf("fsblob: blob %q: %w", string(key), imagechat.NotFound)
}

var (
	_ imagechat.BlobStore     = (*Store)(nil)
	_ imagechat.SpoolAdopter  = (*Store)(nil)
	_ imagechat.SpaceReporter = (*Store)(nil)
	_ imagechat.HealthChecker = (*Store)(nil)
)
