package imagechat

import (
	"strconv"
	"time"
)

// dispatch starts waiting turns while there are slots, until Close.
func (s *engine) dispatch() {
	told := map[queued]int{}
	tick := time.NewTicker(15 * time.Second)
	defer tick.Stop()
	for {
		for {
			var run *running
			next, ok := s.queue.next(func(q queued) { run = s.runs.begin(s.life, q) })
			if !ok {
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

// tellPositions hints waiting turns whose place changed.
func (s *engine) tellPositions(told map[queued]int) {
	now := s.queue.positions()
	for q := range told {
		if _, waits := now[q]; !waits {
			delete(told, q)
		}
	}
	for q, place := range now {
		if told[q] != place {
			told[q] = place
			s.feed.hint(q.session, Hint{TurnID: q.turn, Stage: StageQueued, Position: place})
		}
	}
}

// tooManyWaiting refuses a turn of an owner who has as many waiting as may.
func tooManyWaiting(most int) error {
	return &Error{Code: RateLimited, Retryable: true, RetryAfter: 30 * time.Second, Params: map[string]string{
		"cause": "queue", "max": strconv.Itoa(most),
	}}
}
