package cpu

// #include "native.h"
import "C"

import (
	"errors"
	"fmt"
	"unsafe"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/gguf"
)

var errShape = errors.New("cpu: shapes do not fit")

// weight is a stack of frozen matrices as the file has them, and their float32 values where an
// operation has asked for them.
type weight struct {
	parts   []gguf.Tensor
	stored  []C.stored // the same for the kernels
	blocks  []C.blocks // of the parts, if all have a format that the kernels multiply with
	groups  []C.blocks // the same regrouped, where few_rows8 has asked for them
	outputs int
	inputs  int

	forward  compute.Tensor // [inputs, outputs], for y = x·Wᵀ
	backward compute.Tensor // [outputs, inputs], for dx = dy·W
}

func (w *weight) Outputs() int { return w.outputs }
func (w *weight) Inputs() int  { return w.inputs }

// Load checks the parts and stacks them; nothing is unpacked yet.
func (b *Backend) Load(parts ...gguf.Tensor) (compute.Weight, error) {
	if len(parts) == 0 {
		return nil, fmt.Errorf("%w: a weight without parts", errShape)
	}

	w := &weight{parts: parts, inputs: parts[0].Cols()}

	for _, part := range parts {
		if part.Cols() != w.inputs || part.Rows() < 1 || w.inputs < 1 {
			return nil, fmt.Errorf("%w: tensor %q has shape %v, want rows of %d", errShape, part.Name, part.Shape, w.inputs)
		}

		if err := part.DequantizeRow(make([]float32, w.inputs), part.Rows()-1); err != nil {
			return nil, fmt.Errorf("cpu: load: %w", err)
		}

		b.pin(part.Data)

		w.stored = append(w.stored, C.stored{
			data: (*C.uint8_t)(unsafe.Pointer(unsafe.SliceData(part.Data))), _type: C.int(part.Type), rows: C.int(part.Rows()),
		})

		if format, ok := blockFormat(part.Type); ok {
			w.blocks = append(w.blocks, C.blocks{
				data:   (*C.uint8_t)(unsafe.Pointer(unsafe.SliceData(part.Data))),
				format: format,
				rows:   C.int(part.Rows()),
				cols:   C.int(w.inputs),
				column: C.int(w.outputs),
			})
		}

		w.outputs += part.Rows()
	}

	if len(w.blocks) < len(parts) {
		w.blocks = nil
	}

	return w, nil
}

// pin keeps data where it is until Close, so that C may be handed a list of such pointers.
func (b *Backend) pin(data []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()

	b.pinner.Pin(unsafe.SliceData(data))
}

func blockFormat(t gguf.Type) (C.int, bool) {
	switch t {
	case gguf.Q4_0:
		return C.BLOCKS_Q4_0, true
	case gguf.Q4_1:
		return C.BLOCKS_Q4_1, true
	case gguf.Q8_0:
		return C.BLOCKS_Q8_0, true
	default:
		return C.BLOCKS_NONE, false
	}
}

// kept returns where a form is kept.
func (w *weight) kept(f form) *compute.Tensor {
	if f == formBackward {
		return &w.backward
	}

	return &w.forward
}

// values returns a form in float32, which is made when it is first asked for: Wᵀ or, backward, W.
func (w *weight) values(o *ops, f form) (compute.Tensor, error) {
	kept := w.kept(f)

	if kept.IsZero() {
		rows, cols := w.depth(f), w.columns(f)

		data, err := o.backend.forms.take(o.backend, rows*cols*float)
		if err != nil {
			return compute.Tensor{}, err
		}

		t := compute.Tensor{Data: data, Rows: rows, Cols: cols, Stride: cols, Element: float}

		C.native_unpack(o.engine, matrix(t), w.unpacked(f), 0)

		*kept = t
	}

	return *kept, nil
}
