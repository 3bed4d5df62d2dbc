//go:build linux

package kernels_test

import (
	"fmt"
	"testing"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/compute/gpu/kernels"
)

// Three adapters, the last two of the same columns.
func TestLowRank(t *testing.T) {
	onEach(t, func(b bench) {
		for _, s := range []struct{ rows, inputs int }{{1, 3}, {2, 37}, {4, 576}, {9, 2059}} {
			for i, l := range layouts {
				other := layouts[(i+1)%len(layouts)]
				x, y := b.grid(s.rows, s.inputs, 1).rounded(l), b.grid(s.rows, 40, 1).rounded(other)

				var (
					adapters []compute.LowRank
					down     kernels.LowRankDown
					up       kernels.LowRankUp
					ranks    int
				)

				for n, p := range []struct{ rank, out, column int }{{16, 11, 0}, {3, 20, 13}, {9, 20, 13}} {
					first, second := b.grid(p.rank, s.inputs, 1), b.grid(p.out, p.rank, 1)
					adapters = append(adapters, compute.LowRank{A: first.v, B: second.v, Rank: p.rank, Out: p.out, Column: p.column, Scale: 0.5 + float32(n)})
					down.Adapters[n] = kernels.Adapter{
						A: b.matrix(first, singles[n%2]).View, B: b.matrix(second, singles[(n+1)%2]).View,
						Column: int32(p.column), First: int32(ranks), Scale: 0.5 + float32(n),
					}
					ranks += p.rank
				}

				var want grid

				b.onCPU(func(r reference) {
					ty := r.tensor(y)
					r.LowRank(ty, r.tensor(x), adapters)
					want = r.grid(ty)
				})

				hidden, to := b.empty(s.rows, ranks, loose), b.matrix(y, other)
				down.Hidden, down.X, down.Count = hidden.View, b.matrix(x, l).View, 3
				up.Y, up.Hidden, up.Count, up.Adapters = to.View, hidden.View, 3, down.Adapters

				b.launch(down.Call())
				b.launch(up.Call())
				b.want(fmt.Sprint("adapters of ", s, l), to, want, 2e-6)

				for n, a := range adapters {
					from := int(down.Adapters[n].First)
					got, _ := hidden.values()
					part := newGrid(s.rows, a.Rank)

					for i := range s.rows {
						copy(part.v[i*a.Rank:], got.v[i*ranks+from:i*ranks+from+a.Rank])
					}

					b.wantFloats("hidden", part.v, product(x, grid{a.Rank, s.inputs, a.A}), 2e-6, 0)
				}
			}
		}
	})
}
