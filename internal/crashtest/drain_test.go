//go:build !windows

package crashtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/gemini/geminitest"
	"github.com/gemini-image-chat/gemini-image-chat/internal/realserver"
)

// tab is a browser's socket.
type tab struct{ *websocket.Conn }

type frame struct {
	Type   string `json:"type"`
	Seq    int64  `json:"seq"`
	TurnID string `json:"turn_id"`
	Data   struct {
		Code string `json:"code"`
		Turn *turn  `json:"turn"`
	} `json:"data"`
}

// dial opens a session's socket after an event; nil when nobody answers.
func (r *rig) dial(id string, after int64) *tab {
	url := fmt.Sprintf("ws%s/ws/image-chat/%s?after=%d", strings.TrimPrefix(r.URL, "http"), id, after)
	conn, resp, err := websocket.DefaultDialer.Dial(url, nil)
	if resp != nil {
		resp.Body.Close()
	}
	if err != nil {
		return nil
	}
	return &tab{conn}
}

func (r *rig) mustDial(id string, after int64) *tab {
	r.t.Helper()
	c := r.dial(id, after)
	if c == nil {
		r.t.Fatalf("no socket\n%s", r.Output())
	}
	r.t.Cleanup(func() { c.Close() })
	return c
}

// next reads a frame; the code is that of the close frame where that came instead.
func (c *tab) next() (f frame, closed int) {
	_ = c.SetReadDeadline(time.Now().Add(realserver.Patience))
	_, b, err := c.ReadMessage()
	if err != nil {
		var ce *websocket.CloseError
		if errors.As(err, &ce) {
			return f, ce.Code
		}
		return f, -1
	}
	if err := json.Unmarshal(b, &f); err != nil {
		return f, -2
	}
	return f, 0
}

// untilClosed reads on and returns the types of the durable frames, and how
// the socket was closed.
func (c *tab) untilClosed() (types []string, code int) {
	for {
		f, closed := c.next()
		if closed != 0 {
			return types, closed
		}
		if f.Seq > 0 {
			types = append(types, f.Type)
		}
	}
}

const goingAway = 4012

func TestSIGTERMLetsTurnsEndAndSaysGoodbye(t *testing.T) {
	t.Parallel()
	r := newRig(t, geminitest.Options{}, "DRAIN_TIMEOUT=30s")
	r.google.Script(mustScript(t, "[[hold]]"))
	r.Restart()
	id := r.newSession()
	watching := r.mustDial(id, 0)
	running, _ := r.submit(id, "a lamp", key)
	waiting, _ := r.submit(id, "another lamp", "key-2")
	r.awaitCalls(1)
	r.Signal(syscall.SIGTERM)
	r.awaitRefusal(running.ID)
	r.google.Release()
	types, code := watching.untilClosed()
	if code != goingAway {
		t.Errorf("the socket was closed with %d, want %d", code, goingAway)
	}
	// The last frame may miss the socket; who resumes gets it (see wantEvents).
	if got := strings.Join(types, " "); !strings.HasPrefix("status status mixed", got) || len(types) < 2 {
		t.Errorf("got durable frames %q, want two accepted turns and a picture", got)
	}
	if code := r.Wait(); code != 0 {
		t.Errorf("got exit code %d, want 0\n%s", code, r.Output())
	}
	r.Restart()
	if done := r.wait(running.ID); done.Status != "succeeded" {
		t.Errorf("the turn that ran: got %+v (%s)", done, done.code())
	}
	if done := r.wait(waiting.ID); done.Status != "succeeded" {
		t.Errorf("the turn that waited: got %+v (%s)", done, done.code())
	}
	if got := r.google.Calls(); got != 2 {
		t.Errorf("the maker was called %d times, want twice", got)
	}
	r.wantEvents(id, 4)
}

// awaitRefusal waits until the server takes no turn any more. It asks for
// another try of a turn that runs, which is a conflict until then.
func (r *rig) awaitRefusal(turnID string) {
	r.t.Helper()
	deadline := time.Now().Add(realserver.Patience)
	for {
		var p struct {
			Code      string `json:"code"`
			Retryable bool   `json:"retryable"`
		}
		status := r.call("POST", "/turns/"+turnID+"/retry", nil, &p)
		if status == http.StatusServiceUnavailable {
			if p.Code != "interrupted" || !p.Retryable {
				r.t.Errorf("got problem %+v", p)
			}
			return
		}
		if status == 0 || time.Now().After(deadline) {
			r.t.Fatalf("the server takes turns, or ended: %d\n%s", status, r.Output())
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestADrainThatIsTooShortStillEndsInOrder(t *testing.T) {
	t.Parallel()
	r := newRig(t, geminitest.Options{}, "DRAIN_TIMEOUT=200ms")
	r.google.Script(mustScript(t, "[[hold]]"))
	r.Restart()
	id := r.newSession()
	watching := r.mustDial(id, 0)
	if _, status := r.submit(id, "a lamp", key); status != 202 {
		t.Fatalf("got %d", status)
	}
	r.awaitCalls(1)
	r.Signal(syscall.SIGINT)
	types, code := watching.untilClosed()
	if got := strings.Join(types, " "); (got != "status error" && got != "status") || code != goingAway {
		t.Errorf("got durable frames %q and close code %d, want at most the interruption, then %d", got, code, goingAway)
	}
	if code := r.Wait(); code != 0 {
		t.Errorf("got exit code %d, want 0\n%s", code, r.Output())
	}
	r.Restart()
	resumed := r.mustDial(id, int64(len(types)))
	if f, closed := resumed.next(); closed != 0 || f.Data.Code != "connected" {
		t.Errorf("resuming: got %+v, closed with %d", f, closed)
	}
	if len(types) == 1 {
		if f, closed := resumed.next(); closed != 0 || f.Type != "error" || f.Seq != 2 {
			t.Errorf("resuming: got %+v, closed with %d; want the interruption", f, closed)
		}
	}
	r.wantInterrupted(id, 1)
}

func TestKillNineAfterSIGTERMLosesNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t, geminitest.Options{}, "DRAIN_TIMEOUT=30s")
	r.google.Script(mustScript(t, "[[hold]]"))
	r.Restart()
	id := r.newSession()
	running, _ := r.submit(id, "a lamp", key)
	r.awaitCalls(1)
	r.Signal(syscall.SIGTERM)
	r.awaitRefusal(running.ID)
	r.Kill()
	r.Restart()
	r.wantInterrupted(id, 1)
}

func TestLeavingCancelsNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t, geminitest.Options{})
	r.google.Script(mustScript(t, "[[hold]]"))
	r.Restart()
	id := r.newSession()
	socket := r.mustDial(id, 0)
	if err := socket.WriteJSON(map[string]any{"type": "generate", "content": "a lamp", "id": key}); err != nil {
		t.Fatal(err)
	}
	r.awaitCalls(1)
	if err := socket.NetConn().Close(); err != nil {
		t.Fatal(err)
	}
	r.google.Release()
	r.wantPicture(id, 1) // by REST, under the frame's id
}

// TestAThousandDisconnectsOverTheRealSocket lets browsers come and go, and
// the server be killed, while turns run.
func TestAThousandDisconnectsOverTheRealSocket(t *testing.T) {
	t.Parallel()
	const clients, disconnects, turns, kills = 25, 40, 24, 3
	r := newRig(t, geminitest.Options{Latency: 50 * time.Millisecond})
	r.Restart()
	id := r.newSession()
	var all sync.WaitGroup
	var mu sync.Mutex
	goal := int64(0) // unknown until every turn has ended
	for c := range clients {
		random := rand.New(rand.NewPCG(2026, uint64(c)))
		all.Go(func() {
			var last int64
			for n := 0; ; n++ {
				mu.Lock()
				end := goal
				mu.Unlock()
				if end > 0 && last >= end && n >= disconnects {
					return
				}
				last = r.glance(id, last, end, time.Duration(random.IntN(120))*time.Millisecond)
			}
		})
	}
	var taken []string
	for i := range turns {
		for {
			if got, status := r.submit(id, fmt.Sprintf("a lamp #%d#", i), fmt.Sprint(key, i)); status == 202 || status == 200 {
				taken = append(taken, got.ID)
				break
			}
		}
		if i%(turns/kills) == turns/kills/2 {
			r.Kill()
			r.Restart()
		}
		time.Sleep(60 * time.Millisecond)
	}
	for _, turn := range taken {
		r.wait(turn)
	}
	mu.Lock()
	goal = 2 * turns
	mu.Unlock()
	all.Wait()
	for words, n := range r.callsByTag() {
		if n > 1 {
			t.Errorf("%s was paid for %d times", words, n)
		}
	}
}

// glance connects after an event, reads for a while, and returns the number
// of the newest event seen. Each must be the next one.
func (r *rig) glance(id string, last, goal int64, patience time.Duration) int64 {
	c := r.dial(id, last)
	if c == nil {
		time.Sleep(20 * time.Millisecond)
		return last // the server is down
	}
	defer c.Close()
	gone := time.AfterFunc(patience, func() { _ = c.NetConn().Close() })
	defer gone.Stop()
	for goal == 0 || last < goal {
		f, closed := c.next()
		if closed != 0 {
			return last
		}
		if f.Data.Code == "resync" || (f.Seq > 0 && f.Seq != last+1) {
			r.t.Errorf("got frame %+v after event %d", f, last)
		}
		if f.Seq > 0 {
			last = f.Seq
		}
	}
	return last
}
