package cpu

// #include "native.h"
import "C"

import (
	"unsafe"

	"github.com/grokputer/grokputer/lm/compute"
)

const (
	panelCols = 16
	panelStep = 32
	bfloat16  = 2 // bytes
)

// operand returns the weight as the right operand of bfloat16 products: with all panels, as bf16.h describes them, or
// with room for some, which the caller's Release gives back.
func (w *weight) operand(o *ops, f form) (C.operand, error) {
	op := w.unpacked(f)

	if o.backend.onTheFly {
		rows, cols := w.room(f, bfloat16)
		op.columns, op.room = C.int(rows), (*C.uint16_t)(o.Scratch(rows, cols).Data)

		return op, o.err
	}

	kept := w.kept(f)

	if kept.IsZero() {
		columns, depth := w.panels(f)

		data, err := o.backend.forms.take(o.backend, columns*depth*bfloat16)
		if err != nil {
			return op, err
		}

		C.native_pack(o.engine, (*C.uint16_t)(data), op, 0, C.int(w.columns(f)))

		*kept = compute.Tensor{Data: data, Rows: columns, Cols: depth, Stride: depth, Element: bfloat16}
	}

	op.panels = (*C.uint16_t)(kept.Data)

	return op, nil
}

// unpacked returns the operand without panels.
func (w *weight) unpacked(f form) C.operand {
	return C.operand{
		parts: unsafe.SliceData(w.stored), outputs: C.int(w.outputs), inputs: C.int(w.inputs), backward: flag(f == formBackward),
	}
}

// columns and depth are those of the product with a form.
func (w *weight) columns(f form) int {
	if f == formBackward {
		return w.inputs
	}

	return w.outputs
}

func (w *weight) depth(f form) int { return w.inputs + w.outputs - w.columns(f) }

// panels returns the size of the weight's panels.
func (w *weight) panels(f form) (columns, depth int) {
	return roundUp(w.columns(f), panelCols), roundUp(w.depth(f), panelStep)
}
