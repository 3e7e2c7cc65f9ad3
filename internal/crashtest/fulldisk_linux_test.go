package crashtest

import (
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/gemini/geminitest"
	"github.com/gemini-image-chat/gemini-image-chat/internal/realserver"
)

// diskMiB leaves the server the 128 MiB that it wants to see before it spends anything.
const diskMiB = 192

// problem is what the tests look at of a refusal.
type problem struct {
	Status    int    `json:"status"`
	Code      string `json:"code"`
	Title     string `json:"title"`
	Detail    string `json:"detail"`
	Retryable bool   `json:"retryable"`
}

// wantFull checks that a write was refused because the disk is full, in words for a person.
func (r *rig) wantFull(what string, status int, p problem) {
	r.t.Helper()
	if status != http.StatusInsufficientStorage || p.Code != "storage_full" || !p.Retryable {
		r.t.Errorf("%s on a full disk: got %d %+v, want 507 storage_full\n%s", what, status, p, r.Output())
	}
	for _, inside := range []string{r.Dir, "sqlite", "SQL", "bunstore", "fsblob", "no space left"} {
		if strings.Contains(p.Detail+p.Title, inside) {
			r.t.Errorf("%s: %q shows %q", what, p.Detail, inside)
		}
	}
	if p.Detail == "" {
		r.t.Errorf("%s: no detail", what)
	}
}

// fillUntilRefused makes sessions on a full disk until one is refused: there
// may be room left inside the files. It returns those that were taken.
func (r *rig) fillUntilRefused(d *disk) []string {
	r.t.Helper()
	d.fill()
	var taken []string
	for range 10_000 {
		var s struct {
			ID string `json:"id"`
			problem
		}
		status := r.call("POST", "/sessions", map[string]any{"image_purpose": "email_header", "title": strings.Repeat("가", 200)}, &s)
		if status != http.StatusCreated {
			r.wantFull("a new session", status, s.problem)
			return taken
		}
		taken = append(taken, s.ID)
	}
	r.t.Fatal("10,000 sessions were taken on a full disk")
	return nil
}

func TestAFullDiskRefusesWritesAndLosesNothing(t *testing.T) {
	t.Parallel()
	if !inOwnMounts(t) {
		return
	}
	r := newRig(t, geminitest.Options{})
	d := newDisk(t, r, diskMiB)
	r.Restart()
	id := r.newSession()
	first, _ := r.submit(id, "a lamp", key)
	if done := r.wait(first.ID); done.Status != "succeeded" {
		t.Fatalf("got turn %+v (%s)", done, done.code())
	}
	var before session
	r.must("GET", "/sessions/"+id, nil, &before)
	calls := r.google.Calls()

	taken := r.fillUntilRefused(d)
	for what, req := range map[string]struct {
		method, path string
		body         any
	}{
		"a turn":           {"POST", "/sessions/" + id + "/turns", map[string]any{"kind": "generate", "content": "another lamp"}},
		"a message":        {"POST", "/sessions/" + id + "/message", map[string]any{"content": "hello"}},
		"a changed title":  {"PATCH", "/sessions/" + id, map[string]any{"title": strings.Repeat("x", 200)}},
		"a brand":          {"POST", "/brands", map[string]any{"name": "x", "description": strings.Repeat("x", 2000)}},
		"another session":  {"POST", "/sessions", map[string]any{"image_purpose": "email_header"}},
		"a deleted one":    {"DELETE", "/sessions/" + id, nil},
		"a picture chosen": {"PATCH", "/images/" + before.Messages[1].Images[0].ID, map[string]any{"alt_text": strings.Repeat("x", 400)}},
	} {
		var p problem
		status := r.call(req.method, req.path, req.body, &p)
		r.wantFull(what, status, p)
	}
	// Whoever only looks notices nothing.
	if got := r.pictures(id, first.ID); len(got) != 1 {
		t.Errorf("got %d pictures on a full disk, want 1", len(got))
	}
	if got := r.google.Calls(); got != calls {
		t.Errorf("the maker was called %d times on a full disk, want never", got-calls)
	}

	// Neither a crash nor a restart in order makes it worse.
	for _, end := range []func(){r.Kill, func() { r.Signal(os.Interrupt); r.Wait() }} {
		end()
		r.Restart()
		if got := r.pictures(id, first.ID); len(got) != 1 {
			t.Errorf("got %d pictures after a restart on a full disk, want 1", len(got))
		}
	}

	d.free()
	r.wantAll(taken)
	again, _ := r.submit(id, "another lamp", key+"2")
	if done := r.wait(again.ID); done.Status != "succeeded" {
		t.Errorf("after room was made: got turn %+v (%s)", done, done.code())
	}
	r.wantSound()
}

func TestADiskThatFillsWhileAPictureComesDelaysItOnly(t *testing.T) {
	t.Parallel()
	if !inOwnMounts(t) {
		return
	}
	r := newRig(t, geminitest.Options{})
	d := newDisk(t, r, diskMiB)
	id, taken, record := r.receivedTurn()
	d.fill()
	record()
	r.fillUntilRefused(d)
	var now turn
	r.must("GET", "/turns/"+taken.ID, nil, &now)
	if now.Status == "failed" {
		t.Errorf("on a full disk: got turn %+v (%s), want that it waits", now, now.code())
	}
	r.Kill() // and a crash on top
	d.free()
	r.Restart()
	if done := r.wait(taken.ID); done.Status != "succeeded" {
		t.Errorf("got turn %+v (%s)", done, done.code())
	}
	if got := r.google.Calls(); got != 1 {
		t.Errorf("the maker was called %d times, want once", got)
	}
	r.wantPicture(id, 1)
	r.wantEmptySpool()
	r.wantSound()
}

func TestADiskThatIsFullWhenThePictureComesIsBookedHonestly(t *testing.T) {
	t.Parallel()
	if !inOwnMounts(t) {
		return
	}
	r := newRig(t, geminitest.Options{})
	d := newDisk(t, r, diskMiB)
	_, taken := r.heldTurn()
	r.fillUntilRefused(d)
	r.google.Release()
	r.awaitOutput("end of attempt") // which cannot be recorded either
	d.free()
	done := r.wait(taken.ID)
	if done.Status != "failed" || done.code() != "storage_full" || done.CostUSD != done.EstimatedCostUSD {
		t.Errorf("got turn %+v (%s), want that the disk was full and the call may have been charged", done, done.code())
	}
	if got := r.google.Calls(); got != 1 {
		t.Errorf("the maker was called %d times, want once", got)
	}
	r.wantSound()
}

func TestADiskThatCannotBeWrittenIsRefusedInOneSentence(t *testing.T) {
	t.Parallel()
	if !inOwnMounts(t) {
		return
	}
	r := newRig(t, geminitest.Options{})
	d := newDisk(t, r, diskMiB)
	r.Restart()
	id := r.newSession()
	first, _ := r.submit(id, "a lamp", key)
	r.wait(first.ID)
	r.Kill()
	d.readOnly(true)
	said := len(r.Output())
	if err := r.Launch(); err != nil {
		t.Fatal(err)
	}
	code := r.Wait()
	if sentence := strings.TrimSpace(r.Output()[said:]); code == 0 || strings.Count(sentence, "\n") > 0 || !strings.Contains(sentence, "read-only") {
		t.Errorf("started on a disk that cannot be written: exit code %d and %q, want one sentence that says so", code, sentence)
	}
	d.readOnly(false)
	r.Restart()
	r.wantPicture(id, 1)
	r.wantSound()
}

// wantAll checks that every session is there.
func (r *rig) wantAll(ids []string) {
	r.t.Helper()
	for _, id := range ids {
		if status := r.call("GET", "/sessions/"+id, nil, nil); status != http.StatusOK {
			r.t.Errorf("session %s was accepted: got %d", id, status)
		}
	}
}

// wantSound checks the whole database file.
func (r *rig) wantSound() {
	r.t.Helper()
	var verdict string
	if err := r.raw().QueryRowContext(r.t.Context(), "PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		r.t.Errorf("integrity check: %q, %v", verdict, err)
	}
}

// awaitOutput waits until the server has logged something.
func (r *rig) awaitOutput(text string) {
	r.t.Helper()
	for deadline := time.Now().Add(realserver.Patience); !strings.Contains(r.Output(), text); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			r.t.Fatalf("nothing was said of %q\n%s", text, r.Output())
		}
	}
}
