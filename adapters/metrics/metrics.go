// Package metrics counts what the service and its API do, for Prometheus.
//
// Every label has a bounded set of values that no client can extend: routes are
// the server's patterns, models are those of the service's table (others count
// as "other"), and owners never are labels.
package metrics

import (
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// other is the label for what no table lists.
const other = "other"

// Metrics is a registry with the counters of one process. Make one with New,
// give Call, Turn and Refused to imagechat.Options, the whole to the API, and
// tell it about the service with Watch. It is safe for concurrent use.
type Metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	took     *prometheus.HistogramVec
	work     *prometheus.HistogramVec
	refused  *prometheus.CounterVec
	logins   *prometheus.CounterVec
	streams  prometheus.Gauge

	turns   *prometheus.CounterVec
	worked  *prometheus.HistogramVec
	waited  prometheus.Histogram
	calls   *prometheus.CounterVec
	retries *prometheus.CounterVec
	drawing *prometheus.HistogramVec
	spent   *prometheus.CounterVec
	swept   prometheus.Counter
	badKey  prometheus.Gauge

	// models are the names that may be labels; set by Watch.
	models atomic.Pointer[[]string]
}

// Options is what the metrics ask from outside; every function may be nil, and
// is called when the metrics are read.
type Options struct {
	Version  string
	Revision string
	// Sockets is how many WebSockets are open.
	Sockets func() int
	// FreeBytes is the room left in the data directory.
	FreeBytes func() (int64, error)
	// Damaged tells whether damage was found in the database.
	Damaged func() bool
	// StorageBytes is the size of each part of the store in bytes, by a name of
	// a fixed set such as "database", "wal" and "blobs".
	StorageBytes func() map[string]int64
	// LastBackup is when the last good backup was made; the zero time means never.
	LastBackup func() time.Time
}

// New makes the registry.
func New(o Options) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry()}
	m.countAPI()
	m.countTurns()
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "imagechat_build_info", Help: "Always 1; the labels tell the build.",
			ConstLabels: prometheus.Labels{"version": o.Version, "revision": o.Revision, "go": runtime.Version()},
		}, func() float64 { return 1 }))
	m.gauges(o)
	return m
}

func (m *Metrics) countAPI() {
	m.requests = m.counters("imagechat_http_requests_total", "Answered requests.", "route", "method", "status")
	m.took = m.histograms("imagechat_http_request_seconds", "Time to answer a request.",
		[]float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10, 30, 120, 300}, "route")
	m.work = m.histograms("imagechat_picture_work_seconds", "Time to answer requests that handle pixels, by kind: thumbnail, export, pack, preview, upload.",
		[]float64{.005, .025, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120}, "kind")
	m.refused = m.counters("imagechat_refused_total", "What a limit refused, by reason: requests, turns, logins, sockets, or the code of a turn that was not taken in.", "reason")
	m.logins = m.counters("imagechat_logins_total", "Logins by the form, by outcome: ok, wrong, limited.", "outcome")
	m.streams = prometheus.NewGauge(prometheus.GaugeOpts{Name: "imagechat_event_streams", Help: "Open streams of server-sent events."})
	m.registry.MustRegister(m.streams)
	for _, outcome := range []string{"ok", "wrong", "limited"} {
		m.logins.WithLabelValues(outcome) // a rate needs a first value
	}
}

func (m *Metrics) countTurns() {
	seconds := []float64{.1, .5, 1, 2, 5, 10, 15, 20, 30, 45, 60, 120, 300}
	m.turns = m.counters("imagechat_turns_total", "Turns that ended, by kind and outcome (succeeded, cancelled or an error code).", "kind", "outcome")
	m.worked = m.histograms("imagechat_turn_seconds", "Time from the start of a turn's work to its end.", seconds, "kind")
	m.waited = prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "imagechat_turn_wait_seconds", Help: "Time that turns waited in the queue.", Buckets: append([]float64{.01}, seconds...),
	})
	m.calls = m.counters("imagechat_generator_calls_total", "Generator calls that ended, by outcome (ok or an error code).", "model", "outcome")
	m.retries = m.counters("imagechat_generator_retries_total", "Generator calls that repeated one that surely cost nothing.", "model")
	m.drawing = m.histograms("imagechat_generator_call_seconds", "Length of generator calls.", seconds, "model", "size")
	m.spent = m.counters("imagechat_spent_usd_total", "US dollars booked on generator calls since the start, estimates of lost answers included.", "model")
	m.swept = prometheus.NewCounter(prometheus.CounterOpts{Name: "imagechat_swept_blobs_total", Help: "Files that nothing referred to and that were taken away."})
	m.badKey = prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "imagechat_generator_key_rejected", Help: "1 when the generator's maker refused the API key at the last call, else 0.",
	})
	m.registry.MustRegister(m.waited, m.swept, m.badKey)
}

func (m *Metrics) counters(name, help string, labels ...string) *prometheus.CounterVec {
	v := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	m.registry.MustRegister(v)
	return v
}

func (m *Metrics) histograms(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	v := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets}, labels)
	m.registry.MustRegister(v)
	return v
}

// Handler answers with the metrics as Prometheus reads them.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// Call takes a report in; it is made for imagechat.Options.OnCall.
func (m *Metrics) Call(r imagechat.CallReport) {
	outcome := string(r.Code)
	if outcome == "" {
		outcome = "ok"
	}
	model := m.model(r.Model)
	m.calls.WithLabelValues(model, outcome).Inc()
	if r.Call > 1 {
		m.retries.WithLabelValues(model).Inc()
	}
	m.drawing.WithLabelValues(model, size(r.Size)).Observe(r.Duration.Seconds())
	if r.Cost > 0 {
		m.spent.WithLabelValues(model).Add(r.Cost.Float())
	}
	switch r.Code {
	case imagechat.GeneratorRejectedKey:
		m.badKey.Set(1)
	case "":
		m.badKey.Set(0)
	}
}

// Turn takes a report in; it is made for imagechat.Options.OnTurn.
func (m *Metrics) Turn(r imagechat.TurnReport) {
	outcome := string(r.Status)
	if r.Status == imagechat.TurnFailed {
		outcome = string(r.Code)
	}
	m.turns.WithLabelValues(string(r.Kind), outcome).Inc()
	if r.Attempt == 1 && !r.Started.IsZero() {
		m.waited.Observe(r.Waited().Seconds())
		m.worked.WithLabelValues(string(r.Kind)).Observe(r.Took().Seconds())
	}
}

// TurnRefused counts a turn that was not taken in; it is made for
// imagechat.Options.OnRefused.
func (m *Metrics) TurnRefused(code imagechat.Code) { m.refused.WithLabelValues(string(code)).Inc() }

// Refused counts what a limit of the API refused.
func (m *Metrics) Refused(reason string) { m.refused.WithLabelValues(reason).Inc() }

// Swept counts files that were taken away because nothing refers to them.
func (m *Metrics) Swept(files int) { m.swept.Add(float64(files)) }

// Login counts a login by the form: "ok", "wrong" or "limited".
func (m *Metrics) Login(outcome string) { m.logins.WithLabelValues(outcome).Inc() }

// Streams counts a stream of events that was opened (1) or closed (-1).
func (m *Metrics) Streams(change int) { m.streams.Add(float64(change)) }

// Work tells how long an answer took whose pixels had to be handled.
func (m *Metrics) Work(kind string, took time.Duration) {
	m.work.WithLabelValues(kind).Observe(took.Seconds())
}

// Request counts an answered request. route is the mux's pattern, so that
// there are as many series as routes and not as ids.
func (m *Metrics) Request(route, method string, status int, took time.Duration) {
	if _, path, ok := strings.Cut(route, " "); ok {
		route = path
	}
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPatch, http.MethodDelete, http.MethodOptions:
	default:
		method = other // clients may invent methods
	}
	m.requests.WithLabelValues(route, method, strconv.Itoa(status)).Inc()
	if status != http.StatusSwitchingProtocols { // a socket's length is no latency
		m.took.WithLabelValues(route).Observe(took.Seconds())
	}
}

// model is a model's label: its id when the service lists it.
func (m *Metrics) model(id string) string {
	if known := m.models.Load(); known != nil && slices.Contains(*known, id) {
		return id
	}
	return other
}

// size is a picture size's label.
func size(s string) string {
	switch s {
	case "", "512", "1K", "2K", "4K":
		return s
	}
	return other
}
