package cpu

// #include "native.h"
import "C"

import "github.com/grokputer/grokputer/lm/compute"

// form is what of a weight an operation multiplies with.
type form int

const (
	formForward  form = iota // float32 or bfloat16 values, for y = x·Wᵀ
	formBackward             // the same for dx = dy·W
	formBlocks               // the file's blocks
	formGroups               // the file's codes in groups of rows
)

// formFor returns the form that so many rows are multiplied with in the forward pass.
func (b *Backend) formFor(w *weight, rows int) form {
	switch {
	case w.blocks == nil:
		return formForward
	case b.precision == compute.BFloat16 && rows <= C.FEW_ROWS8:
		return formGroups
	case rows <= C.FEW_ROWS:
		return formBlocks
	default:
		return formForward
	}
}

// narrow reports whether activations of so many rows are bfloat16: what is multiplied with codes is not.
func (b *Backend) narrow(rows int) bool { return b.precision == compute.BFloat16 && rows > C.FEW_ROWS8 }
