//go:build !windows

package crashtest

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/gemini/geminitest"
)

// load is what clients asked for and were promised, over all the crashes.
type load struct {
	*rig
	sessions []string

	mu       sync.Mutex
	next     int
	asked    map[string]asked // by key
	promised map[string]turn  // by key: those that were acknowledged
}

type asked struct{ session, words string }

// ask submits something new under a key of its own, or, now and then,
// something that was asked for before and perhaps never answered.
func (l *load) ask(r *rand.Rand) {
	l.mu.Lock()
	key := fmt.Sprint("key-", l.next)
	if l.next > 0 && r.IntN(4) == 0 {
		key = fmt.Sprint("key-", r.IntN(l.next))
	} else {
		l.asked[key] = asked{l.sessions[r.IntN(len(l.sessions))], fmt.Sprintf("a lamp #%d#", l.next)}
		l.next++
	}
	a := l.asked[key]
	l.mu.Unlock()
	t, status := l.submit(a.session, a.words, key)
	if status != 202 && status != 200 {
		return // the server died; the key may be asked again
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if first, ok := l.promised[key]; ok && first.ID != t.ID {
		l.t.Errorf("%s was promised as %s and as %s", key, first.ID, t.ID)
	}
	l.promised[key] = t
}

// round lets three clients ask for a while and then pulls the plug.
func (l *load) round(seed uint64, n int) {
	r := rand.New(rand.NewPCG(seed, uint64(n)))
	l.Restart()
	stop := make(chan struct{})
	var clients sync.WaitGroup
	for c := range 3 {
		mine := rand.New(rand.NewPCG(seed+uint64(n), uint64(c)))
		clients.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					l.ask(mine)
				}
				time.Sleep(time.Duration(mine.IntN(60)) * time.Millisecond)
			}
		})
	}
	time.Sleep(time.Duration(50+r.IntN(450)) * time.Millisecond)
	l.Kill()
	close(stop)
	clients.Wait()
}

// TestRandomKillsUnderLoad pulls the plug at random moments; the seed is
// fixed, the moments are as fair as the machine. CRASH_ROUNDS sets how often,
// CRASH_SEED where to begin.
func TestRandomKillsUnderLoad(t *testing.T) {
	t.Parallel()
	rounds, seed := number(t, "CRASH_ROUNDS", 12), number(t, "CRASH_SEED", 2026)
	l := &load{
		rig: newRig(t, geminitest.Options{Latency: 40 * time.Millisecond}), asked: map[string]asked{}, promised: map[string]turn{},
	}
	l.Restart()
	for range 6 {
		l.sessions = append(l.sessions, l.newSession())
	}
	l.Kill()
	for n := range rounds {
		l.round(uint64(seed), n)
	}
	l.Restart()
	l.judge(rounds)
}

func number(t *testing.T, name string, otherwise int) int {
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// judge counts what was lost and what was paid for twice.
func (l *load) judge(rounds int) {
	l.t.Helper()
	lost, twice, interrupted, pictures := 0, 0, 0, 0
	l.judgeSessions()
	drawn := map[string][]string{}
	for _, id := range l.sessions {
		maps.Copy(drawn, l.allPictures(id))
	}
	for key, promise := range l.promised {
		done := l.wait(promise.ID)
		switch {
		case done.Status == "succeeded":
			pictures++
			if got := drawn[done.ID]; len(got) != 1 {
				lost++
				l.t.Errorf("%s succeeded with pictures %v", key, got)
			}
		case done.code() == "interrupted" && done.CostUSD == done.EstimatedCostUSD:
			interrupted++
		default:
			lost++
			l.t.Errorf("%s: got turn %+v, %s", key, done, done.code())
		}
	}
	for words, n := range l.callsByTag() {
		if n > 1 {
			twice++
			l.t.Errorf("%s was paid for %d times", words, n)
		}
	}
	if got := l.usage(); math.Abs(got-l.spent()) > 1e-6 {
		l.t.Errorf("got %v spent, the sessions' own sum is %v", got, l.spent())
	}
	l.wantEmptySpool()
	if pictures == 0 || interrupted == 0 {
		l.t.Errorf("%d pictures and %d interruptions in %d rounds: this showed nothing", pictures, interrupted, rounds)
	}
	l.t.Logf("%d rounds, %d turns promised, %d pictures, %d interrupted honestly; lost = %d, paid twice = %d",
		rounds, len(l.promised), pictures, interrupted, lost, twice)
}

// spent sums what the sessions say they cost.
func (l *load) spent() (sum float64) {
	for _, id := range l.sessions {
		var s struct {
			USD float64 `json:"total_cost_usd"`
		}
		l.must("GET", "/sessions/"+id, nil, &s)
		sum += s.USD
	}
	return sum
}

// judgeSessions checks that every session's events are without a gap and end
// where its messages do, also for turns whose acknowledgement was cut off.
func (l *load) judgeSessions() {
	l.t.Helper()
	for _, id := range l.sessions {
		var s struct {
			LastSeq     int    `json:"last_seq"`
			ActiveTurns []turn `json:"active_turns"`
		}
		deadline := time.Now().Add(time.Minute)
		for {
			l.must("GET", "/sessions/"+id, nil, &s)
			if len(s.ActiveTurns) == 0 {
				break
			}
			if time.Now().After(deadline) {
				l.t.Fatalf("turns are active for ever: %+v", s.ActiveTurns)
			}
			time.Sleep(50 * time.Millisecond)
		}
		l.wantEvents(id, s.LastSeq)
	}
}
