package cpu

// #include "native.h"
import "C"

import (
	"unsafe"

	"github.com/grokputer/grokputer/lm/compute"
)

// lossRows is how many rows of logits are held at once: 12 MiB for a vocabulary of 49,152.
const lossRows = 64

// CrossEntropy computes logits, losses and gradients, some rows at a time.
func (o *ops) CrossEntropy(dx, x compute.Tensor, head compute.Weight, labels []int32, losses []float64) {
	w, ok := o.weight(head)
	if !ok {
		return
	}

	defer o.Release(o.Mark())

	logits := o.Scratch(min(lossRows, x.Rows), w.outputs)

	for from := 0; from < x.Rows && o.err == nil; from += lossRows {
		to := min(from+lossRows, x.Rows)
		rows := logits.RowRange(0, to-from)

		o.forward(rows, x.RowRange(from, to), w, nil, compute.LinearCall{})

		if o.err != nil {
			return
		}

		C.native_softmax_loss(o.engine, matrix(rows), integers(labels[from:]),
			(*C.double)(unsafe.Pointer(&losses[from])), flag(!dx.IsZero()))

		if !dx.IsZero() {
			o.backward(dx.RowRange(from, to), rows, compute.Tensor{}, w, nil, compute.LinearCall{})
		}
	}
}
