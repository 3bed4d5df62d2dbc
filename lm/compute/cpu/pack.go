package cpu

// #include "native.h"
import "C"

import (
	"fmt"
	"runtime"
	"sync"
	"unsafe"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/gguf"
)

const (
	partRows  = 512 // rows that are unpacked at once, a multiple of the panels' depth step
	panelCols = 16
	panelStep = 32
	bfloat16  = 2 // bytes
)

// packed returns the weight's bfloat16 panels, as bf16.h describes them: for y = x·Wᵀ or, transposed, for
// dx = dy·W.
func (w *weight) packed(o *ops, transposed bool) (*C.uint16_t, error) {
	kept := &w.forward
	if transposed {
		kept = &w.backward
	}

	if kept.IsZero() {
		columns, depth := w.panels(transposed)

		data, err := o.backend.forms.take(o.backend, columns*depth*bfloat16)
		if err != nil {
			return nil, err
		}

		if err := w.pack(o, (*C.uint16_t)(data), transposed); err != nil {
			return nil, err
		}

		*kept = compute.Tensor{Data: data, Rows: columns, Cols: depth, Stride: depth, Element: bfloat16}
	}

	return (*C.uint16_t)(kept.Data), nil
}

// panels returns the size of the weight's panels.
func (w *weight) panels(transposed bool) (columns, depth int) {
	columns, depth = w.outputs, w.inputs
	if transposed {
		columns, depth = depth, columns
	}

	return roundUp(columns, panelCols), roundUp(depth, panelStep)
}

func (w *weight) pack(o *ops, dst *C.uint16_t, transposed bool) error {
	return w.inParts(o, func(rows compute.Tensor, first int) {
		C.native_pack(o.engine, dst, matrix(rows), C.int(first), C.int(w.outputs), flag(transposed))
	})
}

// inParts calls use with the float32 values of some rows after the other.
func (w *weight) inParts(o *ops, use func(rows compute.Tensor, first int)) error {
	defer o.Release(o.Mark())

	room := o.Scratch(min(partRows, w.outputs), w.inputs)
	if o.err != nil {
		return o.err
	}

	for first := 0; first < w.outputs; first += partRows {
		rows := room.RowRange(0, min(partRows, w.outputs-first))
		if err := w.values(o, rows, first); err != nil {
			return err
		}

		use(rows, first)
	}

	return nil
}

// values writes the float32 values of rows from first on to dst.
func (w *weight) values(o *ops, dst compute.Tensor, first int) error {
	at := 0

	for i, part := range w.parts {
		from, to := max(first, at), min(first+dst.Rows, at+part.Rows())
		if from < to {
			rows := dst.RowRange(from-first, to-first)

			if w.blocks != nil {
				some := w.blocks[i]
				some.data = (*C.uint8_t)(unsafe.Add(unsafe.Pointer(some.data), (from-at)*part.RowBytes()))
				some.rows, some.column = C.int(to-from), 0
				C.native_unpack(o.engine, matrix(rows), &some) //nolint:gocritic // in what cgo makes of the line
			} else if err := dequantize(rows, part, from-at); err != nil {
				return err
			}
		}

		at += part.Rows()
	}

	return nil
}

// dequantize writes rows of a part to dst, on all processors.
func dequantize(dst compute.Tensor, part gguf.Tensor, first int) error {
	workers := min(runtime.GOMAXPROCS(0), dst.Rows)
	failures := make([]error, workers)

	var wait sync.WaitGroup

	for n := range workers {
		wait.Go(func() {
			for i := dst.Rows * n / workers; i < dst.Rows*(n+1)/workers && failures[n] == nil; i++ {
				failures[n] = part.DequantizeRow(values(dst, i), first+i)
			}
		})
	}

	wait.Wait()

	for _, err := range failures {
		if err != nil {
			return fmt.Errorf("cpu: unpack: %w", err)
		}
	}

	return nil
}
