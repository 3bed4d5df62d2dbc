package kernels

import "unsafe"

// launch returns a Call of x by y blocks with the arguments k. What has no rows or columns gives no blocks, and is not to be launched.
func launch[T any](name string, x, y, block uint32, k *T) Call {
	return Call{Name: name, Grid: [3]uint32{x, y, 1}, Block: block, Args: unsafe.Pointer(k), Size: unsafe.Sizeof(*k)}
}
