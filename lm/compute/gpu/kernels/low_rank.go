package kernels

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

	return launch("low_rank_down", uint32(k.Hidden.Cols), groups(int64(k.X.Rows), rows), threads, k)
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
	return launch("low_rank_up", groups(int64(k.Y.Cols), threads), uint32(k.Y.Rows), threads, k)
}
