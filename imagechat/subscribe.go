package imagechat

import (
	"context"
	"sync"
	"time"
)

// eventBatch is how many events a subscription reads at a time.
const eventBatch = 100

// Subscription yields a session's updates at the reader's own pace: durable
// events are read from the Repository when they are due, so that a slow
// reader costs no memory, and of the hints only the newest of each stage
// waits. It is used by one goroutine, but for Close.
type Subscription struct {
	s       *feed
	session SessionID
	start   int64
	next    int64 // the next event's number
	resync  bool
	backlog []*Event
	cancel  func()

	mu      sync.Mutex
	latest  int64  // newest number heard of
	carried *Event // the event of number latest, if it came along
	hints   []Hint
	deleted bool
	closed  bool
	wake    chan struct{} // capacity 1
}

// Subscribe does what [Service.Subscribe] promises.
func (s *feed) Subscribe(ctx context.Context, id SessionID, after int64) (*Subscription, error) {
	if _, err := s.session(ctx, s.repo, id); err != nil {
		return nil, err
	}
	sub := &Subscription{s: s, session: id, wake: make(chan struct{}, 1)}
	sub.cancel = s.bell.Subscribe(id, sub.ring)
	// The number is read after the bell is hung up: what is committed in
	// between is heard, what was before is read. No hole.
	sess, err := s.session(ctx, s.repo, id)
	if err != nil {
		sub.Close()
		return nil, err
	}
	sub.start = sess.LastSeq
	sub.next = sess.LastSeq + 1
	switch {
	case after < 0 || after == sess.LastSeq:
	case after > sess.LastSeq:
		// It saw events that are not there: the database was restored from
		// a backup. Numbers to come would look like repeats to it.
		sub.resync = true
	case after+1 < sess.FirstSeq:
		sub.resync = true
	default:
		sub.next = after + 1
	}
	sub.mu.Lock()
	sub.latest = max(sub.latest, sess.LastSeq)
	sub.mu.Unlock()
	return sub, nil
}

// Seq is the session's newest event number when the subscription began.
func (sub *Subscription) Seq() int64 { return sub.start }

// Close ends the subscription; it may be called twice and from any goroutine.
func (sub *Subscription) Close() {
	sub.cancel()
	sub.mu.Lock()
	sub.closed = true
	sub.mu.Unlock()
	sub.nudge()
}

func (sub *Subscription) nudge() {
	select {
	case sub.wake <- struct{}{}:
	default:
	}
}

// ring takes a signal in; it never blocks.
func (sub *Subscription) ring(sig Signal) {
	sub.mu.Lock()
	switch {
	case sig.Deleted:
		sub.deleted = true
	case sig.Hint != nil:
		sub.keepHint(*sig.Hint)
	case sig.Seq > sub.latest:
		sub.latest, sub.carried = sig.Seq, sig.Event
		if sig.Event != nil && sig.Event.Turn != nil && sig.Event.Turn.Status.Ended() {
			sub.dropHints(sig.Event.TurnID)
		}
	}
	sub.mu.Unlock()
	sub.nudge()
}

func (sub *Subscription) keepHint(h Hint) {
	for i := range sub.hints {
		if sub.hints[i].TurnID == h.TurnID && sub.hints[i].Stage == h.Stage {
			sub.hints = append(sub.hints[:i], sub.hints[i+1:]...)
			break
		}
	}
	sub.hints = append(sub.hints, h)
}

func (sub *Subscription) dropHints(turn TurnID) {
	kept := sub.hints[:0]
	for _, h := range sub.hints {
		if h.TurnID != turn {
			kept = append(kept, h)
		}
	}
	sub.hints = kept
}

// Next blocks for the next update. It fails with ctx's error, with
// SessionNotFound when the session was deleted, and with Interrupted when
// the subscription or the Service was closed.
func (sub *Subscription) Next(ctx context.Context) (*Update, error) {
	if sub.resync {
		sub.resync = false
		return &Update{Resync: &Resync{Seq: sub.next - 1}}, nil
	}
	for {
		if u, err := sub.event(ctx); u != nil || err != nil {
			return u, err
		}
		sub.mu.Lock()
		deleted, closed := sub.deleted, sub.closed
		var h *Hint
		if sub.latest < sub.next && len(sub.hints) > 0 {
			first := sub.hints[0]
			sub.hints = sub.hints[1:]
			h = &first
		}
		behind := sub.latest >= sub.next
		sub.mu.Unlock()
		switch {
		case closed:
			return nil, &Error{Code: Interrupted, Retryable: true}
		case deleted:
			return nil, SessionNotFound
		case h != nil:
			return &Update{Hint: h}, nil
		case behind:
			continue
		}
		select {
		case <-sub.wake:
		case <-sub.lookAgain():
			if err := sub.look(ctx); err != nil {
				return nil, err
			}
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-sub.s.life.Done():
			return nil, context.Cause(sub.s.life)
		}
	}
}

// lookEvery is how often a subscription looks for events that it may not have
// been told of.
const lookEvery = 30 * time.Second

// lookAgain is when a subscription that hears nothing looks by itself. In a
// process of its own the Service loses no signal, and nobody need look.
func (sub *Subscription) lookAgain() <-chan time.Time {
	if _, sure := sub.s.bell.(*bell); sure {
		return nil
	}
	return time.After(lookEvery)
}

// look reads how far the session is.
func (sub *Subscription) look(ctx context.Context) error {
	sess, err := sub.s.repo.GetSession(ctx, sub.session)
	if err != nil {
		return notFoundAs(err, SessionNotFound)
	}
	sub.mu.Lock()
	defer sub.mu.Unlock()
	if sess.LastSeq > sub.latest {
		sub.latest, sub.carried = sess.LastSeq, nil
	}
	return nil
}

// event returns the next durable event that is due, or nil.
func (sub *Subscription) event(ctx context.Context) (*Update, error) {
	if len(sub.backlog) == 0 {
		sub.mu.Lock()
		latest, carried := sub.latest, sub.carried
		sub.mu.Unlock()
		switch {
		case latest < sub.next:
			return nil, nil
		case carried != nil && carried.Seq == sub.next:
			sub.backlog = []*Event{carried.clone()}
		default:
			events, err := sub.s.repo.ListEvents(ctx, sub.session, sub.next-1, eventBatch)
			if err != nil {
				return nil, err
			}
			if len(events) == 0 || events[0].Seq != sub.next {
				return sub.hole(ctx)
			}
			sub.backlog = events
		}
	}
	e := sub.backlog[0]
	sub.backlog = sub.backlog[1:]
	sub.next = e.Seq + 1
	return &Update{Event: e}, nil
}

// hole answers events that are gone: pruned while the reader dawdled, or
// deleted with their session.
func (sub *Subscription) hole(ctx context.Context) (*Update, error) {
	sess, err := sub.s.repo.GetSession(ctx, sub.session)
	if err != nil {
		return nil, notFoundAs(err, SessionNotFound)
	}
	sub.next = sess.LastSeq + 1
	return &Update{Resync: &Resync{Seq: sess.LastSeq}}, nil
}
