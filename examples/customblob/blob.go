// Package customblob shows an adapter written outside the project: a blob
// store on top of a database table, and the few lines that prove it.
package customblob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"iter"
	"sync"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// Table is what the store needs of a database: rows by key. Replace it with
// your own; errors of the medium should wrap imagechat.StorageUnavailable.
type Table interface {
	Insert(ctx context.Context, key string, value []byte, at time.Time) error // no error when the key is there
	Select(ctx context.Context, key string) (value []byte, at time.Time, ok bool, err error)
	Delete(ctx context.Context, key string) error
	Keys(ctx context.Context) ([]string, error)
}

// Store implements imagechat.BlobStore on a Table.
type Store struct{ table Table }

// New returns a store on a table.
func New(t Table) *Store { return &Store{t} }

// Put implements imagechat.BlobStore.
func (s *Store) Put(ctx context.Context, key imagechat.BlobKey, r io.Reader) error {
	if !key.Valid() {
		return fmt.Errorf("customblob: %q is no key: %w", key, imagechat.NotFound)
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return fmt.Errorf("customblob: read %s: %w", key, err)
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != string(key) {
		return fmt.Errorf("customblob: the bytes are not %s: %w", key, imagechat.InvalidRequest)
	}
	return s.table.Insert(ctx, string(key), data, time.Now())
}

type file struct{ *bytes.Reader }

func (file) Close() error { return nil }

// Open implements imagechat.BlobStore.
func (s *Store) Open(ctx context.Context, key imagechat.BlobKey) (io.ReadSeekCloser, error) {
	data, _, err := s.get(ctx, key)
	if err != nil {
		return nil, err
	}
	return file{bytes.NewReader(data)}, nil
}

// Stat implements imagechat.BlobStore.
func (s *Store) Stat(ctx context.Context, key imagechat.BlobKey) (imagechat.BlobInfo, error) {
	data, at, err := s.get(ctx, key)
	if err != nil {
		return imagechat.BlobInfo{}, err
	}
	return imagechat.BlobInfo{Key: key, Size: int64(len(data)), Time: at}, nil
}

func (s *Store) get(ctx context.Context, key imagechat.BlobKey) ([]byte, time.Time, error) {
	if !key.Valid() {
		return nil, time.Time{}, fmt.Errorf("customblob: %q is no key: %w", key, imagechat.NotFound)
	}
	data, at, ok, err := s.table.Select(ctx, string(key))
	if err == nil && !ok {
		err = fmt.Errorf("customblob: %s: %w", key, imagechat.NotFound)
	}
	return data, at, err
}

// Delete implements imagechat.BlobStore.
func (s *Store) Delete(ctx context.Context, key imagechat.BlobKey) error {
	if !key.Valid() {
		return fmt.Errorf("customblob: %q is no key: %w", key, imagechat.NotFound)
	}
	return s.table.Delete(ctx, string(key))
}

// List implements imagechat.BlobStore.
func (s *Store) List(ctx context.Context) iter.Seq2[imagechat.BlobInfo, error] {
	return func(yield func(imagechat.BlobInfo, error) bool) {
		keys, err := s.table.Keys(ctx)
		if err != nil {
			yield(imagechat.BlobInfo{}, err)
			return
		}
		for _, key := range keys {
			info, err := s.Stat(ctx, imagechat.BlobKey(key))
			if !yield(info, err) || err != nil {
				return
			}
		}
	}
}

// MapTable is a Table in memory, for trying things out. The zero value is empty.
type MapTable struct {
	mu   sync.Mutex
	rows map[string]row
}

type row struct {
	value []byte
	at    time.Time
}

// Insert implements Table.
func (t *MapTable) Insert(ctx context.Context, key string, value []byte, at time.Time) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.rows == nil {
		t.rows = map[string]row{}
	}
	if _, there := t.rows[key]; !there {
		t.rows[key] = row{value, at}
	}
	return nil
}

// Select implements Table.
func (t *MapTable) Select(ctx context.Context, key string) ([]byte, time.Time, bool, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	r, ok := t.rows[key]
	return r.value, r.at, ok, ctx.Err()
}

// Delete implements Table.
func (t *MapTable) Delete(ctx context.Context, key string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.rows, key)
	return ctx.Err()
}

// Keys implements Table.
func (t *MapTable) Keys(ctx context.Context) ([]string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	keys := make([]string, 0, len(t.rows))
	for k := range t.rows {
		keys = append(keys, k)
	}
	return keys, ctx.Err()
}
