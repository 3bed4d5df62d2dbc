package model

import (
	"context"

	"github.com/grokputer/grokputer/lm/compute"
)

// backward takes the gradient dx [len(rows), hidden] of the last layer's result down to the first layer
// that has an adapter, and adds to the adapters' gradients on the way. Norms and activations are
// computed again from the kept state.
func (p *pass) backward(ctx context.Context, dx compute.Tensor) error {
	o, c := p.ops, p.model.config
	first := p.firstAdapted()

	full := o.Scratch(len(p.tokens), c.Hidden)

	for i := c.Layers - 1; i >= first; i-- {
		if err := ctx.Err(); err != nil {
			return err
		}

		mark := o.Mark()

		if p.recompute && !p.last(i) {
			p.computeAgain(i)
		}

		p.feedForwardBackward(i, dx)
		dMixed := p.joinBackward(i, dx)

		if p.last(i) {
			o.Scatter(full, dx, p.rows)
			dx = full
		}

		p.attendBackward(i, dx, dMixed, i > first)
		o.Release(mark)
	}

	return o.Err()
}

// feedForwardBackward turns dx, the gradient of the block's result, into that of the residual stream
// between the halves.
func (p *pass) feedForwardBackward(i int, dx compute.Tensor) {
	o, c, w, s := p.ops, p.model.config, &p.model.weights.blocks[i], &p.states[i]
	n := dx.Rows

	defer o.Release(o.Mark())

	dGateUp := p.activation(n, 2*c.FeedForward)
	mark := o.Mark()

	activated := p.activation(n, c.FeedForward)
	o.SwiGLU(activated, s.gateUp)

	dActivated := p.activation(n, c.FeedForward)
	p.linearBackward(i, groupDown, dActivated, dx, activated, w.down)
	o.SwiGLUBackward(dGateUp, dActivated, s.gateUp)
	o.Release(mark)

	h := p.activation(n, c.Hidden)
	o.Norm(h, s.mid, w.feedForwardNorm, c.NormEpsilon)

	dh := o.Scratch(n, c.Hidden)
	p.linearBackward(i, groupGateUp, dh, dGateUp, h, w.gateUp)
	o.NormBackward(dx, dh, s.mid, w.feedForwardNorm, c.NormEpsilon)
}

// joinBackward returns the gradient [n, query] of attention's result.
func (p *pass) joinBackward(i int, dx compute.Tensor) compute.Tensor {
	o, s := p.ops, &p.states[i]

	dMixed := p.activation(s.mixed.Rows, s.mixed.Cols)
	if !p.last(i) {
		p.linearBackward(i, groupOutput, dMixed, dx, s.gathered, p.model.weights.blocks[i].output)

		return dMixed
	}

	defer o.Release(o.Mark())

	dGathered := p.activation(s.gathered.Rows, s.gathered.Cols)
	p.linearBackward(i, groupOutput, dGathered, dx, s.gathered, p.model.weights.blocks[i].output)
	o.Scatter(dMixed, dGathered, p.rows)

	return dMixed
}

// attendBackward adds to dx what flows back through attention; if nothing below needs it, only the
// adapters' gradients are computed.
func (p *pass) attendBackward(i int, dx, dMixed compute.Tensor, needed bool) {
	o, c, w, s := p.ops, p.model.config, &p.model.weights.blocks[i], &p.states[i]
	n := dx.Rows

	dQKV := p.projected(i, n)
	q, k, v := p.split(s.qkv)
	dq, dk, dv := p.split(dQKV)
	o.AttentionBackward(dq, dk, dv, dMixed, s.mixed, s.logSum, q, k, v, p.spans, p.heads(i))
	o.Rotate(p.turned(dQKV), c.HeadDim, p.positions, p.model.rotations.table, true)

	if !w.queryNorm.IsZero() {
		before := c.Heads * c.HeadDim
		o.NormHeadsBackward(dq, dq, s.unscaled.ColRange(0, before), w.queryNorm, c.NormEpsilon)
		o.NormHeadsBackward(dk, dk, s.unscaled.ColRange(before, s.unscaled.Cols), w.keyNorm, c.NormEpsilon)
	}

	h := p.activation(n, c.Hidden)
	o.Norm(h, s.in, w.attentionNorm, c.NormEpsilon)

	if !needed {
		p.linearBackward(i, groupQKV, compute.Tensor{}, dQKV, h, w.qkv)

		return
	}

	dh := o.Scratch(n, c.Hidden)
	p.linearBackward(i, groupQKV, dh, dQKV, h, w.qkv)
	o.NormBackward(dx, dh, s.in, w.attentionNorm, c.NormEpsilon)
}

// linearBackward computes the gradient of a stacked layer's input and adds to those of its adapters.
func (p *pass) linearBackward(layer int, g group, dx, dy, x compute.Tensor, w compute.Weight) {
	p.ops.LinearBackward(dx, dy, x, w, p.lowRanks(layer, g), compute.LinearCall{
		Dropout: p.dropoutOf(layer, g),
		Hidden:  p.states[layer].hidden[g],
	})
}
