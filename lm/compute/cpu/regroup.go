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

	size := 0
	groups := make([]C.blocks, len(w.blocks))

	for i, part := range w.blocks {
		part.format = groupFormat(part.format)
		groups[i] = part
		size += groupedBytes(part)
	}

	data, err := o.backend.mapBytes(size)
	if err != nil {
		return nil, err
	}

	for i := range groups {
		groups[i].data = (*C.uint8_t)(data)
		C.native_regroup(o.engine, groups[i].data, &w.blocks[i])
		data = unsafe.Add(data, groupedBytes(groups[i]))
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

// groupedBytes returns the size of a part in groups.
func groupedBytes(part C.blocks) int {
	block := groupBytes4
	if part.format == C.GROUPS_8 {
		block = groupBytes8
	}

	const columns = 32

	return (int(part.rows) + groupRows - 1) / groupRows * (int(part.cols) / columns) * block
}
