package model

import (
	"context"
	"fmt"
	"slices"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/lora"
)

// A Weigher is told the log probabilities of a batch's sequences from number first on, as many as are worked on
// at once, and sets the weight of each: the derivative of what is to be minimised by that log probability. It
// is called between the forward and the backward pass, on the backend's thread, so it must not use the model.
type Weigher = func(first int, logProbs, weights []float64)

// Weighted computes each sequence's log probability, the sum over its labels of the log probability of the
// label, with the adapter and its dropout, has weigh turn them into weights, and adds the gradient of the
// weighted sum to grad, which has the adapter's shapes. Any loss that is a function of such sums is trained so
// with one forward pass: cross-entropy has the weight -1, preference losses have weights that depend on the log
// probabilities. After an error grad holds a part of the gradient.
func (m *Model) Weighted(ctx context.Context, b Batch, a, grad *lora.Adapter, weigh Weigher) error {
	if a == nil || grad == nil || weigh == nil {
		return fmt.Errorf("%w: gradients need an adapter, a place to add to and weights", ErrInput)
	}

	return m.batch(ctx, b, a, grad, weigh)
}

// LogProbs writes the log probability of each sequence, the sum over its labels, to dst, which has a place for
// each; without dropout. The adapter may be nil.
func (m *Model) LogProbs(ctx context.Context, b Batch, a *lora.Adapter, dst []float64) error {
	if len(dst) != len(b.Starts) {
		return fmt.Errorf("%w: room for %d results of %d sequences", ErrInput, len(dst), len(b.Starts))
	}

	return m.batch(ctx, b, a, nil, func(first int, logProbs, _ []float64) { copy(dst[first:], logProbs) })
}

// Gradients computes the sum of the labels' cross-entropies (in nats) with the adapter and its dropout,
// and adds the sum's gradient to grad, which has the adapter's shapes. It returns the sum and the number
// of labels. After an error grad holds a part of the gradient.
func (m *Model) Gradients(
	ctx context.Context, b Batch, a *lora.Adapter, grad *lora.Adapter,
) (loss float64, labels int, err error) {
	err = m.Weighted(ctx, b, a, grad, func(_ int, logProbs, weights []float64) {
		for i, l := range logProbs {
			weights[i] = -1
			loss -= l
		}
	})

	return loss, b.labels(), err
}

// Loss computes the same sum without dropout and without gradients; the adapter may be nil.
func (m *Model) Loss(ctx context.Context, b Batch, a *lora.Adapter) (loss float64, labels int, err error) {
	err = m.batch(ctx, b, a, nil, func(_ int, logProbs, _ []float64) {
		for _, l := range logProbs {
			loss -= l
		}
	})

	return loss, b.labels(), err
}

func (b Batch) labels() int {
	n := 0

	for _, label := range b.Labels {
		if label >= 0 {
			n++
		}
	}

	return n
}

// batch runs all parts of a batch; without a gradient only forward.
func (m *Model) batch(ctx context.Context, b Batch, a, grad *lora.Adapter, weigh Weigher) error {
	if err := m.checkBatch(b); err != nil {
		return err
	}

	if err := m.checkAdapter(a, grad); err != nil {
		return err
	}

	return m.run(ctx, func(o compute.Ops) error {
		labels := 0

		for first := 0; first < len(b.Starts); {
			next := m.part(b, first)
			mark := o.Mark()

			p := m.begin(o, a)
			p.gradient, p.recompute = grad, b.Recompute
			p.pack(b, first, next)
			p.dropout = dropout{off: b.NoDropout, seed: b.DropoutSeed, first: b.Starts[first], firstWanted: labels}

			if err := p.step(ctx, b, first, next, weigh); err != nil {
				return err
			}

			labels += len(p.rows)
			first = next

			o.Release(mark)
		}

		return o.Err()
	})
}

// step runs sequences [first, next) of a batch.
func (p *pass) step(ctx context.Context, b Batch, first, next int, weigh Weigher) error {
	n := next - first
	p.sums = slices.Grow(p.sums[:0], n)[:n]
	p.weights = slices.Grow(p.weights[:0], n)[:n]
	clear(p.sums)
	clear(p.weights)

	if len(p.rows) == 0 {
		weigh(first, p.sums, p.weights)

		return nil
	}

	x, err := p.forward(ctx)
	if err != nil {
		return err
	}

	var dx compute.Tensor
	if p.training() {
		dx = p.ops.Scratch(x.Rows, x.Cols)
	}

	p.loss(dx, x)

	if err := p.ops.Err(); err != nil {
		return err
	}

	p.sum(b, first)
	weigh(first, p.sums, p.weights)

	if !p.training() {
		return nil
	}

	p.scale(dx, b, first)

	return p.backward(ctx, dx)
}

// sum adds the labels' log probabilities up to those of the sequences.
func (p *pass) sum(b Batch, first int) {
	p.eachRow(b, first, func(i, sequence int) { p.sums[sequence] -= p.losses[i] })
}

// scale turns dx, the gradient of the losses' sum, into that of the weighted log probabilities'.
func (p *pass) scale(dx compute.Tensor, b Batch, first int) {
	p.factors = slices.Grow(p.factors[:0], len(p.rows))[:len(p.rows)]
	p.eachRow(b, first, func(i, sequence int) { p.factors[i] = float32(-p.weights[sequence]) })
	p.ops.ScaleRows(dx, p.factors)
}

// eachRow calls f for each wanted row with its sequence, counted from first.
func (p *pass) eachRow(b Batch, first int, f func(i, sequence int)) {
	sequence := first

	for i, row := range p.rows {
		for b.end(sequence) <= b.Starts[first]+int(row) {
			sequence++
		}

		f(i, sequence-first)
	}
}

// pack takes sequences [first, next) of the batch.
func (p *pass) pack(b Batch, first, next int) {
	from, to := b.Starts[first], b.end(next-1)
	p.tokens = b.Tokens[from:to]
	p.positions, p.spans = p.positions[:0], p.spans[:0]

	var beginning compute.Span

	for s := first; s < next; s++ {
		n := b.end(s) - b.Starts[s]
		at := b.Starts[s] - from
		span := compute.Span{Query: at, Queries: n, Key: at, Keys: n}

		if b.continues(s) {
			span.Prefix, span.Prefixed = beginning.Key, beginning.Keys
		} else {
			beginning = span
		}

		if n > 0 {
			p.spans = append(p.spans, span)
		}

		for i := range n {
			p.positions = append(p.positions, int32(span.Prefixed+i))
		}
	}

	p.want(b.Labels[from:to])
}

// want sets the rows that have a label.
func (p *pass) want(labels []int32) {
	for i, label := range labels {
		if label >= 0 {
			p.rows = append(p.rows, int32(i))
			p.labels = append(p.labels, label)
		}
	}

	p.losses = slices.Grow(p.losses[:0], len(p.rows))[:len(p.rows)]
}
