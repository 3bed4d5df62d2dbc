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

// Linear multiplies few rows with the quantised blocks and more rows with an unpacked copy of the weight.
func (o *ops) Linear(y, x compute.Tensor, w compute.Weight, adapters []compute.LowRank, call compute.LinearCall) {
	own, ok := o.weight(w)
	if !ok {
		return
	}

	switch o.backend.formFor(own, x.Rows) {
	case formGroups:
		groups, err := own.regrouped(o)
		if err != nil {
			o.fail(err)

			return
		}

		kept := o.keepAll(adapters, own, call)
		if o.err != nil {
			return
		}

		C.native_few_rows8(o.engine, matrix(y), matrix(x), unsafe.SliceData(groups), C.int(len(groups)), C.int(kept), flag(call.Add))

		if kept == 0 {
			o.addLowRanks(y, x, adapters, call)
		}
	case formBlocks:
		C.native_few_rows(o.engine, matrix(y), matrix(x), unsafe.SliceData(own.blocks), C.int(len(own.blocks)), flag(call.Add))
		o.addLowRanks(y, x, adapters, call)
	default:
		o.forward(y, x, own, adapters, call)
	}
}

// LinearSwiGLU makes gate and value of a column one after the other where the weight's panels allow it, so that the two
// need not be written to memory and read again.
func (o *ops) LinearSwiGLU(y, x compute.Tensor, w compute.Weight, adapters []compute.LowRank, call compute.LinearCall) {
	own, ok := o.weight(w)
	if !ok {
		return
	}

	if half(y) && o.backend.gates(own, x.Rows, o.backend.onTheFly) {
		o.forward16(y, x, own, adapters, call, true)

		return
	}

	defer o.Release(o.Mark())

	both := o.Activation(x.Rows, own.outputs)
	o.Linear(both, x, w, adapters, call)
	o.SwiGLU(y, both)
}

// gates reports whether so many rows of a product and SwiGLU of it are made at once.
func (b *Backend) gates(w *weight, rows int, onTheFly bool) bool {
	return b.narrow(rows) && !onTheFly && w.outputs%(2*panelCols) == 0
}

// forward sets y = x·Wᵀ, or adds it, with adapters.
func (o *ops) forward(y, x compute.Tensor, w *weight, adapters []compute.LowRank, call compute.LinearCall) {
	if o.backend.precision == compute.BFloat16 {
		o.forward16(y, x, w, adapters, call, false)

		return
	}

	o.productOf(y, x, w, formForward, call.Add)

	if o.err == nil {
		o.addLowRanks(y, x, adapters, call)
	}
}

// forward16 is forward in bfloat16; gated, y is SwiGLU of that.
func (o *ops) forward16(y, x compute.Tensor, w *weight, adapters []compute.LowRank, call compute.LinearCall, gated bool) {
	defer o.Release(o.Mark())

	right, err := w.operand(o, formForward)
	if err == nil {
		err = o.pin(adapters, call)
	}

	if err != nil {
		o.fail(err)

		return
	}

	o.keep(adapters, w, call)
	C.native_linear16(o.engine, matrix(y), matrix(x), right, C.int(len(adapters)), matrix(call.Hidden), flag(gated), flag(call.Add))
	o.unpin(len(adapters))
}

// addLowRanks adds the adapters' products.
func (o *ops) addLowRanks(y, x compute.Tensor, adapters []compute.LowRank, call compute.LinearCall) {
	column := 0

	for _, adapter := range adapters {
		hidden := call.Hidden
		if !hidden.IsZero() {
			hidden = hidden.ColRange(column, column+adapter.Rank)
			column += adapter.Rank
		}

		C.native_low_rank_forward(o.engine, matrix(y), matrix(x), lowRank(adapter),
			dropout(call.Dropout, adapter.Stream), matrix(hidden))
	}
}

// LowRank adds the adapters' products alone.
func (o *ops) LowRank(y, x compute.Tensor, adapters []compute.LowRank) {
	if o.err == nil {
		o.addLowRanks(y, x, adapters, compute.LinearCall{})
	}
}

// LinearBackward computes the gradients of the input and of the adapters.
func (o *ops) LinearBackward(dx, dy, x compute.Tensor, w compute.Weight, adapters []compute.LowRank, call compute.LinearCall) {
	if own, ok := o.weight(w); ok {
		o.backward(dx, dy, x, own, adapters, call)
	}
}

func (o *ops) backward(dx, dy, x compute.Tensor, w *weight, adapters []compute.LowRank, call compute.LinearCall) {
	if o.backend.precision == compute.BFloat16 {
		defer o.Release(o.Mark())

		var right C.operand

		err := o.pin(adapters, call)
		if err == nil && !dx.IsZero() {
			right, err = w.operand(o, formBackward)
		}

		if err != nil {
			o.fail(err)

			return
		}

		C.native_linear16_backward(o.engine, matrix(dx), matrix(dy), matrix(x), right, C.int(len(adapters)), matrix(call.Hidden))
		o.unpin(len(adapters))

		return
	}

	if !dx.IsZero() {
		o.productOf(dx, dy, w, formBackward, false)

		if o.err != nil {
			return
		}
	}

	first := 0

	for _, adapter := range adapters {
		hidden := call.Hidden.ColRange(first, first+adapter.Rank)
		first += adapter.Rank

		C.native_low_rank_backward(o.engine, matrix(dx), matrix(dy), matrix(x), lowRank(adapter),
			dropout(call.Dropout, adapter.Stream), matrix(hidden))
	}
}

// pin hands the adapters to the engine, with their memory pinned until unpin.
func (o *ops) pin(adapters []compute.LowRank, call compute.LinearCall) error {
	if err := checkCount(adapters); err != nil {
		return err
	}

	hidden := 0

	for i, a := range adapters {
		for _, values := range [...][]float32{a.A, a.B, a.GradA, a.GradB} {
			if len(values) > 0 {
				o.pins[i].Pin(unsafe.SliceData(values))
			}
		}

		o.engine.adapters[i] = C.adapter{low: lowRank(a), drop: dropout(call.Dropout, a.Stream), hidden: C.int(hidden)}
		hidden += a.Rank
	}

	return nil
}

func checkCount(adapters []compute.LowRank) error {
	if len(adapters) > C.MOST_ADAPTERS {
		return fmt.Errorf("%w: %d adapters for one layer, at most %d can be added; stack them", errShape, len(adapters), C.MOST_ADAPTERS)
	}

	return nil
}

// keep lets the engine's adapters use the panels that are kept of frozen ones.
func (o *ops) keep(adapters []compute.LowRank, w *weight, call compute.LinearCall) {
	for i, a := range adapters {
		if a.Frozen == 0 || call.Dropout.Rate > 0 {
			continue
		}

		panels, err := o.backend.panelsOf(o, a, w)
		if err != nil {
			o.fail(err)

			return
		}

		o.engine.adapters[i].down, o.engine.adapters[i].up = panels.down, panels.up
	}
}

// keepAll hands the adapters to the engine if all of them are frozen and few_rows8 can add them, and returns how many
// that are.
func (o *ops) keepAll(adapters []compute.LowRank, w *weight, call compute.LinearCall) int {
	if !call.Hidden.IsZero() || call.Dropout.Rate > 0 {
		return 0
	}

	for _, part := range w.blocks {
		if part.column%groupRows != 0 {
			return 0
		}
	}

	for _, a := range adapters {
		if a.Frozen == 0 {
			return 0
		}
	}

	if err := checkCount(adapters); err != nil {
		o.fail(err)

		return 0
	}

	for i, a := range adapters {
		pair, err := o.backend.bytesOf(o, a, w)
		if err != nil {
			o.fail(err)

			return 0
		}

		// few_rows8 reads the bytes alone, which lie in C's memory: A and B need no pinning.
		o.engine.adapters[i] = C.adapter{
			low:   C.low_rank{rank: C.int(a.Rank), out: C.int(a.Out), column: C.int(a.Column)},
			down8: pair.down, up8: pair.up, factor8: pair.factor,
		}
	}

	return len(adapters)
}

func (o *ops) unpin(n int) {
	for i := range n {
		o.pins[i].Unpin()
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
