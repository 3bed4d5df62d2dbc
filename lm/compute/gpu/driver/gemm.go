package driver

// #include "driver.h"
import "C"

import (
	"fmt"
	"unsafe"
)

// Element is what a matrix is made of.
type Element int

// The elements of matrices.
const (
	Float32  Element = C.GPU_F32
	Float16  Element = C.GPU_F16
	BFloat16 Element = C.GPU_BF16
)

// Matrix is a row-major matrix on the card, or as many as Gemm.Batches says.
type Matrix struct {
	Data   unsafe.Pointer
	Stride int  // elements from one row to the next
	Batch  int  // elements from one matrix to the next; 0 in A or B uses one for all
	Turned bool // A and B only: the product uses the transposed matrix
}

// Gemm is C [M, N] = Alpha·op(A)·op(B) + Beta·C, with op(A) [M, K] and op(B) [K, N], and sums in float32. With Beta 0
// what C holds before does not matter.
type Gemm struct {
	M, N, K     int
	Alpha, Beta float32
	A, B, C     Matrix
	In, Out     Element // of A and B, of C
	Batches     int     // 0 is 1
}

// Gemm tells the card to multiply. Without a BLAS for the card it returns ErrNoBLAS; a combination of elements that the library does not
// have is ErrUnsupported. Results of equal calls are equal.
func (x *Context) Gemm(g Gemm) error {
	if g.M == 0 || g.N == 0 {
		return nil
	}
	if err := x.openBLAS(); err != nil {
		return err
	}
	// A row-major matrix is its transpose to a column-major library, so it is told Cᵀ = op(B)ᵀ·op(A)ᵀ.
	p := C.gpu_product{
		m: C.int(g.N), n: C.int(g.M), k: C.int(g.K), batches: C.int(max(g.Batches, 1)),
		transpose_a: turned(g.B), transpose_b: turned(g.A), in: C.int(g.In), out: C.int(g.Out),
		alpha: C.float(g.Alpha), beta: C.float(g.Beta), a: g.B.Data, b: g.A.Data, c: g.C.Data,
		lda: C.int(g.B.Stride), ldb: C.int(g.A.Stride), ldc: C.int(g.C.Stride),
		stride_a: C.int64_t(g.B.Batch), stride_b: C.int64_t(g.A.Batch), stride_c: C.int64_t(g.C.Batch),
	}

	return x.driver.checkBLAS(C.gpu_gemm(x.driver.c, x.blas, &p)) //nolint:gocritic // cgo writes comparisons of its own
}

func turned(m Matrix) C.int {
	if m.Turned {
		return 1
	}

	return 0
}

// openBLAS makes the handle. That it cannot be made is found once.
func (x *Context) openBLAS() error {
	if x.blas != nil || x.noBLAS != nil {
		return x.noBLAS
	}
	if x.noBLAS = x.driver.OpenBLAS(x.device.Architecture); x.noBLAS != nil {
		return x.noBLAS
	}
	x.driver.loading(x.driver.path(blasLibrary))
	if err := x.driver.checkBLAS(C.gpu_blas_open(x.driver.c, &x.blas, x.stream)); err != nil { //nolint:gocritic // cgo writes comparisons of its own
		x.blas = nil
		x.noBLAS = fmt.Errorf("%w: %w", ErrNoBLAS, err)
	}

	return x.noBLAS
}
