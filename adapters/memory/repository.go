package memory

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// Repository implements imagechat.Repository. Lists are made by looking at
// every row, so it is for thousands of them, not for millions.
type Repository struct {
	Faults
	view
	hold hold
}

// NewRepository returns an empty Repository.
func NewRepository() *Repository {
	r := &Repository{hold: hold{what: "the repository"}}
	r.view = view{tables: newTables(), faults: &r.Faults}
	return r
}

// view is the Repository as one caller sees it: by itself each operation
// takes the lock; inside Atomically (tx set) the lock is held already and
// what is written is noted down, so that it can be taken back.
type view struct {
	*tables
	faults *Faults
	tx     *undoLog
}

// tables holds the rows. A stored value is never changed, only replaced, so
// that taking a write back means putting the old value in its place.
type tables struct {
	mu       sync.RWMutex
	sessions map[imagechat.SessionID]*imagechat.Session
	messages map[imagechat.MessageID]*imagechat.Message
	images   map[imagechat.ImageID]*imagechat.Image
	variants map[variantKey]*imagechat.Variant
	turns    map[imagechat.TurnID]*imagechat.Turn
	attempts map[imagechat.AttemptID]*imagechat.Attempt
	events   map[imagechat.SessionID][]*imagechat.Event
	brands   map[imagechat.BrandID]*imagechat.Brand
}

type variantKey struct {
	source imagechat.BlobKey
	name   string
}

func newTables() *tables {
	return &tables{
		sessions: map[imagechat.SessionID]*imagechat.Session{},
		messages: map[imagechat.MessageID]*imagechat.Message{},
		images:   map[imagechat.ImageID]*imagechat.Image{},
		variants: map[variantKey]*imagechat.Variant{},
		turns:    map[imagechat.TurnID]*imagechat.Turn{},
		attempts: map[imagechat.AttemptID]*imagechat.Attempt{},
		events:   map[imagechat.SessionID][]*imagechat.Event{},
		brands:   map[imagechat.BrandID]*imagechat.Brand{},
	}
}

type undoLog struct{ steps []func() }

var errNested = errors.New("memory: Atomically may not nest")

// Atomically implements imagechat.Repository.
func (v view) Atomically(ctx context.Context, fn func(imagechat.Repository) error) (err error) {
	if v.tx != nil {
		return errNested
	}
	unlock, err := v.write(ctx, "Atomically")
	if err != nil {
		return err
	}
	defer unlock()
	tx := &undoLog{}
	done := false
	defer func() { // also when fn panics
		if !done {
			for i := len(tx.steps) - 1; i >= 0; i-- {
				tx.steps[i]()
			}
		}
	}()
	if err := fn(view{tables: v.tables, faults: v.faults, tx: tx}); err != nil {
		return err
	}
	if err := v.faults.hit("Commit"); err != nil {
		return fmt.Errorf("memory: commit: %w", err)
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("memory: commit: %w", err)
	}
	done = true
	return nil
}

func (v view) read(ctx context.Context, op string) (unlock func(), err error) {
	if err := v.faults.ready(ctx, op); err != nil {
		return nil, err
	}
	if v.tx != nil {
		return func() {}, nil
	}
	v.mu.RLock()
	return v.mu.RUnlock, nil
}

func (v view) write(ctx context.Context, op string) (unlock func(), err error) {
	if err := v.faults.ready(ctx, op); err != nil {
		return nil, err
	}
	if v.tx != nil {
		return func() {}, nil
	}
	v.mu.Lock()
	return v.mu.Unlock, nil
}

// put stores a row, or removes it when x is nil.
func put[K comparable, T any](v view, m map[K]*T, k K, x *T) {
	old := m[k]
	set(m, k, x)
	if v.tx != nil {
		v.tx.steps = append(v.tx.steps, func() { set(m, k, old) })
	}
}

func set[K comparable, T any](m map[K]*T, k K, x *T) {
	if x == nil {
		delete(m, k)
		return
	}
	m[k] = x
}

// putEvents replaces a session's events. Slices are never written in place.
func (v view) putEvents(id imagechat.SessionID, es []*imagechat.Event) {
	old := v.events[id]
	v.events[id] = es
	if v.tx != nil {
		v.tx.steps = append(v.tx.steps, func() { v.events[id] = old })
	}
}

func get[K ~string, T any](m map[K]*T, k K, what string) (*T, error) {
	if x := m[k]; x != nil {
		return x, nil
	}
	return nil, fmt.Errorf("memory: %s %q: %w", what, string(k), imagechat.NotFound)
}

// lookUp returns a copy of a row.
func lookUp[K ~string, T any](ctx context.Context, v view, op string, m map[K]*T, k K, what string, clone func(*T) *T) (*T, error) {
	unlock, err := v.read(ctx, op)
	if err != nil {
		return nil, err
	}
	defer unlock()
	x, err := get(m, k, what)
	if err != nil {
		return nil, err
	}
	return clone(x), nil
}

// create stores a new row.
func create[K ~string, T any](v view, m map[K]*T, k K, x *T, what string) error {
	if m[k] != nil {
		return fmt.Errorf("memory: %s %q exists: %w", what, string(k), imagechat.Conflict)
	}
	put(v, m, k, x)
	return nil
}

// CheckHealth implements imagechat.HealthChecker.
func (r *Repository) CheckHealth(ctx context.Context) error {
	return r.view.faults.ready(ctx, "CheckHealth")
}

var (
	_ imagechat.Repository    = (*Repository)(nil)
	_ imagechat.HealthChecker = (*Repository)(nil)
)
