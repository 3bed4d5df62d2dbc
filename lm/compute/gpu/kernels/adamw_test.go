//go:build linux

package kernels_test

import (
	"math"
	"sync"
	"testing"

	"github.com/grokputer/grokputer/lm/compute/gpu/kernels"
)

// Three steps in float64.
func TestAdamW(t *testing.T) {
	onEach(t, func(b bench) {
		const beta1, beta2, small, decay, rate, factor = 0.9, 0.999, 1e-8, 0.1, 1e-2, 0.5

		for _, s := range shapes {
			for _, l := range singles {
				zero := newGrid(s[0], s[1])
				x := b.grid(s[0], s[1], 1)
				tx, tm, tv := b.matrix(x, l), b.matrix(zero, l), b.matrix(zero, tight)
				m, v, at := make([]float64, len(x.v)), make([]float64, len(x.v)), make([]float64, len(x.v))

				for i, x := range x.v {
					at[i] = float64(x)
				}

				for step := 1; step <= 3; step++ {
					g := b.grid(s[0], s[1], 2)
					call := kernels.AdamW{X: tx.View, G: b.matrix(g, loose).View, M: tm.View, V: tv.View}
					call.Step(step, beta1, beta2, small, decay, rate, factor)
					b.launch(call.Call())

					for i := range at {
						d := float64(g.v[i]) * factor
						m[i] = beta1*m[i] + (1-beta1)*d
						v[i] = beta2*v[i] + (1-beta2)*d*d
						first, second := m[i]/(1-math.Pow(beta1, float64(step))), v[i]/(1-math.Pow(beta2, float64(step)))
						at[i] -= rate*decay*at[i] + rate*first/(math.Sqrt(second)+small)
					}
				}

				b.want("parameters", tx, narrow(s, at), 1e-6)
				b.want("first moments", tm, narrow(s, m), 1e-6)
				b.want("second moments", tv, narrow(s, v), 1e-6)
			}
		}
	})
}

func narrow(shape [2]int, values []float64) grid {
	g := newGrid(shape[0], shape[1])
	for i, x := range values {
		g.v[i] = float32(x)
	}

	return g
}

// The sum is right to the last bits of float64 and the same, bit for bit, whatever the schedule.
func TestSquareSum(t *testing.T) {
	var sums sync.Map // by card

	t.Cleanup(func() {
		first, _ := sums.Load(cards[0])
		for _, c := range cards {
			if sum, ok := sums.Load(c); ok && sum != first {
				t.Errorf("%+v gives %x, the first card %x", c.options, sum, first)
			}
		}
	})

	onEach(t, func(b bench) {
		want := 0.0
		parts := b.room(8 * kernels.SquareParts * len(shapes))

		for i, s := range shapes {
			l := layouts[i]
			g := b.grid(s[0], s[1], 3).rounded(l)

			for _, x := range g.v {
				want += float64(x) * float64(x)
			}

			b.launch((&kernels.SquareSum{X: b.matrix(g, l).View, Parts: at[float64](parts, i*kernels.SquareParts)}).Call())
		}

		sum := b.room(8)
		b.launch((&kernels.TotalSum{Parts: parts, Sum: sum, Count: int32(kernels.SquareParts * len(shapes))}).Call())

		got := download[float64](sum, 1)[0]
		if !(math.Abs(got-want) <= 1e-14*want) {
			b.Errorf("squared norm %.17g, want %.17g", got, want)
		}

		sums.Store(b.onceCard, math.Float64bits(got))
	})
}
