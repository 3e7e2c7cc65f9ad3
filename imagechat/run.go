package imagechat

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime/debug"
	"strings"
	"sync"
	"time"
)

// runTurn takes a queued turn to its end. It holds one of the queue's slots
// from the start, for its first call.
func (s *engine) runTurn(id TurnID, run *running) {
	defer run.cancel(nil)
	slot := true
	defer func() {
		if slot {
			s.queue.release()
		}
	}()
	defer s.rescue(id, func() { s.endBroken(id) })
	t, attempts, err := s.claim(id)
	if err != nil {
		s.unclaimed(id, err)
		return
	}
	ctx := WithRequestID(WithLang(WithOwner(run.ctx, t.Owner), t.Request.Lang), t.Request.RequestID)
	calls, err := s.briefing.prepare(ctx, t, attempts)
	switch {
	case err == nil:
		slot = false
		s.callAll(ctx, run, t, attempts, calls)
	case ctx.Err() == nil:
		s.callOff(attempts, AsError(err))
	}
	s.settle(ctx, run, t)
}

// endBroken ends a turn that can't go on, unless pictures of it lie in the
// spool: the next Start tries to store those.
func (s *engine) endBroken(id TurnID) {
	ctx := context.WithoutCancel(s.life)
	t, err := s.repo.GetTurn(ctx, id)
	if err != nil {
		return
	}
	if received, err := s.receivedOf(ctx, t); err == nil && len(received) == 0 {
		s.fail(t, &Error{Code: Internal})
	}
}

// rescue keeps a fault of one turn from ending the server, and with it every
// other turn.
func (s *engine) rescue(id TurnID, record func()) {
	p := recover()
	if p == nil {
		return
	}
	s.log.Error("a turn came to an impossible end", "turn", id, "panic", p, "stack", string(debug.Stack()))
	record()
}

// unclaimed ends a turn that could not be taken up, unless it is gone or has
// ended, or the server ends.
func (s *engine) unclaimed(id TurnID, err error) {
	if code := CodeOf(err); code == Conflict || code == TurnNotFound || s.life.Err() != nil {
		return
	}
	s.log.Error("cannot take up turn", "turn", id, "err", err)
	s.fail(&Turn{ID: id}, AsError(err))
}

// callOff settles the attempts that will not be made. What an earlier
// process received of the turn is kept.
func (s *engine) callOff(attempts []*Attempt, why *Error) {
	for _, a := range attempts {
		if a.State == AttemptReserved {
			s.giveUp(a, why)
		}
	}
}

// claim moves the turn to running. Only the queue hands turns out, and each
// to one, so a turn that is running already is one whose commit succeeded
// and said otherwise.
func (s *engine) claim(id TurnID) (t *Turn, attempts []*Attempt, err error) {
	err = s.record("start of turn", func(ctx context.Context) error {
		return s.repo.Atomically(ctx, func(r Repository) error {
			if t, err = r.GetTurn(ctx, id); err != nil {
				return notFoundAs(err, TurnNotFound)
			}
			if t.Status.Ended() {
				return conflictOf(t)
			}
			if attempts, err = s.currentAttempts(ctx, r, t); err != nil {
				return err
			}
			from, err := t.Start(s.now())
			if err != nil {
				return err
			}
			return r.UpdateTurn(ctx, t, from)
		})
	})
	return t, attempts, err
}

// currentAttempts are the ledger rows of the turn's present attempt.
func (s *engine) currentAttempts(ctx context.Context, r AttemptStore, t *Turn) ([]*Attempt, error) {
	all, err := r.ListAttempts(ctx, t.ID)
	if err != nil {
		return nil, err
	}
	var current []*Attempt
	for _, a := range all {
		if a.Number == t.Attempt {
			current = append(current, a)
		}
	}
	return current, nil
}

// callAll makes every call that has not been made, side by side, and returns
// when all have ended. The slot that the turn holds is used up.
func (s *engine) callAll(ctx context.Context, run *running, t *Turn, attempts []*Attempt, calls map[AttemptID]*Call) {
	board := newBoard(ctx, s, t)
	stop := board.start()
	defer stop()
	var all sync.WaitGroup
	held := true
	for _, a := range attempts {
		if a.State != AttemptReserved {
			if a.State == AttemptReturned {
				run.arrive(ctx, a.ID)
			}
			continue
		}
		mine := held
		held = false
		own, end := run.expect(ctx, a.ID)
		all.Go(func() {
			defer end()
			s.callOne(own, run, a, calls[a.ID], board, mine)
		})
	}
	run.enteredAll()
	if held {
		s.queue.release()
	}
	all.Wait()
}

// callOne takes one attempt from reserved to an end: returned, failed,
// unknown, or reserved still when the server ends before anything was sent.
// A slot is held while a request is out, and given back for a pause.
func (s *engine) callOne(ctx context.Context, run *running, a *Attempt, call *Call, board *board, slot bool) {
	defer func() {
		if slot {
			s.queue.release()
		}
	}()
	defer s.rescue(a.TurnID, func() {
		s.endAttempt(a, func(next *Attempt) (AttemptState, error) {
			return next.Lose(&Error{Code: Internal, Charge: ChargeUnknown}, s.now())
		})
	})
	for try := 0; ; try++ {
		if !slot && s.queue.acquire(ctx, a.Owner) != nil {
			return // still reserved: whoever ends the turn settles it
		}
		slot = true
		err := s.room.checkSpace(ctx)
		if ctx.Err() != nil {
			return // still reserved, as above
		}
		if err != nil {
			s.giveUp(a, AsError(err))
			return
		}
		wait, again := s.callOnce(ctx, run, a, call, board, try)
		if !again {
			return
		}
		s.queue.release()
		slot = false
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return
		}
	}
}

// callOnce makes one request and settles its attempt, unless it may be made
// again: then it tells after which pause.
func (s *engine) callOnce(ctx context.Context, run *running, a *Attempt, call *Call, board *board, try int) (wait time.Duration, again bool) {
	if s.moveToCalling(a) != nil {
		return 0, false
	}
	s.fault("after_calling")
	result, err := s.generate(ctx, run, a, call, board)
	if err == nil {
		s.keepResult(run, a, result)
		return 0, false
	}
	if isShutdown(context.Cause(ctx)) && AsError(err).Charge == ChargeNone {
		_ = s.moveToReserved(a) // it never left: it runs after the next Start
		return 0, false
	}
	if wait, again = retryWait(err, try); !again || ctx.Err() != nil {
		s.failAttempt(a, result, err)
		return 0, false
	}
	if s.moveToReserved(a) != nil {
		return 0, false
	}
	board.retrying(wait, err)
	return wait, true
}

// moveToCalling commits that a request is about to leave. Only after this
// may the first byte be sent.
func (s *engine) moveToCalling(a *Attempt) error {
	return s.moveAttempt("calling", a, func(next *Attempt) (AttemptState, error) { return next.Call(s.now()) })
}

// moveToReserved takes back a call that surely cost nothing.
func (s *engine) moveToReserved(a *Attempt) error {
	return s.moveAttempt("not charged", a, (*Attempt).TakeBack)
}

// moveAttempt records a move of the attempt, and lets a follow once it is on record.
func (s *engine) moveAttempt(what string, a *Attempt, move func(next *Attempt) (from AttemptState, err error)) error {
	return s.record(what, func(ctx context.Context) error {
		next := *a
		from, err := move(&next)
		if err != nil {
			return err
		}
		if err := s.repo.UpdateAttempt(ctx, &next, from); err != nil {
			return err
		}
		*a = next
		return nil
	})
}

// generate makes one request. It succeeds also when the connection was lost
// after a whole picture had arrived: that was paid for and is kept.
func (s *engine) generate(ctx context.Context, run *running, a *Attempt, call *Call, board *board) (*Result, error) {
	board.sent()
	defer board.ended()
	began := s.now()
	limited, cancel := context.WithTimeoutCause(ctx, s.o.TurnTimeout, &Error{
		Code: GeneratorTimeout, Retryable: true, Charge: ChargeUnknown, Params: map[string]string{"after": s.o.TurnTimeout.String()},
	})
	defer cancel()
	sink := &attemptSpool{spool: s.inbox.spool, attempt: a.ID, run: run, ctx: ctx}
	call.Spool = sink
	call.Progress = board.progress(a.Index)
	result, err := s.gen.Generate(limited, call)
	if err != nil && limited.Err() != nil {
		err = cutOff(context.Cause(limited), err)
	}
	if err == nil {
		err = checkResult(call.Kind, result)
	}
	if err != nil && sink.picture() {
		if salvaged := s.inbox.salvage(a, call.Model, err); salvaged != nil {
			result, err = salvaged, nil
		}
	}
	if err == nil && !sink.picture() && !run.arrive(ctx, a.ID) {
		err = errCancelled
	}
	if result != nil {
		result.Duration = max(0, s.now().Sub(began)) // clocks are set back at times
		result.asked(call)
	}
	s.report(ctx, a, result, err, s.now().Sub(began))
	return result, err
}

// asked notes what an answer is the answer to.
func (r *Result) asked(call *Call) {
	r.PromptUsed = call.Prompt.Text
	if call.Anchor != nil {
		r.Anchor = call.Anchor.ID
	}
}

// cutOff says why a call was ended from here, but keeps what the generator
// knows about its price: a call that never left costs nothing.
func cutOff(cause, told error) error {
	t, ok := errors.AsType[*Error](told)
	if !ok || (t.Charge != ChargeNone && t.Charge != ChargeMetered) {
		return cause
	}
	e := *AsError(cause)
	e.Charge = t.Charge
	return &e
}

// maxReason bounds what is shown of the words that came in a picture's place.
const maxReason = 500

// checkResult turns an answer that is none into a failure.
func checkResult(kind TurnKind, r *Result) error {
	switch {
	case r.Image() != nil:
		return nil // also where it drew unasked: it is paid for and kept
	case kind.Draws():
		return &Error{Code: NoImageReturned, Reason: firstRunes(oneLine(r.Text()), maxReason), Retryable: true, Charge: ChargeMetered}
	case strings.TrimSpace(r.Text()) == "":
		return &Error{Code: NoImageReturned, Retryable: true, Charge: ChargeMetered}
	}
	return nil
}

func (s *engine) report(ctx context.Context, a *Attempt, r *Result, err error, took time.Duration) {
	rep := CallReport{
		TurnID: a.TurnID, SessionID: a.SessionID, Owner: a.Owner, RequestID: RequestIDOf(ctx),
		Attempt: a.ID, Number: a.Number, Index: a.Index, Call: a.Calls, Model: a.Model, Size: a.Size, Duration: took,
	}
	if r != nil {
		rep.Cost = r.Cost
	}
	if err != nil {
		e := AsError(err)
		rep.Code, rep.Charge, rep.Upstream, rep.Err = e.Code, e.Charge, e.Upstream, err
		switch e.Charge {
		case ChargeNone:
			rep.Cost = 0
		case ChargeMetered:
		default:
			rep.Cost = a.Booked
		}
	}
	s.called(rep)
}

// keepResult makes the answer's record durable beside its bytes, then moves
// the ledger.
func (s *engine) keepResult(run *running, a *Attempt, result *Result) {
	s.fault("after_received")
	if err := s.record("result manifest", func(ctx context.Context) error {
		return s.inbox.writeManifest(ctx, a.ID, result)
	}); err != nil {
		s.log.Error("cannot keep result manifest", "attempt", a.ID, "err", err)
	}
	s.fault("after_manifest")
	err := s.moveAttempt("returned", a, func(next *Attempt) (AttemptState, error) { return next.Return(result, s.now()) })
	if err != nil && !errors.Is(err, Conflict) { // a conflict means that its session was deleted meanwhile
		s.log.Error("cannot record result", "attempt", a.ID, "err", err)
		run.leaveUnrecorded()
	}
	s.fault("after_returned")
}

// failAttempt settles an attempt whose call failed.
func (s *engine) failAttempt(a *Attempt, result *Result, err error) {
	e := AsError(err)
	if isShutdown(err) {
		e = &Error{Code: Interrupted, Retryable: true, Charge: ChargeUnknown}
	}
	var cost USD
	if result != nil {
		cost = result.Cost
	}
	s.endAttempt(a, func(next *Attempt) (AttemptState, error) {
		if result != nil {
			next.Usage = result.Usage
		}
		switch e.Charge {
		case ChargeNone:
			return next.Fail(e, 0, s.now())
		case ChargeMetered:
			return next.Fail(e, cost, s.now())
		default: // the answer was lost, and nobody can say whether it is billed
			return next.Lose(e, s.now())
		}
	})
}

// giveUp ends an attempt that was not sent, or whose request surely cost nothing.
func (s *engine) giveUp(a *Attempt, why *Error) {
	s.endAttempt(a, func(next *Attempt) (AttemptState, error) { return next.Fail(why, 0, s.now()) })
}

func (s *engine) endAttempt(a *Attempt, move func(next *Attempt) (AttemptState, error)) {
	err := s.moveAttempt("end of attempt", a, move)
	if err != nil && !errors.Is(err, Conflict) { // a conflict means that it was cancelled meanwhile
		s.log.Error("cannot record end of attempt", "attempt", a.ID, "err", err)
	}
}

// maxRetries of one call, by themselves, after answers that surely cost nothing.
const maxRetries = 3

// retryWait says whether a failed call may be repeated without asking, and
// how long to wait first: what the maker said, else 1, 2, 4 seconds, each
// with up to a quarter of jitter so that many servers do not come at once.
func retryWait(err error, try int) (time.Duration, bool) {
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Charge != ChargeNone || try >= maxRetries {
		return 0, false
	}
	switch e.Code {
	case ContentBlocked, NoImageReturned:
		return 0, false // a refusal is an answer
	case GeneratorOverloaded, RateLimited:
	case QuotaExhausted:
		if !e.ResetsAt.IsZero() || !e.Retryable {
			return 0, false // a day's quota, or none at all: waiting here helps nobody
		}
	default:
		if !e.Retryable {
			return 0, false
		}
	}
	wait := time.Second << try
	if e.RetryAfter > 0 {
		wait = e.RetryAfter
	}
	if wait > maxRetryWait {
		return 0, false
	}
	return wait + time.Duration(rand.Int64N(int64(wait)/4+1)), true
}

// maxRetryWait is the longest that a person is kept waiting for a retry;
// beyond it the failure is shown, with the time to wait.
const maxRetryWait = 90 * time.Second
