package imagechat

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// orphanAge is how old bytes that nothing refers to must be before they are
// swept: far older than any turn can run.
const orphanAge = 24 * time.Hour

// sweepEvery is how often the sweeper looks, and sweepDelay how long after a start.
const (
	sweepEvery = 6 * time.Hour
	sweepDelay = 2 * time.Minute
)

// recover brings every turn that an earlier process left to a state from
// which it can go on. Nothing that may have been paid for is called again.
func (s *Service) recover(ctx context.Context) error {
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
	return s.recoverSpool(ctx)
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
func (s *Service) recoverCall(ctx context.Context, a *Attempt) error {
	result, err := s.received(ctx, a.ID, a.Model)
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
func (s *Service) recoverTurn(ctx context.Context, t *Turn) error {
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
func (s *Service) settleAside(t *Turn, first, last func()) {
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

func (s *Service) waitSettled(ctx context.Context) error {
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
func (s *Service) fillPrompts(ctx context.Context, t *Turn, attempts []*Attempt) {
	for _, a := range attempts {
		if a.State != AttemptReturned || a.Result == nil || a.Result.PromptUsed != "" {
			continue
		}
		calls, err := s.prepare(ctx, t, []*Attempt{a})
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
// attempts that no row knows wait a day, for a database restored meanwhile.
func (s *Service) recoverSpool(ctx context.Context) error {
	entries, err := s.spool.List(ctx, "")
	if err != nil || len(entries) == 0 {
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
		if s.now().Sub(e.Time) < orphanAge && !s.ended(ctx, e.Attempt) {
			continue
		}
		keep[e.Attempt] = true // removed whole, once
		if err := s.spool.Remove(ctx, e.Attempt); err != nil {
			return err
		}
	}
	return s.spool.Sweep(ctx, s.now().Add(-orphanAge))
}

// ended reports whether the ledger knows the attempt as ended.
func (s *Service) ended(ctx context.Context, id AttemptID) bool {
	a, err := s.repo.GetAttempt(ctx, id)
	return err == nil && !a.State.Live()
}

// sweepLoop removes blobs that nothing refers to.
func (s *Service) sweepLoop() {
	timer := time.NewTimer(sweepDelay)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
		case <-s.life.Done():
			return
		}
		if n, err := s.Sweep(s.life); err != nil && s.life.Err() == nil {
			s.log.Error("sweep failed", "err", err)
		} else if n > 0 {
			s.log.Info("swept orphan blobs", "count", n)
		}
		if m, ok := s.repo.(Maintainer); ok {
			if err := m.Maintain(s.life); err != nil && s.life.Err() == nil {
				s.log.Error("maintenance of the repository failed", "err", err)
			}
		}
		timer.Reset(sweepEvery)
	}
}

const sweepBatch = 500

// Sweep deletes blobs older than a day that no image, variant, message or
// live attempt refers to, and returns how many.
func (s *Service) Sweep(ctx context.Context) (int, error) {
	if err := s.spool.Sweep(ctx, s.now().Add(-orphanAge)); err != nil {
		return 0, err
	}
	limit := s.now().Add(-orphanAge)
	swept := 0
	var batch []BlobKey
	flush := func() error {
		n, err := s.deleteUnreferenced(ctx, batch)
		swept += n
		batch = batch[:0]
		return err
	}
	for info, err := range s.blobs.List(ctx) {
		if err != nil {
			return swept, err
		}
		if info.Time.After(limit) {
			continue
		}
		if batch = append(batch, info.Key); len(batch) == sweepBatch {
			if err := flush(); err != nil {
				return swept, err
			}
		}
	}
	return swept, flush()
}

// deleteBlobs deletes those of keys that nothing refers to any more. What
// fails is left to the sweeper.
func (s *Service) deleteBlobs(ctx context.Context, keys []BlobKey) {
	if _, err := s.deleteUnreferenced(ctx, keys); err != nil {
		s.log.Warn("cannot delete blobs now", "err", err)
	}
}

func (s *Service) deleteUnreferenced(ctx context.Context, keys []BlobKey) (int, error) {
	if len(keys) == 0 {
		return 0, nil
	}
	s.blobUse.Lock()
	defer s.blobUse.Unlock()
	// The ledger first: what is stored between the two reads is in the second.
	live, err := s.repo.ListAttempts(ctx, "")
	if err != nil {
		return 0, err
	}
	used, err := s.repo.ReferencedBlobs(ctx, keys)
	if err != nil {
		return 0, err
	}
	keep := make(map[BlobKey]bool, len(used))
	for _, k := range used {
		keep[k] = true
	}
	for _, a := range live {
		if a.Result != nil {
			m := Message{Parts: a.Result.Parts}
			for _, k := range m.Blobs() {
				keep[k] = true
			}
		}
	}
	n := 0
	for _, k := range keys {
		if keep[k] {
			continue
		}
		if err := s.blobs.Delete(ctx, k); err != nil {
			return n, err
		}
		keep[k] = true // the list may name it twice
		n++
	}
	return n, nil
}
