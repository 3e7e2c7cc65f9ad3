// Package memory implements every port in memory: the reference for other
// adapters, the stand-in of tests, and enough for a program that need not
// remember. Nothing outlives the process.
//
// Each adapter carries Faults, so that a test can make the n-th write fail.
package memory

import (
	"context"
	"fmt"
	"maps"
	"sync"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// Ports returns fresh ports around a generator.
func Ports(g imagechat.Generator) imagechat.Ports {
	blobs := NewBlobStore()
	return imagechat.Ports{
		Generator:  g,
		Repository: NewRepository(),
		Blobs:      blobs,
		Spool:      blobs.Spool(),
		Publisher:  NewPublisher(),
	}
}

// Faults makes operations fail on demand and counts them. Operations are
// named after the port's methods ("CreateTurn", "Put"); "Commit" is the end
// of Atomically, and those of the spool are "Spool.Create", "Spool.Write",
// "Spool.Commit", "Spool.List", "Spool.Open", "Spool.Remove", "Spool.Sweep".
// The zero value fails nothing. It is safe for concurrent use.
type Faults struct {
	mu    sync.Mutex
	fail  map[string]fault
	calls map[string]int
}

type fault struct {
	times int // negative: for ever
	err   error
}

// FailNext makes the next n calls of op fail with err before they do
// anything; a negative n means all of them, 0 ends it.
func (f *Faults) FailNext(op string, n int, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fail == nil {
		f.fail = map[string]fault{}
	}
	f.fail[op] = fault{n, err}
}

// Calls returns how often each operation was called, failed calls included.
func (f *Faults) Calls() map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.calls)
}

// hit counts a call and returns the error that it must fail with.
func (f *Faults) hit(op string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.calls == nil {
		f.calls = map[string]int{}
	}
	f.calls[op]++
	x := f.fail[op]
	if x.times == 0 {
		return nil
	}
	if x.times > 0 {
		x.times--
		f.fail[op] = x
	}
	return x.err
}

// ready counts a call that is about to begin and says why it may not.
func (f *Faults) ready(ctx context.Context, op string) error {
	err := f.hit(op)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("memory: %s: %w", op, err)
	}
	return nil
}
