package humaapi

import (
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// Metrics counts what the service does, in a registry of its own. Make one
// with NewMetrics, give its Call to imagechat.Options.OnCall, and the whole
// to New.
type Metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	took     *prometheus.HistogramVec
	calls    *prometheus.CounterVec
	drawing  *prometheus.HistogramVec
	spent    *prometheus.CounterVec
	streams  prometheus.Gauge
}

// MetricsOptions is what the metrics ask from outside; every function may be
// nil.
type MetricsOptions struct {
	Version  string
	Revision string
	// Sockets is how many WebSockets are open.
	Sockets func() int
	// FreeBytes is the room left in the data directory.
	FreeBytes func() (int64, error)
	// Damaged tells whether damage was found in the database.
	Damaged func() bool
}

// NewMetrics makes the registry.
func NewMetrics(o MetricsOptions) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "imagechat_http_requests_total", Help: "Answered requests.",
		}, []string{"route", "method", "status"}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "imagechat_http_request_seconds", Help: "Time to answer a request.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10, 30, 120, 300},
		}, []string{"route"}),
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "imagechat_generator_calls_total", Help: "Generator calls that ended, by outcome (ok or an error code).",
		}, []string{"model", "outcome"}),
		drawing: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "imagechat_generator_call_seconds", Help: "Length of generator calls.",
			Buckets: []float64{.1, .5, 1, 2, 5, 10, 15, 20, 30, 45, 60, 120, 300},
		}, []string{"model", "size"}),
		spent: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "imagechat_spent_usd_total", Help: "US dollars booked on generator calls since the start.",
		}, []string{"model"}),
		streams: prometheus.NewGauge(prometheus.GaugeOpts{Name: "imagechat_event_streams", Help: "Open streams of server-sent events."}),
	}
	m.registry.MustRegister(m.requests, m.took, m.calls, m.drawing, m.spent, m.streams,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "imagechat_build_info", Help: "Always 1; the labels tell the build.",
			ConstLabels: prometheus.Labels{"version": o.Version, "revision": o.Revision, "go": runtime.Version()},
		}, func() float64 { return 1 }))
	if o.Sockets != nil {
		m.gauge("imagechat_sockets", "Open WebSockets.", func() float64 { return float64(o.Sockets()) })
	}
	if o.FreeBytes != nil {
		m.gauge("imagechat_disk_free_bytes", "Room left in the data directory; -1 when it cannot be told.", func() float64 {
			free, err := o.FreeBytes()
			if err != nil {
				return -1
			}
			return float64(free)
		})
	}
	if o.Damaged != nil {
		m.gauge("imagechat_database_damaged", "1 when damaged pages were found in the database, else 0.", func() float64 {
			if o.Damaged() {
				return 1
			}
			return 0
		})
	}
	return m
}

func (m *Metrics) gauge(name, help string, value func() float64) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value))
}

func (m *Metrics) bind(svc *imagechat.Service) {
	m.gauge("imagechat_turns_queued", "Turns that wait.", func() float64 { return float64(svc.Stats().Queued) })
	m.gauge("imagechat_turns_running", "Turns at work.", func() float64 { return float64(svc.Stats().Running) })
}

// Call takes a report in; it is made for imagechat.Options.OnCall.
func (m *Metrics) Call(r imagechat.CallReport) {
	outcome := string(r.Code)
	if outcome == "" {
		outcome = "ok"
	}
	m.calls.WithLabelValues(r.Model, outcome).Inc()
	m.drawing.WithLabelValues(r.Model, r.Size).Observe(r.Duration.Seconds())
	if r.Cost > 0 {
		m.spent.WithLabelValues(r.Model).Add(r.Cost.Float())
	}
}

// request counts an answered request. route is the mux's pattern, so that
// there are as many series as routes and not as ids.
func (m *Metrics) request(route, method string, status int, took time.Duration) {
	if _, path, ok := strings.Cut(route, " "); ok {
		route = path
	}
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPatch, http.MethodDelete, http.MethodOptions:
	default:
		method = "other" // clients may invent methods
	}
	m.requests.WithLabelValues(route, method, strconv.Itoa(status)).Inc()
	if status != http.StatusSwitchingProtocols { // a socket's length is no latency
		m.took.WithLabelValues(route).Observe(took.Seconds())
	}
}

func (m *Metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
