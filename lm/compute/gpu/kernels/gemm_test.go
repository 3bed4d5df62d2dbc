//go:build linux

package kernels_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/grokputer/grokputer/lm/compute/gpu/kernels"
)

// gemmCase is a product. Sizes are no multiples of blocks, and beta reads what was there.
type gemmCase struct {
	name             string
	m, n, k          int
	turnedA, turnedB bool
	batch, splits    int
	alpha, beta      float32
	kernel           string
}

var gemmCases = []gemmCase{
	{"one element", 1, 1, 1, false, false, 1, 1, 1, 0, "gemm_few_rows"},
	{"a by b turned", 70, 81, 75, false, false, 1, 1, 1, 0, "gemm_64"},
	{"a by b", 65, 130, 40, false, true, 1, 1, 2, 0, "gemm_64"},
	{"a turned by b", 33, 20, 101, true, true, 1, 1, 1, -0.5, "gemm_64"},
	{"both turned", 24, 40, 33, true, false, 1, 1, -1, 1, "gemm_64"},
	{"large blocks", 140, 150, 37, false, true, 16, 1, 1, 2, "gemm_128"},
	{"a batch", 20, 24, 16, false, false, 3, 1, 1, 1, "gemm_64"},
	{"a gradient of A", 16, 150, 1100, true, true, 1, 4, 1, 1, "gemm_few_rows"},
	{"a gradient of B", 150, 16, 1100, true, true, 1, 3, 0.5, 1, "gemm_few_cols"},
	{"thin columns", 130, 7, 90, false, false, 1, 1, 1, 0, "gemm_few_cols"},
	{"a batch in parts", 20, 30, 600, false, true, 2, 2, 1, 0.5, "gemm_64"},
}

// TestGemm compares with sums in float64. Operands are such as bfloat16 holds, so only the order of sums differs.
func TestGemm(t *testing.T) {
	onTileCards(t, func(t *testing.T, card tileCard) {
		for _, c := range gemmCases {
			for _, form := range []gemmForm{{half: true}, {halfC: true}, {exact: true}} {
				t.Run(fmt.Sprintf("%s/%+v", c.name, form), func(t *testing.T) {
					t.Parallel()
					c.check(t, card, form)
				})
			}
		}
	})
}

// gemmForm says what views hold, and whether the exact kernel runs, whose operands are not such as bfloat16 holds.
type gemmForm struct{ half, halfC, exact bool }

func (c gemmCase) check(t *testing.T, card tileCard, form gemmForm) {
	t.Helper()

	half, halfC, exact := form.half, form.halfC, form.exact

	random := rand.New(rand.NewPCG(5, 6))
	a, b := card.matrix(t, random, c.batch*c.m, c.k, 1, half, !exact), card.matrix(t, random, c.batch*c.n, c.k, 1, half, !exact)

	if c.turnedA {
		a = card.matrix(t, random, c.batch*c.k, c.m, 1, half, !exact)
	}

	if c.turnedB {
		b = card.matrix(t, random, c.batch*c.k, c.n, 1, half, !exact)
	}

	// Launches are repeated, so that what beta reads must not be what they write.
	before := card.matrix(t, random, c.batch*c.m, c.n, 1, halfC, halfC)

	g := kernels.NewGemm(before.View, one(a.View, c.batch), one(b.View, c.batch), c.turnedA, c.turnedB)
	g.C = one(before.View, c.batch)
	g.StepA, g.StepB, g.StepC = step(a.View, c.batch), step(b.View, c.batch), step(before.View, c.batch)
	g.Alpha, g.Beta, g.Splits = c.alpha, c.beta, int32(c.splits)

	if c.splits > 1 {
		g.Parts = card.room(t, c.batch*c.splits*c.m, c.n, false)
	}

	call := g.Call(c.batch, exact)
	if call.Name != c.kernel && !exact {
		t.Errorf("kernel %s, want %s", call.Name, c.kernel)
	}

	var first []float32

	for _, p := range card.programs {
		before.restore()

		calls := []kernels.Call{call}
		if c.splits > 1 {
			calls = append(calls, g.Join(c.batch))
		}

		for _, call := range calls {
			if err := p.Launch(call.Name, call.Grid, call.Block, call.Shared, call.Args, call.Size); err != nil {
				t.Fatal(err)
			}
		}

		got := values(before.View)
		if first == nil {
			first = got
		}

		for i := range got {
			if got[i] != first[i] {
				t.Fatalf("element %d has other bits when lanes run in another order", i)
			}
		}
	}

	tolerance := 1e-5
	if halfC {
		tolerance = 4e-3 // the result's own rounding
	}

	wantClose(t, "c", first, c.want(a, b, before), tolerance)
}

// want computes the product.
func (c gemmCase) want(a, b, before cardMatrix) []float32 {
	want := make([]float32, 0, len(before.values))

	for batch := range c.batch {
		for i := range c.m {
			for j := range c.n {
				sum := 0.0

				for k := range c.k {
					x, y := (batch*c.m+i)*c.k+k, (batch*c.n+j)*c.k+k
					if c.turnedA {
						x = (batch*c.k+k)*c.m + i
					}

					if c.turnedB {
						y = (batch*c.k+k)*c.n + j
					}

					sum += float64(a.values[x]) * float64(b.values[y])
				}

				old := float64(before.values[len(want)])
				want = append(want, float32(float64(c.alpha)*sum+float64(c.beta)*old))
			}
		}
	}

	return want
}

// one returns the first matrix of a batch that lie below each other, and step how many elements the others are apart.
func one(v kernels.View, batch int) kernels.View {
	v.Rows /= int32(batch)

	return v
}

func step(v kernels.View, batch int) int64 { return int64(v.Rows) / int64(batch) * v.Stride }

// Splitting keeps a card busy, but not with crumbs.
func TestSplit(t *testing.T) {
	t.Parallel()

	v := func(rows, cols int32) kernels.View { return kernels.View{Rows: rows, Cols: cols} }
	if n := kernels.NewGemm(v(16, 2048), v(4096, 16), v(4096, 2048), true, true).Split(1, 96); n != 6 {
		t.Errorf("%d parts of a deep product, want 6", n)
	}

	if n := kernels.NewGemm(v(16, 128), v(300, 16), v(300, 128), true, true).Split(1, 96); n != 1 {
		t.Errorf("%d parts of a shallow product, want 1", n)
	}

	if n := kernels.NewGemm(v(4096, 4096), v(4096, 4096), v(4096, 4096), false, false).Split(1, 96); n != 1 {
		t.Errorf("%d parts of a large product, want 1", n)
	}

	if size := unsafe.Sizeof(kernels.Gemm{}); size != 4*32+3*8+4*4+2*4 {
		t.Errorf("%d bytes of arguments", size)
	}
}
