package cpu

// #include "native.h"
import "C"

import (
	"fmt"

	"github.com/grokputer/grokputer/lm/compute"
)

// NormHeads is RMSNorm of each head.
func (o *ops) NormHeads(dst, x, gain compute.Tensor, epsilon float32) {
	if o.wholeHeads(x, gain) {
		C.native_norm_heads(o.engine, matrix(dst), matrix(x), (*C.float)(gain.Data), C.int(gain.Cols), C.float(epsilon))
	}
}

// NormHeadsBackward is its gradient.
func (o *ops) NormHeadsBackward(dx, dy, x, gain compute.Tensor, epsilon float32) {
	if o.wholeHeads(x, gain) {
		C.native_norm_heads_backward(o.engine, matrix(dx), matrix(dy), matrix(x), (*C.float)(gain.Data),
			C.int(gain.Cols), C.float(epsilon))
	}
}

// AddBias adds a row to every row.
func (o *ops) AddBias(x, bias compute.Tensor) {
	if o.err == nil {
		C.native_add_bias(o.engine, matrix(x), (*C.float)(bias.Data))
	}
}

// wholeHeads reports whether the operation is to run: a row that is no whole number of heads would be
// written past its end.
func (o *ops) wholeHeads(x, gain compute.Tensor) bool {
	if o.err == nil && (gain.Cols < 1 || x.Cols%gain.Cols != 0) {
		o.fail(fmt.Errorf("%w: rows of %d are no whole heads of %d", errShape, x.Cols, gain.Cols))
	}

	return o.err == nil
}
