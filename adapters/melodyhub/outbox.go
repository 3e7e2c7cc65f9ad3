package melodyhub

import (
	"sync"
	"time"
)

// outbox counts what waits in melody's queue of one client. Melody counts
// messages, whatever their size, and drops what does not fit; this counts
// bytes too, and makes the sender wait.
type outbox struct {
	limit int // bytes

	mu       sync.Mutex
	bytes    int
	messages int
	closed   bool
	room     chan struct{} // capacity 1: something was sent, or the end came
}

type outboxState int

const (
	outReady outboxState = iota
	outClosed
	outSlow
)

func newOutbox(limit int) *outbox { return &outbox{limit: limit, room: make(chan struct{}, 1)} }

// take books n bytes, waiting up to patience for room. One message always
// fits into an empty outbox, whatever its size.
func (o *outbox) take(n int, patience time.Duration) outboxState {
	var timer *time.Timer
	for {
		o.mu.Lock()
		switch {
		case o.closed:
			o.mu.Unlock()
			o.wake() // whoever else waits must hear it too
			return outClosed
		case o.messages == 0 || (o.messages < maxQueued && o.bytes+n <= o.limit):
			o.bytes += n
			o.messages++
			more := o.messages < maxQueued && o.bytes < o.limit
			o.mu.Unlock()
			if more {
				o.wake()
			}
			return outReady
		}
		o.mu.Unlock()
		if timer == nil {
			timer = time.NewTimer(patience)
			defer timer.Stop()
		}
		select {
		case <-o.room:
		case <-timer.C:
			return outSlow
		}
	}
}

// sent gives n bytes back.
func (o *outbox) sent(n int) {
	o.mu.Lock()
	o.bytes -= n
	o.messages--
	o.mu.Unlock()
	o.wake()
}

// close lets nothing more in and ends all waiting.
func (o *outbox) close() {
	o.mu.Lock()
	o.closed = true
	o.mu.Unlock()
	o.wake()
}

func (o *outbox) wake() {
	select {
	case o.room <- struct{}{}:
	default:
	}
}
