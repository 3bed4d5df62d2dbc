package cpu

// #include "native.h"
import "C"

import "unsafe"

const (
	groupRows   = 16
	groupBytes4 = 256 + 32 + 32 // of a block of 32 columns, see few_rows8.h
	groupBytes8 = 512 + 32
)

// regrouped returns the weight's blocks in groups of rows.
func (w *weight) regrouped(o *ops) ([]C.blocks, error) {
	if w.groups != nil {
		return w.groups, nil
	}

	data, err := o.backend.forms.take(o.backend, w.groupedBytes())
	if err != nil {
		return nil, err
	}

	groups := make([]C.blocks, len(w.blocks))

	for i, part := range w.blocks {
		part.format, part.data = groupFormat(part.format), (*C.uint8_t)(data)
		groups[i] = part

		C.native_regroup(o.engine, part.data, &w.blocks[i])
		data = unsafe.Add(data, groupedBytes(part))
	}

	w.groups = groups

	return groups, nil
}

func groupFormat(format C.int) C.int {
	if format == C.BLOCKS_Q8_0 {
		return C.GROUPS_8
	}

	return C.GROUPS_4
}

// groupedBytes returns the size of all groups.
func (w *weight) groupedBytes() int {
	bytes := 0

	for _, part := range w.blocks {
		part.format = groupFormat(part.format)
		bytes += groupedBytes(part)
	}

	return bytes
}

// groupedBytes returns the size of a part in groups.
func groupedBytes(part C.blocks) int {
	block := groupBytes4
	if part.format == C.GROUPS_8 {
		block = groupBytes8
	}

	const columns = 32

	return roundUp(int(part.rows), groupRows) / groupRows * (int(part.cols) / columns) * block
}
