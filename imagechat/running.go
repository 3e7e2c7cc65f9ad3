package imagechat

import (
	"context"
	"errors"
	"sync"
)

// running is a turn at work.
type running struct {
	session SessionID
	ctx     context.Context
	cancel  context.CancelCauseFunc

	mu sync.Mutex
	// pending holds the calls whose answer has not arrived, with what ends each.
	pending map[AttemptID]context.CancelCauseFunc
	entered bool // every call is in pending, or was
	// received holds the calls whose picture, or whole answer, has arrived, with
	// what ended each while it was pending (nil for an earlier process's).
	received  map[AttemptID]context.CancelCauseFunc
	cancelled bool // nothing that arrives from now on counts
	closing   bool // the end is being recorded
	// unrecorded: an answer is in the spool, but the ledger could not be told.
	unrecorded bool
}

type cancelOutcome int

const (
	cancelDone cancelOutcome = iota
	cancelRest
	cancelTooLate
)

var errCancelled = &Error{Code: Cancelled}

// tryCancel decides, against answers that arrive this instant, whether the
// turn can still be cancelled. What has arrived, or is just ending to arrive,
// is left in peace. earlier are the calls that, by the ledger, an earlier
// process received the answers of.
func (r *running) tryCancel(earlier []AttemptID) cancelOutcome {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range earlier {
		r.receive(id)
	}
	switch {
	case r.cancelled || r.closing:
		return cancelTooLate
	case len(r.received) > 0 && !r.entered:
		r.cancel(errCancelled)
		return cancelRest
	case len(r.received) > 0 && len(r.pending) == 0:
		return cancelTooLate
	case len(r.received) > 0:
		for _, cancel := range r.pending {
			cancel(errCancelled)
		}
		return cancelRest
	}
	r.cancelled = true
	r.cancel(errCancelled)
	return cancelDone
}

// expect enters a call that is to be made. The context is the call's own, so
// that it can be given up alone; end must be called when it is over.
func (r *running) expect(ctx context.Context, id AttemptID) (own context.Context, end func()) {
	own, cancel := context.WithCancelCause(ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.pending == nil {
		r.pending = map[AttemptID]context.CancelCauseFunc{}
	}
	r.pending[id] = cancel
	return own, func() {
		r.mu.Lock()
		delete(r.pending, id)
		r.mu.Unlock()
		cancel(nil)
	}
}

// arrive counts an answer in, unless the turn, or this call of it, was
// cancelled before (ctx is the call's own).
func (r *running) arrive(ctx context.Context, id AttemptID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cancelled || errors.Is(context.Cause(ctx), Cancelled) {
		return false
	}
	r.receive(id)
	return true
}

func (r *running) receive(id AttemptID) {
	if r.received == nil {
		r.received = map[AttemptID]context.CancelCauseFunc{}
	}
	if _, again := r.received[id]; !again {
		r.received[id] = r.pending[id]
	}
	delete(r.pending, id)
}

// retract takes back that an answer has arrived: what came was a draft only.
func (r *running) retract(id AttemptID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if cancel := r.received[id]; cancel != nil {
		r.pending[id] = cancel
	}
	delete(r.received, id)
}

// enteredAll tells that no call will be entered any more.
func (r *running) enteredAll() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.entered = true
}

type endOutcome int

const (
	endOpen endOutcome = iota
	endCancelled
	endUnrecorded
)

// close makes the end final and tells who records it.
func (r *running) close() endOutcome {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closing = true
	switch {
	case r.cancelled:
		return endCancelled
	case r.unrecorded:
		return endUnrecorded
	}
	return endOpen
}

func (r *running) leaveUnrecorded() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.unrecorded = true
}

// abandon cancels without asking what has arrived; it reports whether that
// leaves the turn without anybody who records its end.
func (r *running) abandon() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	orphaned := !r.cancelled && !r.closing
	r.cancelled = true
	r.cancel(errCancelled)
	return orphaned
}

// runTable knows the turns at work.
type runTable struct {
	mu   sync.Mutex
	m    map[TurnID]*running
	idle chan struct{} // closed when m is empty and someone waits
}

// begin enters a turn that starts to run.
func (t *runTable) begin(life context.Context, q queued) *running {
	r := &running{session: q.session}
	// The turn outlives Close's signal until its interruption is recorded,
	// hence not a child of life.
	r.ctx, r.cancel = context.WithCancelCause(context.WithoutCancel(life))
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.m == nil {
		t.m = map[TurnID]*running{}
	}
	t.m[q.turn] = r
	return r
}

func (t *runTable) remove(id TurnID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.m, id)
	if len(t.m) == 0 && t.idle != nil {
		close(t.idle)
		t.idle = nil
	}
}

func (t *runTable) get(id TurnID) *running {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.m[id]
}

func (t *runTable) len() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.m)
}

// waitIdle reports whether all turns ended before ctx did.
func (t *runTable) waitIdle(ctx context.Context) bool {
	t.mu.Lock()
	if len(t.m) == 0 {
		t.mu.Unlock()
		return true
	}
	if t.idle == nil {
		t.idle = make(chan struct{})
	}
	idle := t.idle
	t.mu.Unlock()
	select {
	case <-idle:
		return true
	case <-ctx.Done():
		return false
	}
}

var errShutdown = &Error{Code: Interrupted, Retryable: true, Params: map[string]string{"cause": "shutdown"}}

// interrupt cuts off every turn because the server ends.
func (t *runTable) interrupt() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, r := range t.m {
		r.cancel(errShutdown)
	}
}

// abandon cancels the turns of a session that is being deleted, and returns
// those whose end is to be recorded if the session stays.
func (t *runTable) abandon(session SessionID) []TurnID {
	t.mu.Lock()
	defer t.mu.Unlock()
	var orphaned []TurnID
	for id, r := range t.m {
		if r.session == session && r.abandon() {
			orphaned = append(orphaned, id)
		}
	}
	return orphaned
}

// isShutdown tells a cut-off by the server's end from everything else.
func isShutdown(err error) bool { return errors.Is(err, errShutdown) }
