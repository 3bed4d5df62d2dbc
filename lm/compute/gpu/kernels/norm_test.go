//go:build linux

package kernels_test

import (
	"fmt"
	"testing"

	"github.com/grokputer/grokputer/lm/compute/gpu/kernels"
)

const epsilon = 1e-5

func TestNorm(t *testing.T) {
	onEach(t, func(b bench) {
		for _, s := range shapes {
			for i, l := range layouts {
				other := layouts[(i+2)%len(layouts)]
				x, dy, before, gain := b.grid(s[0], s[1], 2).rounded(l), b.grid(s[0], s[1], 1).rounded(other), b.grid(s[0], s[1], 1), b.grid(1, s[1], 1)

				var want, dx grid

				b.onCPU(func(r reference) {
					out, in, g := r.Scratch(s[0], s[1]), r.tensor(x), r.tensor(gain)
					r.Norm(out, in, g, epsilon)
					want = r.grid(out)

					sum := r.tensor(before)
					r.NormBackward(sum, r.tensor(dy), in, g, epsilon)
					dx = r.grid(sum)
				})

				what := fmt.Sprintf("of %v to %v", l, other)
				in, out, gains := b.matrix(x, l), b.empty(s[0], s[1], other), upload(b, gain.v)
				b.launch((&kernels.Norm{Dst: out.View, X: in.View, Gain: gains, Epsilon: epsilon}).Call())
				b.want("norm "+what, out, want, 1e-6)

				sum := b.matrix(before, loose)
				b.launch((&kernels.NormBackward{DX: sum.View, DY: b.matrix(dy, other).View, X: in.View, Gain: gains, Epsilon: epsilon}).Call())
				b.want("gradient "+what, sum, dx, 3e-6)
			}
		}
	})
}

func TestNormHeads(t *testing.T) {
	onEach(t, func(b bench) {
		for _, s := range []struct{ rows, heads, dim int }{{1, 1, 1}, {3, 5, 6}, {2, 3, 20}, {5, 2, 64}, {3, 3, 128}, {2, 1, 300}} {
			for _, l := range layouts {
				cols := s.heads * s.dim
				x, dy, gain := b.grid(s.rows, cols, 2).rounded(l), b.grid(s.rows, cols, 1).rounded(l), b.grid(1, s.dim, 1)

				var want, dx grid

				b.onCPU(func(r reference) {
					out, in, g := r.Scratch(s.rows, cols), r.tensor(x), r.tensor(gain)
					r.NormHeads(out, in, g, epsilon)
					want = r.grid(out)
					r.NormHeadsBackward(out, r.tensor(dy), in, g, epsilon)
					dx = r.grid(out)
				})

				in, out, gains := b.matrix(x, l), b.empty(s.rows, cols, l), upload(b, gain.v)
				call := kernels.NormHeads{Dst: out.View, X: in.View, Gain: gains, Dim: int32(s.dim), Epsilon: epsilon}
				b.launch(call.Call())
				b.want(fmt.Sprint("norm of heads ", s), out, want, 1e-6)

				same := b.matrix(dy, l)
				back := kernels.NormHeadsBackward{DX: same.View, DY: same.View, X: in.View, Gain: gains, Dim: int32(s.dim), Epsilon: epsilon}
				b.launch(back.Call())
				b.want(fmt.Sprint("gradient in place ", s), same, dx, 3e-6)

				call.Dst = in.View
				b.launch(call.Call())
				b.want(fmt.Sprint("norm in place ", s), in, want, 1e-6)
			}
		}
	})
}
