package gpu

import (
	"errors"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/compute/gpu/driver"
	"github.com/grokputer/grokputer/lm/compute/gpu/kernels"
)

// product is c = alpha·op(a)·op(b) + beta·c, where op turns what is said to be turned. a and b have equal elements.
type product struct {
	c, a, b          compute.Tensor
	turnedA, turnedB bool
	alpha, beta      float32
}

// elements are those of a product's operands and of its result.
type elements struct{ in, out int }

// multiply computes a product by the vendor's library or, where there is none or it refuses, by an own kernel.
func (o *ops) multiply(p product) {
	if o.err != nil || p.c.Rows == 0 || p.c.Cols == 0 {
		return
	}

	kind := elements{p.a.Element, p.c.Element}
	if !o.refused[kind] {
		err := o.card.Gemm(p.gemm())
		if !errors.Is(err, driver.ErrNoBLAS) && !errors.Is(err, driver.ErrUnsupported) {
			o.fail(err)

			return
		}

		o.refused[kind] = true
	}

	o.multiplySelf(p)
}

func (p product) gemm() driver.Gemm {
	depth := p.a.Cols
	if p.turnedA {
		depth = p.a.Rows
	}

	return driver.Gemm{
		M: p.c.Rows, N: p.c.Cols, K: depth,
		A:  driver.Matrix{Data: p.a.Data, Stride: p.a.Stride, Turned: p.turnedA},
		B:  driver.Matrix{Data: p.b.Data, Stride: p.b.Stride, Turned: p.turnedB},
		C:  driver.Matrix{Data: p.c.Data, Stride: p.c.Stride},
		In: elementOf(p.a), Out: elementOf(p.c),
		Alpha: p.alpha, Beta: p.beta,
	}
}

func elementOf(t compute.Tensor) driver.Element {
	if t.Element == bfloat16 {
		return driver.BFloat16
	}

	return driver.Float32
}

// multiplySelf is multiply by the own kernels. Theirs is a·bᵀ where nothing is turned.
func (o *ops) multiplySelf(p product) {
	defer o.Release(o.Mark())

	g := kernels.NewGemm(view(p.c), view(p.a), view(p.b), p.turnedA, !p.turnedB)
	g.Alpha, g.Beta = p.alpha, p.beta
	exact := o.exact || !aligned(p.a) || !aligned(p.b) || !aligned(p.c)

	if g.Splits = int32(g.Split(1, o.busy())); g.Splits > 1 {
		g.Parts = view(o.Scratch(int(g.Splits)*p.c.Rows, p.c.Cols))
	}

	o.launch(g.Call(1, exact))

	if g.Splits > 1 {
		o.launch(g.Join(1))
	}
}

// aligned reports whether rows begin where vectors may be loaded.
func aligned(t compute.Tensor) bool {
	const load = 16

	return uintptr(t.Data)%load == 0 && t.Stride*t.Element%load == 0
}

// busy is how many blocks keep the card busy.
func (o *ops) busy() int { return max(1, 2*o.device.Units) }
