//go:build linux

package kernels_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/grokputer/grokputer/lm/compute/gpu/kernels"
)

// The CPU backend's head is the identity here, so that x are the logits.
func TestLoss(t *testing.T) {
	onEach(t, func(b bench) {
		for _, n := range []int{2, 37, 300} {
			x, identity := b.grid(5, n, 8), newGrid(n, n)
			labels := []int32{0, int32(n - 1), int32(n / 2), 1, 0}
			losses := make([]float64, 5)

			for i := range n {
				*identity.at(i, i) = 1
			}

			var dx grid

			b.onCPU(func(r reference) {
				w, err := r.backend.Load(plain(identity))
				if err != nil {
					b.Error(err)

					return
				}

				gradient := r.Scratch(5, n)
				r.CrossEntropy(gradient, r.tensor(x), w, labels, losses)
				dx = r.grid(gradient)
			})

			for _, l := range singles {
				b.losses(fmt.Sprint("logits ", n), x, l, labels, losses, dx)
			}
		}
	})
}

// Logits that are far apart, and as many as vocabularies have, against float64.
func TestLossOfManyLogits(t *testing.T) {
	onEach(t, func(b bench) {
		const n = 20011

		for _, l := range layouts {
			x, dx := b.grid(2, n, 20), newGrid(2, n)
			x.v[7], x.v[n+9000] = 300, -1e30
			x = x.rounded(l)
			labels, losses := []int32{n - 1, 17}, make([]float64, 2)

			for i, label := range labels {
				row, sum, top := x.v[i*n:(i+1)*n], 0.0, math.Inf(-1)
				for _, v := range row {
					top = max(top, float64(v))
				}

				for _, v := range row {
					sum += math.Exp(float64(v) - top)
				}

				losses[i] = math.Log(sum) + top - float64(row[label])
				for j, v := range row {
					*dx.at(i, j) = float32(math.Exp(float64(v)-top) / sum)
				}

				*dx.at(i, int(label)) -= 1
			}

			b.losses(fmt.Sprint("many logits ", l), x, l, labels, losses, dx)
		}
	})
}

func (b bench) losses(what string, x grid, l layout, labels []int32, losses []float64, dx grid) {
	b.Helper()

	logits, to := b.matrix(x, l), b.room(8*len(labels))
	call := kernels.Loss{Logits: logits.View, Labels: upload(b, labels), Losses: to}
	b.launch(call.Call())
	b.want(what+" are left", logits, x, 0)

	for i, got := range download[float64](to, len(labels)) {
		if !(math.Abs(got-losses[i]) <= 1e-6*max(1, math.Abs(losses[i]))) {
			b.Errorf("%s: loss %d is %g, want %g", what, i, got, losses[i])
		}
	}

	call.Backward = 1
	b.launch(call.Call())
	b.want(what+": gradient", logits, dx, 1e-6)
}
