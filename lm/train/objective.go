package train

import (
	"context"

	"github.com/grokputer/grokputer/lm/lora"
)

// objective computes the loss of a set of examples and its gradient. With n items,
// of which n(k) are of kind k, the loss is the sum over the kinds of
//
//	n(k)/n * Weight(k) * (mean loss of the kind)
//
// so that an item counts the same whatever else is in its step. The mean is taken
// over label tokens for examples, whose weight is 1, over pairs, and over rated
// completions.
type objective struct {
	model   Model
	adapter *lora.Adapter
	opts    *Options

	grad *lora.Adapter // nil where only the loss is wanted
	step int           // whose dropout masks are taken

	passes int
}

// score is what came out.
type score struct {
	loss   float64
	tokens int // of the sequences, a shared prompt counted for each
	Preferences
}

func (o *objective) of(ctx context.Context, s set) (score, error) {
	var sum score
	if len(s.examples) > 0 {
		if err := o.examples(ctx, s, &sum); err != nil {
			return score{}, err
		}
	}
	if len(s.pairs)+len(s.rated) > 0 {
		if err := o.preferences(ctx, s, &sum); err != nil {
			return score{}, err
		}
	}
	return sum, nil
}

// examples adds the cross-entropy of the examples' labels.
func (o *objective) examples(ctx context.Context, s set, sum *score) error {
	tokens, labels := counts(s.examples)
	weight := float64(len(s.examples)) / float64(s.len()) / float64(labels)
	negative := 0.0
	for _, m := range pack(s.examples, 0, o.opts.MicroTokens) {
		err := o.pass(ctx, m.Batch, func(_ int, logProbs, weights []float64) {
			for i, l := range logProbs {
				negative -= l
				weights[i] = -weight
			}
		})
		if err != nil {
			return err
		}
	}
	sum.loss += weight * negative
	sum.tokens += tokens
	return nil
}

// pass computes one micro-batch.
func (o *objective) pass(ctx context.Context, b Batch, weigh func(first int, logProbs, weights []float64)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if o.grad == nil {
		logProbs := make([]float64, len(b.Starts))
		if err := o.model.LogProbs(ctx, b, o.adapter, logProbs); err != nil {
			return err
		}
		weigh(0, logProbs, make([]float64, len(logProbs)))
		return nil
	}
	b.DropoutSeed, b.Recompute = dropoutSeed(o.opts.Seed, o.step, o.passes), o.opts.Recompute
	o.passes++
	return o.model.Weighted(ctx, b, o.adapter, o.grad, weigh)
}

// preferences adds the losses of pairs and rated completions. Dropout is off: the
// noise would be that of whole sums, not of single tokens (TRL has it off, too).
func (o *objective) preferences(ctx context.Context, s set, sum *score) error {
	p := &preferences{objective: o, set: s, sequences: s.preferences()}
	if err := p.compare(ctx); err != nil {
		return err
	}
	p.ratios = make([]float64, len(p.sequences))
	for _, m := range pack(p.sequences, len(s.pairs), o.opts.MicroTokens) {
		m.NoDropout = true
		if err := o.pass(ctx, m.Batch, p.weigher(m)); err != nil {
			return err
		}
	}
	p.total(sum)
	return nil
}

// logProbs returns the log probability of each sequence under an adapter, without
// dropout.
func (o *objective) logProbs(ctx context.Context, batches []micro, a *lora.Adapter, sequences int) ([]float64, error) {
	all := make([]float64, sequences)
	for _, m := range batches {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		got := make([]float64, len(m.ids))
		if err := o.model.LogProbs(ctx, m.Batch, a, got); err != nil {
			return nil, err
		}
		for i, id := range m.ids {
			if id >= 0 {
				all[id] = got[i]
			}
		}
	}
	return all, nil
}
