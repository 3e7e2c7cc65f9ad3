//go:build !windows

package crashtest

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/gemini/geminitest"
)

func TestFiftyEqualRequestsAtOnceAreOneTurnAndOneCall(t *testing.T) {
	t.Parallel()
	r := newRig(t, geminitest.Options{})
	r.Restart()
	id := r.newSession()
	var all sync.WaitGroup
	var mu sync.Mutex
	turns := map[string]int{}
	for range 50 {
		all.Go(func() {
			got, status := r.submit(id, "a lamp", key)
			if status != 202 && status != 200 {
				t.Errorf("got %d", status)
			}
			mu.Lock()
			defer mu.Unlock()
			turns[got.ID]++
		})
	}
	all.Wait()
	if len(turns) != 1 {
		t.Errorf("got turns %v, want one", turns)
	}
	r.wantPicture(id, 1)
	var p struct {
		Code string `json:"code"`
	}
	status := r.call("POST", "/sessions/"+id+"/turns", map[string]any{"kind": "generate", "content": "another lamp"}, &p, "Idempotency-Key", key)
	if status != http.StatusConflict || p.Code != "idempotency_mismatch" {
		t.Errorf("another body under the key: got %d %s", status, p.Code)
	}
}

func TestTwoHundredRequestsAtOnceNeverPassACapForTen(t *testing.T) {
	t.Parallel()
	probe := newRig(t, geminitest.Options{})
	probe.Restart()
	var estimate struct {
		USD float64 `json:"estimated_cost_usd"`
	}
	probe.must("POST", "/sessions/"+probe.newSession()+"/estimate", map[string]any{"kind": "generate", "content": "a lamp"}, &estimate)

	r := newRig(t, geminitest.Options{}, "DAILY_BUDGET_USD="+strconv.FormatFloat(10.5*estimate.USD, 'f', 9, 64))
	for range 10 {
		r.google.Script(mustScript(t, "[[hold]]")) // nothing is settled while they come
	}
	r.Restart()
	sessions := make([]string, 20)
	for i := range sessions {
		sessions[i] = r.newSession()
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	got := map[string]int{}
	for i := range 200 {
		all.Go(func() {
			var p struct {
				ID     string `json:"id"`
				Code   string `json:"code"`
				Detail string `json:"detail"`
			}
			status := r.call("POST", "/sessions/"+sessions[i%20]+"/turns", map[string]any{"kind": "generate", "content": "a lamp"}, &p)
			mu.Lock()
			defer mu.Unlock()
			got[fmt.Sprint(status, " ", p.Code)]++
			if status == http.StatusPaymentRequired && !strings.Contains(p.Detail, "$") {
				t.Errorf("got %q, want the amounts", p.Detail)
			}
		})
	}
	all.Wait()
	if len(got) != 2 || got["202 "] != 10 || got["402 budget_exceeded"] != 190 {
		t.Errorf("got %v, want 10 taken and 190 refused", got)
	}
	r.awaitCalls(4) // as many as run side by side
	if n := r.google.Calls(); n > 10 {
		t.Errorf("the maker was called %d times", n)
	}
}
