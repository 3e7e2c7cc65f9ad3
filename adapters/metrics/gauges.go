package metrics

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// askTime bounds a question to the store when the metrics are read.
const askTime = 2 * time.Second

func (m *Metrics) gauge(name, help string, value func() float64) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value))
}

func (m *Metrics) gauges(o Options) {
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
	if o.LastBackup != nil {
		m.gauge("imagechat_backup_timestamp_seconds", "When the last good backup was made, in seconds since 1970; 0 for never.", func() float64 {
			if at := o.LastBackup(); !at.IsZero() {
				return float64(at.Unix())
			}
			return 0
		})
	}
	if o.StorageBytes != nil {
		m.registry.MustRegister(&parts{
			describe: prometheus.NewDesc("imagechat_storage_bytes", "Size of the parts of the store.", []string{"part"}, nil),
			sizes:    o.StorageBytes,
		})
	}
}

// parts is one gauge for each part of the store.
type parts struct {
	describe *prometheus.Desc
	sizes    func() map[string]int64
}

// Describe implements prometheus.Collector.
func (p *parts) Describe(ch chan<- *prometheus.Desc) { ch <- p.describe }

// Collect implements prometheus.Collector.
func (p *parts) Collect(ch chan<- prometheus.Metric) {
	for part, size := range p.sizes() {
		ch <- prometheus.MustNewConstMetric(p.describe, prometheus.GaugeValue, float64(size), part)
	}
}

// Watch adds what svc can tell, and takes its models as labels. Call it once.
func (m *Metrics) Watch(svc *imagechat.Service) {
	var models []string
	for _, model := range svc.Models() {
		models = append(models, model.ID)
	}
	m.models.Store(&models)
	m.gauge("imagechat_turns_queued", "Turns that wait.", func() float64 { return float64(svc.Stats().Queued) })
	m.gauge("imagechat_turns_running", "Turns at work.", func() float64 { return float64(svc.Stats().Running) })
	m.gauge("imagechat_budget_usd", "The daily budget in US dollars; 0 for none.", func() float64 { return svc.DailyBudget().Float() })
	m.gauge("imagechat_budget_spent_usd", "US dollars that count against the daily budget now; -1 when it cannot be told.", func() float64 {
		ctx, cancel := context.WithTimeout(context.Background(), askTime)
		defer cancel()
		spent, err := svc.SpentToday(ctx)
		if err != nil {
			return -1
		}
		return spent.Float()
	})
}
