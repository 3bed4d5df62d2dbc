package gpu

import (
	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/compute/gpu/kernels"
	"github.com/grokputer/grokputer/lm/gguf"
)

// Linear multiplies few rows with the quantised blocks and more rows with an unpacked copy of the weight.
func (o *ops) Linear(y, x compute.Tensor, w compute.Weight, adapters []compute.LowRank, call compute.LinearCall) {
	own, ok := o.weight(w)
	if !ok {
		return
	}

	defer o.Release(o.Mark())

	if x.Rows <= kernels.MostFewRows {
		o.fewRows(y, x, own, nil, call.Add)
	} else {
		x = o.narrow(x)
		o.forward(y, x, own, call.Add)
	}

	o.addLowRanks(y, x, adapters, call)
}

// LinearSwiGLU computes what Linear gives, and SwiGLU of it.
func (o *ops) LinearSwiGLU(y, x compute.Tensor, w compute.Weight, adapters []compute.LowRank, call compute.LinearCall) {
	if o.err != nil {
		return
	}

	defer o.Release(o.Mark())

	both := o.Activation(x.Rows, w.Outputs())
	o.Linear(both, x, w, adapters, call)
	o.SwiGLU(y, both)
}

// LinearRows reads the wanted rows of the weight alone.
func (o *ops) LinearRows(y, x compute.Tensor, w compute.Weight, rows []int32) {
	own, ok := o.weight(w)
	if !ok || len(rows) == 0 {
		return
	}

	defer o.Release(o.Mark())
	o.fewRows(y, x, own, rows, false)
}

// fewRows multiplies with a weight's blocks, or with some of its rows if these are given.
func (o *ops) fewRows(y, x compute.Tensor, w *weight, rows []int32, add bool) {
	k := kernels.FewRows{Y: view(y), X: view(o.wide(x)), Add: flag(add)}
	if rows != nil {
		k.Rows, k.Outputs = values(o, rows), int32(len(rows))
	}

	for _, p := range w.parts {
		k := k
		k.W, k.Type = p.stored, p.kind

		if rows != nil {
			k.Shift = -int32(p.first)
		} else {
			k.Outputs, k.Column = int32(p.rows), int32(p.first)
		}

		o.launch(k.Call())
	}
}

// forward sets y = x·Wᵀ, or adds it, for many rows.
func (o *ops) forward(y, x compute.Tensor, w *weight, add bool) {
	beta := float32(flag(add))
	o.eachPiece(w, func(right compute.Tensor, from, to int) {
		o.multiply(product{c: y.ColRange(from, to), a: x, b: right, turnedB: true, alpha: 1, beta: beta})
	})
}

// backward sets dx = dy·W. Pieces of a weight are added in order.
func (o *ops) backward(dx, dy compute.Tensor, w *weight) {
	defer o.Release(o.Mark())

	sum := dx
	if dx.Element != float && (len(w.parts) > 1 || w.inputs*w.outputs > pieceElements) {
		sum = o.Scratch(dx.Rows, dx.Cols) // so that sums are not rounded in between
	}

	beta := float32(0)

	o.eachPiece(w, func(right compute.Tensor, from, to int) {
		o.multiply(product{c: sum, a: dy.ColRange(from, to), b: right, alpha: 1, beta: beta})
		beta = 1
	})

	if sum.Data != dx.Data {
		o.Copy(dx, sum)
	}
}

// pieceElements is how much of a weight is unpacked at once: 128 MiB of bfloat16 and more than any layer of a model of 7 billion
// parameters has, but not its output head.
const pieceElements = 1 << 26

// eachPiece calls multiply for rows [from, to) of the weight's outputs, unpacked, until all were.
func (o *ops) eachPiece(w *weight, multiply func(right compute.Tensor, from, to int)) {
	step := max(pieceElements/w.inputs/64*64, 64)

	for _, p := range w.parts {
		for row := 0; row < p.rows && o.err == nil; row += step {
			mark := o.Mark()
			n := min(step, p.rows-row)
			multiply(o.unpacked(p, row, n), p.first+row, p.first+row+n)
			o.Release(mark)
		}
	}
}

// unpacked returns n rows of a part from a row on, as they are multiplied: where they are if they lie there so.
func (o *ops) unpacked(p part, row, n int) compute.Tensor {
	cols := int(p.stored.Cols)
	plain := p.kind == gguf.BF16 && !o.exact || p.kind == gguf.F32 && o.exact

	if plain && stride(cols, o.element()) == cols {
		return matrix(p.stored.Data, p.rows, cols, o.element()).RowRange(row, row+n)
	}

	t := o.Activation(n, cols)
	o.launch((&kernels.Dequantize{Dst: view(t), W: p.stored, Type: p.kind, Shift: int32(row)}).Call())

	return t
}

// narrow returns x in the elements of products.
func (o *ops) narrow(x compute.Tensor) compute.Tensor { return o.as(x, o.element()) }

// wide returns x in float32.
func (o *ops) wide(x compute.Tensor) compute.Tensor { return o.as(x, float) }

func (o *ops) as(x compute.Tensor, element int) compute.Tensor {
	if x.Element == element {
		return x
	}

	t := o.take(x.Rows, x.Cols, element)
	o.Copy(t, x)

	return t
}
