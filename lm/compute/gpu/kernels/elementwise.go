package kernels

import "unsafe"

// threads is how many lanes a block of an elementwise kernel has.
const threads = 256

// Copy sets Dst = Src, whatever their elements are.
type Copy struct{ Dst, Src View }

// Call returns the launch: a row of blocks for each row.
func (k *Copy) Call() Call {
	return Call{
		Name: "copy", Grid: [3]uint32{blocks(k.Dst.Cols), uint32(k.Dst.Rows), 1}, Block: threads,
		Args: unsafe.Pointer(k), Size: unsafe.Sizeof(*k),
	}
}

// blocks returns how many blocks a row of so many columns gets.
func blocks(cols int32) uint32 { return min(uint32(cols+threads-1)/threads, 64) }
