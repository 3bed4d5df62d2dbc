package bench

import (
	"context"
	"time"

	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/model"
)

// measureDecode decodes greedily after a prompt, in turn without and with an adapter.
func measureDecode(ctx context.Context, a Assignment, w Workload) (Outcome, error) {
	out := Outcome{Values: map[Metric]float64{}}
	err := withModel(ctx, a, func(m *model.Model) error {
		out.Device = m.Backend()
		adapter, err := randomAdapter(m.Config().Dims(), 1)
		if err != nil {
			return err
		}
		adapter.Freeze() // as an engine does with what it loads
		d := decoding{model: m, cache: m.NewCache(len(w.Context) + w.Size.Decode), logits: make([]float32, m.Config().Vocab)}
		var plain, adapted, cost []float64
		for i := range w.Size.Repeats + 1 {
			p, err := d.measure(ctx, nil, w)
			if err != nil {
				return err
			}
			q, err := d.measure(ctx, adapter, w)
			if err != nil {
				return err
			}
			if i > 0 { // the first packs weights and adapter
				plain, adapted = append(plain, perSecond(w.Size.Decode, p)), append(adapted, perSecond(w.Size.Decode, q))
				cost = append(cost, 100*(q.Seconds()/p.Seconds()-1))
			}
		}
		out.Values[DecodeSpeed], out.Values[AdaptedSpeed], out.Values[AdapterCost] = median(plain), median(adapted), median(cost)
		return nil
	})
	return out, err
}

// decoding is a model with a cache.
type decoding struct {
	model  *model.Model
	cache  *model.Cache
	logits []float32
}

// measure returns how long the workload's tokens take after its prompt.
func (d decoding) measure(ctx context.Context, a *lora.Adapter, w Workload) (time.Duration, error) {
	d.cache.Truncate(0)
	if err := d.model.Forward(ctx, d.cache, a, w.Context, d.logits); err != nil {
		return 0, err
	}
	began := time.Now()
	for range w.Size.Decode {
		if err := d.model.Forward(ctx, d.cache, a, []int32{greatest(d.logits)}, d.logits); err != nil {
			return 0, err
		}
	}
	return time.Since(began), nil
}
