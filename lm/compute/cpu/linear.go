package cpu

// #include "native.h"
import "C"

import (
	"fmt"
	"unsafe"

	"github.com/grokputer/grokputer/lm/compute"
)

// Embed unpacks the rows of the table that the tokens name.
func (o *ops) Embed(dst compute.Tensor, table compute.Weight, tokens []int32) {
	w, ok := o.weight(table)
	if !ok {
		return
	}

	for i, token := range tokens {
		row := int(token)
		for _, part := range w.parts {
			if row >= part.Rows() {
				row -= part.Rows()

				continue
			}

			if err := part.DequantizeRow(values(dst, i), row); err != nil {
				o.fail(fmt.Errorf("cpu: embed: %w", err))
			}

			break
		}
	}
}

// Linear multiplies few rows with the quantised blocks and more rows with the float32 copy.
func (o *ops) Linear(y, x compute.Tensor, w compute.Weight, adapters []compute.LowRank, call compute.LinearCall) {
	own, ok := o.weight(w)
	if !ok {
		return
	}

	if x.Rows <= C.FEW_ROWS && own.blocks != nil {
		C.native_few_rows(o.engine, matrix(y), matrix(x),
			unsafe.SliceData(own.blocks), C.int(len(own.blocks)), flag(call.Add))
	} else {
		values, err := own.transposed(o)
		if err != nil {
			o.fail(err)

			return
		}

		o.product(y, x, values, call.Add)
	}

	first := 0

	for _, adapter := range adapters {
		hidden := call.Hidden
		if !hidden.IsZero() {
			hidden = hidden.ColRange(first, first+adapter.Rank)
			first += adapter.Rank
		}

		C.native_low_rank_forward(o.engine, matrix(y), matrix(x), lowRank(adapter),
			dropout(call.Dropout, adapter.Stream), matrix(hidden))
	}
}

// LowRank adds the adapters' products alone.
func (o *ops) LowRank(y, x compute.Tensor, adapters []compute.LowRank) {
	if o.err != nil {
		return
	}

	for _, adapter := range adapters {
		C.native_low_rank_forward(o.engine, matrix(y), matrix(x), lowRank(adapter), C.mask{}, C.mat{})
	}
}

// LinearBackward computes the gradients of the input and of the adapters.
func (o *ops) LinearBackward(dx, dy, x compute.Tensor, w compute.Weight, adapters []compute.LowRank, call compute.LinearCall) {
	own, ok := o.weight(w)
	if !ok {
		return
	}

	if !dx.IsZero() {
		values, err := own.plain(o)
		if err != nil {
			o.fail(err)

			return
		}

		o.product(dx, dy, values, false)
	}

	first := 0

	for _, adapter := range adapters {
		hidden := call.Hidden.ColRange(first, first+adapter.Rank)
		first += adapter.Rank

		C.native_low_rank_backward(o.engine, matrix(dx), matrix(dy), matrix(x), lowRank(adapter),
			dropout(call.Dropout, adapter.Stream), matrix(hidden))
	}
}

// product sets c = a·b or adds it.
func (o *ops) product(c, a, b compute.Tensor, add bool) {
	if status := C.native_product(o.engine, matrix(c), matrix(a), matrix(b), flag(add)); status != 0 {
		o.fail(fmt.Errorf("cpu: oneDNN refused a product of [%d, %d] and [%d, %d]: status %d",
			a.Rows, a.Cols, b.Rows, b.Cols, int(status)))
	}
}

// weight returns the backend's own form of w, and whether to go on.
func (o *ops) weight(w compute.Weight) (*weight, bool) {
	own, ok := w.(*weight)
	if !ok {
		o.fail(fmt.Errorf("%w: a weight of another backend", errShape))
	}

	return own, o.err == nil
}

func lowRank(a compute.LowRank) C.low_rank {
	return C.low_rank{
		a: floats(a.A), b: floats(a.B), grad_a: floats(a.GradA), grad_b: floats(a.GradB),
		rank: C.int(a.Rank), out: C.int(a.Out), column: C.int(a.Column), scale: C.float(a.Scale),
	}
}

// dropout returns the mask of an adapter. What is kept is divided by the exact probability of being
// kept, which the 16-bit threshold rounds.
func dropout(d compute.Dropout, stream uint32) C.mask {
	const draws = 1 << 16

	threshold := uint32(d.Rate*draws + 0.5)
	if threshold == 0 {
		return C.mask{}
	}

	return C.mask{
		key:       [2]C.uint32_t{C.uint32_t(uint32(d.Seed)), C.uint32_t(d.Seed >> 32)},
		stream:    C.uint32_t(stream),
		threshold: C.uint32_t(threshold),
		row:       C.uint32_t(d.Row),
		keep:      draws / C.float(draws-threshold),
	}
}
