package gpu

import (
	"fmt"
	"unsafe"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/compute/gpu/kernels"
)

// factors are an adapter's A [rank, inputs] and B [out, rank] on the card, in the elements of products.
type factors struct{ a, b compute.Tensor }

// frozen is what is kept of an adapter that does not change: the factors of each of its pairs, by their stream.
type frozen struct{ pairs map[uint32]factors }

// frozenOf returns what is kept of an adapter.
func (b *Backend) frozenOf(a compute.LowRank) *frozen {
	b.mu.Lock()
	defer b.mu.Unlock()

	kept := b.frozen[a.Frozen]
	if kept == nil {
		kept = &frozen{pairs: make(map[uint32]factors)}
		b.frozen[a.Frozen] = kept
	}

	return kept
}

// Forget gives back what is kept of a frozen adapter.
func (b *Backend) Forget(id uint64) {
	b.mu.Lock()
	kept := b.frozen[id]
	delete(b.frozen, id)
	b.mu.Unlock()

	if kept != nil {
		for _, f := range kept.pairs {
			b.Unmap(f.a.Data)
		}
	}
}

// factorsOf returns an adapter's factors on the card: kept ones of a frozen adapter, else those of this run.
func (o *ops) factorsOf(a compute.LowRank) factors {
	if a.Frozen == 0 {
		m := o.mirrors.of(o, a)
		if m == nil {
			return factors{}
		}

		return m.factors
	}

	kept := o.frozen(a)
	if f, ok := kept.pairs[a.Stream]; ok || o.err != nil {
		return f
	}

	inputs := len(a.A) / a.Rank

	data, err := o.memory.Map(factorBytes(a.Rank, inputs, a.Out, o.element()))
	if err != nil {
		o.fail(err)

		return factors{}
	}

	f := o.place(a, data)
	o.write(a, f)

	if o.err == nil {
		kept.pairs[a.Stream] = f
	}

	return f
}

// factorBytes is the size of both factors.
func factorBytes(rank, inputs, out, element int) int {
	return (rank*stride(inputs, element) + out*stride(rank, element)) * element
}

// place returns the factors that lie at data.
func (o *ops) place(a compute.LowRank, data unsafe.Pointer) factors {
	inputs := len(a.A) / a.Rank
	first := matrix(data, a.Rank, inputs, o.element())
	second := unsafe.Add(data, a.Rank*first.Stride*first.Element)

	return factors{first, matrix(second, a.Out, a.Rank, o.element())}
}

// write copies an adapter's factors to the card.
func (o *ops) write(a compute.LowRank, f factors) {
	o.Write(f.a, a.A)
	o.Write(f.b, a.B)
}

// addLowRanks adds the adapters' products to y.
func (o *ops) addLowRanks(y, x compute.Tensor, adapters []compute.LowRank, call compute.LinearCall) {
	if len(adapters) == 0 || o.err != nil {
		return
	}

	defer o.Release(o.Mark())

	hidden := call.Hidden
	if hidden.IsZero() {
		ranks := 0
		for _, a := range adapters {
			ranks += a.Rank
		}

		hidden = o.Scratch(x.Rows, ranks)
	}

	if x.Rows <= kernels.MostFewRows && call.Dropout.Rate == 0 && len(adapters) <= kernels.MostAdapters {
		o.addFew(y, x, hidden, adapters)

		return
	}

	x = o.narrow(x)
	column := 0

	for _, a := range adapters {
		mark := o.Mark()
		f := o.factorsOf(a)
		z := hidden.ColRange(column, column+a.Rank)
		o.multiply(product{c: z, a: o.dropped(x, a, call.Dropout), b: f.a, turnedB: true, alpha: 1})
		o.multiply(product{c: y.ColRange(a.Column, a.Column+a.Out), a: o.narrow(z), b: f.b, turnedB: true, alpha: a.Scale, beta: 1})

		column += a.Rank
		o.Release(mark)
	}
}

// addFew adds the adapters' products for few rows, all at once.
func (o *ops) addFew(y, x, hidden compute.Tensor, adapters []compute.LowRank) {
	down := kernels.LowRankDown{Hidden: view(hidden), X: view(x), Count: int32(len(adapters))}
	column := 0

	for i, a := range adapters {
		f := o.factorsOf(a)
		down.Adapters[i] = kernels.Adapter{A: view(f.a), B: view(f.b), Column: int32(a.Column), First: int32(column), Scale: a.Scale}
		column += a.Rank
	}

	up := kernels.LowRankUp{Y: view(y), Hidden: down.Hidden, Count: down.Count, Adapters: down.Adapters}
	o.launch(down.Call())
	o.launch(up.Call())
}

// dropped returns x as the adapter sees it.
func (o *ops) dropped(x compute.Tensor, a compute.LowRank, d compute.Dropout) compute.Tensor {
	mask, drops := kernels.MaskOf(d, a.Stream)
	if !drops {
		return x
	}

	t := o.Activation(x.Rows, x.Cols)
	o.launch((&kernels.Dropout{Dst: view(t), Src: view(x), Mask: mask}).Call())

	return t
}

// LowRank adds the adapters' products alone.
func (o *ops) LowRank(y, x compute.Tensor, adapters []compute.LowRank) {
	o.addLowRanks(y, x, adapters, compute.LinearCall{})
}

// LinearBackward computes the gradients of the input and of the adapters. With z what the forward pass left in call.Hidden,
// dz = scale·dy·B, dB += scale·dyᵀ·z, dA += dzᵀ·dropout(x) and dx = dy·W + dropout(dz·A).
func (o *ops) LinearBackward(dx, dy, x compute.Tensor, w compute.Weight, adapters []compute.LowRank, call compute.LinearCall) {
	own, ok := o.weight(w)
	if !ok {
		return
	}

	defer o.Release(o.Mark())

	dy = o.narrow(dy)
	if !dx.IsZero() {
		o.backward(dx, dy, own)
	}

	if len(adapters) > 0 {
		x = o.narrow(x)
	}

	column := 0

	for _, a := range adapters {
		mark := o.Mark()
		o.adapterBackward(dx, dy, x, call.Hidden.ColRange(column, column+a.Rank), a, call.Dropout)

		column += a.Rank
		o.Release(mark)
	}
}

func (o *ops) adapterBackward(dx, dy, x, z compute.Tensor, a compute.LowRank, d compute.Dropout) {
	m := o.mirrors.of(o, a)
	if m == nil {
		return
	}

	if m.gradA.IsZero() {
		o.fail(fmt.Errorf("%w: an adapter without gradients in the backward pass", errShape))

		return
	}

	dy = dy.ColRange(a.Column, a.Column+a.Out)

	dz := o.Scratch(dy.Rows, a.Rank)
	o.multiply(product{c: dz, a: dy, b: m.b, alpha: a.Scale})

	narrow := o.narrow(dz)
	o.multiply(product{c: m.gradB, a: dy, b: o.narrow(z), turnedA: true, alpha: a.Scale, beta: 1})
	o.multiply(product{c: m.gradA, a: narrow, b: o.dropped(x, a, d), turnedA: true, alpha: 1, beta: 1})

	if dx.IsZero() {
		return
	}

	mask, drops := kernels.MaskOf(d, a.Stream)
	if !drops {
		o.multiply(product{c: dx, a: narrow, b: m.a, alpha: 1, beta: 1})

		return
	}

	t := o.Scratch(dx.Rows, dx.Cols)
	o.multiply(product{c: t, a: narrow, b: m.a, alpha: 1})
	o.launch((&kernels.Dropout{Dst: view(dx), Src: view(t), Mask: mask, Add: 1}).Call())
}
