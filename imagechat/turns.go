package imagechat

import (
	"context"
	"errors"
	"sync"
	"time"
)

// turnOf reads a turn of the caller's from r.
func (s *Service) turnOf(ctx context.Context, r TurnStore, id TurnID) (*Turn, error) {
	if !idForm(id) {
		return nil, &Error{Code: TurnNotFound}
	}
	t, err := r.GetTurn(ctx, id)
	if err != nil {
		return nil, notFoundAs(err, TurnNotFound)
	}
	if t.Owner != OwnerOf(ctx) {
		return nil, &Error{Code: TurnNotFound}
	}
	return t, nil
}

// Turn returns a turn as it stands, or TurnNotFound.
func (s *Service) Turn(ctx context.Context, id TurnID) (*Turn, error) {
	return s.turnOf(ctx, s.repo, id)
}

// Turns lists the turns of a session that have not ended, oldest first.
func (s *Service) Turns(ctx context.Context, id SessionID) ([]Turn, error) {
	if _, err := s.session(ctx, s.repo, id); err != nil {
		return nil, err
	}
	found, err := s.repo.ListTurns(ctx, id, TurnQueued, TurnRunning)
	if err != nil {
		return nil, err
	}
	out := make([]Turn, len(found))
	for i, t := range found {
		out[i] = *t
	}
	return out, nil
}

// Wait blocks until the turn ended or ctx did; either way it returns the
// turn as it then stands. Waiting, or ceasing to, changes nothing.
func (s *Service) Wait(ctx context.Context, id TurnID) (*Turn, error) {
	ch := s.waiters.add(id)
	defer s.waiters.remove(id, ch)
	t, err := s.Turn(ctx, id)
	if err != nil || t.Status.Ended() {
		return t, err
	}
	select {
	case <-ch:
	case <-ctx.Done():
	case <-s.life.Done():
	}
	return s.Turn(context.WithoutCancel(ctx), id)
}

// Cancel ends a turn at once. What was being paid for may still be charged
// by the maker and stays booked. It fails with Conflict when the turn has
// ended or its picture has already arrived.
func (s *Service) Cancel(ctx context.Context, id TurnID) (*Turn, error) {
	t, err := s.Turn(ctx, id)
	if err != nil {
		return nil, err
	}
	run := s.runs.get(id)
	if run == nil {
		return s.cancelIdle(ctx, t)
	}
	switch run.tryCancel() {
	case cancelTooLate:
		return nil, conflictOf(t)
	case cancelRest:
		// Some pictures have arrived: they are kept, the others given up.
		return s.Wait(ctx, id)
	}
	// The record is made here, so that the answer does not depend on how
	// soon the generator lets go.
	return s.endTurn(t, &Error{Code: Cancelled})
}

// cancelIdle cancels a turn that waits.
func (s *Service) cancelIdle(ctx context.Context, t *Turn) (*Turn, error) {
	if t.Status.Ended() {
		return nil, conflictOf(t)
	}
	if !s.queue.remove(t.SessionID, t.ID) && s.runs.get(t.ID) != nil {
		return s.Cancel(ctx, t.ID) // taken up this instant
	}
	return s.endTurn(t, &Error{Code: Cancelled})
}

func conflictOf(t *Turn) error {
	return &Error{Code: Conflict, Params: map[string]string{"status": string(t.Status)}}
}

// Retry runs a failed or cancelled turn again, as the person's new decision:
// it is reserved and charged anew.
func (s *Service) Retry(ctx context.Context, id TurnID) (*Turn, error) {
	if s.draining.Load() {
		return nil, &Error{Code: Interrupted, Retryable: true, RetryAfter: 5 * time.Second, Params: map[string]string{"cause": "shutdown"}}
	}
	if err := s.checkSpace(ctx); err != nil {
		return nil, err
	}
	var out *Turn
	var e *Event
	err := s.repo.Atomically(ctx, func(r Repository) error {
		t, err := s.turnOf(ctx, r, id)
		if err != nil {
			return err
		}
		if t.Status != TurnFailed && t.Status != TurnCancelled {
			return conflictOf(t)
		}
		e, err = s.retryIn(ctx, r, t)
		out = t
		return err
	})
	if err != nil {
		return nil, err
	}
	s.announce(e)
	s.queue.add(out.SessionID, out.ID)
	return out, nil
}

func (s *Service) retryIn(ctx context.Context, r Repository, t *Turn) (*Event, error) {
	sess, err := s.session(ctx, r, t.SessionID)
	if err != nil {
		return nil, err
	}
	if err := s.checkModel(&t.Request); err != nil {
		return nil, err
	}
	now := s.now()
	each := s.estimate(sess, &t.Request)
	if err := s.checkBudget(ctx, r, t.SessionID, each*USD(t.Request.Count), now); err != nil {
		return nil, err
	}
	m, err := r.GetMessage(ctx, t.UserMessageID)
	if err != nil {
		return nil, err
	}
	from := t.Status
	t.Status, t.Attempt, t.Error, t.AssistantMessageID = TurnQueued, t.Attempt+1, nil, ""
	t.StartedAt, t.FinishedAt = time.Time{}, time.Time{}
	t.EstimatedCost = each * USD(t.Request.Count)
	e := &Event{SessionID: t.SessionID, Type: EventAccepted, TurnID: t.ID, Turn: t, Message: m, CreatedAt: now}
	return e, firstError(
		func() error { return r.UpdateTurn(ctx, t, from) },
		func() error { return s.reserve(ctx, r, t, each, now) },
		func() error { return s.attachImages(ctx, r, m) },
		func() error { return r.AppendEvent(ctx, e) },
	)
}

// endTurn records that a turn ended without a reply, tells everybody, and
// returns it.
func (s *Service) endTurn(t *Turn, why *Error) (*Turn, error) {
	var out *Turn
	var e *Event
	err := s.record("end of turn", func(bg context.Context) error {
		bg = WithOwner(bg, t.Owner)
		return s.repo.Atomically(bg, func(r Repository) error {
			fresh, err := r.GetTurn(bg, t.ID)
			if err != nil {
				return notFoundAs(err, TurnNotFound)
			}
			if fresh.Status.Ended() {
				return conflictOf(fresh)
			}
			out = fresh
			e, err = s.endTurnIn(bg, r, fresh, why)
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	s.announce(e)
	return out, nil
}

// endTurnIn settles what is still reserved or out, writes the reply that
// says why, and ends the turn.
func (s *Service) endTurnIn(ctx context.Context, r Repository, t *Turn, why *Error) (*Event, error) {
	from := t.Status
	maybeCharged, err := s.endAttempts(ctx, r, t, why)
	if err != nil {
		return nil, err
	}
	if why.Code == Cancelled {
		why.Retryable = true
		why.Charge = ChargeNone
	}
	if maybeCharged {
		why.Charge = ChargeUnknown
	}
	sess, err := r.GetSession(ctx, t.SessionID)
	if err != nil {
		return nil, err
	}
	now := s.now()
	cost, err := s.turnCost(ctx, r, t.ID)
	if err != nil {
		return nil, err
	}
	m := &Message{
		ID: MessageID(newID(now)), SessionID: t.SessionID, TurnID: t.ID, Role: RoleAssistant, ContentType: ContentText,
		Error: why, CreatedAt: now,
	}
	sess.MessagesCount++
	sess.TotalCost += cost - t.Cost
	sess.UpdatedAt = now
	t.Status, t.Error, t.Cost, t.FinishedAt, t.AssistantMessageID = TurnFailed, why, cost, now, m.ID
	if why.Code == Cancelled {
		t.Status = TurnCancelled
	}
	e := &Event{SessionID: t.SessionID, Type: EventError, TurnID: t.ID, Turn: t, Message: m, Error: why, CreatedAt: now}
	return e, firstError(
		func() error { return r.CreateMessage(ctx, m) },
		func() error { return r.UpdateTurn(ctx, t, from) },
		func() error { return r.UpdateSession(ctx, sess) },
		func() error { return s.appendEvent(ctx, r, sess, e) },
	)
}

// endAttempts settles the turn's live attempts: what was never sent costs
// nothing, what was out stays booked at its estimate. It reports whether
// there was any of the latter.
func (s *Service) endAttempts(ctx context.Context, r AttemptStore, t *Turn, why *Error) (maybeCharged bool, err error) {
	attempts, err := r.ListAttempts(ctx, t.ID)
	if err != nil {
		return false, err
	}
	for _, a := range attempts {
		from := a.State
		switch from {
		case AttemptReserved:
			a.State, a.Booked = AttemptFailed, 0
		case AttemptCalling, AttemptReturned:
			a.State = AttemptUnknown
			maybeCharged = true
		case AttemptUnknown:
			maybeCharged = maybeCharged || a.Number == t.Attempt
			continue
		default:
			continue
		}
		a.Error, a.EndedAt, a.Result = why, s.now(), nil
		if err := r.UpdateAttempt(ctx, a, from); err != nil {
			return false, err
		}
	}
	return maybeCharged, nil
}

// turnCost sums what is booked for a turn, all its attempts together.
func (s *Service) turnCost(ctx context.Context, r AttemptStore, id TurnID) (USD, error) {
	attempts, err := r.ListAttempts(ctx, id)
	var sum USD
	for _, a := range attempts {
		sum += a.Booked
	}
	return sum, err
}

// appendEvent appends and, from time to time, forgets what is too old to keep.
func (s *Service) appendEvent(ctx context.Context, r Repository, sess *Session, e *Event) error {
	if err := r.AppendEvent(ctx, e); err != nil {
		return err
	}
	// In steps of an eighth, so that most turns prune nothing.
	keep := int64(s.o.KeepEvents)
	if e.Seq-sess.FirstSeq >= keep+keep/8 {
		return r.PruneEvents(ctx, sess.ID, e.Seq-keep+1)
	}
	return nil
}

// running is a turn at work.
type running struct {
	session SessionID
	ctx     context.Context
	cancel  context.CancelCauseFunc

	mu        sync.Mutex
	calls     int  // calls in flight
	received  int  // calls whose picture, or whole answer, has arrived
	cancelled bool // nothing that arrives from now on counts
	closing   bool // the end is being recorded
}

type cancelOutcome int

const (
	cancelDone cancelOutcome = iota
	cancelRest
	cancelTooLate
)

var errCancelled = &Error{Code: Cancelled}

// tryCancel decides, against answers that arrive this instant, whether the
// turn can still be cancelled.
func (r *running) tryCancel() cancelOutcome {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.cancelled || r.closing:
		return cancelTooLate
	case r.received > 0 && r.calls == 0:
		return cancelTooLate
	case r.received > 0:
		r.cancel(errCancelled)
		return cancelRest
	}
	r.cancelled = true
	r.cancel(errCancelled)
	return cancelDone
}

// arrive counts an answer in, unless the turn was cancelled before.
func (r *running) arrive() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cancelled {
		return false
	}
	r.received++
	return true
}

// unarrive takes back an arrival whose bytes could not be kept.
func (r *running) unarrive() {
	r.mu.Lock()
	r.received--
	r.mu.Unlock()
}

func (r *running) inFlight(delta int) {
	r.mu.Lock()
	r.calls += delta
	r.mu.Unlock()
}

// close makes the end final; it reports false when the turn was cancelled.
func (r *running) close() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closing = true
	return !r.cancelled
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

// abandon cancels the turns of a session that is being deleted.
func (t *runTable) abandon(session SessionID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, r := range t.m {
		if r.session == session {
			r.mu.Lock()
			r.cancelled = true
			r.mu.Unlock()
			r.cancel(errCancelled)
		}
	}
}

// isShutdown tells a cut-off by the server's end from everything else.
func isShutdown(err error) bool { return errors.Is(err, Interrupted) }
