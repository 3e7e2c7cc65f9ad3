package imagechattest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

var turnTests = map[string]func(t *testing.T, r imagechat.Repository){
	"a turn comes back as it was stored":               testTurnRoundTrip,
	"an idempotency key is one turn's in its session":  testTurnKey,
	"fifty turns of one key become one":                testTurnKeyRace,
	"a turn moves only from the statuses given":        testTurnUpdate,
	"fifty claims of a turn, one succeeds":             testTurnRace,
	"turns are listed by status and session, by id":    testTurnList,
	"a turn that is not there is not found":            testTurnMissing,
	"an update leaves the turn's origin as it was":     testTurnKeeps,
	"a claim made in a transaction is undone with one": testTurnRollback,
}

func testTurnRoundTrip(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	var x imagechat.Turn
	fill(&x, 1)
	newSession(t, r, x.SessionID)
	must(t, r.CreateTurn(ctx, &x))
	diff(t, "all fields set", &x, got(r.GetTurn(ctx, x.ID))(t))
	diff(t, "by its key", &x, got(r.FindTurn(ctx, x.SessionID, x.IdempotencyKey))(t))
	empty := imagechat.Turn{ID: "empty", SessionID: x.SessionID}
	must(t, r.CreateTurn(ctx, &empty))
	back := got(r.GetTurn(ctx, "empty"))(t)
	diff(t, "no field set", &empty, back)
	if !back.StartedAt.IsZero() || !back.FinishedAt.IsZero() {
		t.Errorf("zero times came back as %v and %v", back.StartedAt, back.FinishedAt)
	}
}

func newTurn(id imagechat.TurnID, session imagechat.SessionID, status imagechat.TurnStatus, key string) *imagechat.Turn {
	return &imagechat.Turn{ID: id, SessionID: session, Kind: imagechat.KindConverse, Status: status, Attempt: 1, IdempotencyKey: key, CreatedAt: stored(at(0))}
}

func testTurnKey(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	newSession(t, r, "s")
	newSession(t, r, "s2")
	must(t, r.CreateTurn(ctx, newTurn("1", "s", imagechat.TurnQueued, "key")))
	wantCode(t, "the same key", r.CreateTurn(ctx, newTurn("2", "s", imagechat.TurnQueued, "key")), imagechat.Conflict)
	wantCode(t, "the same id", r.CreateTurn(ctx, newTurn("1", "s", imagechat.TurnQueued, "new")), imagechat.Conflict)
	must(t, errors.Join(
		r.CreateTurn(ctx, newTurn("3", "s2", imagechat.TurnQueued, "key")),
		r.CreateTurn(ctx, newTurn("4", "s", imagechat.TurnQueued, "KEY")),
		r.CreateTurn(ctx, newTurn("5", "s", imagechat.TurnQueued, "")),
		r.CreateTurn(ctx, newTurn("6", "s", imagechat.TurnQueued, "")),
	))
	wantString(t, "FindTurn", string(got(r.FindTurn(ctx, "s", "key"))(t).ID), "1")
	wantString(t, "FindTurn in another session", string(got(r.FindTurn(ctx, "s2", "key"))(t).ID), "3")
	_, err := r.FindTurn(ctx, "s", "")
	wantCode(t, "FindTurn without a key", err, imagechat.NotFound)
	_, err = r.FindTurn(ctx, "s", "other")
	wantCode(t, "FindTurn by an unknown key", err, imagechat.NotFound)
}

// race runs f fifty times at once and returns how often it succeeded; all
// other runs must end in Conflict.
func race(t *testing.T, f func(i int) error) int {
	t.Helper()
	var wg sync.WaitGroup
	var won atomic.Int64
	start := make(chan struct{})
	for i := range 50 {
		wg.Go(func() {
			<-start
			switch err := f(i); {
			case err == nil:
				won.Add(1)
			case !errors.Is(err, imagechat.Conflict):
				t.Errorf("got error %v, want Conflict", err)
			}
		})
	}
	close(start)
	wg.Wait()
	return int(won.Load())
}

func testTurnKeyRace(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	newSession(t, r, "s")
	won := race(t, func(i int) error {
		return r.Atomically(ctx, func(tx imagechat.Repository) error {
			id := number(i)
			m := &imagechat.Message{ID: imagechat.MessageID(id), SessionID: "s"}
			if err := tx.CreateMessage(ctx, m); err != nil {
				return err
			}
			return tx.CreateTurn(ctx, newTurn(imagechat.TurnID(id), "s", imagechat.TurnQueued, "key"))
		})
	})
	if n := len(got(r.ListTurns(ctx, "s"))(t)); won != 1 || n != 1 {
		t.Errorf("%d succeeded and left %d turns, want 1 and 1", won, n)
	}
	if n := len(got(r.ListMessages(ctx, "s", "", 0))(t)); n != 1 {
		t.Errorf("%d messages are left, want the winner's alone", n)
	}
}

func testTurnUpdate(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	newSession(t, r, "s")
	x := newTurn("t", "s", imagechat.TurnQueued, "")
	must(t, r.CreateTurn(ctx, x))
	x.Status, x.StartedAt = imagechat.TurnRunning, stored(at(1))
	wantCode(t, "from failed", r.UpdateTurn(ctx, x, imagechat.TurnFailed, imagechat.TurnCancelled), imagechat.Conflict)
	wantCode(t, "from no status", r.UpdateTurn(ctx, x), imagechat.Conflict)
	if s := got(r.GetTurn(ctx, "t"))(t).Status; s != imagechat.TurnQueued {
		t.Errorf("a refused update left the status %s", s)
	}
	must(t, r.UpdateTurn(ctx, x, imagechat.TurnFailed, imagechat.TurnQueued))
	diff(t, "after the update", x, got(r.GetTurn(ctx, "t"))(t))
}

func testTurnKeeps(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	var before, after imagechat.Turn
	fill(&before, 1)
	fill(&after, 1000)
	newSession(t, r, before.SessionID)
	must(t, r.CreateTurn(ctx, &before))
	after.ID = before.ID
	must(t, r.UpdateTurn(ctx, &after, before.Status))
	want := after
	want.SessionID, want.Owner, want.CreatedAt = before.SessionID, before.Owner, before.CreatedAt
	want.IdempotencyKey, want.RequestHash = before.IdempotencyKey, before.RequestHash
	diff(t, "after the update", &want, got(r.GetTurn(ctx, before.ID))(t))
}

func testTurnRace(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	newSession(t, r, "s")
	must(t, r.CreateTurn(ctx, newTurn("t", "s", imagechat.TurnQueued, "")))
	won := race(t, func(int) error {
		return r.UpdateTurn(ctx, newTurn("t", "s", imagechat.TurnRunning, ""), imagechat.TurnQueued)
	})
	if won != 1 {
		t.Errorf("%d claims succeeded, want 1", won)
	}
}

func testTurnRollback(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	newSession(t, r, "s")
	must(t, r.CreateTurn(ctx, newTurn("t", "s", imagechat.TurnQueued, "")))
	cause := errors.New("not after all")
	err := r.Atomically(ctx, func(tx imagechat.Repository) error {
		if err := tx.UpdateTurn(ctx, newTurn("t", "s", imagechat.TurnRunning, ""), imagechat.TurnQueued); err != nil {
			t.Errorf("UpdateTurn: %v", err)
		}
		wantCode(t, "the second claim", tx.UpdateTurn(ctx, newTurn("t", "s", imagechat.TurnRunning, ""), imagechat.TurnQueued), imagechat.Conflict)
		return cause
	})
	if !errors.Is(err, cause) {
		t.Errorf("got error %v", err)
	}
	if s := got(r.GetTurn(ctx, "t"))(t).Status; s != imagechat.TurnQueued {
		t.Errorf("the status is %s, want queued", s)
	}
}

func testTurnList(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	newSession(t, r, "a")
	newSession(t, r, "b")
	for i, status := range []imagechat.TurnStatus{imagechat.TurnRunning, imagechat.TurnQueued, imagechat.TurnSucceeded, imagechat.TurnFailed} {
		must(t, r.CreateTurn(ctx, newTurn(imagechat.TurnID(fmt.Sprint(9-i, "a")), "a", status, "")))
		must(t, r.CreateTurn(ctx, newTurn(imagechat.TurnID(fmt.Sprint(9-i, "b")), "b", status, "")))
	}
	check := func(want string, session imagechat.SessionID, statuses ...imagechat.TurnStatus) {
		t.Helper()
		rows := got(r.ListTurns(ctx, session, statuses...))(t)
		wantString(t, "ListTurns", ids(rows, func(x *imagechat.Turn) string { return string(x.ID) }), want)
	}
	check("8a 8b 9a 9b", "", imagechat.TurnQueued, imagechat.TurnRunning)
	check("8a 9a", "a", imagechat.TurnQueued, imagechat.TurnRunning)
	check("6b", "b", imagechat.TurnFailed)
	check("6b 7b 8b 9b", "b")
	check("", "b", imagechat.TurnCancelled)
}

func testTurnMissing(t *testing.T, r imagechat.Repository) {
	_, err := r.GetTurn(t.Context(), "none")
	wantCode(t, "GetTurn", err, imagechat.NotFound)
	wantCode(t, "UpdateTurn", r.UpdateTurn(t.Context(), &imagechat.Turn{ID: "none"}, imagechat.TurnQueued), imagechat.NotFound)
}

var attemptTests = map[string]func(t *testing.T, r imagechat.Repository){
	"an attempt comes back as it was stored":       testAttemptRoundTrip,
	"an attempt's place in its turn is given once": testAttemptUnique,
	"an attempt moves only from the state given":   testAttemptUpdate,
	"fifty moves of an attempt, one succeeds":      testAttemptRace,
	"attempts are listed by turn, or live":         testAttemptList,
	"an attempt that is not there is not found":    testAttemptMissing,
}

func testAttemptRoundTrip(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	var a imagechat.Attempt
	fill(&a, 1)
	must(t, r.CreateAttempt(ctx, &a))
	diff(t, "all fields set", &a, got(r.GetAttempt(ctx, a.ID))(t))
	empty := imagechat.Attempt{ID: "empty"}
	must(t, r.CreateAttempt(ctx, &empty))
	diff(t, "no field set", &empty, got(r.GetAttempt(ctx, "empty"))(t))

	var b imagechat.Attempt
	fill(&b, 1000)
	b.ID = a.ID
	must(t, r.UpdateAttempt(ctx, &b, a.State))
	want := b
	want.TurnID, want.SessionID, want.Owner, want.Number, want.Index = a.TurnID, a.SessionID, a.Owner, a.Number, a.Index
	diff(t, "after an update", &want, got(r.GetAttempt(ctx, a.ID))(t))
}

func testAttemptUnique(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	add := func(id imagechat.AttemptID, turn imagechat.TurnID, number, index int) error {
		return r.CreateAttempt(ctx, &imagechat.Attempt{ID: id, TurnID: turn, Number: number, Index: index, State: imagechat.AttemptReserved})
	}
	must(t, add("1", "t", 1, 0))
	wantCode(t, "the same place", add("2", "t", 1, 0), imagechat.Conflict)
	wantCode(t, "the same id", add("1", "t", 9, 0), imagechat.Conflict)
	must(t, errors.Join(add("3", "t", 1, 1), add("4", "t", 2, 0), add("5", "u", 1, 0)))
}

func testAttemptUpdate(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	a := &imagechat.Attempt{ID: "a", TurnID: "t", Number: 1, State: imagechat.AttemptReserved, Booked: 5, BookedAt: stored(at(0))}
	must(t, r.CreateAttempt(ctx, a))
	a.State, a.Calls = imagechat.AttemptCalling, 1
	wantCode(t, "from another state", r.UpdateAttempt(ctx, a, imagechat.AttemptReturned), imagechat.Conflict)
	if x := got(r.GetAttempt(ctx, "a"))(t); x.State != imagechat.AttemptReserved || x.Calls != 0 {
		t.Errorf("a refused update left %+v", x)
	}
	must(t, r.UpdateAttempt(ctx, a, imagechat.AttemptReserved))
	a.Result = &imagechat.Result{Parts: []imagechat.Part{{Text: "x"}}, Cost: 7, Duration: time.Second}
	must(t, r.UpdateAttempt(ctx, a, imagechat.AttemptCalling)) // a state may stay
	a.State, a.Result = imagechat.AttemptStored, nil
	must(t, r.UpdateAttempt(ctx, a, imagechat.AttemptCalling))
	diff(t, "at the end", a, got(r.GetAttempt(ctx, "a"))(t))
}

func testAttemptRace(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	must(t, r.CreateAttempt(ctx, &imagechat.Attempt{ID: "a", TurnID: "t", State: imagechat.AttemptReserved}))
	won := race(t, func(int) error {
		return r.UpdateAttempt(ctx, &imagechat.Attempt{ID: "a", State: imagechat.AttemptCalling}, imagechat.AttemptReserved)
	})
	if won != 1 {
		t.Errorf("%d moves succeeded, want 1", won)
	}
}

func testAttemptList(t *testing.T, r imagechat.Repository) {
	ctx := t.Context()
	for i, state := range []imagechat.AttemptState{
		imagechat.AttemptStored, imagechat.AttemptReserved, imagechat.AttemptCalling, imagechat.AttemptReturned,
		imagechat.AttemptFailed, imagechat.AttemptUnknown,
	} {
		a := &imagechat.Attempt{ID: imagechat.AttemptID(number(i)), TurnID: "t", Number: 2 - i/3, Index: 5 - i, State: state}
		must(t, r.CreateAttempt(ctx, a))
	}
	must(t, r.CreateAttempt(ctx, &imagechat.Attempt{ID: "other", TurnID: "a", State: imagechat.AttemptReserved}))
	check := func(what, want string, turn imagechat.TurnID) {
		t.Helper()
		rows := got(r.ListAttempts(ctx, turn))(t)
		wantString(t, what, ids(rows, func(a *imagechat.Attempt) string { return string(a.ID) }), want)
	}
	check("of a turn", "005 004 003 002 001 000", "t")
	check("live ones", "other 003 002 001", "")
	check("of a turn without any", "", "none")
}

func testAttemptMissing(t *testing.T, r imagechat.Repository) {
	_, err := r.GetAttempt(t.Context(), "none")
	wantCode(t, "GetAttempt", err, imagechat.NotFound)
	wantCode(t, "UpdateAttempt", r.UpdateAttempt(t.Context(), &imagechat.Attempt{ID: "none"}, imagechat.AttemptReserved), imagechat.NotFound)
}
