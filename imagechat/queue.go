package imagechat

import (
	"cmp"
	"context"
	"slices"
	"sync"
)

// queued is a turn that waits.
type queued struct {
	turn    TurnID
	session SessionID
	owner   Owner
}

// place is a turn's place in its session's line. It is taken while the turn's
// transaction is open, so that the line has the order of the commits, and
// nothing behind it is served before it is known to have been committed.
type place struct {
	queued
	open bool
}

// call is a further request of a turn that runs: another picture, or another
// try after a pause.
type call struct {
	granted chan struct{} // closed when a slot is the call's
}

// share is what one owner waits for.
type share struct {
	sessions []SessionID // those with a line, in the order in which they are served
	calls    []*call
	turns    int // in all lines together
}

// queue gives the generator's slots away, one call a slot. Owners take turns,
// and of an owner the calls of running turns come first and then the sessions,
// also by turns: nobody's long line keeps others waiting.
type queue struct {
	mu     sync.Mutex
	free   int // slots
	most   int // turns of one owner that may wait; 0 is no bound
	lines  map[SessionID][]*place
	busy   map[SessionID]bool
	shares map[Owner]*share
	owners []Owner // those with a share, in the order in which they are served
	paused bool
	wake   chan struct{} // capacity 1
}

func newQueue(slots, most int) *queue {
	return &queue{
		free: slots, most: max(most, 0), lines: map[SessionID][]*place{}, busy: map[SessionID]bool{},
		shares: map[Owner]*share{}, wake: make(chan struct{}, 1),
	}
}

func (q *queue) nudge() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// share is the owner's, made where there is none yet.
func (q *queue) share(o Owner) *share {
	if q.shares[o] == nil {
		q.shares[o] = &share{}
		q.owners = append(q.owners, o)
	}
	return q.shares[o]
}

// forget drops a share that nothing is in.
func (q *queue) forget(o Owner) {
	if sh := q.shares[o]; sh != nil && len(sh.calls) == 0 && len(sh.sessions) == 0 {
		delete(q.shares, o)
		q.owners = without(q.owners, o)
	}
}

func without[T comparable](list []T, v T) []T {
	if i := slices.Index(list, v); i >= 0 {
		return slices.Delete(list, i, i+1)
	}
	return list
}

// enter takes the next place in the line of t's session. It is opened, or
// given up with leave, when the transaction has ended. Where the owner's turns
// that wait are too many already it fails with RateLimited.
func (q *queue) enter(t *Turn) (*place, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if sh := q.shares[t.Owner]; q.most > 0 && sh != nil && sh.turns >= q.most {
		return nil, tooManyWaiting(q.most)
	}
	return q.append(t), nil
}

// add lets a turn wait that is on record already, however many do.
func (q *queue) add(t *Turn) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.append(t).open = true
	q.nudge()
}

func (q *queue) append(t *Turn) *place {
	p := &place{queued: queued{turn: t.ID, session: t.SessionID, owner: t.Owner}}
	sh := q.share(p.owner)
	if len(q.lines[p.session]) == 0 {
		sh.sessions = append(sh.sessions, p.session)
	}
	q.lines[p.session] = append(q.lines[p.session], p)
	sh.turns++
	return p
}

// open lets the turn of a place be served.
func (q *queue) open(p *place) {
	q.mu.Lock()
	defer q.mu.Unlock()
	p.open = true
	q.nudge()
}

// leave gives a place up that was taken and not opened.
func (q *queue) leave(p *place) {
	if p == nil {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if i := slices.Index(q.lines[p.session], p); i >= 0 && !p.open {
		q.drop(p.session, i)
		q.nudge() // the one behind it may be open
	}
}

// remove takes a waiting turn out; it reports whether it was there.
func (q *queue) remove(session SessionID, turn TurnID) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.IndexFunc(q.lines[session], func(p *place) bool { return p.turn == turn })
	if i < 0 {
		return false
	}
	q.drop(session, i)
	q.nudge()
	return true
}

// drop removes the place at i of a session's line.
func (q *queue) drop(session SessionID, i int) *place {
	p := q.lines[session][i]
	sh := q.shares[p.owner]
	sh.turns--
	if q.lines[session] = slices.Delete(q.lines[session], i, i+1); len(q.lines[session]) == 0 {
		delete(q.lines, session)
		sh.sessions = without(sh.sessions, session)
		q.forget(p.owner)
	}
	return p
}

// next gives free slots to the calls whose turn it is, until one is a waiting
// turn's, which it returns, its session marked busy. register runs under the
// queue's lock, so that a turn is at every instant either waiting or known to
// be running.
func (q *queue) next(register func(queued)) (queued, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.free > 0 {
		owner, session, ok := q.choose()
		if !ok {
			break
		}
		q.free--
		q.owners = append(without(q.owners, owner), owner)
		if session == "" {
			sh := q.shares[owner]
			close(sh.calls[0].granted)
			sh.calls = slices.Delete(sh.calls, 0, 1)
			q.forget(owner)
			continue
		}
		p := q.drop(session, 0)
		q.busy[session] = true
		register(p.queued)
		return p.queued, true
	}
	return queued{}, false
}

// choose finds who is served next: a session, or a call of a running turn
// where the session is empty.
func (q *queue) choose() (Owner, SessionID, bool) {
	for _, owner := range q.owners {
		sh := q.shares[owner]
		if len(sh.calls) > 0 {
			return owner, "", true
		}
		if q.paused {
			continue
		}
		for _, session := range sh.sessions {
			if !q.busy[session] && q.lines[session][0].open {
				return owner, session, true
			}
		}
	}
	return "", "", false
}

// acquire waits for a slot for another call of a turn that runs. The error is
// ctx's; a slot that was got is given back with release.
func (q *queue) acquire(ctx context.Context, owner Owner) error {
	c := &call{granted: make(chan struct{})}
	q.mu.Lock()
	q.share(owner).calls = append(q.share(owner).calls, c)
	q.mu.Unlock()
	q.nudge()
	select {
	case <-c.granted:
		return nil
	case <-ctx.Done():
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	sh := q.shares[owner]
	if sh == nil || !slices.Contains(sh.calls, c) {
		return nil // it was granted at the same moment
	}
	sh.calls = without(sh.calls, c)
	q.forget(owner)
	return ctx.Err()
}

// release gives a slot back.
func (q *queue) release() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.free++
	q.nudge()
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
	return true
}

// done frees the session for its next turn, after its owner's other sessions.
func (q *queue) done(session SessionID) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.busy, session)
	if line := q.lines[session]; len(line) > 0 {
		sh := q.shares[line[0].owner]
		sh.sessions = append(without(sh.sessions, session), session)
	}
	q.nudge()
}

func (q *queue) pause() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.paused = true
}

func (q *queue) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := 0
	for _, sh := range q.shares {
		n += sh.turns
	}
	return n
}

// positions lists every waiting turn with its place, 1 being next: the owners'
// turns by turns, each owner's in the order of ofOwner.
func (q *queue) positions() map[queued]int {
	q.mu.Lock()
	defer q.mu.Unlock()
	owners := slices.Clone(q.owners)
	waits := func(o Owner) int { // whoever can be served comes before whoever can't yet
		for _, session := range q.shares[o].sessions {
			if !q.busy[session] {
				return 0
			}
		}
		return 1
	}
	slices.SortStableFunc(owners, func(a, b Owner) int { return cmp.Compare(waits(a), waits(b)) })
	lists := make([][]queued, len(owners))
	for i, o := range owners {
		lists[i] = q.ofOwner(o)
	}
	out := map[queued]int{}
	for round, found := 0, true; found; round++ {
		found = false
		for _, list := range lists {
			if round < len(list) {
				out[list[round]] = len(out) + 1
				found = true
			}
		}
	}
	return out
}

// ofOwner lists an owner's waiting turns as they will be served. A turn behind
// others of its session comes after as many rounds of all sessions.
func (q *queue) ofOwner(o Owner) []queued {
	sessions := slices.Clone(q.shares[o].sessions)
	// Nobody knows which running turn ends first; the order in which people
	// came is at least always the same.
	free := slices.Clone(sessions)
	free = slices.DeleteFunc(free, func(id SessionID) bool { return q.busy[id] })
	busy := slices.DeleteFunc(sessions, func(id SessionID) bool { return !q.busy[id] })
	slices.SortFunc(busy, func(a, b SessionID) int { return cmp.Compare(q.lines[a][0].turn, q.lines[b][0].turn) })
	sessions = slices.Concat(free, busy)
	var out []queued
	for depth, found := 0, true; found; depth++ {
		found = false
		for _, session := range sessions {
			line := q.lines[session]
			if depth >= len(line) {
				continue
			}
			found = true
			if line[depth].open {
				out = append(out, line[depth].queued)
			}
		}
	}
	return out
}
