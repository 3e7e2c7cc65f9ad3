package imagechat

import (
	"context"
	"sync"
)

// bell is the Publisher of a single process.
type bell struct {
	mu   sync.Mutex
	subs map[SessionID]map[*bellSub]struct{}
}

type bellSub struct {
	mu  sync.Mutex
	fn  func(Signal)
	off bool
}

func newBell() *bell { return &bell{subs: map[SessionID]map[*bellSub]struct{}{}} }

func (b *bell) Publish(_ context.Context, s Signal) error {
	b.mu.Lock()
	subs := make([]*bellSub, 0, len(b.subs[s.SessionID]))
	for sub := range b.subs[s.SessionID] {
		subs = append(subs, sub)
	}
	b.mu.Unlock()
	for _, sub := range subs {
		sub.mu.Lock()
		if !sub.off {
			sub.fn(s)
		}
		sub.mu.Unlock()
	}
	return nil
}

func (b *bell) Subscribe(session SessionID, fn func(Signal)) (cancel func()) {
	sub := &bellSub{fn: fn}
	b.mu.Lock()
	if b.subs[session] == nil {
		b.subs[session] = map[*bellSub]struct{}{}
	}
	b.subs[session][sub] = struct{}{}
	b.mu.Unlock()
	return func() {
		b.mu.Lock()
		delete(b.subs[session], sub)
		if len(b.subs[session]) == 0 {
			delete(b.subs, session)
		}
		b.mu.Unlock()
		sub.mu.Lock() // waits for a call in progress
		sub.off = true
		sub.mu.Unlock()
	}
}

// announce rings the bell for durable events that were committed, and
// wakes whoever waits for a turn that one of them ended.
func (s *feed) announce(events ...*Event) {
	for _, e := range events {
		s.publish(Signal{SessionID: e.SessionID, Seq: e.Seq, Event: e.clone()})
		if e.Turn != nil && e.Turn.Status.Ended() {
			s.waiters.wake(e.Turn.ID)
			s.turnEnded(e)
		}
	}
}

func (s *feed) hint(session SessionID, h Hint) {
	s.publish(Signal{SessionID: session, Hint: &h})
}

func (s *feed) publish(sig Signal) {
	if err := s.bell.Publish(s.life, sig); err != nil {
		// Subscriptions catch up by number; a lost bell costs time only.
		s.log.Warn("cannot publish", "session", sig.SessionID, "seq", sig.Seq, "err", err)
	}
}

// waiters are those who wait for a turn's end.
type waiters struct {
	mu sync.Mutex
	m  map[TurnID][]chan struct{}
}

func (w *waiters) add(id TurnID) chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.m == nil {
		w.m = map[TurnID][]chan struct{}{}
	}
	ch := make(chan struct{})
	w.m[id] = append(w.m[id], ch)
	return ch
}

func (w *waiters) remove(id TurnID, ch chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	list := w.m[id]
	for i, c := range list {
		if c == ch {
			w.m[id] = append(list[:i:i], list[i+1:]...)
			break
		}
	}
	if len(w.m[id]) == 0 {
		delete(w.m, id)
	}
}

func (w *waiters) wake(id TurnID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, ch := range w.m[id] {
		close(ch)
	}
	delete(w.m, id)
}
