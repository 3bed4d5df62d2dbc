package model

import (
	"context"
	"fmt"
	"slices"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/lora"
)

// Batch is several sequences, one after the other, without padding. They do not see each other.
type Batch struct {
	Tokens []int32
	// Starts holds the index of each sequence's first token; Starts[0] is 0.
	Starts []int
	// Labels[i] is the token that should follow Tokens[i], or negative where nothing is learnt.
	Labels []int32
	// DropoutSeed selects the dropout masks; equal seeds give equal masks. Rows are counted over the
	// whole batch.
	DropoutSeed uint64
}

// Gradients computes the sum of the labels' cross-entropies (in nats) with the adapter and its dropout,
// and adds the sum's gradient to grad, which has the adapter's shapes. It returns the sum and the number
// of labels. After an error grad holds a part of the gradient.
func (m *Model) Gradients(
	ctx context.Context, b Batch, a *lora.Adapter, grad *lora.Adapter,
) (loss float64, labels int, err error) {
	if a == nil || grad == nil {
		return 0, 0, fmt.Errorf("%w: gradients need an adapter and a place to add to", ErrInput)
	}

	return m.batch(ctx, b, a, grad)
}

// Loss computes the same sum without dropout and without gradients; the adapter may be nil.
func (m *Model) Loss(ctx context.Context, b Batch, a *lora.Adapter) (loss float64, labels int, err error) {
	return m.batch(ctx, b, a, nil)
}

func (m *Model) batch(
	ctx context.Context, b Batch, a, grad *lora.Adapter,
) (loss float64, labels int, err error) {
	if err := m.checkBatch(b); err != nil {
		return 0, 0, err
	}

	if err := m.checkAdapter(a, grad); err != nil {
		return 0, 0, err
	}

	err = m.run(ctx, func(o compute.Ops) error {
		for first := 0; first < len(b.Starts); {
			next := m.part(b, first)
			mark := o.Mark()

			p := m.begin(o, a)
			p.gradient = grad
			p.pack(b, first, next)
			p.dropout = dropout{seed: b.DropoutSeed, first: b.Starts[first], firstWanted: labels}

			sum, err := p.step(ctx)
			if err != nil {
				return err
			}

			loss += sum
			labels += len(p.rows)
			first = next

			o.Release(mark)
		}

		return o.Err()
	})

	return loss, labels, err
}

// step runs one part of a batch.
func (p *pass) step(ctx context.Context) (float64, error) {
	if len(p.rows) == 0 {
		return 0, nil
	}

	x, err := p.forward(ctx)
	if err != nil {
		return 0, err
	}

	var dx compute.Tensor
	if p.training() {
		dx = p.ops.Scratch(x.Rows, x.Cols)
	}

	p.loss(dx, x)

	sum := 0.0
	for _, l := range p.losses {
		sum += l
	}

	if !p.training() {
		return sum, nil
	}

	return sum, p.backward(ctx, dx)
}

// part returns the end of the group of whole sequences from first on that are worked on at once.
func (m *Model) part(b Batch, first int) int {
	next := first + 1
	for next < len(b.Starts) && b.end(next)-b.Starts[first] <= m.batchTokens {
		next++
	}

	return next
}

// end returns the index after a sequence's last token.
func (b Batch) end(sequence int) int {
	if sequence+1 < len(b.Starts) {
		return b.Starts[sequence+1]
	}

	return len(b.Tokens)
}

// pack takes sequences [first, next) of the batch.
func (p *pass) pack(b Batch, first, next int) {
	from, to := b.Starts[first], b.end(next-1)
	p.tokens = b.Tokens[from:to]
	p.positions, p.spans = p.positions[:0], p.spans[:0]

	for s := first; s < next; s++ {
		n := b.end(s) - b.Starts[s]
		at := b.Starts[s] - from
		p.spans = append(p.spans, compute.Span{Query: at, Queries: n, Key: at, Keys: n})

		for i := range n {
			p.positions = append(p.positions, int32(i))
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

func (m *Model) checkBatch(b Batch) error {
	if len(b.Tokens) == 0 || len(b.Labels) != len(b.Tokens) {
		return fmt.Errorf("%w: %d tokens with %d labels", ErrInput, len(b.Tokens), len(b.Labels))
	}

	if len(b.Starts) == 0 || b.Starts[0] != 0 {
		return fmt.Errorf("%w: the first sequence must start at 0, starts are %v", ErrInput, b.Starts)
	}

	for s := range b.Starts {
		n := b.end(s) - b.Starts[s]
		if n < 1 || b.end(s) > len(b.Tokens) {
			return fmt.Errorf("%w: sequence %d has %d tokens", ErrInput, s, n)
		}

		if n > m.config.Context {
			return fmt.Errorf("%w: sequence %d has %d tokens, the model's context %d", ErrFull, s, n, m.config.Context)
		}
	}

	if err := m.checkTokens(b.Tokens); err != nil {
		return err
	}

	return m.checkLabels(b.Labels)
}
