//go:build linux

package kernels_test

import (
	"testing"

	"github.com/grokputer/grokputer/lm/compute/gpu/kernels"
)

func TestSwiGLU(t *testing.T) {
	onEach(t, func(b bench) {
		for _, s := range shapes {
			for i, l := range layouts {
				other := layouts[(i+1)%len(layouts)]
				x, dy := b.grid(s[0], 2*s[1], 6).rounded(l), b.grid(s[0], s[1], 1).rounded(other)

				var want, dx grid

				b.onCPU(func(r reference) {
					out, both, in := r.Scratch(s[0], s[1]), r.Scratch(s[0], 2*s[1]), r.tensor(x)
					r.SwiGLU(out, in)
					r.SwiGLUBackward(both, r.tensor(dy), in)
					want, dx = r.grid(out), r.grid(both)
				})

				in, out := b.matrix(x, l), b.empty(s[0], s[1], other)
				b.launch((&kernels.SwiGLU{Dst: out.View, X: in.View}).Call())
				b.want("swiglu", out, want, 1e-6)

				b.launch((&kernels.SwiGLUBackward{DX: in.View, DY: b.matrix(dy, other).View, X: in.View}).Call())
				b.want("gradient", in, dx, 2e-6)
			}
		}
	})
}

// Where e^x leaves float32's range the activation must stay finite and right.
func TestSwiGLUExtremes(t *testing.T) {
	onEach(t, func(b bench) {
		in, out := b.matrix(grid{1, 12, []float32{-1e4, -200, -90, 90, 200, 1e4, 1, 1, 1, 1, 1, 1}}, tight), b.empty(1, 6, tight)
		b.launch((&kernels.SwiGLU{Dst: out.View, X: in.View}).Call())
		b.want("swiglu", out, grid{1, 6, []float32{0, 0, 0, 90, 200, 1e4}}, 1e-6)

		dy := b.matrix(grid{1, 6, []float32{1, 1, 1, 1, 1, 1}}, tight)
		b.launch((&kernels.SwiGLUBackward{DX: in.View, DY: dy.View, X: in.View}).Call())
		b.want("gradient", in, grid{1, 12, []float32{0, 0, 0, 1, 1, 1, 0, 0, 0, 90, 200, 1e4}}, 1e-6)
	})
}
