//go:build linux

package kernels_test

import (
	"testing"

	"github.com/grokputer/grokputer/lm/compute/gpu/kernels"
)

func TestGatherAndScatter(t *testing.T) {
	onEach(t, func(b bench) {
		for _, cols := range []int{1, 37, 64, 2059} {
			for _, l := range layouts {
				g := b.grid(9, cols, 3).rounded(l)
				src, some, dst := b.matrix(g, l), b.empty(4, cols, l), b.empty(9, cols, l)
				rows := []int32{7, 0, 3, 8}

				var gathered, scattered grid

				b.onCPU(func(r reference) {
					few, all := r.Scratch(4, cols), r.Scratch(9, cols)
					r.Gather(few, r.tensor(g), rows)
					r.Scatter(all, few, rows)
					gathered, scattered = r.grid(few), r.grid(all)
				})

				list := upload(b, rows)
				b.launch((&kernels.Gather{Dst: some.View, Src: src.View, Rows: list}).Call())
				b.want("gather", some, gathered, 0)
				b.launch((&kernels.Scatter{Dst: dst.View, Src: some.View, Rows: list}).Call())
				b.want("scatter", dst, scattered, 0)
			}
		}
	})
}

// Where several rows go to the same, the last one does, on every card.
func TestScatterTwice(t *testing.T) {
	onEach(t, func(b bench) {
		const n = 700

		g, rows, want := b.grid(n, 3, 1), make([]int32, n), newGrid(5, 3)
		for i := range rows {
			rows[i] = int32(b.random.IntN(4))
			copy(want.v[rows[i]*3:], g.v[i*3:(i+1)*3])
		}

		dst := b.empty(5, 3, tight)
		b.launch((&kernels.Scatter{Dst: dst.View, Src: b.matrix(g, loose2).View, Rows: upload(b, rows)}).Call())
		b.want("scatter", dst, want.rounded(loose2), 0)
	})
}
