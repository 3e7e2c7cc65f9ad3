package imagechat

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// queued is a turn that waits.
type queued struct {
	turn    TurnID
	session SessionID
}

// queue holds the turns that wait, one line a session. Sessions take turns
// in the order in which they became ready, so that nobody's long line keeps
// others waiting.
type queue struct {
	mu     sync.Mutex
	lines  map[SessionID][]TurnID
	ready  []SessionID // sessions with a line and nothing running
	busy   map[SessionID]bool
	paused bool
	wake   chan struct{} // capacity 1
}

func newQueue() *queue {
	return &queue{lines: map[SessionID][]TurnID{}, busy: map[SessionID]bool{}, wake: make(chan struct{}, 1)}
}

func (q *queue) nudge() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

func (q *queue) add(session SessionID, turn TurnID) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.lines[session] = append(q.lines[session], turn)
	if len(q.lines[session]) == 1 && !q.busy[session] {
		q.ready = append(q.ready, session)
	}
	q.nudge()
}

// remove takes a waiting turn out; it reports whether it was there.
func (q *queue) remove(session SessionID, turn TurnID) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	line := q.lines[session]
	for i, t := range line {
		if t != turn {
			continue
		}
		q.lines[session] = append(line[:i:i], line[i+1:]...)
		if len(q.lines[session]) == 0 {
			delete(q.lines, session)
			q.unready(session)
		}
		return true
	}
	return false
}

func (q *queue) unready(session SessionID) {
	for i, id := range q.ready {
		if id == session {
			q.ready = append(q.ready[:i:i], q.ready[i+1:]...)
			return
		}
	}
}

// take removes the next turn to run and marks its session busy. register
// runs under the queue's lock, so that a turn is at every instant either
// waiting or known to be running.
func (q *queue) take(register func(queued)) (queued, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.paused || len(q.ready) == 0 {
		return queued{}, false
	}
	session := q.ready[0]
	q.ready = q.ready[1:]
	line := q.lines[session]
	if len(line) == 1 {
		delete(q.lines, session)
	} else {
		q.lines[session] = line[1:]
	}
	q.busy[session] = true
	next := queued{turn: line[0], session: session}
	register(next)
	return next, true
}

// hold marks a session busy that has a turn at work which was not taken. It
// reports false when it is busy already.
func (q *queue) hold(session SessionID) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.busy[session] {
		return false
	}
	q.busy[session] = true
	q.unready(session)
	return true
}

// done frees the session for its next turn.
func (q *queue) done(session SessionID) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.busy, session)
	if len(q.lines[session]) > 0 {
		q.ready = append(q.ready, session)
	}
	q.nudge()
}

func (q *queue) pause() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.paused = true
}

func (q *queue) hasReady() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return !q.paused && len(q.ready) > 0
}

func (q *queue) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := 0
	for _, line := range q.lines {
		n += len(line)
	}
	return n
}

// positions lists every waiting turn with its place, 1 being next. A turn
// behind others of its session comes after as many rounds of all sessions.
func (q *queue) positions() map[queued]int {
	q.mu.Lock()
	defer q.mu.Unlock()
	out := make(map[queued]int, len(q.lines))
	place := 1
	for depth := 0; ; depth++ {
		found := false
		for _, session := range q.order() {
			if line := q.lines[session]; depth < len(line) {
				out[queued{line[depth], session}] = place
				place++
				found = true
			}
		}
		if !found {
			return out
		}
	}
}

// order is the ready sessions as they will be served, then those whose turn
// is running.
func (q *queue) order() []SessionID {
	all := append([]SessionID(nil), q.ready...)
	from := len(all)
	for session := range q.lines {
		if q.busy[session] {
			all = append(all, session)
		}
	}
	// Nobody knows which running turn ends first; the order in which people
	// came is at least always the same.
	slices.SortFunc(all[from:], func(a, b SessionID) int { return cmp.Compare(q.lines[a][0], q.lines[b][0]) })
	return all
}

// dispatch starts waiting turns while there are slots, until Close.
func (s *Service) dispatch() {
	told := map[queued]int{}
	tick := time.NewTicker(15 * time.Second)
	defer tick.Stop()
	for {
		for s.queue.hasReady() && s.slots.TryAcquire(1) {
			var run *running
			next, ok := s.queue.take(func(q queued) { run = s.runs.begin(s.life, q) })
			if !ok {
				s.slots.Release(1)
				break
			}
			s.spawn(func() {
				defer s.queue.done(next.session)
				defer s.runs.remove(next.turn)
				s.runTurn(next.turn, run)
			})
		}
		s.tellPositions(told)
		select {
		case <-s.queue.wake:
		case <-tick.C:
		case <-s.life.Done():
			return
		}
	}
}

// release gives a generator slot back and lets the dispatcher look.
func (s *Service) release() {
	s.slots.Release(1)
	s.queue.nudge()
}

// tellPositions hints waiting turns whose place changed.
func (s *Service) tellPositions(told map[queued]int) {
	now := s.queue.positions()
	for q := range told {
		if _, waits := now[q]; !waits {
			delete(told, q)
		}
	}
	for q, place := range now {
		if told[q] != place {
			told[q] = place
			s.hint(q.session, Hint{TurnID: q.turn, Stage: StageQueued, Position: place})
		}
	}
}
