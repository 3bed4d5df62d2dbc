package model

import (
	"context"
	"slices"

	"github.com/grokputer/grokputer/lm/compute"
)

// forward runs all layers and returns the residual stream [len(rows), hidden] of the wanted rows after
// the last one; without wanted rows the result means nothing. With a cache, keys and values are left in it.
func (p *pass) forward(ctx context.Context) (compute.Tensor, error) {
	o, c := p.ops, p.model.config

	if err := p.model.rotations.reach(p.model.backend, o, int(slices.Max(p.positions))+1); err != nil {
		return compute.Tensor{}, err
	}

	var wanted compute.Tensor
	if len(p.rows) > 0 {
		wanted = o.Scratch(len(p.rows), c.Hidden)
	}

	x := o.Scratch(len(p.tokens), c.Hidden)
	o.Embed(x, p.model.weights.embedding, p.tokens)

	for i := range c.Layers {
		if err := ctx.Err(); err != nil {
			return x, err
		}

		p.keep = p.training() && (!p.recompute || p.last(i))
		if p.training() && !p.keep {
			x = p.passThrough(i, x)

			continue
		}

		mark := o.Mark()

		p.attend(i, x)

		if p.last(i) && len(p.rows) == 0 {
			break
		}

		x = p.joinAttention(i, x, wanted)
		x = p.feedForward(i, x)

		if !p.keep {
			o.Release(mark)
		}
	}

	return x, o.Err()
}

// attend computes the first half of block i up to the result of attention.
func (p *pass) attend(i int, x compute.Tensor) {
	o, c, w, s := p.ops, p.model.config, &p.model.weights.blocks[i], &p.states[i]
	n, query, kv := x.Rows, c.Heads*c.HeadDim, c.KVHeads*c.HeadDim

	s.in = x
	s.mixed = p.activation(n, query)
	s.qkv = p.projected(i, n)
	s.logSum = compute.Tensor{}

	if p.keep {
		s.logSum = o.Scratch(n, c.Heads)
	}

	s.unscaled = compute.Tensor{}
	if p.keep && !w.queryNorm.IsZero() {
		s.unscaled = o.Scratch(n, query+kv)
	}

	p.reserveHidden(i, groupQKV, n)

	mark := o.Mark()
	h := p.activation(n, c.Hidden)
	o.Norm(h, x, w.attentionNorm, c.NormEpsilon)
	p.linear(i, groupQKV, s.qkv, h, w.qkv, false)
	o.Release(mark)

	if !w.qkvBias.IsZero() {
		o.AddBias(s.qkv, w.qkvBias)
	}

	p.normHeads(i)
	o.Rotate(p.turned(s.qkv), c.HeadDim, p.positions, p.model.rotations.table, false)

	p.lookBack(i)
}

// activation takes room for what linear layers read and write, apart from the residual stream. Sequences with
// adapters of their own have them added apart, to what is not rounded yet.
func (p *pass) activation(rows, cols int) compute.Tensor {
	if len(p.runs) > 0 {
		return p.ops.Scratch(rows, cols)
	}

	return p.ops.Activation(rows, cols)
}

// projected takes room for n rows of queries, keys and values, or for their gradients. Biases and norms of heads are
// for what is not rounded.
func (p *pass) projected(i, n int) compute.Tensor {
	c, w := p.model.config, &p.model.weights.blocks[i]
	cols := (c.Heads + 2*c.KVHeads) * c.HeadDim

	if !w.qkvBias.IsZero() || !w.queryNorm.IsZero() {
		return p.ops.Scratch(n, cols)
	}

	return p.activation(n, cols)
}

// joinAttention adds the output projection to the residual stream x. In the last layer only the wanted
// rows go on, in the tensor of that name.
func (p *pass) joinAttention(i int, x, wanted compute.Tensor) compute.Tensor {
	o, s := p.ops, &p.states[i]
	s.mid, s.gathered = x, s.mixed

	switch {
	case p.last(i):
		s.mid = wanted
		o.Gather(s.mid, x, p.rows)

		s.gathered = p.activation(len(p.rows), s.mixed.Cols)
		o.Gather(s.gathered, s.mixed, p.rows)
	case p.keep:
		s.mid = o.Scratch(x.Rows, x.Cols)
		o.Copy(s.mid, x)
	}

	p.reserveHidden(i, groupOutput, s.mid.Rows)
	p.linear(i, groupOutput, s.mid, s.gathered, p.model.weights.blocks[i].output, true)

	return s.mid
}

// feedForward computes the second half of block i.
func (p *pass) feedForward(i int, x compute.Tensor) compute.Tensor {
	o, out := p.ops, x

	if p.keep {
		out = o.Scratch(x.Rows, x.Cols)
		o.Copy(out, x)
	}

	p.reserveHidden(i, groupDown, x.Rows)

	if p.keep {
		p.gateUp(i, x)
	}

	p.down(i, out, x)

	return out
}

// gateUp computes what goes into the activation, to be kept.
func (p *pass) gateUp(i int, x compute.Tensor) {
	o, c, w, s := p.ops, p.model.config, &p.model.weights.blocks[i], &p.states[i]

	s.gateUp = p.activation(x.Rows, 2*c.FeedForward)
	p.reserveHidden(i, groupGateUp, x.Rows)

	defer o.Release(o.Mark())

	h := p.activation(x.Rows, c.Hidden)
	o.Norm(h, x, w.feedForwardNorm, c.NormEpsilon)
	p.linear(i, groupGateUp, s.gateUp, h, w.gateUp, false)
}

// down adds the rest of the feed-forward layer to out. x is its input, and may be out.
func (p *pass) down(i int, out, x compute.Tensor) {
	o, c := p.ops, p.model.config
	defer o.Release(o.Mark())

	activated := p.activation(out.Rows, c.FeedForward)

	switch {
	case p.keep:
		o.SwiGLU(activated, p.states[i].gateUp)
	case len(p.runs) > 0: // whose adapters are added apart
		p.gateUp(i, x)
		o.SwiGLU(activated, p.states[i].gateUp)
	default:
		p.activate(i, activated, x)
	}

	p.linear(i, groupDown, out, activated, p.model.weights.blocks[i].down, true)
}

// activate is gateUp with the activation, of which nothing is kept.
func (p *pass) activate(i int, activated, x compute.Tensor) {
	o, c, w := p.ops, p.model.config, &p.model.weights.blocks[i]
	defer o.Release(o.Mark())

	h := p.activation(x.Rows, c.Hidden)
	o.Norm(h, x, w.feedForwardNorm, c.NormEpsilon)
	o.LinearSwiGLU(activated, h, w.gateUp, p.lowRanks(i, groupGateUp), compute.LinearCall{Dropout: p.dropoutOf(i, groupGateUp)})
}

// linear computes a stacked layer with its adapters.
func (p *pass) linear(layer int, g group, y, x compute.Tensor, w compute.Weight, add bool) {
	if len(p.runs) > 0 {
		p.linearRuns(layer, g, y, x, w, add)

		return
	}

	p.ops.Linear(y, x, w, p.lowRanks(layer, g), compute.LinearCall{
		Add:     add,
		Dropout: p.dropoutOf(layer, g),
		Hidden:  p.states[layer].hidden[g],
	})
}

// reserveHidden makes room for what the adapters' gradients need of the forward pass.
func (p *pass) reserveHidden(layer int, g group, n int) {
	hidden := &p.states[layer].hidden[g]
	*hidden = compute.Tensor{}

	if !p.keep {
		return
	}

	ranks := 0
	for _, low := range p.lowRanks(layer, g) {
		ranks += low.Rank
	}

	if ranks > 0 {
		*hidden = p.ops.Scratch(n, ranks)
	}
}

// normed applies the final norm.
func (p *pass) normed(x compute.Tensor) compute.Tensor {
	h := p.ops.Scratch(x.Rows, x.Cols)
	p.ops.Norm(h, x, p.model.weights.norm, p.model.config.NormEpsilon)

	return h
}

// logits applies the output head to normed rows.
func (p *pass) logits(h compute.Tensor) compute.Tensor {
	out := p.ops.Scratch(h.Rows, p.model.config.Vocab)
	p.ops.Linear(out, h, p.model.weights.head, nil, compute.LinearCall{})

	return out
}

// readCandidates writes some tokens' logits for the normed row to dst.
func (p *pass) readCandidates(h compute.Tensor, candidates []int32, dst []float32) {
	out := p.ops.Scratch(1, len(candidates))
	p.ops.LinearRows(out, h, p.model.weights.head, candidates)
	p.ops.Read(dst, out)
}

// loss writes the cross-entropy of each wanted row to losses and sets dx, the gradient of their sum with
// respect to x, unless dx is the zero Tensor.
func (p *pass) loss(dx, x compute.Tensor) {
	o, c, w := p.ops, p.model.config, &p.model.weights
	defer o.Release(o.Mark())

	h := p.normed(x)

	if dx.IsZero() {
		o.CrossEntropy(dx, h, w.head, p.labels, p.losses)

		return
	}

	dh := o.Scratch(x.Rows, c.Hidden)
	o.CrossEntropy(dh, h, w.head, p.labels, p.losses)
	o.Zero(dx)
	o.NormBackward(dx, dh, x, w.norm, c.NormEpsilon)
}
