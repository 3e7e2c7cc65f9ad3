//go:build !windows

package crashtest

import (
	"context"
	"math"
	"syscall"
	"testing"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/gemini/geminitest"
)

const key = "the-key"

// TestKillNineAtEveryPoint kills the program at each point of a turn's life,
// starts it again, and asks for the same thing under the same key, as a
// client does that got no answer.
func TestKillNineAtEveryPoint(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		point string
		// calls is how many the stand-in got in all, before anybody asked for
		// another try.
		calls int
		// lost: whether the call was charged can't be known, so the turn
		// failed and its estimate counts as spent.
		lost bool
	}{
		{point: "before_submit_commit", calls: 1},
		{point: "after_submit", calls: 1},
		{point: "after_calling", calls: 0, lost: true},
		{point: "after_received", calls: 1},
		{point: "after_manifest", calls: 1},
		{point: "after_returned", calls: 1},
		{point: "after_adopt", calls: 1},
		{point: "before_store_commit", calls: 1},
		{point: "after_store", calls: 1},
		{point: "after_announce", calls: 1},
	} {
		t.Run(tc.point, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, geminitest.Options{})
			r.Restart("IMAGECHAT_CRASH_AT=" + tc.point)
			id := r.newSession()
			_, _ = r.submit(id, "a lamp", key)
			if code := r.Wait(); code != -1 {
				t.Fatalf("the program was not killed at %s: exit code %d\n%s", tc.point, code, r.Output())
			}
			r.Restart()
			if tc.lost {
				r.wantInterrupted(id, tc.calls)
			} else {
				r.wantPicture(id, tc.calls)
			}
			r.wantEmptySpool()
		})
	}
}

// wantPicture asks again under the same key and wants the one picture.
func (r *rig) wantPicture(id string, calls int) {
	r.t.Helper()
	again, status := r.submit(id, "a lamp", key)
	if status != 202 && status != 200 {
		r.t.Fatalf("asking again: got %d\n%s", status, r.Output())
	}
	done := r.wait(again.ID)
	if done.Status != "succeeded" || done.Attempt != 1 {
		r.t.Fatalf("got turn %+v, %s; want one that succeeded at once", done, done.code())
	}
	if got := r.pictures(id, done.ID); len(got) != 1 {
		r.t.Errorf("got pictures %v, want one", got)
	}
	if got := r.google.Calls(); got != calls {
		r.t.Errorf("the maker was called %d times, want %d", got, calls)
	}
	r.wantEvents(id, 2)
	r.wantSpent(done.CostUSD)
	r.wantRefinable(id)
}

// wantRefinable goes on with the conversation: what was adopted after a crash
// must be as good as what was never in danger. The stand-in refuses history
// that is not told byte for byte.
func (r *rig) wantRefinable(id string) {
	r.t.Helper()
	var t turn
	r.must("POST", "/sessions/"+id+"/turns", map[string]any{"kind": "refine", "content": "brighter"}, &t)
	done := r.wait(t.ID)
	if done.Status != "succeeded" || len(r.pictures(id, t.ID)) != 1 {
		r.t.Errorf("refining what survived: got turn %+v (%s)", done, done.code())
	}
}

// wantInterrupted wants the honest failure, and a picture only after the
// person has asked for another try.
func (r *rig) wantInterrupted(id string, calls int) {
	r.t.Helper()
	again, status := r.submit(id, "a lamp", key)
	if status != 202 && status != 200 {
		r.t.Fatalf("asking again: got %d\n%s", status, r.Output())
	}
	lost := r.wait(again.ID)
	if lost.Status != "failed" || lost.code() != "interrupted" || !lost.Error.Retryable || lost.CostUSD != lost.EstimatedCostUSD {
		r.t.Fatalf("got turn %+v (%s), want interrupted, retryable, its estimate spent", lost, lost.code())
	}
	if got := r.google.Calls(); got != calls {
		r.t.Errorf("the maker was called %d times, want %d", got, calls)
	}
	r.wantSpent(lost.EstimatedCostUSD)
	r.google.Release()
	var retried turn
	r.must("POST", "/turns/"+lost.ID+"/retry", nil, &retried)
	r.google.Release()
	done := r.wait(lost.ID)
	if done.Status != "succeeded" || done.Attempt != 2 {
		r.t.Errorf("the retry: got turn %+v, %s", done, done.code())
	}
	if got := r.google.Calls(); got != calls+1 {
		r.t.Errorf("after the retry the maker was called %d times, want %d", got, calls+1)
	}
	r.wantEvents(id, 4)
}

func (r *rig) wantSpent(usd float64) {
	r.t.Helper()
	if got := r.usage(); math.Abs(got-usd) > 1e-9 {
		r.t.Errorf("got %v spent, want %v", got, usd)
	}
}

func TestKillNineDuringACall(t *testing.T) {
	t.Parallel()
	r := newRig(t, geminitest.Options{})
	r.google.Script(mustScript(t, "[[hold]]"))
	r.Restart()
	id := r.newSession()
	if _, status := r.submit(id, "a lamp", key); status != 202 {
		t.Fatalf("got %d", status)
	}
	r.awaitCalls(1)
	r.Kill()
	r.Restart()
	r.wantInterrupted(id, 1)
	r.wantEmptySpool()
}

func TestKillNineInTheMiddleOfAPicture(t *testing.T) {
	t.Parallel()
	r := newRig(t, geminitest.Options{})
	r.google.Script(mustScript(t, "[[stall]]"))
	r.Restart()
	id := r.newSession()
	if _, status := r.submit(id, "a lamp", key); status != 202 {
		t.Fatalf("got %d", status)
	}
	r.awaitCalls(1)
	time.Sleep(100 * time.Millisecond) // half of the body is there by now; all that follows holds without it, too
	r.Kill()
	r.Restart()
	r.wantInterrupted(id, 1)
}

func TestKillNineWhileDraining(t *testing.T) {
	t.Parallel()
	r := newRig(t, geminitest.Options{})
	r.google.Script(mustScript(t, "[[hold]]"))
	r.Restart("IMAGECHAT_CRASH_AT=drain")
	id := r.newSession()
	if _, status := r.submit(id, "a lamp", key); status != 202 {
		t.Fatalf("got %d", status)
	}
	r.awaitCalls(1)
	r.Signal(syscall.SIGTERM)
	if code := r.Wait(); code != -1 {
		t.Fatalf("got exit code %d, want a kill", code)
	}
	r.Restart()
	r.wantInterrupted(id, 1)
}

func TestKillNineAtTheStart(t *testing.T) {
	t.Parallel()
	r := newRig(t, geminitest.Options{})
	for delay := time.Millisecond; delay < 150*time.Millisecond; delay += 7 * time.Millisecond {
		if err := r.Launch(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(delay)
		r.Kill()
	}
	r.Restart()
	id := r.newSession()
	r.wantPicture(id, 1)
}

func TestKillNineTwiceDuringTheSameTurn(t *testing.T) {
	t.Parallel()
	r := newRig(t, geminitest.Options{})
	r.Restart("IMAGECHAT_CRASH_AT=after_returned")
	id := r.newSession()
	_, _ = r.submit(id, "a lamp", key)
	r.Wait()
	for _, point := range []string{"after_adopt", "before_store_commit", "after_store"} {
		if err := r.Launch("IMAGECHAT_CRASH_AT=" + point); err != nil {
			t.Fatal(err)
		}
		if code := r.Wait(); code != -1 {
			t.Fatalf("recovery was not killed at %s: exit code %d\n%s", point, code, r.Output())
		}
	}
	r.Restart()
	r.wantPicture(id, 1)
}

func (r *rig) awaitCalls(n int) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), time.Minute)
	defer cancel()
	if err := r.google.AwaitCalls(ctx, n); err != nil {
		r.t.Fatalf("%v\n%s", err, r.Output())
	}
}

func mustScript(t *testing.T, directives string) geminitest.Outcome {
	t.Helper()
	o, err := geminitest.Scripted(directives, 0)
	if err != nil {
		t.Fatal(err)
	}
	return o
}
