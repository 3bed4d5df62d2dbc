//go:build linux

package kernels_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/grokputer/grokputer/lm/compute/gpu/kernels"
)

func TestRotate(t *testing.T) {
	onEach(t, func(b bench) {
		positions := []int32{0, 1, 7, 3, 11}

		for _, dim := range []int{2, 6, 20, 64, 128} {
			for _, l := range layouts {
				x, table := b.grid(5, 3*dim, 1).rounded(l), newGrid(12, dim)
				for p := range table.rows {
					for j := range dim / 2 {
						sine, cosine := math.Sincos(float64(p) * math.Pow(10000, -float64(2*j)/float64(dim)))
						*table.at(p, j), *table.at(p, dim/2+j) = float32(cosine), float32(sine)
					}
				}

				var there, back grid

				b.onCPU(func(r reference) {
					tx, tt := r.tensor(x), r.tensor(table)
					r.Rotate(tx, dim, positions, tt, false)
					there = r.grid(tx)
					tx = r.tensor(x)
					r.Rotate(tx, dim, positions, tt, true)
					back = r.grid(tx)
				})

				got, list, tables := b.matrix(x, l), upload(b, positions), b.matrix(table, loose)
				b.launch((&kernels.Rotate{X: got.View, Table: tables.View, Positions: list, Dim: int32(dim)}).Call())
				b.want(fmt.Sprint("rotated heads of ", dim), got, there, 1e-6)

				got = b.matrix(x, l)
				b.launch((&kernels.Rotate{X: got.View, Table: tables.View, Positions: list, Dim: int32(dim), Inverse: 1}).Call())
				b.want(fmt.Sprint("rotated back heads of ", dim), got, back, 1e-6)
			}
		}
	})
}
