package imagechat

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// recover brings every turn that an earlier process left to a state from
// which it can go on. Nothing that may have been paid for is called again.
func (s *engine) recover(ctx context.Context) error {
	begun := s.now()
	live, err := s.repo.ListAttempts(ctx, "")
	if err != nil {
		return err
	}
	for _, a := range live {
		if a.State != AttemptCalling && (a.State != AttemptReserved || !s.o.Restored) {
			continue
		}
		if err := s.recoverCall(ctx, a); err != nil {
			return err
		}
	}
	turns, err := s.repo.ListTurns(ctx, "", TurnQueued, TurnRunning)
	if err != nil {
		return err
	}
	inOrderOfAcceptance(turns, live)
	for _, t := range turns {
		if err := s.recoverTurn(ctx, t); err != nil {
			return err
		}
	}
	if err := s.waitSettled(ctx); err != nil {
		return err
	}
	return s.inbox.recoverSpool(ctx, begun)
}

// inOrderOfAcceptance sorts turns as they were taken in. A turn that was tried
// again is older than that, hence the attempts, which are written anew each
// time; turns that need no call any more come first.
func inOrderOfAcceptance(turns []*Turn, live []*Attempt) {
	accepted := map[TurnID]AttemptID{}
	for _, a := range live {
		if first, ok := accepted[a.TurnID]; !ok || a.ID < first {
			accepted[a.TurnID] = a.ID
		}
		ids.after(string(a.ID)) // those of turns to come are larger, whatever the clock says
	}
	slices.SortStableFunc(turns, func(a, b *Turn) int { return cmp.Compare(accepted[a.ID], accepted[b.ID]) })
}

// recoverCall decides about a call that was out when the process ended: what
// was received is adopted; otherwise nobody knows whether it was paid. In a
// restored backup the same is true of calls that were about to leave.
func (s *engine) recoverCall(ctx context.Context, a *Attempt) error {
	result, err := s.inbox.received(ctx, a.ID, a.Model)
	if err != nil {
		return err
	}
	var from AttemptState
	if result != nil {
		if result.Partial && result.Cost == 0 {
			result.Cost = a.Booked // what it cost was lost with the rest of the answer
		}
		if from = a.State; from == AttemptReserved {
			_, err = a.Call(s.now()) // it was made while the backup was
		}
		if err == nil {
			_, err = a.Return(result, s.now())
		}
		s.log.Info("adopted an answer that had been received", "attempt", a.ID, "turn", a.TurnID)
	} else {
		from, err = a.Lose(&Error{Code: Interrupted, Retryable: true, Charge: ChargeUnknown}, s.now())
		s.log.Warn("a call was cut off and may have been charged", "attempt", a.ID, "turn", a.TurnID)
	}
	if err != nil {
		return err
	}
	return s.repo.UpdateAttempt(ctx, a, from)
}

// recoverTurn requeues what can still run and ends the rest now, so that the
// first client after a restart sees the truth.
func (s *engine) recoverTurn(ctx context.Context, t *Turn) error {
	ctx = WithOwner(ctx, t.Owner)
	attempts, err := s.currentAttempts(ctx, s.repo, t)
	if err != nil {
		return err
	}
	runnable := false
	for _, a := range attempts {
		runnable = runnable || a.State == AttemptReserved
	}
	if runnable {
		if t.Status == TurnRunning {
			from, err := t.Requeue()
			if err != nil {
				return err
			}
			if err := s.repo.UpdateTurn(ctx, t, from); err != nil {
				return err
			}
		}
		s.queue.add(t)
		return nil
	}
	s.fillPrompts(ctx, t, attempts)
	s.settling.Add(1)
	s.settleAside(t, func() {}, s.settling.Done)
	return nil
}

// settleAside ends a turn that needs no call any more, in the background,
// between first and last. Until then the turns behind it wait.
func (s *engine) settleAside(t *Turn, first, last func()) {
	run := s.runs.begin(s.life, queued{turn: t.ID, session: t.SessionID})
	held := s.queue.hold(t.SessionID)
	s.spawn(func() {
		defer last()
		if held {
			defer s.queue.done(t.SessionID)
		}
		defer s.runs.remove(t.ID)
		defer run.cancel(nil)
		defer s.rescue(t.ID, func() { s.endBroken(t.ID) })
		first()
		s.settle(WithOwner(run.ctx, t.Owner), run, t)
	})
}

// settlePatience is how long a start waits for the settling of what an
// earlier process received. A full disk would hold it up for ever; the
// settling goes on beside the service then.
const settlePatience = 5 * time.Second

func (s *engine) waitSettled(ctx context.Context) error {
	done := make(chan struct{})
	s.spawn(func() {
		s.settling.Wait()
		close(done)
	})
	select {
	case <-done:
	case <-time.After(settlePatience):
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// fillPrompts writes what was asked into answers that were salvaged without it.
func (s *engine) fillPrompts(ctx context.Context, t *Turn, attempts []*Attempt) {
	for _, a := range attempts {
		if a.State != AttemptReturned || a.Result == nil || a.Result.PromptUsed != "" {
			continue
		}
		calls, err := s.briefing.prepare(ctx, t, []*Attempt{a})
		if err != nil {
			s.log.Warn("cannot rebuild the prompt of a salvaged answer", "turn", t.ID, "err", err)
			return
		}
		next := *a
		res := *a.Result
		res.asked(calls[a.ID])
		next.Result = &res
		if err := s.repo.UpdateAttempt(ctx, &next, AttemptReturned); err != nil {
			s.log.Warn("cannot keep the prompt of a salvaged answer", "turn", t.ID, "err", err)
		}
	}
}

// recoverSpool drops what ended attempts left in the spool. Bytes of
// attempts that no row knows were paid for, perhaps, by the owner of a
// database that is yet to be put back: they wait as long as the trash does.
func (s *inbox) recoverSpool(ctx context.Context, begun time.Time) error {
	entries, err := s.spool.List(ctx, "")
	if err != nil {
		return err
	}
	live, err := s.repo.ListAttempts(ctx, "")
	if err != nil {
		return err
	}
	keep := map[AttemptID]bool{}
	for _, a := range live {
		keep[a.ID] = true
	}
	for _, e := range entries {
		if keep[e.Attempt] {
			continue
		}
		if !s.ended(ctx, e.Attempt) {
			if s.now().Sub(e.Time) < trashTerm {
				continue
			}
			s.log.Warn("removing received bytes that no attempt on record is known for", "attempt", e.Attempt, "received", e.Time)
		}
		keep[e.Attempt] = true // removed whole, once
		if err := s.spool.Remove(ctx, e.Attempt); err != nil {
			return err
		}
	}
	// Nobody writes any more what was being written when this process began.
	return s.spool.Sweep(ctx, begun)
}

// ended reports whether the ledger knows the attempt as ended.
func (s *inbox) ended(ctx context.Context, id AttemptID) bool {
	a, err := s.repo.GetAttempt(ctx, id)
	return err == nil && !a.State.Live()
}
