package finish

import (
	"context"
	"fmt"
	"slices"
	"sync"
)

// Gate admits operations by their estimated memory, so that many at once stay
// inside one budget. A part of it is a lane of its own for small operations,
// so that they pass a large one; of the rest one that is larger than all of it
// takes the whole. In each lane those that do not fit wait, and parties (see
// [WithParty]) take turns, so that nobody's many operations hold up another's.
type Gate struct {
	budget int64

	mu           sync.Mutex
	small, large lane
}

// lane is a part of the budget with its own line.
type lane struct {
	size, free int64
	parties    []string // those who wait, in the order in which they are served
	waiting    map[string][]*waiter
}

type waiter struct {
	bytes    int64
	admitted chan struct{}
}

// DefaultGateBytes is the budget of the gate that is used when Options names
// none. It leaves a 512 MB machine room for a server and the collector's slack.
const DefaultGateBytes = 160 << 20

var defaultGate = NewGate(DefaultGateBytes)

// smallShare is the part of the budget that is kept for small operations: 32
// MiB of the default. Small is what leaves room in it for others: up to 24 MiB,
// in which a copy of a 2K picture is made.
const smallShare = 5

// NewGate makes a gate with a budget in bytes of live memory. The garbage
// collector may let the heap grow to twice what is live before it acts, unless
// GOMEMLIMIT is set.
func NewGate(bytes int64) *Gate {
	bytes = max(bytes, 2)
	small := max(bytes/smallShare, 1)
	return &Gate{budget: bytes, small: newLane(small), large: newLane(bytes - small)}
}

func newLane(size int64) lane {
	return lane{size: size, free: size, waiting: map[string][]*waiter{}}
}

// Budget is the gate's budget in bytes.
func (g *Gate) Budget() int64 { return g.budget }

type partyKey struct{}

// WithParty says for whom the operations of ctx work. Parties take turns at a
// gate; without one all are the same.
func WithParty(ctx context.Context, name string) context.Context {
	return context.WithValue(ctx, partyKey{}, name)
}

// Acquire waits until bytes are free and returns what gives them back, which
// may be called more than once. The error is ctx's.
func (g *Gate) Acquire(ctx context.Context, bytes int64) (release func(), err error) {
	party, _ := ctx.Value(partyKey{}).(string)
	g.mu.Lock()
	l := &g.large
	// A small operation goes where there is room, and waits in its own lane.
	if bytes <= g.small.size*3/4 && (g.small.fits(bytes) || !g.large.fits(bytes)) {
		l = &g.small
	}
	w := &waiter{bytes: min(max(bytes, 1), l.size), admitted: make(chan struct{})}
	l.enter(party, w)
	l.admit()
	g.mu.Unlock()
	select {
	case <-w.admitted:
	case <-ctx.Done():
		if g.giveUp(l, party, w) {
			return nil, fmt.Errorf("finish: waiting for memory: %w", ctx.Err())
		}
	}
	return sync.OnceFunc(func() { g.free(l, w.bytes) }), nil
}

func (g *Gate) free(l *lane, bytes int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	l.free += bytes
	l.admit()
}

// giveUp takes w out of the line; it reports false when w has been admitted.
func (g *Gate) giveUp(l *lane, party string, w *waiter) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := slices.Index(l.waiting[party], w)
	if i < 0 {
		return false
	}
	l.take(party, i)
	l.admit() // the one behind may be smaller
	return true
}

// fits tells whether an operation would be admitted at once.
func (l *lane) fits(bytes int64) bool {
	return len(l.parties) == 0 && l.free >= min(max(bytes, 1), l.size)
}

func (l *lane) enter(party string, w *waiter) {
	if len(l.waiting[party]) == 0 {
		l.parties = append(l.parties, party)
	}
	l.waiting[party] = append(l.waiting[party], w)
}

// admit lets in whose turn it is, as long as they fit. Nobody passes one that
// does not, or a large operation would wait for ever.
func (l *lane) admit() {
	for len(l.parties) > 0 {
		party := l.parties[0]
		w := l.waiting[party][0]
		if w.bytes > l.free {
			return
		}
		l.free -= w.bytes
		l.take(party, 0)
		if i := slices.Index(l.parties, party); i >= 0 { // it goes behind the others
			l.parties = append(slices.Delete(l.parties, i, i+1), party)
		}
		close(w.admitted)
	}
}

// take removes the waiter at i of a party's line.
func (l *lane) take(party string, i int) {
	l.waiting[party] = slices.Delete(l.waiting[party], i, i+1)
	if len(l.waiting[party]) > 0 {
		return
	}
	delete(l.waiting, party)
	if i := slices.Index(l.parties, party); i >= 0 {
		l.parties = slices.Delete(l.parties, i, i+1)
	}
}
