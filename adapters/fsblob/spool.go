package fsblob

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// Spool implements imagechat.Spool. Store.Spool gives one.
type Spool struct {
	store *Store
	// mu keeps directories from being removed under a new entry, and
	// numbers from being given twice. No bytes are written while it is held.
	mu sync.Mutex
	// next is the number after the last one of the attempts that this
	// process spools. Looking into the directory each time would not do: an
	// entry that is being renamed meanwhile may show under neither name.
	next map[imagechat.AttemptID]int
}

// partSuffix marks a file that is being written. A whole one carries its hash.
const partSuffix = ".part"

// Create implements imagechat.Spool.
func (s *Spool) Create(ctx context.Context, attempt imagechat.AttemptID, kind imagechat.SpoolKind) (imagechat.SpoolWriter, error) {
	if !attempt.Valid() || !kind.Valid() {
		return nil, fmt.Errorf("fsblob: spool entry %q of attempt %q: %w", kind, attempt, imagechat.InvalidRequest)
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("fsblob: spool: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	dir := path.Join(spoolDir, string(attempt))
	n, known := s.next[attempt]
	if !known {
		var err error
		if n, err = s.firstNumber(dir); err != nil {
			return nil, fmt.Errorf("fsblob: spool: %w", translate(err))
		}
	}
	base := fmt.Sprintf("%04d-%s", n, kind)
	part := path.Join(dir, base+partSuffix)
	f, err := s.store.root.OpenFile(part, os.O_CREATE|os.O_EXCL|os.O_WRONLY, fileMode)
	if err != nil {
		return nil, fmt.Errorf("fsblob: spool: %w", translate(err))
	}
	s.next[attempt] = n + 1
	return &spoolWriter{
		writer: writer{store: s.store, f: f, hash: sha256.New()},
		entry:  imagechat.SpoolEntry{Attempt: attempt, Kind: kind, N: n},
		part:   part, whole: path.Join(dir, base),
	}, nil
}

// firstNumber makes an attempt's directory, durably, and returns the first
// number that no entry of an earlier process has, finished or not.
func (s *Spool) firstNumber(dir string) (int, error) {
	if err := s.store.root.Mkdir(dir, dirMode); err != nil && !errors.Is(err, fs.ErrExist) {
		return 0, err
	}
	if err := s.store.syncDir(spoolDir); err != nil {
		return 0, err
	}
	entries, err := s.store.readDir(dir)
	if err != nil {
		return 0, err
	}
	first := 0
	for _, e := range entries {
		if n, _, _, ok := parseName(e.Name()); ok {
			first = max(first, n+1)
		}
	}
	return first, nil
}

// List implements imagechat.Spool.
func (s *Spool) List(ctx context.Context, attempt imagechat.AttemptID) ([]imagechat.SpoolEntry, error) {
	attempts := []imagechat.AttemptID{attempt}
	if attempt == "" {
		var err error
		if attempts, err = s.attempts(); err != nil {
			return nil, fmt.Errorf("fsblob: spool: %w", translate(err))
		}
	}
	var out []imagechat.SpoolEntry
	for _, a := range attempts {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("fsblob: spool: %w", err)
		}
		es, err := s.listAttempt(a)
		if err != nil {
			return nil, fmt.Errorf("fsblob: spool: %w", translate(err))
		}
		out = append(out, es...)
	}
	return out, nil
}

// attempts returns those that have a directory, in order.
func (s *Spool) attempts() ([]imagechat.AttemptID, error) {
	dirs, err := s.store.readDir(spoolDir)
	if err != nil {
		return nil, err
	}
	var out []imagechat.AttemptID
	for _, d := range dirs {
		if a := imagechat.AttemptID(d.Name()); d.IsDir() && a.Valid() {
			out = append(out, a)
		}
	}
	slices.Sort(out)
	return out, nil
}

func (s *Spool) listAttempt(attempt imagechat.AttemptID) ([]imagechat.SpoolEntry, error) {
	if !attempt.Valid() {
		return nil, nil
	}
	files, err := s.store.readDir(path.Join(spoolDir, string(attempt)))
	if err != nil {
		return nil, err
	}
	var out []imagechat.SpoolEntry
	for _, f := range files {
		n, kind, key, ok := parseName(f.Name())
		if !ok || key == "" || !f.Type().IsRegular() {
			continue
		}
		fi, err := f.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // removed meanwhile
		}
		if err != nil {
			return nil, err
		}
		out = append(out, imagechat.SpoolEntry{Attempt: attempt, Kind: kind, N: n, Blob: key, Size: fi.Size(), Time: fi.ModTime()})
	}
	slices.SortFunc(out, func(a, b imagechat.SpoolEntry) int { return cmp.Compare(a.N, b.N) })
	return out, nil
}

// Open implements imagechat.Spool; the reader is an *os.File.
func (s *Spool) Open(ctx context.Context, e imagechat.SpoolEntry) (io.ReadSeekCloser, error) {
	name, err := s.find(e)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("fsblob: spool: %w", err)
	}
	f, err := s.store.root.Open(name)
	if err != nil {
		return nil, fmt.Errorf("fsblob: spool entry %s: %w", e.Blob, translateLookup(err))
	}
	return f, nil
}

// find returns the name of an entry's file, which is there and a plain one.
func (s *Spool) find(e imagechat.SpoolEntry) (string, error) {
	if !e.Attempt.Valid() || !e.Kind.Valid() || !e.Blob.Valid() {
		return "", fmt.Errorf("fsblob: spool entry %q of attempt %q: %w", e.Blob, e.Attempt, imagechat.NotFound)
	}
	name := path.Join(spoolDir, string(e.Attempt), fmt.Sprintf("%04d-%s-%s", e.N, e.Kind, e.Blob))
	fi, err := s.store.root.Lstat(name)
	if err != nil {
		return "", fmt.Errorf("fsblob: spool entry %s: %w", e.Blob, translateLookup(err))
	}
	if !fi.Mode().IsRegular() {
		return "", fmt.Errorf("fsblob: spool entry %s is no file: %w", e.Blob, imagechat.NotFound)
	}
	return name, nil
}

// Remove implements imagechat.Spool.
func (s *Spool) Remove(ctx context.Context, attempt imagechat.AttemptID) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("fsblob: spool: %w", err)
	}
	if !attempt.Valid() {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.next, attempt)
	if err := s.store.root.RemoveAll(path.Join(spoolDir, string(attempt))); err != nil {
		return fmt.Errorf("fsblob: spool: %w", translate(err))
	}
	return nil
}

// Sweep implements imagechat.Spool. Blobs that were being written when the
// process ended are swept along.
func (s *Spool) Sweep(ctx context.Context, before time.Time) error {
	attempts, err := s.attempts()
	if err != nil {
		return fmt.Errorf("fsblob: sweep: %w", translate(err))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range attempts {
		dir := path.Join(spoolDir, string(a))
		if err := s.sweepDir(ctx, dir, partSuffix, before); err != nil {
			return fmt.Errorf("fsblob: sweep: %w", translate(err))
		}
		if s.store.root.Remove(dir) == nil { // fails unless it is empty
			delete(s.next, a)
		}
	}
	if err := s.sweepDir(ctx, tmpDir, "", before); err != nil {
		return fmt.Errorf("fsblob: sweep: %w", translate(err))
	}
	return nil
}

// sweepDir removes files whose name ends in suffix and that were last written
// to before a moment.
func (s *Spool) sweepDir(ctx context.Context, dir, suffix string, before time.Time) error {
	files, err := s.store.readDir(dir)
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := ctx.Err(); err != nil {
			return err
		}
		fi, err := f.Info()
		if err != nil || f.IsDir() || !strings.HasSuffix(f.Name(), suffix) || !fi.ModTime().Before(before) {
			continue
		}
		if err := s.store.root.Remove(path.Join(dir, f.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// parseName takes a file name apart: 0000-image.part, 0000-image-HASH.
func parseName(name string) (n int, kind imagechat.SpoolKind, key imagechat.BlobKey, ok bool) {
	base, part := strings.CutSuffix(name, partSuffix)
	number, rest, _ := strings.Cut(base, "-")
	k, hash, hasHash := strings.Cut(rest, "-")
	n, err := strconv.Atoi(number)
	if err != nil || n < 0 || fmt.Sprintf("%04d", n) != number || !imagechat.SpoolKind(k).Valid() || hasHash == part {
		return 0, "", "", false
	}
	if hasHash && !imagechat.BlobKey(hash).Valid() {
		return 0, "", "", false
	}
	return n, imagechat.SpoolKind(k), imagechat.BlobKey(hash), true
}

type spoolWriter struct {
	writer
	entry       imagechat.SpoolEntry
	part, whole string
	name        string // of the committed file
	closed      bool
}

// Commit makes the bytes durable before it gives the file the name that says
// so: whatever instant the power fails at, a name with a hash tells the truth.
func (w *spoolWriter) Commit() (imagechat.SpoolEntry, error) {
	if w.closed {
		return imagechat.SpoolEntry{}, fmt.Errorf("fsblob: spool entry is closed: %w", imagechat.StorageUnavailable)
	}
	w.closed = true
	e := w.entry
	e.Blob, e.Size = w.key(), w.n
	name := w.whole + "-" + string(e.Blob)
	root := w.store.root
	fi, err := w.f.Stat()
	if err == nil {
		e.Time = fi.ModTime()
		err = errors.Join(w.f.Sync(), w.f.Close())
	}
	if err == nil {
		err = root.Rename(w.part, name)
	}
	if err == nil {
		err = w.store.syncDir(path.Dir(name))
	}
	if err != nil {
		w.store.discard(w.f, w.part)
		return imagechat.SpoolEntry{}, fmt.Errorf("fsblob: spool: %w", translate(err))
	}
	w.entry, w.name = e, name
	return e, nil
}

// MarkDraft implements imagechat.DraftMarker. The kind is in the name that
// Commit gives.
func (w *spoolWriter) MarkDraft() error {
	w.entry.Kind = imagechat.SpoolDraft
	w.whole = path.Join(path.Dir(w.whole), fmt.Sprintf("%04d-%s", w.entry.N, w.entry.Kind))
	if w.name == "" {
		return nil
	}
	name := w.whole + "-" + string(w.entry.Blob)
	err := w.store.root.Rename(w.name, name)
	if err == nil {
		err = w.store.syncDir(path.Dir(name))
	}
	if err != nil {
		return fmt.Errorf("fsblob: spool: %w", translate(err))
	}
	w.name = name
	return nil
}

// Abort implements imagechat.SpoolWriter.
func (w *spoolWriter) Abort() {
	if !w.closed {
		w.closed = true
		w.store.discard(w.f, w.part)
	}
}

func (w *spoolWriter) Write(p []byte) (int, error) {
	if w.closed {
		return 0, fmt.Errorf("fsblob: spool entry is closed: %w", imagechat.StorageUnavailable)
	}
	n, err := w.writer.Write(p)
	if err != nil {
		return n, fmt.Errorf("fsblob: spool: %w", err)
	}
	return n, nil
}

var (
	_ imagechat.Spool       = (*Spool)(nil)
	_ imagechat.DraftMarker = (*spoolWriter)(nil)
)
