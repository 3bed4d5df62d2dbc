package kernels

import "unsafe"

// MostAdapters is how many adapters one launch takes.
const MostAdapters = 32

// Adapter is one of a layer's adapters on the card: A [rank, inputs], B [out, rank]. It adds to columns [Column, Column+out) of y; its hidden
// values are columns [First, First+rank) of hidden. The adapters' First ascend from 0 without gaps.
type Adapter struct {
	A, B          View
	Column, First int32
	Scale         float32
	_             int32
}

// LowRankDown sets Hidden [n, sum of ranks] = X·Aᵀ for the first Count adapters. It is meant for few rows.
type LowRankDown struct {
	Hidden, X View
	Count     int32
	_         int32
	Adapters  [MostAdapters]Adapter
}

// Call returns the launch, a block for some rows of each column.
func (k *LowRankDown) Call() Call {
	const rows = 4

	return Call{
		Name: "low_rank_down", Grid: [3]uint32{uint32(k.Hidden.Cols), groups(int64(k.X.Rows), rows), 1}, Block: threads,
		Args: unsafe.Pointer(k), Size: unsafe.Sizeof(*k),
	}
}

// LowRankUp adds Scale·Hidden·Bᵀ to Y for the first Count adapters, in their order.
type LowRankUp struct {
	Y, Hidden View
	Count     int32
	_         int32
	Adapters  [MostAdapters]Adapter
}

// Call returns the launch, a lane for each element of Y.
func (k *LowRankUp) Call() Call {
	return Call{
		Name: "low_rank_up", Grid: [3]uint32{groups(int64(k.Y.Cols), threads), uint32(k.Y.Rows), 1}, Block: threads,
		Args: unsafe.Pointer(k), Size: unsafe.Sizeof(*k),
	}
}
