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

		if err := part.DequantizeRow(make([]float32, w.inputs), 0); err != nil {
			return nil, fmt.Errorf("cpu: load: %w", err)
		}

		if format, ok := blockFormat(part.Type); ok {
			b.pin(part.Data)

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

// transposed returns W as [inputs, outputs].
func (w *weight) transposed(o *ops) (compute.Tensor, error) {
	return w.made(o, &w.forward, w.inputs, w.outputs, func(dst compute.Tensor) error {
		return w.inParts(o, func(rows compute.Tensor, first int) {
			C.native_transposed(o.engine, matrix(dst.ColRange(first, first+rows.Rows)), matrix(rows))
		})
	})
}

// plain returns W as [outputs, inputs].
func (w *weight) plain(o *ops) (compute.Tensor, error) {
	return w.made(o, &w.backward, w.outputs, w.inputs, func(dst compute.Tensor) error { return w.values(o, dst, 0) })
}

// made returns a form of W, which is filled when it is first asked for.
func (w *weight) made(
	o *ops, form *compute.Tensor, rows, cols int, fill func(compute.Tensor) error,
) (compute.Tensor, error) {
	if !form.IsZero() {
		return *form, nil
	}

	data, err := o.backend.forms.take(o.backend, rows*cols*float)
	if err != nil {
		return compute.Tensor{}, err
	}

	t := compute.Tensor{Data: data, Rows: rows, Cols: cols, Stride: cols, Element: float}
	if err := fill(t); err != nil {
		return compute.Tensor{}, err
	}

	*form = t

	return t, nil
}
