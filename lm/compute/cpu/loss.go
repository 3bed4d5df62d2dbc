package cpu

// #include "native.h"
import "C"

import (
	"unsafe"

	"github.com/grokputer/grokputer/lm/compute"
)

// lossRows is how many rows of logits are held at once: 12 MiB for a vocabulary of 49,152. Where the head is unpacked for
// each product, more are worth their memory.
func lossRows(onTheFly bool) int {
	if onTheFly {
		return 256
	}

	return 64
}

// CrossEntropy computes logits, losses and gradients, some rows at a time.
func (o *ops) CrossEntropy(dx, x compute.Tensor, head compute.Weight, labels []int32, losses []float64) {
	w, ok := o.weight(head)
	if !ok {
		return
	}

	defer o.Release(o.Mark())

	most := min(lossRows(o.backend.onTheFly), x.Rows)
	logits := o.Scratch(most, w.outputs)

	for from := 0; from < x.Rows && o.err == nil; from += most {
		to := min(from+most, x.Rows)
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
