package bench

import (
	"context"
	"time"

	"github.com/grokputer/grokputer/lm/model"
)

// measurePrefill computes the logits after the long prompt, again and again.
func measurePrefill(ctx context.Context, a Assignment, w Workload) (Outcome, error) {
	out := Outcome{Values: map[Metric]float64{}}
	err := withModel(ctx, a, func(m *model.Model) error {
		out.Device = m.Backend()
		cache := m.NewCache(len(w.Prefill))
		logits := make([]float32, m.Config().Vocab)
		var times []float64
		for i := range w.Size.Repeats + 1 {
			cache.Truncate(0)
			began := time.Now()
			if err := m.Forward(ctx, cache, nil, w.Prefill, logits); err != nil {
				return err
			}
			if i > 0 { // the first packs weights
				times = append(times, time.Since(began).Seconds())
			}
		}
		out.Values[PrefillSpeed] = float64(len(w.Prefill)) / median(times)
		return nil
	})
	return out, err
}
