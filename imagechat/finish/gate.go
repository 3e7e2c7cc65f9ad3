package finish

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/sync/semaphore"
)

// Gate admits operations by their estimated memory, so that many at once stay
// inside one budget: those that do not fit wait their turn, in order. One that
// is larger than the whole budget runs alone.
type Gate struct {
	budget int64
	held   *semaphore.Weighted
}

// DefaultGateBytes is the budget of the gate that is used when Options names
// none. It leaves a 512 MB machine room for a server and the collector's slack.
const DefaultGateBytes = 160 << 20

var defaultGate = NewGate(DefaultGateBytes)

// NewGate makes a gate with a budget in bytes of live memory. The garbage
// collector may let the heap grow to twice what is live before it acts, unless
// GOMEMLIMIT is set.
func NewGate(bytes int64) *Gate {
	bytes = max(bytes, 1)
	return &Gate{budget: bytes, held: semaphore.NewWeighted(bytes)}
}

// Budget is the gate's budget in bytes.
func (g *Gate) Budget() int64 { return g.budget }

// Acquire waits until bytes are free and returns what gives them back, which
// may be called more than once. The error is ctx's.
func (g *Gate) Acquire(ctx context.Context, bytes int64) (release func(), err error) {
	n := min(max(bytes, 1), g.budget)
	if err := g.held.Acquire(ctx, n); err != nil {
		return nil, fmt.Errorf("finish: waiting for memory: %w", err)
	}
	var once sync.Once
	return func() { once.Do(func() { g.held.Release(n) }) }, nil
}
