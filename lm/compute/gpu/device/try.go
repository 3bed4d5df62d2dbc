package device

import (
	"errors"
	"fmt"
	"unsafe"

	"github.com/grokputer/grokputer/lm/compute/gpu/driver"
)

// tryCompiler compiles a kernel and loads it. It is not run: the source is what every compiler takes, a stand-in's too.
func tryCompiler(x *driver.Context) (err error) {
	const source = `extern "C" __global__ void grokputer_try(int *x) { x[threadIdx.x] = 1; }`
	code, err := x.Compile(source, "try.cu")
	if err != nil {
		return err
	}
	module, err := x.Load(code)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, module.Unload()) }()
	_, err = module.Kernel("grokputer_try")

	return err
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
