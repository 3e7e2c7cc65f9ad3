package imagechat

import (
	"context"
	"time"
)

// turnOf reads a turn of the caller's from r.
func (s *kit) turnOf(ctx context.Context, r TurnStore, id TurnID) (*Turn, error) {
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

// Turn does what [Service.Turn] promises.
func (s *library) Turn(ctx context.Context, id TurnID) (*Turn, error) {
	return s.turnOf(ctx, s.repo, id)
}

// Turns does what [Service.Turns] promises.
func (s *library) Turns(ctx context.Context, id SessionID) ([]Turn, error) {
	if _, err := s.session(ctx, s.repo, id); err != nil {
		return nil, err
	}
	return s.liveTurns(ctx, id)
}

func (s *library) liveTurns(ctx context.Context, id SessionID) ([]Turn, error) {
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

// Wait does what [Service.Wait] promises.
func (s *engine) Wait(ctx context.Context, id TurnID) (*Turn, error) {
	ch := s.feed.waiters.add(id)
	defer s.feed.waiters.remove(id, ch)
	t, err := s.lib.Turn(ctx, id)
	if err != nil || t.Status.Ended() {
		return t, err
	}
	select {
	case <-ch:
	case <-ctx.Done():
	case <-s.life.Done():
	}
	return s.lib.Turn(context.WithoutCancel(ctx), id)
}

// Cancel does what [Service.Cancel] promises.
func (s *engine) Cancel(waiting context.Context, id TurnID) (*Turn, error) {
	// Who cancels and closes the window has cancelled.
	ctx := context.WithoutCancel(waiting)
	t, err := s.lib.Turn(ctx, id)
	if err != nil {
		return nil, err
	}
	if t.Status.Ended() {
		return nil, conflictOf(t)
	}
	received, err := s.receivedOf(ctx, t)
	if err != nil {
		return nil, err
	}
	// The queue comes first: a turn that waits for its next try may still
	// have the run of the last one about, which has not let go yet.
	if s.queue.remove(t.SessionID, id) {
		if len(received) > 0 {
			// Some pictures arrived before the server was started again:
			// they are kept, the others given up.
			s.settleAside(t, func() { s.giveUpRest(t) }, func() {})
			return s.Wait(waiting, id)
		}
	} else if run := s.runs.get(id); run != nil {
		switch run.tryCancel(received) {
		case cancelTooLate:
			if t, err = s.lib.Turn(ctx, id); err != nil || t.Status != TurnQueued {
				return nil, firstOf(err, conflictOf(t))
			}
		case cancelRest:
			// Some pictures have arrived: they are kept, the others given up.
			return s.Wait(waiting, id)
		}
	}
	// The record is made here, so that the answer does not depend on how
	// soon the generator lets go.
	return s.endOnRequest(t)
}

// endOnRequest ends a turn that was cancelled. The record is made however
// long the disk is full, but who asked is told at the first failure.
func (s *engine) endOnRequest(t *Turn) (*Turn, error) {
	type answer struct {
		turn *Turn
		err  error
	}
	answers := make(chan answer, 2)
	s.spawn(func() {
		ended, err := s.endTurnTelling(t, &Error{Code: Cancelled}, func(err error) { answers <- answer{err: err} })
		answers <- answer{ended, err}
	})
	first := <-answers
	return first.turn, first.err
}

// receivedOf returns the attempts of a turn whose answers are on disk and
// not yet stored.
func (s *engine) receivedOf(ctx context.Context, t *Turn) ([]AttemptID, error) {
	attempts, err := s.currentAttempts(ctx, s.repo, t)
	var ids []AttemptID
	for _, a := range attempts {
		if a.State == AttemptReturned {
			ids = append(ids, a.ID)
		}
	}
	return ids, err
}

// giveUpRest settles what has not been sent of a turn that was cancelled.
func (s *engine) giveUpRest(t *Turn) {
	if attempts, err := s.attemptsNow(context.Background(), t); err == nil {
		s.callOff(attempts, errCancelled)
	}
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func conflictOf(t *Turn) error {
	return &Error{Code: Conflict, Params: map[string]string{"status": string(t.Status)}}
}

// Retry does what [Service.Retry] promises.
func (s *intake) Retry(ctx context.Context, id TurnID) (*Turn, error) {
	t, err := s.retry(ctx, id)
	if err != nil {
		s.refused(ctx, "", err)
	}
	return t, err
}

func (s *intake) retry(ctx context.Context, id TurnID) (*Turn, error) {
	if s.draining.Load() {
		return nil, &Error{Code: Interrupted, Retryable: true, RetryAfter: 5 * time.Second, Params: map[string]string{"cause": "shutdown"}}
	}
	if err := s.room.checkSpace(ctx); err != nil {
		return nil, err
	}
	var out *Turn
	var e *Event
	var at *place
	defer func() { s.queue.leave(at) }()
	err := s.repo.Atomically(ctx, func(r Repository) error {
		s.queue.leave(at) // a store may run this again
		at = nil
		t, err := s.turnOf(ctx, r, id)
		if err != nil {
			return err
		}
		if t.Status != TurnFailed && t.Status != TurnCancelled {
			return conflictOf(t)
		}
		if e, err = s.retryIn(ctx, r, t); err != nil {
			return err
		}
		out = t
		at, err = s.queue.enter(t)
		return err
	})
	if err != nil {
		return nil, err
	}
	s.feed.announce(e)
	s.queue.open(at)
	return out, nil
}

func (s *intake) retryIn(ctx context.Context, r Repository, t *Turn) (*Event, error) {
	sess, err := s.session(ctx, r, t.SessionID)
	if err != nil {
		return nil, err
	}
	if err := s.rules.checkModel(&t.Request, changesPicture(sess, &t.Request)); err != nil {
		return nil, err
	}
	if err := followIDs(ctx, r, t.SessionID); err != nil {
		return nil, err
	}
	now := s.now()
	each := s.rules.estimate(sess, &t.Request)
	if err := s.checkBudget(ctx, r, t.SessionID, each*USD(t.Request.Count), now); err != nil {
		return nil, err
	}
	m, err := r.GetMessage(ctx, t.UserMessageID)
	if err != nil {
		return nil, err
	}
	t.Request.RequestID = RequestIDOf(ctx)
	from, err := t.Retry(each * USD(t.Request.Count))
	if err != nil {
		return nil, err
	}
	e := &Event{SessionID: t.SessionID, Type: EventAccepted, TurnID: t.ID, Turn: t, Message: m, CreatedAt: now}
	return e, firstError(
		func() error { return r.UpdateTurn(ctx, t, from) },
		func() error { return s.reserve(ctx, r, t, each, now) },
		func() error { return s.lib.attachImages(ctx, r, m) },
		func() error { return r.AppendEvent(ctx, e) },
	)
}

// endTurn records that a turn ended without a reply, tells everybody, and
// returns it.
func (s *engine) endTurn(t *Turn, why *Error) (*Turn, error) {
	return s.endTurnTelling(t, why, func(error) {})
}

// endTurnTelling is endTurn, and tells when the store makes it wait.
func (s *engine) endTurnTelling(t *Turn, why *Error, waits func(error)) (*Turn, error) {
	var out *Turn
	var e *Event
	err := s.recordTelling("end of turn", waits, func(bg context.Context) error {
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
	s.feed.announce(e)
	return out, nil
}

// endTurnIn settles what is still reserved or out, writes the reply that
// says why, and ends the turn.
func (s *engine) endTurnIn(ctx context.Context, r Repository, t *Turn, why *Error) (*Event, error) {
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
	tokens, err := s.turnTokens(ctx, r, t)
	if err != nil {
		return nil, err
	}
	ids.after(string(t.UserMessageID))
	m := &Message{
		ID: MessageID(newID(now)), SessionID: t.SessionID, TurnID: t.ID, Role: RoleAssistant, ContentType: ContentText,
		Error: why, CreatedAt: now,
	}
	sess.MessagesCount++
	sess.TotalCost += cost - t.Cost
	sess.TotalTokensUsed += tokens
	sess.UpdatedAt = now
	end := t.Fail
	if why.Code == Cancelled {
		end = t.Cancel
	}
	from, err := end(why, m.ID, cost, now)
	if err != nil {
		return nil, err
	}
	e := &Event{SessionID: t.SessionID, Type: EventError, TurnID: t.ID, Turn: t, Message: m, Error: why, CreatedAt: now}
	return e, firstError(
		func() error { return r.CreateMessage(ctx, m) },
		func() error { return r.UpdateTurn(ctx, t, from) },
		func() error { return r.UpdateSession(ctx, sess) },
		func() error { return s.feed.appendEvent(ctx, r, sess, e) },
	)
}

// endAttempts settles the turn's live attempts: what was never sent costs
// nothing, what was out stays booked at its estimate. It reports whether
// there was any of the latter.
func (s *engine) endAttempts(ctx context.Context, r AttemptStore, t *Turn, why *Error) (maybeCharged bool, err error) {
	attempts, err := r.ListAttempts(ctx, t.ID)
	if err != nil {
		return false, err
	}
	for _, a := range attempts {
		var from AttemptState
		switch a.State {
		case AttemptReserved:
			from, err = a.Fail(why, 0, s.now())
		case AttemptReturned: // its price is known, and paid for nothing
			from, err = a.Fail(why, a.Result.Cost, s.now())
			maybeCharged = true
		case AttemptCalling:
			from, err = a.Lose(why, s.now())
			maybeCharged = true
		case AttemptUnknown:
			maybeCharged = maybeCharged || a.Number == t.Attempt
			continue
		default:
			continue
		}
		if err != nil {
			return false, err
		}
		if err := r.UpdateAttempt(ctx, a, from); err != nil {
			return false, err
		}
	}
	return maybeCharged, nil
}

// turnTokens sums what the calls of a turn's present attempt used, those that
// yielded nothing included.
func (s *engine) turnTokens(ctx context.Context, r AttemptStore, t *Turn) (int64, error) {
	attempts, err := s.currentAttempts(ctx, r, t)
	var sum int64
	for _, a := range attempts {
		sum += a.Usage.Total
	}
	return sum, err
}

// turnCost sums what is booked for a turn, all its attempts together.
func (s *engine) turnCost(ctx context.Context, r AttemptStore, id TurnID) (USD, error) {
	attempts, err := r.ListAttempts(ctx, id)
	var sum USD
	for _, a := range attempts {
		sum += a.Booked
	}
	return sum, err
}

// appendEvent appends and, from time to time, forgets what is too old to keep.
func (s *feed) appendEvent(ctx context.Context, r Repository, sess *Session, e *Event) error {
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
