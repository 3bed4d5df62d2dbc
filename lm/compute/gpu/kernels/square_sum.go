package kernels

import "unsafe"

// SquareParts is how many parts SquareSum writes.
const SquareParts = 128

// SquareSum writes sums of squares of X's elements to Parts (float64 [SquareParts]), which TotalSum adds.
type SquareSum struct {
	X     View
	Parts unsafe.Pointer
}

// Call returns the launch.
func (k *SquareSum) Call() Call {
	return launch("square_sum", SquareParts, 1, threads, k)
}

// TotalSum sets Sum to the sum of Count parts, all float64, added in an order that is always the same.
type TotalSum struct {
	Parts unsafe.Pointer
	Sum   unsafe.Pointer
	Count int32
	_     int32
}

// Call returns the launch, of one block.
func (k *TotalSum) Call() Call {
	return launch("total_sum", 1, 1, threads, k)
}
