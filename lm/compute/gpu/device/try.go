package device

import (
	"errors"
	"fmt"
	"unsafe"

	"github.com/grokputer/grokputer/lm/compute/gpu/driver"
)

// source is in the dialect of the kernels, see their prelude.h; nothing else of them is needed.
const source = `#ifndef KERNEL
#define KERNEL(name, threads) extern "C" __global__ void name(name##_args a)
#endif
struct grokputer_try_args { int *x; };
KERNEL(grokputer_try, 1) { *a.x = 42; }
`

// tryCompiler compiles a kernel, loads it and looks at what it does.
func tryCompiler(x *driver.Context) (err error) {
	code, err := x.Compile(source, "try.cu")
	if err != nil {
		return err
	}
	module, err := x.Load(code)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, module.Unload()) }()
	kernel, err := module.Kernel("grokputer_try")
	if err != nil {
		return err
	}
	memory, err := x.Alloc(4)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.Free(memory)) }()
	args := unsafe.Pointer(&memory)
	if err := x.Launch(kernel, [3]uint32{1, 1, 1}, 1, 0, args); err != nil {
		return err
	}
	var result int32
	if err := x.Download(unsafe.Pointer(&result), memory, 4); err != nil {
		return err
	}
	if result != 42 {
		return fmt.Errorf("a kernel that writes 42 wrote %d", result)
	}

	return nil
}

// tryBLAS multiplies [1 2; 3 4] with itself.
func tryBLAS(x *driver.Context) (err error) {
	values := [4]float32{1, 2, 3, 4}
	const bytes = len(values) * 4
	memory, err := x.Alloc(2 * bytes)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.Free(memory)) }()
	if err := x.Upload(memory, unsafe.Pointer(&values[0]), bytes); err != nil {
		return err
	}
	a, c := driver.Matrix{Data: memory, Stride: 2}, driver.Matrix{Data: unsafe.Add(memory, bytes), Stride: 2}
	if err := x.Gemm(driver.Gemm{M: 2, N: 2, K: 2, Alpha: 1, A: a, B: a, C: c}); err != nil {
		return err
	}
	if err := x.Download(unsafe.Pointer(&values[0]), c.Data, bytes); err != nil {
		return err
	}
	if want := [4]float32{7, 10, 15, 22}; values != want {
		return fmt.Errorf("the product of [1 2; 3 4] with itself came out as %v, not %v", values, want)
	}

	return nil
}
