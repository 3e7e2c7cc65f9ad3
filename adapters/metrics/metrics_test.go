package metrics_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/memory"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/metrics"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

func page(m *metrics.Metrics) string {
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	return w.Body.String()
}

func series(text string) int {
	n := 0
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "imagechat_") {
			n++
		}
	}
	return n
}

func watched(t *testing.T, o *imagechat.Options) (*metrics.Metrics, string) {
	t.Helper()
	m := metrics.New(metrics.Options{
		StorageBytes: func() map[string]int64 { return map[string]int64{"database": 4096} },
		LastBackup:   func() time.Time { return time.Unix(1_700_000_000, 0) },
	})
	svc, err := imagechat.New(memory.Ports(imagechattest.NewScript()), o)
	if err != nil {
		t.Fatal(err)
	}
	m.Watch(svc)
	return m, svc.DefaultModel()
}

// What a client sends is no label: a few hundred invented names make no series.
func TestSeriesAreBounded(t *testing.T) {
	t.Parallel()
	m, known := watched(t, nil)
	invent := func(n int) {
		name := fmt.Sprintf("invented-%d", n)
		m.Call(imagechat.CallReport{Model: name, Size: name, Code: imagechat.ModelUnavailable, Call: 2, Cost: 1})
		m.Request("GET /api/image-chat/sessions", name, 200, time.Second)
	}
	invent(0)
	before := series(page(m))
	for n := range 300 {
		invent(n)
	}
	text := page(m)
	if got := series(text); got != before {
		t.Errorf("%d series became %d", before, got)
	}
	m.Call(imagechat.CallReport{Model: known, Size: "1K"})
	text = page(m)
	for _, want := range []string{
		`imagechat_generator_calls_total{model="other",outcome="model_unavailable"} 301`,
		fmt.Sprintf(`imagechat_generator_calls_total{model=%q,outcome="ok"} 1`, known),
		`imagechat_generator_retries_total{model="other"} 301`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
}

func TestWhatAlertsNeedIsThere(t *testing.T) {
	t.Parallel()
	m, _ := watched(t, &imagechat.Options{DailyBudget: imagechat.Dollars(5)})
	begun := time.Unix(1_700_000_000, 0)
	m.Turn(imagechat.TurnReport{
		Kind: imagechat.KindGenerate, Status: imagechat.TurnSucceeded, Attempt: 1,
		Accepted: begun, Started: begun.Add(3 * time.Second), Ended: begun.Add(10 * time.Second),
	})
	m.Turn(imagechat.TurnReport{Kind: imagechat.KindChat, Status: imagechat.TurnFailed, Code: imagechat.QuotaExhausted, Attempt: 2})
	m.TurnRefused(imagechat.BudgetExceeded)
	m.Call(imagechat.CallReport{Code: imagechat.GeneratorRejectedKey})
	m.Swept(7)
	m.Work("thumbnail", time.Second)
	text := page(m)
	for _, want := range []string{
		`imagechat_turns_total{kind="generate",outcome="succeeded"} 1`,
		`imagechat_turns_total{kind="chat",outcome="quota_exhausted"} 1`,
		"imagechat_turn_wait_seconds_sum 3\n",
		`imagechat_turn_seconds_sum{kind="generate"} 7`,
		`imagechat_refused_total{reason="budget_exceeded"} 1`,
		"imagechat_generator_key_rejected 1\n",
		"imagechat_budget_usd 5\n", "imagechat_budget_spent_usd 0\n",
		`imagechat_storage_bytes{part="database"} 4096`,
		"imagechat_backup_timestamp_seconds 1.7e+09\n",
		"imagechat_swept_blobs_total 7\n",
		`imagechat_picture_work_seconds_count{kind="thumbnail"} 1`,
		`imagechat_logins_total{outcome="wrong"} 0`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	m.Call(imagechat.CallReport{})
	if !strings.Contains(page(m), "imagechat_generator_key_rejected 0\n") {
		t.Error("a call that succeeded leaves the key rejected")
	}
}
