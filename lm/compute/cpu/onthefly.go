package cpu

// #include "native.h"
import "C"

import "github.com/grokputer/grokputer/lm/compute"

// What is unpacked at once of a weight that is dequantised on the fly: about roomBytes, so that a processor's second
// cache still has it when it is multiplied, and not less than leastColumns, a multiple of COVER in bf16_product.h, of
// LEAST_COLUMNS in product.cpp and of the values in every type's groups, see unpack.h.
const (
	roomBytes    = 1 << 20
	leastColumns = 192
)

// room returns the size of the matrix in which columns of a form are unpacked, if values have so many bytes. The depth
// is padded for panels, and all of it counts as float32 for the arena's sake.
func (w *weight) room(f form, bytes int) (columns, floats int) {
	depth := roundUp(w.depth(f), panelStep)
	columns = max(roomBytes/(depth*bytes)/leastColumns, 1) * leastColumns

	return min(columns, roundUp(w.columns(f), panelCols)), depth * bytes / float
}

// productOf sets c = a·w, or adds it, in float32. What is not kept of w is unpacked some columns at a time.
func (o *ops) productOf(c, a compute.Tensor, w *weight, f form, add bool) {
	if !o.backend.onTheFly {
		values, err := w.values(o, f)
		if err != nil {
			o.fail(err)

			return
		}

		o.product(c, a, values, add)

		return
	}

	defer o.Release(o.Mark())

	columns, depth := w.room(f, float)
	room := o.Scratch(columns, depth)

	for from := 0; from < c.Cols && o.err == nil; from += columns {
		to := min(from+columns, c.Cols)
		some := compute.Tensor{Data: room.Data, Rows: a.Cols, Cols: to - from, Stride: to - from, Element: float}
		C.native_unpack(o.engine, matrix(some), w.unpacked(f), C.int(from))
		o.product(c.ColRange(from, to), a, some, add)
	}
}
