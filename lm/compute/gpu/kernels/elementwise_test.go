//go:build linux

package kernels_test

import (
	"fmt"
	"testing"

	"github.com/grokputer/grokputer/lm/compute/gpu/kernels"
)

// Shapes that fill no run, no block, or some.
var shapes = [][2]int{{1, 1}, {5, 3}, {7, 37}, {3, 64}, {2, 2059}}

func TestCopy(t *testing.T) {
	onEach(t, func(b bench) {
		for _, s := range shapes {
			g := b.grid(s[0], s[1], 3)
			for _, from := range layouts {
				for _, to := range layouts {
					src, dst := b.matrix(g, from), b.empty(s[0], s[1], to)
					b.launch((&kernels.Copy{Dst: dst.View, Src: src.View}).Call())

					// Exactly the nearest values of bfloat16, not only near ones.
					got, _ := dst.values()
					want := g.rounded(from).rounded(to)
					b.want(fmt.Sprintf("copy of %v to %v", from, to), dst, want, 0)
					b.wantFloats("rounding", got.v, want, 0, 0)
				}
			}
		}
	})
}

func TestFill(t *testing.T) {
	onEach(t, func(b bench) {
		for _, s := range shapes {
			for _, l := range layouts {
				for _, x := range []float32{0, -1.5} {
					dst, want := b.empty(s[0], s[1], l), newGrid(s[0], s[1])
					for i := range want.v {
						want.v[i] = x
					}

					b.launch((&kernels.Fill{Dst: dst.View, Value: x}).Call())
					b.want("fill", dst, want, 0)
				}
			}
		}
	})
}

func TestScaleRowsAndBias(t *testing.T) {
	onEach(t, func(b bench) {
		for _, s := range shapes {
			for _, l := range layouts {
				g, factors, bias := b.grid(s[0], s[1], 3).rounded(l), b.grid(1, s[0], 2), b.grid(1, s[1], 1)
				x := b.matrix(g, l)

				var scaled, shifted grid

				b.onCPU(func(r reference) {
					tx := r.tensor(g)
					r.ScaleRows(tx, factors.v)
					scaled = r.grid(tx).rounded(l)
					tx = r.tensor(scaled)
					r.AddBias(tx, r.tensor(bias))
					shifted = r.grid(tx)
				})

				b.launch((&kernels.ScaleRows{X: x.View, Factors: upload(b, factors.v)}).Call())
				b.want("scaled rows", x, scaled, 0)
				b.launch((&kernels.AddBias{X: x.View, Bias: upload(b, bias.v)}).Call())
				b.want("bias", x, shifted, 0)
			}
		}
	})
}
