package model

import "github.com/grokputer/grokputer/lm/compute"

// passThrough computes block i and keeps of it only what computeAgain cannot do without: its input, and the
// small A·x of the last product, so that this product need not be repeated (Chen et al. 2016, "Training deep
// nets with sublinear memory cost", with every layer a segment).
func (p *pass) passThrough(i int, x compute.Tensor) compute.Tensor {
	o := p.ops

	out := o.Scratch(x.Rows, x.Cols)
	o.Copy(out, x)

	p.keep = true
	p.reserveHidden(i, groupDown, x.Rows)
	p.keep = false

	mark := o.Mark()

	p.attend(i, out)
	p.joinAttention(i, out, compute.Tensor{})
	p.down(i, out, out)
	o.Release(mark)

	p.states[i].in = x

	return out
}

// computeAgain brings back what the backward pass of block i needs, with the bits of the first time.
func (p *pass) computeAgain(i int) {
	in := p.states[i].in

	p.keep = true
	p.attend(i, in)
	p.gateUp(i, p.joinAttention(i, in, compute.Tensor{}))
}
