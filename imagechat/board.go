package imagechat

import (
	"context"
	"slices"
	"sync"
	"time"
)

// hintEvery is how often a working turn is heard of; the promise is 2 s.
const hintEvery = 1500 * time.Millisecond

// drawsAfter is when a reply without words yet is taken to be a picture.
const drawsAfter = 3 * time.Second

// board tells those who watch a turn how far it is.
type board struct {
	s        *engine
	turn     *Turn
	ctx      context.Context // the run's: once it ended, nothing is told any more
	began    time.Time
	expected time.Duration

	mu      sync.Mutex
	drawing bool
	text    bool
	out     int // requests under way
}

func newBoard(ctx context.Context, s *engine, t *Turn) *board {
	return &board{s: s, ctx: ctx, turn: t, began: s.now(), drawing: t.Kind.Draws()}
}

func (b *board) tell(h Hint) {
	if b.ctx.Err() != nil {
		return
	}
	h.TurnID = b.turn.ID
	b.s.feed.hint(b.turn.SessionID, h)
}

// start tells of the beginning and keeps telling until stop.
func (b *board) start() (stop func()) {
	b.expected = b.s.medians.get(b.ctx, b.s.repo, b.turn.Request.Model, b.turn.Request.ImageSize)
	b.tell(Hint{Stage: StageThinking})
	done := make(chan struct{})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		t := time.NewTicker(hintEvery)
		defer t.Stop()
		for {
			select {
			case <-t.C:
				b.tick()
			case <-done:
				return
			}
		}
	}()
	return func() { close(done); <-ended }
}

// tick tells how far it is. It says nothing where no request is under way,
// because all of them wait, for a slot or before another try.
func (b *board) tick() {
	elapsed := max(0, b.s.now().Sub(b.began))
	b.mu.Lock()
	quiet := b.out == 0
	drawing := b.drawing || (b.turn.Kind == KindConverse && !b.text && elapsed >= drawsAfter)
	b.mu.Unlock()
	switch {
	case quiet:
	case drawing:
		b.tell(Hint{Stage: StageGenerating, Elapsed: elapsed, Expected: b.expected})
	default:
		b.tell(Hint{Stage: StageThinking, Elapsed: elapsed})
	}
}

// progress is what a generator tells of the call of one index; words are
// shown of the first only.
func (b *board) progress(index int) func(Progress) {
	return func(p Progress) {
		b.mu.Lock()
		b.drawing = b.drawing || p.Drawing
		b.text = b.text || p.Text != ""
		b.mu.Unlock()
		switch {
		case p.Drawing:
			b.tick()
		case index != 0:
		case p.Text != "":
			b.tell(Hint{Stage: StageStreaming, Text: p.Text})
		case p.Thinking != "":
			b.tell(Hint{Stage: StageThinking, Text: p.Thinking, Elapsed: b.s.now().Sub(b.began)})
		}
	}
}

// sent tells that a request is about to leave.
func (b *board) sent() {
	b.mu.Lock()
	b.out++
	first := b.out == 1
	b.mu.Unlock()
	if first {
		b.tick()
	}
}

// ended tells that a request is no longer under way.
func (b *board) ended() {
	b.mu.Lock()
	b.out--
	b.mu.Unlock()
}

func (b *board) retrying(wait time.Duration, err error) {
	b.tell(Hint{Stage: StageRetrying, RetryAfter: wait, Error: AsError(err).forPeople()})
}

// medianCache remembers how long pictures took lately, by model and size.
type medianCache struct {
	mu sync.Mutex
	m  map[[2]string]median
}

type median struct {
	value time.Duration
	at    time.Time
}

// medianOf is how many recent calls the expectation rests on.
const medianOf = 20

func (c *medianCache) get(ctx context.Context, r AttemptStore, model, size string) time.Duration {
	key := [2]string{model, size}
	c.mu.Lock()
	known, ok := c.m[key]
	c.mu.Unlock()
	if ok && time.Since(known.at) < time.Minute {
		return known.value
	}
	recent, err := r.RecentDurations(ctx, model, size, medianOf)
	if err != nil || len(recent) == 0 {
		return known.value // an expectation is a courtesy
	}
	slices.Sort(recent)
	value := recent[len(recent)/2]
	c.mu.Lock()
	if c.m == nil {
		c.m = map[[2]string]median{}
	}
	c.m[key] = median{value, time.Now()}
	c.mu.Unlock()
	return value
}
