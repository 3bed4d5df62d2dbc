package kernels

import "unsafe"

// Gather sets row i of Dst to row Rows[i] of Src; Rows is int32 [Dst.Rows].
type Gather struct {
	Dst, Src View
	Rows     unsafe.Pointer
}

// Call returns the launch.
func (k *Gather) Call() Call {
	return elementwise("gather", k.Dst.Rows, k.Dst.Cols, k)
}

// Scatter sets row Rows[i] of Dst to row i of Src and the other rows to 0; Rows is int32 [Src.Rows]. Of two rows that go to the
// same, the last one does.
type Scatter struct {
	Dst, Src View
	Rows     unsafe.Pointer
}

// Call returns the launch, a block for each row.
func (k *Scatter) Call() Call {
	return launch("scatter", uint32(k.Dst.Rows), 1, threads, k)
}
