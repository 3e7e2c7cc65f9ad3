package crashtest

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/gemini/geminitest"
)

// limitFiles lets every write of the running server to a file fail from now
// on, as a disk does that has gone, or work again.
func (r *rig) limitFiles(fail bool) {
	r.t.Helper()
	limit := unix.Rlimit{Cur: unix.RLIM_INFINITY, Max: unix.RLIM_INFINITY}
	if fail {
		limit.Cur = 1
	}
	if err := unix.Prlimit(r.PID(), unix.RLIMIT_FSIZE, &limit, nil); err != nil {
		r.t.Fatal(err)
	}
}

func TestADiskThatFailsAfterThePictureCameDelaysItOnly(t *testing.T) {
	t.Parallel()
	r := newRig(t, geminitest.Options{})
	id, taken, record := r.receivedTurn()
	r.limitFiles(true)
	record()

	var p struct {
		Code      string `json:"code"`
		Retryable bool   `json:"retryable"`
	}
	status := r.call("POST", "/sessions/"+id+"/turns", map[string]any{"kind": "generate", "content": "another lamp"}, &p)
	if (status != 503 && status != 507) || (p.Code != "storage_unavailable" && p.Code != "storage_full") || !p.Retryable {
		t.Errorf("a turn on a failing disk: got %d %+v, want to be refused before anything is spent", status, p)
	}
	var now turn
	r.must("GET", "/turns/"+taken.ID, nil, &now)
	if now.Status != "running" {
		t.Errorf("got turn %s, want it to go on", now.Status)
	}
	time.Sleep(500 * time.Millisecond) // some tries fail
	r.limitFiles(false)
	if done := r.wait(taken.ID); done.Status != "succeeded" {
		t.Errorf("got turn %+v (%s)", done, done.code())
	}
	r.wantPicture(id, 1)
	r.wantEmptySpool()
}

func TestADiskThatFailsBeforeThePictureCameIsBookedHonestly(t *testing.T) {
	t.Parallel()
	r := newRig(t, geminitest.Options{})
	r.google.Script(mustScript(t, "[[hold]]"))
	r.Restart()
	id := r.newSession()
	taken, _ := r.submit(id, "a lamp", key)
	r.awaitCalls(1)
	r.limitFiles(true)
	r.google.Release()
	time.Sleep(300 * time.Millisecond) // the answer comes and can't be kept
	r.limitFiles(false)
	done := r.wait(taken.ID)
	if done.Status != "failed" || (done.code() != "storage_unavailable" && done.code() != "storage_full") || done.CostUSD != done.EstimatedCostUSD {
		t.Errorf("got turn %+v (%s), want that the disk failed and the call may have been charged", done, done.code())
	}
	if got := r.google.Calls(); got != 1 {
		t.Errorf("the maker was called %d times, want once", got)
	}
}
