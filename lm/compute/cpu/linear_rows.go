package cpu

// #include "native.h"
import "C"

import (
	"cmp"
	"fmt"
	"slices"
	"unsafe"

	"github.com/grokputer/grokputer/lm/compute"
)

// LinearRows uses the form and the kernel that Linear would, so that both give the same bits, except in float32 where
// the weight is not in blocks: there oneDNN may add in another order. Groups and panels hold unitRows neighbouring rows,
// all of which are computed if one is wanted.
func (o *ops) LinearRows(y, x compute.Tensor, w compute.Weight, rows []int32) {
	own, ok := o.weight(w)
	if !ok || len(rows) == 0 {
		return
	}

	if least, most := slices.Min(rows), slices.Max(rows); least < 0 || int(most) >= own.outputs {
		o.fail(fmt.Errorf("%w: rows %d to %d of a weight with %d", errShape, least, most, own.outputs))

		return
	}

	defer o.Release(o.Mark())

	switch form := o.backend.formFor(own, x.Rows); {
	case form == formGroups:
		o.groupRows(y, x, own, rows)
	case form == formBlocks:
		o.blockRows(y, x, own, rows)
	case o.backend.precision == compute.BFloat16:
		o.panelRows(y, x, own, rows)
	default:
		o.unpackedRows(y, x, own, rows)
	}
}

const (
	unitRows    = groupRows // and panelCols
	blocksFloat = C.sizeof_blocks / float
	// partsAtOnce is how many parts few_rows8 is handed: for each piece it looks for the part from the first one on.
	partsAtOnce = 64
)

// wantedRow is a row that LinearRows is asked for.
type wantedRow struct {
	row    int32 // of the weight, then the column of its results
	column int32 // of y
}

// unitRun is a run of neighbouring units of a part.
type unitRun struct {
	part, first, units int
	column             int // of the results, where the first unit's begin
}

// findUnits finds the runs of units that have one of the rows. apart says that each part of the weight has its own units;
// else one goes over where parts meet.
func (o *ops) findUnits(w *weight, apart bool, rows []int32) {
	o.wanted, o.runs = o.wanted[:0], o.runs[:0]
	for column, row := range rows {
		o.wanted = append(o.wanted, wantedRow{row, int32(column)})
	}

	slices.SortFunc(o.wanted, func(a, b wantedRow) int { return cmp.Compare(a.row, b.row) })

	part, begin := 0, 0 // the part at hand, and its first row
	columns := 0        // of all results so far

	for i := range o.wanted {
		row := int(o.wanted[i].row)
		for apart && row-begin >= w.parts[part].Rows() {
			begin += w.parts[part].Rows()
			part++
		}

		unit, offset := (row-begin)/unitRows, (row-begin)%unitRows

		var run *unitRun
		if n := len(o.runs); n > 0 && o.runs[n-1].part == part {
			run = &o.runs[n-1]
		}

		switch {
		case run != nil && unit < run.first+run.units: // the last row's
		case run != nil && unit == run.first+run.units:
			run.units++
			columns += unitRows
		default:
			o.runs = append(o.runs, unitRun{part: part, first: unit, units: 1, column: columns})
			columns += unitRows
		}

		o.wanted[i].row = int32(columns - unitRows + offset)
	}
}

// pickRows sets y to the wanted columns of the units' results.
func (o *ops) pickRows(y, results compute.Tensor) {
	for i := range y.Rows {
		to, from := values(y, i), values(results, i)
		for _, w := range o.wanted {
			to[w.column] = from[w.row]
		}
	}
}

// parts returns room for a list of parts, where C may keep pointers.
func (o *ops) parts(n int) []C.blocks {
	room := o.Scratch(n, blocksFloat)
	if o.err != nil {
		return nil
	}

	return unsafe.Slice((*C.blocks)(room.Data), n)
}

func (o *ops) groupRows(y, x compute.Tensor, w *weight, rows []int32) {
	groups, err := w.regrouped(o)
	if err != nil {
		o.fail(err)

		return
	}

	results, parts := o.Scratch(x.Rows, len(rows)*unitRows), o.parts(len(rows))
	if o.err != nil {
		return
	}

	o.findUnits(w, true, rows)

	for i, run := range o.runs {
		part := groups[run.part]
		left := part.rows - C.int(run.first*unitRows)
		part.rows = unitRows
		part.data = (*C.uint8_t)(unsafe.Add(unsafe.Pointer(part.data), run.first*groupedBytes(part)))
		part.rows, part.column = min(left, C.int(run.units*unitRows)), C.int(run.column)
		parts[i] = part
	}

	for from := 0; from < len(o.runs); from += partsAtOnce {
		n := min(partsAtOnce, len(o.runs)-from)
		C.native_few_rows8(o.engine, matrix(results), matrix(x), &parts[from], C.int(n), 0, 0)
	}

	o.pickRows(y, results)
}

func (o *ops) blockRows(y, x compute.Tensor, w *weight, rows []int32) {
	parts := o.parts(len(rows))
	if o.err != nil {
		return
	}

	for column, row := range rows {
		i, at := 0, int(row)
		for ; at >= w.parts[i].Rows(); i++ {
			at -= w.parts[i].Rows()
		}

		part := w.blocks[i]
		part.data = (*C.uint8_t)(unsafe.Add(unsafe.Pointer(part.data), at*w.parts[i].RowBytes()))
		part.rows, part.column = 1, C.int(column)
		parts[column] = part
	}

	C.native_few_rows(o.engine, matrix(y), matrix(x), unsafe.SliceData(parts), C.int(len(parts)), 0)
}

// panelRows and unpackedRows multiply with a run of units after the other.
func (o *ops) panelRows(y, x compute.Tensor, w *weight, rows []int32) {
	op, err := w.operand(o, formForward)
	if err != nil {
		o.fail(err)

		return
	}

	_, depth := w.panels(formForward)

	o.unitRuns(y, x, w, rows, func(results compute.Tensor, first int) {
		some := op
		some.outputs, some.panels = C.int(results.Cols), op.room

		if op.panels == nil {
			C.native_pack(o.engine, op.room, op, C.int(first), some.outputs)
		} else {
			some.panels = (*C.uint16_t)(unsafe.Add(unsafe.Pointer(op.panels), first*depth*bfloat16))
		}

		C.native_linear16(o.engine, matrix(results), matrix(x), some, 0, matrix(compute.Tensor{}), 0, 0)
	})
}

func (o *ops) unpackedRows(y, x compute.Tensor, w *weight, rows []int32) {
	room := o.Scratch(leastColumns, w.inputs)

	o.unitRuns(y, x, w, rows, func(results compute.Tensor, first int) {
		some := compute.Tensor{Data: room.Data, Rows: w.inputs, Cols: results.Cols, Stride: results.Cols, Element: float}
		C.native_unpack(o.engine, matrix(some), w.unpacked(formForward), C.int(first))
		o.product(results, x, some, false)
	})
}

// unitRuns calls multiply for runs of at most leastColumns rows of w that hold the wanted ones, with the first of them
// and room for their results, and sets y to what is wanted of these.
func (o *ops) unitRuns(y, x compute.Tensor, w *weight, rows []int32, multiply func(results compute.Tensor, first int)) {
	results := o.Scratch(x.Rows, len(rows)*unitRows)
	if o.err != nil {
		return
	}

	o.findUnits(w, false, rows)

	for _, run := range o.runs {
		for at, end := 0, run.units*unitRows; at < end; at += leastColumns {
			first := run.first*unitRows + at
			n := min(leastColumns, end-at, w.outputs-first)
			multiply(results.ColRange(run.column+at, run.column+at+n), first)
		}
	}

	o.pickRows(y, results)
}
