package bunstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/uptrace/bun"
)

// A commit waits for the disk, however little it brings. So callers that come
// while one is under way share the next: each runs its statements in turn,
// behind a savepoint of its own, and the last one commits for all. Whoever
// comes alone has a transaction of its own, as ever.
const (
	maxMembers = 64
	// maxGathering bounds how long the first member waits for the others.
	maxGathering = 5 * time.Millisecond
)

// transaction is one that runs, for one caller after the other. After a
// failure of the medium SQLite may have rolled it back by itself, and a later
// statement would be committed alone; so the first such failure ends it for
// good, for all of its members.
type transaction struct {
	bun.Tx
	begun   time.Time
	members int // whose changes it holds
	failed  error
	// missed are statements that were not prepared yet. They can be only
	// when the transaction has given the connection back.
	missed []string

	done chan struct{} // closed at the end
	err  error         // of the commit; read it after done
}

// join waits until the writer is the caller's alone, and returns the
// transaction to go on with.
func (d *database) join(ctx context.Context) (*transaction, error) {
	t, err := d.queue.enter(ctx)
	if t != nil || err != nil {
		return t, err
	}
	var tx bun.Tx
	err = retryBusy(ctx, func() (err error) {
		// Of a caller that gives up nothing may be left, but the others' stays.
		tx, err = d.writer.BeginTx(context.WithoutCancel(ctx), nil)
		return err
	})
	if err != nil {
		d.queue.next(nil)
		return nil, err
	}
	return &transaction{Tx: tx, begun: time.Now(), done: make(chan struct{})}, nil
}

// run adds what fn does to the transaction: all of it, or nothing.
func (t *transaction) run(ctx context.Context, fn func() error) error {
	added := false
	behind := t.members > 0
	if behind {
		if err := t.exec(ctx, "SAVEPOINT member"); err != nil {
			return err
		}
	}
	defer func() { // also when fn panics
		if !added && behind && t.failed == nil {
			_ = t.exec(ctx, "ROLLBACK TO member")
			_ = t.exec(ctx, "RELEASE member")
		}
	}()
	if err := fn(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if behind && t.failed == nil {
		_ = t.exec(ctx, "RELEASE member")
	}
	if t.failed != nil {
		return t.failed
	}
	t.members++
	added = true
	return nil
}

func (t *transaction) exec(ctx context.Context, command string) error {
	_, err := t.Tx.Tx.ExecContext(context.WithoutCancel(ctx), command)
	if err != nil {
		t.fail(err)
	}
	return t.failed
}

func (t *transaction) fail(err error) {
	if t.failed == nil {
		t.failed = fmt.Errorf("bunstore: the transaction failed: %w", translate(err))
	}
}

// errGivenUp is the failure of a statement that was not run because its caller
// has given up.
var errGivenUp = errors.New("not run")

// ready reports why a statement should not be run.
func (t *transaction) ready(ctx context.Context) error {
	if t.failed != nil {
		return t.failed
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%w: %w", errGivenUp, err)
	}
	return nil
}

// pass hands the transaction to the next caller, or ends it.
func (d *database) pass(ctx context.Context, t *transaction) {
	if t.failed == nil && t.members > 0 && t.members < maxMembers && time.Since(t.begun) < d.gathering && d.queue.next(t) {
		return
	}
	t.end()
	close(t.done)
	for _, query := range t.missed {
		// The next transaction will miss it again if this fails.
		_, _ = d.writer.stmt(context.WithoutCancel(ctx), query)
	}
	d.queue.next(nil)
}

func (t *transaction) end() {
	if t.failed != nil || t.members == 0 {
		t.err = t.failed
		_ = t.Rollback()
		return
	}
	if err := t.Commit(); err != nil {
		t.err = fmt.Errorf("bunstore: commit: %w", translate(err))
	}
}

// queue gives the writer to one caller at a time, in the order in which they came.
type queue struct {
	mu      sync.Mutex
	taken   bool
	waiting []chan *transaction // each gets one to go on with, or nil to begin one
}

func (q *queue) enter(ctx context.Context) (*transaction, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	q.mu.Lock()
	if !q.taken {
		q.taken = true
		q.mu.Unlock()
		return nil, nil
	}
	turn := make(chan *transaction, 1)
	q.waiting = append(q.waiting, turn)
	q.mu.Unlock()
	select {
	case t := <-turn:
		return t, nil
	case <-ctx.Done():
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if i := slices.Index(q.waiting, turn); i >= 0 {
		q.waiting = slices.Delete(q.waiting, i, i+1)
		return nil, ctx.Err()
	}
	return <-turn, nil // it came at the same moment; run sees that ctx has ended
}

// next lets the next caller go on with t and reports whether there is one.
func (q *queue) next(t *transaction) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 {
		q.taken = t != nil // whoever has an open transaction keeps the writer
		return false
	}
	q.waiting[0] <- t
	q.waiting = slices.Delete(q.waiting, 0, 1)
	return true
}
