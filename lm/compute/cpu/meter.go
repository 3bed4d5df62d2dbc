package cpu

// #include "native.h"
import "C"

import (
	"context"
	"fmt"
	"unsafe"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/compute/arena"
	"github.com/grokputer/grokputer/lm/gguf"
)

// meter implements compute.Meter. Its tensors all lie at one place that is never read: with a stride and an
// element size of 0 every view of them does too.
type meter struct {
	backend  *Backend
	onTheFly bool
	ops      meterOps
	place    byte
	kept     int
	most     int // of kept
	scratch  int // most bytes of chunks
	forms    map[made]int
}

// made is a form of a weight that is made when it is first needed.
type made struct {
	weight *weight
	form   form
}

// Meter returns a backend that counts memory.
func (b *Backend) Meter(onTheFly bool) compute.Meter {
	m := &meter{backend: b, onTheFly: onTheFly || b.onTheFly, forms: map[made]int{}}
	m.ops.meter = m

	return m
}

func (m *meter) Name() string { return m.backend.Name() }

// Load has no use for new weights: there would be no operations on them to count.
func (m *meter) Load(...gguf.Tensor) (compute.Weight, error) {
	return nil, fmt.Errorf("%w: a meter loads no weights", errShape)
}

func (m *meter) Alloc(rows, cols int) (compute.Tensor, error) { return m.alloc(rows, cols, float) }

func (m *meter) AllocActivation(rows, cols int) (compute.Tensor, error) {
	return m.alloc(rows, cols, m.backend.element())
}

func (m *meter) alloc(rows, cols, element int) (compute.Tensor, error) {
	if err := checkSize(rows, cols); err != nil {
		return compute.Tensor{}, err
	}

	m.kept += rows * cols * element
	m.most = max(m.most, m.kept)

	t := m.tensor(rows, cols)
	t.Element = element

	return t, nil
}

func (m *meter) Free(t compute.Tensor) { m.kept -= t.Rows * t.Cols * t.Element }

// Forget has nothing to give back: adapters' panels are not counted.
func (m *meter) Forget(uint64) {}

func (m *meter) tensor(rows, cols int) compute.Tensor {
	return compute.Tensor{Data: unsafe.Pointer(&m.place), Rows: rows, Cols: cols}
}

func (m *meter) Run(ctx context.Context, f func(compute.Ops) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}

	m.ops.err = nil

	err := f(&m.ops)
	if err == nil {
		err = m.ops.err
	}

	m.ops.layout.Reset()

	return err
}

func (m *meter) Meter(onTheFly bool) compute.Meter { return m.backend.Meter(onTheFly || m.onTheFly) }

func (m *meter) Close() error { return nil }

// Memory returns what was counted.
func (m *meter) Memory() compute.Memory {
	weights := 0
	for _, bytes := range m.forms {
		weights += roundUp(bytes, arena.Alignment)
	}

	return compute.Memory{Weights: int64(weights), Kept: int64(m.most), Scratch: int64(m.scratch)}
}

// meterOps are operations that only take memory. They follow those of ops, whose tests compare the two.
type meterOps struct {
	meter  *meter
	layout arena.Layout
	err    error
}

var _ compute.Ops = (*meterOps)(nil)

func (o *meterOps) Err() error { return o.err }

func (o *meterOps) Scratch(rows, cols int) compute.Tensor { return o.take(rows, cols, rows*cols*float) }

func (o *meterOps) Activation(rows, cols int) compute.Tensor {
	if o.meter.backend.narrow(rows) {
		return o.take(rows, cols, halfBytes(rows, cols))
	}

	return o.Scratch(rows, cols)
}

func (o *meterOps) take(rows, cols, bytes int) compute.Tensor {
	o.layout.Take(bytes)

	o.meter.scratch = max(o.meter.scratch, o.layout.Bytes())

	return o.meter.tensor(rows, cols)
}

func (o *meterOps) Mark() int        { return o.layout.Mark() }
func (o *meterOps) Release(mark int) { o.layout.Release(mark) }

// Linear makes the form that as many rows are multiplied with.
func (o *meterOps) Linear(_, x compute.Tensor, w compute.Weight, _ []compute.LowRank, _ compute.LinearCall) {
	own, ok := o.weight(w)
	if !ok {
		return
	}

	switch o.meter.backend.formFor(own, x.Rows) {
	case formBlocks:
	case formGroups:
		o.meter.forms[made{own, formGroups}] = own.groupedBytes()
	default:
		o.unpack(own, formForward)
	}
}

// LinearSwiGLU takes room for what is made in two steps.
func (o *meterOps) LinearSwiGLU(y, x compute.Tensor, w compute.Weight, adapters []compute.LowRank, call compute.LinearCall) {
	own, ok := o.weight(w)
	if !ok {
		return
	}

	defer o.Release(o.Mark())

	if !o.meter.backend.gates(own, x.Rows, o.meter.onTheFly) {
		o.Activation(x.Rows, own.outputs)
	}

	o.Linear(y, x, w, adapters, call)
}

// LinearRows takes room for what may be computed beside the wanted rows.
func (o *meterOps) LinearRows(_, x compute.Tensor, w compute.Weight, rows []int32) {
	own, ok := o.weight(w)
	if !ok || len(rows) == 0 {
		return
	}

	defer o.Release(o.Mark())

	switch form := o.meter.backend.formFor(own, x.Rows); {
	case form == formGroups:
		o.meter.forms[made{own, formGroups}] = own.groupedBytes()
		o.Scratch(x.Rows, len(rows)*unitRows)
		o.Scratch(len(rows), blocksFloat)
	case form == formBlocks:
		o.Scratch(len(rows), blocksFloat)
	case o.meter.backend.precision == compute.BFloat16:
		o.unpack(own, formForward)
		o.Scratch(x.Rows, len(rows)*unitRows)
	default:
		o.Scratch(leastColumns, own.inputs)
		o.Scratch(x.Rows, len(rows)*unitRows)
	}
}

func (o *meterOps) LinearBackward(dx, _, _ compute.Tensor, w compute.Weight, _ []compute.LowRank, _ compute.LinearCall) {
	own, ok := o.weight(w)
	if ok && !dx.IsZero() {
		o.unpack(own, formBackward)
	}
}

func (o *meterOps) CrossEntropy(dx, x compute.Tensor, head compute.Weight, _ []int32, _ []float64) {
	own, ok := o.weight(head)
	if !ok {
		return
	}

	defer o.Release(o.Mark())

	o.Scratch(min(lossRows(o.meter.onTheFly), x.Rows), own.outputs)
	o.unpack(own, formForward)

	if !dx.IsZero() {
		o.unpack(own, formBackward)
	}
}

// unpack counts a form in the precision of products of many rows, or the room for some of it.
func (o *meterOps) unpack(w *weight, f form) {
	bytes := o.meter.backend.element()

	if o.meter.onTheFly {
		defer o.Release(o.Mark())

		o.Scratch(w.room(f, bytes))

		return
	}

	all := w.inputs * w.outputs * bytes
	if bytes == bfloat16 {
		columns, depth := w.panels(f)
		all = columns * depth * bytes
	}

	o.meter.forms[made{w, f}] = all
}

func (o *meterOps) weight(w compute.Weight) (*weight, bool) {
	own, ok := w.(*weight)
	if !ok && o.err == nil {
		o.err = fmt.Errorf("%w: a weight of another backend", errShape)
	}

	return own, ok
}

// The rest takes no memory.

func (o *meterOps) Write(compute.Tensor, []float32)                                           {}
func (o *meterOps) Read([]float32, compute.Tensor)                                            {}
func (o *meterOps) Copy(_, _ compute.Tensor)                                                  {}
func (o *meterOps) Zero(compute.Tensor)                                                       {}
func (o *meterOps) Gather(_, _ compute.Tensor, _ []int32)                                     {}
func (o *meterOps) Scatter(_, _ compute.Tensor, _ []int32)                                    {}
func (o *meterOps) Embed(compute.Tensor, compute.Weight, []int32)                             {}
func (o *meterOps) Norm(_, _, _ compute.Tensor, _ float32)                                    {}
func (o *meterOps) NormBackward(_, _, _, _ compute.Tensor, _ float32)                         {}
func (o *meterOps) NormHeads(_, _, _ compute.Tensor, _ float32)                               {}
func (o *meterOps) NormHeadsBackward(_, _, _, _ compute.Tensor, _ float32)                    {}
func (o *meterOps) AddBias(_, _ compute.Tensor)                                               {}
func (o *meterOps) Rotate(compute.Tensor, int, []int32, compute.Tensor, bool)                 {}
func (o *meterOps) SwiGLU(_, _ compute.Tensor)                                                {}
func (o *meterOps) SwiGLUBackward(_, _, _ compute.Tensor)                                     {}
func (o *meterOps) Attention(_, _, _, _, _ compute.Tensor, _ []compute.Span, _ compute.Heads) {}
func (o *meterOps) AttentionBackward(_, _, _, _, _, _, _, _, _ compute.Tensor, _ []compute.Span, _ compute.Heads) {
}
func (o *meterOps) LowRank(_, _ compute.Tensor, _ []compute.LowRank) {}
func (o *meterOps) ScaleRows(compute.Tensor, []float32)              {}
