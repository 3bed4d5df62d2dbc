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

	forward, err := w.transposed(o)
	if err != nil {
		o.fail(err)

		return
	}

	var backward compute.Tensor
	if !dx.IsZero() {
		if backward, err = w.plain(o); err != nil {
			o.fail(err)

			return
		}
	}

	defer o.Release(o.Mark())

	logits := o.Scratch(min(lossRows, x.Rows), w.outputs)

	for from := 0; from < x.Rows && o.err == nil; from += lossRows {
		to := min(from+lossRows, x.Rows)
		rows := logits.RowRange(0, to-from)

		o.product(rows, x.RowRange(from, to), forward, false)
		C.native_softmax_loss(o.engine, matrix(rows), integers(labels[from:]),
			(*C.double)(unsafe.Pointer(&losses[from])), flag(!dx.IsZero()))

		if !dx.IsZero() {
			o.product(dx.RowRange(from, to), rows, backward, false)
		}
	}
}
