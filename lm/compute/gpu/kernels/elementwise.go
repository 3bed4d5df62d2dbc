package kernels

import "unsafe"

// threads is how many lanes a block of an elementwise kernel has.
const threads = 256

// Copy sets Dst = Src, whatever their elements are.
type Copy struct{ Dst, Src View }

// Call returns the launch: some blocks for each row. Rows are counted in x, for the other dimensions end at 65,535.
func (k *Copy) Call() Call {
	return Call{
		Name: "copy", Grid: [3]uint32{uint32(k.Dst.Rows), blocks(k.Dst.Cols), 1}, Block: threads,
		Args: unsafe.Pointer(k), Size: unsafe.Sizeof(*k),
	}
}

// blocks returns how many blocks a row of so many columns gets.
func blocks(cols int32) uint32 { return min(uint32(cols+threads-1)/threads, 64) }
