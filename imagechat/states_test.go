package imagechat_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// The whole machine: which state each move leads to from each state. What is
// not in the table is refused and changes nothing.

func TestMovesOfAnAttempt(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	why := &imagechat.Error{Code: imagechat.GeneratorTimeout}
	moves := map[string]func(*imagechat.Attempt) (imagechat.AttemptState, error){
		"call":      func(a *imagechat.Attempt) (imagechat.AttemptState, error) { return a.Call(now) },
		"take back": (*imagechat.Attempt).TakeBack,
		"return": func(a *imagechat.Attempt) (imagechat.AttemptState, error) {
			return a.Return(&imagechat.Result{Cost: 7}, now)
		},
		"settle": func(a *imagechat.Attempt) (imagechat.AttemptState, error) { return a.Settle(1) },
		"fail":   func(a *imagechat.Attempt) (imagechat.AttemptState, error) { return a.Fail(why, 3, now) },
		"lose":   func(a *imagechat.Attempt) (imagechat.AttemptState, error) { return a.Lose(why, now) },
	}
	const (
		reserved, calling, returned = imagechat.AttemptReserved, imagechat.AttemptCalling, imagechat.AttemptReturned
		stored, failed, unknown     = imagechat.AttemptStored, imagechat.AttemptFailed, imagechat.AttemptUnknown
	)
	machine := map[imagechat.AttemptState]map[string]imagechat.AttemptState{
		reserved: {"call": calling, "fail": failed, "lose": unknown},
		calling:  {"take back": reserved, "return": returned, "fail": failed, "lose": unknown},
		returned: {"settle": stored, "fail": failed},
		stored:   {}, failed: {}, unknown: {},
	}
	for from, to := range machine {
		for name, move := range moves {
			a := &imagechat.Attempt{ID: "a", State: from, Booked: 5, Result: &imagechat.Result{Cost: 4}}
			before := *a
			was, err := move(a)
			want, allowed := to[name]
			switch {
			case !allowed && imagechat.CodeOf(err) != imagechat.Conflict:
				t.Errorf("%s of a %s attempt: got %v, want a conflict", name, from, err)
			case !allowed:
				if diff := cmp.Diff(&before, a); diff != "" {
					t.Errorf("%s of a %s attempt was refused and changed it:\n%s", name, from, diff)
				}
			case err != nil || was != from || a.State != want:
				t.Errorf("%s of a %s attempt: got %s from %s (%v), want %s", name, from, a.State, was, err, want)
			}
		}
	}
}

func TestWhatMovesBook(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	later := now.Add(time.Minute)
	why := &imagechat.Error{Code: imagechat.GeneratorTimeout}
	res := &imagechat.Result{Cost: 4, Usage: imagechat.Tokens{Total: 9}}
	must := func(_ imagechat.AttemptState, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	fresh := func() *imagechat.Attempt {
		return &imagechat.Attempt{State: imagechat.AttemptReserved, Booked: 5, BookedAt: now.Add(-time.Hour)}
	}
	called := func() *imagechat.Attempt {
		a := fresh()
		must(a.Call(now))
		return a
	}
	check := func(name string, got *imagechat.Attempt, want imagechat.Attempt) {
		t.Helper()
		if diff := cmp.Diff(&want, got); diff != "" {
			t.Errorf("%s: got against want:\n%s", name, diff)
		}
	}
	a := called()
	check("the first call places the amount", a, imagechat.Attempt{State: imagechat.AttemptCalling, Booked: 5, BookedAt: now, CalledAt: now, Calls: 1})
	must(a.TakeBack())
	must(a.Call(later))
	check("a second call leaves it there", a, imagechat.Attempt{State: imagechat.AttemptCalling, Booked: 5, BookedAt: now, CalledAt: later, Calls: 2})
	a = called()
	must(a.Fail(why, 3, later))
	check("a failed call costs what is known", a, imagechat.Attempt{State: imagechat.AttemptFailed, Booked: 3, BookedAt: now, CalledAt: now, Calls: 1, Error: why, EndedAt: later})
	a = called()
	must(a.Lose(why, later))
	check("a lost call stays booked at its estimate", a, imagechat.Attempt{State: imagechat.AttemptUnknown, Booked: 5, BookedAt: now, CalledAt: now, Calls: 1, Error: why, EndedAt: later})
	a = called()
	must(a.Return(res, later))
	check("an answer is booked at the estimate at first", a, imagechat.Attempt{
		State: imagechat.AttemptReturned, Booked: 5, BookedAt: now, CalledAt: now, Calls: 1, EndedAt: later, Result: res, Usage: res.Usage,
	})
	kept := *a
	must(a.Settle(1))
	check("a stored answer is booked at its cost", a, imagechat.Attempt{
		State: imagechat.AttemptStored, Booked: 4, BookedAt: now, CalledAt: now, Calls: 1, EndedAt: later, Usage: res.Usage, Pictures: 1,
	})
	must(kept.Fail(why, 0, later.Add(time.Hour)))
	check("an answer that is no use is booked at its cost", &kept, imagechat.Attempt{
		State: imagechat.AttemptFailed, Booked: 4, BookedAt: now, CalledAt: now, Calls: 1, EndedAt: later, Usage: res.Usage, Error: why,
	})
}

func TestMovesOfATurn(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	why := &imagechat.Error{Code: imagechat.GeneratorTimeout}
	moves := map[string]func(*imagechat.Turn) (imagechat.TurnStatus, error){
		"start":   func(x *imagechat.Turn) (imagechat.TurnStatus, error) { return x.Start(now) },
		"requeue": (*imagechat.Turn).Requeue,
		"succeed": func(x *imagechat.Turn) (imagechat.TurnStatus, error) { return x.Succeed("m", 4, now) },
		"fail":    func(x *imagechat.Turn) (imagechat.TurnStatus, error) { return x.Fail(why, "m", 4, now) },
		"cancel":  func(x *imagechat.Turn) (imagechat.TurnStatus, error) { return x.Cancel(why, "m", 4, now) },
		"retry":   func(x *imagechat.Turn) (imagechat.TurnStatus, error) { return x.Retry(6) },
	}
	const (
		queued, running              = imagechat.TurnQueued, imagechat.TurnRunning
		succeeded, failed, cancelled = imagechat.TurnSucceeded, imagechat.TurnFailed, imagechat.TurnCancelled
	)
	machine := map[imagechat.TurnStatus]map[string]imagechat.TurnStatus{
		queued:    {"start": running, "succeed": succeeded, "fail": failed, "cancel": cancelled},
		running:   {"start": running, "requeue": queued, "succeed": succeeded, "fail": failed, "cancel": cancelled},
		succeeded: {},
		failed:    {"retry": queued},
		cancelled: {"retry": queued},
	}
	for from, to := range machine {
		for name, move := range moves {
			turn := &imagechat.Turn{ID: "t", Status: from, Attempt: 1, Cost: 1, StartedAt: now.Add(-time.Hour), Error: why, AssistantMessageID: "old"}
			before := *turn
			was, err := move(turn)
			want, allowed := to[name]
			switch {
			case !allowed && imagechat.CodeOf(err) != imagechat.Conflict:
				t.Errorf("%s of a %s turn: got %v, want a conflict", name, from, err)
			case !allowed:
				if diff := cmp.Diff(&before, turn); diff != "" {
					t.Errorf("%s of a %s turn was refused and changed it:\n%s", name, from, diff)
				}
			case err != nil || was != from || turn.Status != want:
				t.Errorf("%s of a %s turn: got %s from %s (%v), want %s", name, from, turn.Status, was, err, want)
			}
		}
	}
	turn := &imagechat.Turn{Status: failed, Attempt: 1, Cost: 4, EstimatedCost: 5, Error: why, AssistantMessageID: "m", StartedAt: now, FinishedAt: now}
	if _, err := turn.Retry(6); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&imagechat.Turn{Status: queued, Attempt: 2, Cost: 4, EstimatedCost: 6}, turn); diff != "" {
		t.Errorf("a retried turn, got against want:\n%s", diff)
	}
}
