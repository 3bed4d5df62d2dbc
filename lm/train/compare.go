package train

import (
	"context"
	"fmt"
	"slices"
)

// Preferences is what a step or an evaluation showed of pairs and rated completions;
// zero without any. A reward is Beta times the log ratio, see DPO. The names are
// those under which TRL logs them.
type Preferences struct {
	Chosen   float64 // mean reward of chosen and desirable completions
	Rejected float64 // mean reward of rejected and undesirable ones
	Margin   float64 // Chosen - Rejected, where there are both
	Accuracy float64 // part of the pairs whose chosen completion has the greater reward
	KL       float64 // KTO's z
}

// preferences is the pairs and rated completions of a set at work.
type preferences struct {
	*objective

	set       set
	sequences []Example // two for each pair, then one for each rated completion
	reference []float64 // log probabilities under the reference
	ratios    []float64 // log ratios, as they become known
	z         float64
}

// mismatched returns the rated prompts, each with the completion of the one before it,
// if z is to be found by them.
func (p *preferences) mismatched() []Example {
	rated := p.set.rated
	if p.opts.KTO.APO || len(rated) < 2 {
		return nil
	}
	limit := p.opts.MicroTokens
	if c := p.opts.Context; c > 0 {
		limit = min(limit, c)
	}
	var all []Example
	for i, r := range rated {
		other := rated[(i+len(rated)-1)%len(rated)].Completion
		// As TRL does, cut what is too long: neither example was.
		other = other[:min(len(other), limit-len(r.Prompt)+1)]
		all = append(all, Example{r.Prompt, other})
	}
	return all
}

// compare sets the log probabilities under the reference, and z.
func (p *preferences) compare(ctx context.Context) error {
	n, pairs, mismatched := len(p.sequences), len(p.set.pairs), p.mismatched()
	all := append(slices.Clip(p.sequences), mismatched...) // equal prompts: mostly one more completion
	reference, err := p.logProbs(ctx, pack(all, pairs, p.opts.MicroTokens), p.opts.Reference, len(all))
	if err != nil {
		return fmt.Errorf("reference: %w", err)
	}
	p.reference = reference[:n]
	if len(mismatched) == 0 {
		return nil
	}
	policy, err := p.logProbs(ctx, pack(mismatched, 0, p.opts.MicroTokens), p.adapter, len(mismatched))
	if err != nil {
		return err
	}
	for i := range policy {
		p.z += (policy[i] - reference[n+i]) / float64(len(policy))
	}
	p.z = max(p.z, 0)
	return nil
}

// weigher notes a batch's log ratios and weighs its sequences by them.
func (p *preferences) weigher(m micro) func(first int, logProbs, weights []float64) {
	return func(first int, logProbs, weights []float64) {
		ids := m.ids[first : first+len(logProbs)]
		for i, id := range ids {
			if id >= 0 {
				p.ratios[id] = logProbs[i] - p.reference[id]
			}
		}
		for i, id := range ids {
			if id >= 0 {
				weights[i] = p.weight(id)
			}
		}
	}
}

// weight returns the derivative of the loss by a sequence's log probability.
func (p *preferences) weight(id int) float64 {
	items := float64(p.set.len())
	if pair := id / 2; pair < len(p.set.pairs) {
		chosen, rejected := p.scales(pair)
		_, slope := p.opts.DPO.loss(p.difference(pair))
		slope *= p.opts.DPO.Weight / items
		if id%2 == 0 {
			return slope * chosen
		}
		return -slope * rejected
	}
	r := p.set.rated[id-2*len(p.set.pairs)]
	_, slope := p.opts.KTO.loss(p.ratios[id], p.z, r.Desirable)
	return slope * p.opts.KTO.Weight / items
}

// scales returns what the log ratios of a pair are multiplied with.
func (p *preferences) scales(pair int) (chosen, rejected float64) {
	if !p.opts.DPO.Average {
		return 1, 1
	}
	return 1 / float64(len(p.set.pairs[pair].Chosen)), 1 / float64(len(p.set.pairs[pair].Rejected))
}

func (p *preferences) difference(pair int) float64 {
	chosen, rejected := p.scales(pair)
	return chosen*p.ratios[2*pair] - rejected*p.ratios[2*pair+1]
}

// total adds the losses up once all log ratios are known.
func (p *preferences) total(sum *score) {
	items := float64(p.set.len())
	var good, bad mean
	var accuracy mean
	for i := range p.set.pairs {
		loss, _ := p.opts.DPO.loss(p.difference(i))
		sum.loss += p.opts.DPO.Weight * loss / items
		chosen, rejected := p.opts.DPO.Beta*p.ratios[2*i], p.opts.DPO.Beta*p.ratios[2*i+1]
		good.add(chosen)
		bad.add(rejected)
		if chosen > rejected {
			accuracy.add(1)
		} else {
			accuracy.add(0)
		}
	}
	for i, r := range p.set.rated {
		ratio := p.ratios[2*len(p.set.pairs)+i]
		loss, _ := p.opts.KTO.loss(ratio, p.z, r.Desirable)
		sum.loss += p.opts.KTO.Weight * loss / items
		if r.Desirable {
			good.add(p.opts.KTO.Beta * ratio)
		} else {
			bad.add(p.opts.KTO.Beta * ratio)
		}
	}
	sum.Preferences = Preferences{Chosen: good.value(), Rejected: bad.value(), Accuracy: accuracy.value(), KL: p.z}
	if good.n > 0 && bad.n > 0 {
		sum.Margin = sum.Chosen - sum.Rejected
	}
	tokens, _ := counts(p.sequences)
	sum.tokens += tokens
}

// mean of numbers; of none it is 0.
type mean struct {
	sum float64
	n   int
}

func (m *mean) add(x float64) { m.sum, m.n = m.sum+x, m.n+1 }

func (m *mean) value() float64 { return m.sum / float64(max(m.n, 1)) }
