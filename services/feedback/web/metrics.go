package web

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/services/feedback"
)

// scrapeTimeout bounds the reading of the projection for one scrape.
const scrapeTimeout = 5 * time.Second

// metrics are what Prometheus reads.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
}

func newMetrics(s *feedback.Service) metrics {
	m := metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "grokputer_http_requests_total", Help: "HTTP requests by method and status.",
		}, []string{"method", "code"}),
	}
	m.registry.MustRegister(m.requests, standing{s})
	return m
}

func (m metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// count counts the requests of a handler.
func (m metrics) count(next http.Handler) http.Handler {
	return promhttp.InstrumentHandlerCounter(m.requests, next)
}

// standing reads the projection at each scrape.
type standing struct{ service *feedback.Service }

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("grokputer_"+name, help, labels, nil)
}

// The metrics of the projection.
func (standing) descriptions() (sessions, average, window, stars, issues, behind *prometheus.Desc) {
	return describe("sessions", "Sessions that have ended, by outcome.", "outcome"),
		describe("rating_average", "Mean stars of the last rated sessions."),
		describe("rating_window", "Over how many rated sessions the average is taken."),
		describe("ratings", "The last rated sessions by stars.", "stars"),
		describe("issues", "Issues named in the last rated sessions.", "issue"),
		describe("projection_behind", "Events that the projection has still to apply.")
}

// Describe implements prometheus.Collector.
func (s standing) Describe(to chan<- *prometheus.Desc) {
	sessions, average, window, stars, issues, behind := s.descriptions()
	for _, d := range []*prometheus.Desc{sessions, average, window, stars, issues, behind} {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (s standing) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
	defer cancel()
	sessions, average, window, stars, issues, behind := s.descriptions()
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	ended, err := s.service.Ended(ctx)
	if err != nil {
		to <- prometheus.NewInvalidMetric(sessions, err)
		return
	}
	for _, outcome := range []contracts.Verb{contracts.VerbCompleted, contracts.VerbFailed, contracts.VerbCancelled} {
		gauge(sessions, float64(ended[outcome]), string(outcome))
	}
	stats, err := s.service.Standing(ctx)
	if err != nil {
		to <- prometheus.NewInvalidMetric(average, err)
		return
	}
	gauge(average, stats.Average)
	gauge(window, float64(stats.Window))
	for i, n := range stats.Stars {
		gauge(stars, float64(n), strconv.Itoa(i+contracts.MinRating))
	}
	for _, issue := range contracts.Issues() {
		gauge(issues, float64(stats.Issues[issue]), string(issue))
	}
	if n, err := s.service.Behind(ctx); err == nil { // NATS is away: the rest is known all the same
		gauge(behind, float64(n))
	}
}
