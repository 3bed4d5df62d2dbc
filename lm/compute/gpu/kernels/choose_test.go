//go:build linux

package kernels_test

import (
	"math"
	"testing"

	"github.com/grokputer/grokputer/lm/compute/gpu/kernels"
)

func TestChoose(t *testing.T) {
	onEach(t, func(b bench) {
		for _, n := range []int{1, 7, 64, 600, 20011} {
			for _, l := range layouts {
				x, ids := b.grid(3, n, 5), make([]int32, n)
				for i, p := range b.random.Perm(n) {
					ids[i] = int32(p)
				}

				for j := range n {
					*x.at(1, j) = float32(b.random.IntN(3)) // many are equal
					if j > 0 {
						*x.at(2, j) = float32(math.Inf(-1))
					}
				}

				x = x.rounded(l)
				logits, choices := b.matrix(x, l), b.room(3*16)
				b.launch((&kernels.Choose{Logits: logits.View, Choices: choices}).Call())
				b.choices(x, nil, download[kernels.Choice](choices, 3))
				b.launch((&kernels.Choose{Logits: logits.View, IDs: upload(b, ids), Choices: choices}).Call())
				found := download[kernels.Choice](choices, 3)
				b.choices(x, ids, found)

				b.launch((&kernels.LogSoftmax{Dst: logits.View, Logits: logits.View, Choices: choices}).Call())

				got, _ := logits.values()
				for i, v := range got.v {
					want := float64(x.v[i]) - found[i/n].LogSum
					if d := math.Abs(float64(v) - want); !(d <= math.Abs(want)*0x1p-8) && !math.IsInf(want, -1) || math.IsInf(want, -1) && v != float32(want) {
						b.Errorf("log probability %d of %d is %g, want %g", i, n, v, want)

						return
					}
				}
			}
		}
	})
}

// choices checks what was found in rows of x.
func (b bench) choices(x grid, ids []int32, got []kernels.Choice) {
	b.Helper()

	for i, c := range got {
		row, sum, best := x.v[i*x.cols:(i+1)*x.cols], 0.0, 0
		for j, v := range row {
			if v > row[best] || v == row[best] && ids != nil && ids[j] < ids[best] {
				best = j
			}

			sum += math.Exp(float64(v))
		}

		if int(c.Column) != best || c.Logit != row[best] || !(math.Abs(c.LogSum-math.Log(sum)) <= 1e-6*max(1, math.Abs(c.LogSum))) {
			b.Errorf("row %d of %d: chose %+v, want column %d with %g and log sum %g", i, x.cols, c, best, row[best], math.Log(sum))
		}
	}
}

// Rows that nothing can be chosen of say so.
func TestChooseRefuses(t *testing.T) {
	onEach(t, func(b bench) {
		inf, nan := float32(math.Inf(1)), float32(math.NaN())
		x := grid{4, 3, []float32{1, nan, 2, inf, 1, 0, -inf, -inf, -inf, -inf, -3e38, -inf}}
		choices := b.room(4 * 16)
		b.launch((&kernels.Choose{Logits: b.matrix(x, loose).View, Choices: choices}).Call())

		for i, c := range download[kernels.Choice](choices, 4) {
			if want := [...]int32{-1, -1, -1, 1}[i]; c.Column != want {
				b.Errorf("row %d: chose %+v, want column %d", i, c, want)
			}
		}
	})
}
