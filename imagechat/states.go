package imagechat

import (
	"fmt"
	"slices"
	"time"
)

// Turns and attempts change their state by the methods in this file and by
// nothing else. Each method writes the new state with the fields that belong
// to it, and returns the state that the value had before. That state is what
// [TurnStore.UpdateTurn] and [AttemptStore.UpdateAttempt] compare with, so
// that of two who move the same row one gets a Conflict. A move that the
// machine does not have is a Conflict too, and leaves the value as it was.

// newAttempt is one call that a turn is about to make, its estimate set aside.
func newAttempt(t *Turn, index int, estimate USD, now time.Time) *Attempt {
	return &Attempt{
		ID: AttemptID(newID(now)), TurnID: t.ID, SessionID: t.SessionID, Owner: t.Owner, Number: t.Attempt, Index: index,
		State: AttemptReserved, Model: t.Request.Model, Size: t.Request.ImageSize, Images: t.Kind != KindChat,
		Booked: estimate, BookedAt: now,
	}
}

// Call says that a request is about to leave: reserved → calling. The first
// request places the amount in the 24-hour window.
func (a *Attempt) Call(now time.Time) (from AttemptState, err error) {
	if from, err = a.move(AttemptCalling, AttemptReserved); err != nil {
		return from, err
	}
	a.CalledAt = now
	if a.Calls == 0 {
		a.BookedAt = now
	}
	a.Calls++
	return from, nil
}

// TakeBack says that the request surely cost nothing and may be made again:
// calling → reserved.
func (a *Attempt) TakeBack() (from AttemptState, err error) {
	return a.move(AttemptReserved, AttemptCalling)
}

// Return says that the answer is whole and on disk: calling → returned. What
// is booked stays the estimate until the answer is settled.
func (a *Attempt) Return(r *Result, now time.Time) (from AttemptState, err error) {
	if from, err = a.move(AttemptReturned, AttemptCalling); err != nil {
		return from, err
	}
	a.Result, a.Usage, a.EndedAt = r, r.Usage, now
	return from, nil
}

// Settle says that the answer is recorded as so many pictures, and books its
// true cost: returned → stored.
func (a *Attempt) Settle(pictures int) (from AttemptState, err error) {
	if from, err = a.move(AttemptStored, AttemptReturned); err != nil {
		return from, err
	}
	a.Booked, a.Usage, a.Pictures, a.Result = a.Result.Cost, a.Result.Usage, pictures, nil
	return from, nil
}

// Fail says that the attempt ended without a picture or words, and books what
// is known to have been spent: reserved, calling or returned → failed. Of an
// answer that was returned, the answer's own cost is booked instead of cost.
func (a *Attempt) Fail(why *Error, cost USD, now time.Time) (from AttemptState, err error) {
	if from, err = a.move(AttemptFailed, AttemptReserved, AttemptCalling, AttemptReturned); err != nil {
		return from, err
	}
	if from == AttemptReturned {
		cost, a.Usage = a.Result.Cost, a.Result.Usage
	} else {
		a.EndedAt = now
	}
	a.Booked, a.Error, a.Result = cost, why.forRecord(), nil
	return from, nil
}

// Lose says that nobody knows whether the call was charged, and leaves the
// estimate booked: calling → unknown. A restored backup loses reserved
// attempts too, because their calls may have been made after the backup.
func (a *Attempt) Lose(why *Error, now time.Time) (from AttemptState, err error) {
	if from, err = a.move(AttemptUnknown, AttemptReserved, AttemptCalling); err != nil {
		return from, err
	}
	a.Error, a.EndedAt, a.Result = why.forRecord(), now, nil
	return from, nil
}

func (a *Attempt) move(to AttemptState, from ...AttemptState) (AttemptState, error) {
	was := a.State
	if !slices.Contains(from, was) {
		return was, fmt.Errorf("imagechat: attempt %s is %s and cannot become %s: %w", a.ID, was, to, Conflict)
	}
	a.State = to
	return was, nil
}

// newTurn makes a turn that waits, and the person's message.
func newTurn(sess *Session, r TurnRequest, now time.Time) (*Turn, *Message) {
	t := &Turn{
		ID: TurnID(newID(now)), SessionID: sess.ID, Owner: sess.Owner, Kind: r.Kind, Status: TurnQueued, Attempt: 1,
		Request: r, CreatedAt: now,
	}
	m := &Message{
		ID: MessageID(newID(now)), SessionID: sess.ID, TurnID: t.ID, Role: RoleUser, ContentType: ContentText,
		Text: r.Content, ReferenceIDs: r.ReferenceIDs, CreatedAt: now,
	}
	if len(r.ReferenceIDs) > 0 {
		m.ContentType = ContentMixed
	}
	t.UserMessageID = m.ID
	return t, m
}

// Start says that the turn is at work: queued or running → running. A turn
// that is running already is one whose start was committed although the
// store said otherwise; its first StartedAt stays.
func (t *Turn) Start(now time.Time) (from TurnStatus, err error) {
	if from, err = t.move(TurnRunning, TurnQueued, TurnRunning); err != nil {
		return from, err
	}
	if t.StartedAt.IsZero() {
		t.StartedAt = now
	}
	return from, nil
}

// Requeue says that calls of the turn are still to be made, by this process
// or the next: running → queued.
func (t *Turn) Requeue() (from TurnStatus, err error) {
	return t.move(TurnQueued, TurnRunning)
}

// Succeed says that the turn ended with a reply, at the cost of all its
// attempts together: queued or running → succeeded.
func (t *Turn) Succeed(reply MessageID, cost USD, now time.Time) (from TurnStatus, err error) {
	return t.end(TurnSucceeded, nil, reply, cost, now)
}

// Fail says that the turn ended with a reply that tells why there is no
// picture: queued or running → failed.
func (t *Turn) Fail(why *Error, reply MessageID, cost USD, now time.Time) (from TurnStatus, err error) {
	return t.end(TurnFailed, why, reply, cost, now)
}

// Cancel says that the person ended the turn: queued or running → cancelled.
func (t *Turn) Cancel(why *Error, reply MessageID, cost USD, now time.Time) (from TurnStatus, err error) {
	return t.end(TurnCancelled, why, reply, cost, now)
}

func (t *Turn) end(to TurnStatus, why *Error, reply MessageID, cost USD, now time.Time) (from TurnStatus, err error) {
	if from, err = t.move(to, TurnQueued, TurnRunning); err != nil {
		return from, err
	}
	t.Error, t.AssistantMessageID, t.Cost, t.FinishedAt = why.forPeople(), reply, cost, now
	return from, nil
}

// Retry says that the person wants the turn again: failed or cancelled →
// queued, as its next attempt, with a new estimate. What was spent before
// stays in Cost.
func (t *Turn) Retry(estimate USD) (from TurnStatus, err error) {
	if from, err = t.move(TurnQueued, TurnFailed, TurnCancelled); err != nil {
		return from, err
	}
	t.Attempt++
	t.Error, t.AssistantMessageID, t.EstimatedCost = nil, "", estimate
	t.StartedAt, t.FinishedAt = time.Time{}, time.Time{}
	return from, nil
}

func (t *Turn) move(to TurnStatus, from ...TurnStatus) (TurnStatus, error) {
	was := t.Status
	if !slices.Contains(from, was) {
		return was, conflictOf(t)
	}
	t.Status = to
	return was, nil
}
