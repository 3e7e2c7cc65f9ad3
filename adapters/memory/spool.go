package memory

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// Spool implements imagechat.Spool. BlobStore.Spool gives one.
type Spool struct {
	faults *Faults

	mu      sync.Mutex
	entries map[imagechat.AttemptID][]*spooled
}

// spooled is one entry, unfinished until it is done.
type spooled struct {
	imagechat.SpoolEntry
	data []byte
	done bool
}

// Create implements imagechat.Spool.
func (s *Spool) Create(ctx context.Context, attempt imagechat.AttemptID, kind imagechat.SpoolKind) (imagechat.SpoolWriter, error) {
	if err := s.faults.ready(ctx, "Spool.Create"); err != nil {
		return nil, err
	}
	if !attempt.Valid() || !kind.Valid() {
		return nil, fmt.Errorf("memory: spool entry %q of attempt %q: %w", kind, attempt, imagechat.InvalidRequest)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	if es := s.entries[attempt]; len(es) > 0 {
		n = es[len(es)-1].N + 1
	}
	e := &spooled{SpoolEntry: imagechat.SpoolEntry{Attempt: attempt, Kind: kind, N: n, Time: time.Now()}}
	s.entries[attempt] = append(s.entries[attempt], e)
	return &spoolWriter{spool: s, entry: e}, nil
}

// List implements imagechat.Spool.
func (s *Spool) List(ctx context.Context, attempt imagechat.AttemptID) ([]imagechat.SpoolEntry, error) {
	if err := s.faults.ready(ctx, "Spool.List"); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	of := []imagechat.AttemptID{attempt}
	if attempt == "" {
		of = slices.Sorted(maps.Keys(s.entries))
	}
	var out []imagechat.SpoolEntry
	for _, a := range of {
		for _, e := range s.entries[a] {
			if e.done {
				out = append(out, e.SpoolEntry)
			}
		}
	}
	return out, nil
}

// Open implements imagechat.Spool.
func (s *Spool) Open(ctx context.Context, e imagechat.SpoolEntry) (io.ReadSeekCloser, error) {
	if err := s.faults.ready(ctx, "Spool.Open"); err != nil {
		return nil, err
	}
	data, err := s.bytes(e)
	if err != nil {
		return nil, err
	}
	return file{bytes.NewReader(data)}, nil
}

func (s *Spool) bytes(e imagechat.SpoolEntry) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range s.entries[e.Attempt] {
		if x.done && x.N == e.N && x.Kind == e.Kind && x.Blob == e.Blob {
			return x.data, nil
		}
	}
	return nil, fmt.Errorf("memory: spool entry %d of attempt %q: %w", e.N, string(e.Attempt), imagechat.NotFound)
}

// Remove implements imagechat.Spool.
func (s *Spool) Remove(ctx context.Context, attempt imagechat.AttemptID) error {
	if err := s.faults.ready(ctx, "Spool.Remove"); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.entries, attempt)
	return nil
}

// Sweep implements imagechat.Spool.
func (s *Spool) Sweep(ctx context.Context, before time.Time) error {
	if err := s.faults.ready(ctx, "Spool.Sweep"); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for a, es := range s.entries {
		s.keep(a, slices.DeleteFunc(es, func(e *spooled) bool { return !e.done && e.Time.Before(before) }))
	}
	return nil
}

func (s *Spool) keep(a imagechat.AttemptID, es []*spooled) {
	if len(es) == 0 {
		delete(s.entries, a)
		return
	}
	s.entries[a] = es
}

type spoolWriter struct {
	spool  *Spool
	entry  *spooled
	buf    bytes.Buffer
	closed bool
}

func (w *spoolWriter) Write(p []byte) (int, error) {
	if w.closed {
		return 0, fmt.Errorf("memory: write to a closed spool entry: %w", imagechat.StorageUnavailable)
	}
	if err := w.spool.faults.hit("Spool.Write"); err != nil {
		return 0, fmt.Errorf("memory: spool: %w", err)
	}
	return w.buf.Write(p)
}

func (w *spoolWriter) Commit() (imagechat.SpoolEntry, error) {
	if w.closed {
		return imagechat.SpoolEntry{}, fmt.Errorf("memory: commit of a closed spool entry: %w", imagechat.StorageUnavailable)
	}
	if err := w.spool.faults.hit("Spool.Commit"); err != nil {
		return imagechat.SpoolEntry{}, fmt.Errorf("memory: spool: %w", err)
	}
	w.spool.mu.Lock()
	defer w.spool.mu.Unlock()
	e := w.entry
	if !slices.Contains(w.spool.entries[e.Attempt], e) {
		return imagechat.SpoolEntry{}, fmt.Errorf("memory: spool entry was removed: %w", imagechat.StorageUnavailable)
	}
	w.closed = true
	e.data = w.buf.Bytes()
	e.Blob, e.Size, e.Time, e.done = keyOf(e.data), int64(len(e.data)), time.Now(), true
	return e.SpoolEntry, nil
}

// MarkDraft implements imagechat.DraftMarker.
func (w *spoolWriter) MarkDraft() error {
	w.spool.mu.Lock()
	defer w.spool.mu.Unlock()
	w.entry.Kind = imagechat.SpoolDraft
	return nil
}

func (w *spoolWriter) Abort() {
	if w.closed {
		return
	}
	w.closed = true
	w.spool.mu.Lock()
	defer w.spool.mu.Unlock()
	a := w.entry.Attempt
	w.spool.keep(a, slices.DeleteFunc(w.spool.entries[a], func(e *spooled) bool { return e == w.entry }))
}

var (
	_ imagechat.Spool       = (*Spool)(nil)
	_ imagechat.DraftMarker = (*spoolWriter)(nil)
)
