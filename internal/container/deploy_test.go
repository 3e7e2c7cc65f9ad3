package container

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/memory"
	"github.com/gemini-image-chat/gemini-image-chat/adapters/metrics"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

// exposed is what a server tells Prometheus after it has done a bit of everything.
func exposed(t *testing.T) string {
	t.Helper()
	m := metrics.New(metrics.Options{
		Sockets: func() int { return 0 }, FreeBytes: func() (int64, error) { return 1, nil }, Damaged: func() bool { return false },
		StorageBytes: func() map[string]int64 { return map[string]int64{"database": 1} }, LastBackup: time.Now,
	})
	svc, err := imagechat.New(memory.Ports(imagechattest.NewScript()), nil)
	if err != nil {
		t.Fatal(err)
	}
	m.Watch(svc)
	m.Call(imagechat.CallReport{Call: 2, Cost: 1})
	m.Turn(imagechat.TurnReport{Attempt: 1, Started: time.Now()})
	m.Refused("requests")
	m.Request("GET /", "GET", 200, time.Second)
	m.Work("export", time.Second)
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	return w.Body.String()
}

var metricName = regexp.MustCompile(`\b(imagechat|process|go)_[a-z_]+[a-z]\b`)

// A dashboard or an alert that asks for a metric which nobody exposes is silent for ever.
func TestDashboardsAndAlertsAskForWhatIsThere(t *testing.T) {
	t.Parallel()
	page := exposed(t)
	for _, file := range []string{"grafana-dashboard.json", "prometheus-rules.yml"} {
		raw, err := os.ReadFile("../../deploy/" + file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(file, ".json") && !json.Valid(raw) {
			t.Fatalf("%s is no JSON", file)
		}
		names := metricName.FindAllString(string(raw), -1)
		if len(names) < 10 {
			t.Fatalf("%s names %d metrics; the check looked at nothing", file, len(names))
		}
		for _, name := range names {
			if !strings.Contains(page, "\n"+name+"{") && !strings.Contains(page, "\n"+name+" ") {
				t.Errorf("%s asks for %s, which is not there", file, name)
			}
		}
	}
}
