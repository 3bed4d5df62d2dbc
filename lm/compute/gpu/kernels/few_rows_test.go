//go:build linux

package kernels_test

import (
	"fmt"
	"testing"

	"github.com/grokputer/grokputer/lm/compute/gpu/kernels"
	"github.com/grokputer/grokputer/lm/gguf"
)

// aligned rows of x are those that products are fast with.
var aligned = layout{skip: 4, gap: 12}

// product returns x·wᵀ with sums in float64.
func product(x, w grid) grid {
	out := newGrid(x.rows, w.rows)

	for i := range x.rows {
		for o := range w.rows {
			sum := 0.0
			for j := range x.cols {
				sum += float64(*x.at(i, j)) * float64(*w.at(o, j))
			}

			*out.at(i, o) = float32(sum)
		}
	}

	return out
}

func TestFewRows(t *testing.T) {
	onEach(t, func(b bench) {
		for _, kind := range types {
			for _, cols := range widths(kind) {
				weight, values := b.weight(kind, 21, cols)
				w := b.stored(weight)

				for i, rows := range []int{1, 2, 3, 5, 8, 9} {
					l := [...]layout{aligned, loose, wide2}[i%3]
					if rows == 8 {
						l = aligned
					}

					x := b.grid(rows, cols, 1).rounded(l)
					y, want := b.empty(rows, 21, loose), product(x, values)
					what := fmt.Sprintf("%v, %d rows of %d, %v", kind, rows, cols, l)

					call := kernels.FewRows{Y: y.View, X: b.matrix(x, l).View, W: w, Outputs: 21, Type: kind}
					b.launch(call.Call())
					b.want(what, y, want, 2e-6)

					call.Add = 1
					b.launch(call.Call())

					for i := range want.v {
						want.v[i] *= 2
					}

					b.want(what+", added", y, want, 2e-6)
				}
			}
		}
	})
}

// A stack of two weights gives columns side by side, or those of some rows, each with the bits that all rows have.
func TestFewRowsOfStack(t *testing.T) {
	onEach(t, func(b bench) {
		const cols = 512

		first, v1 := b.weight(gguf.Q4_K, 10, cols)
		second, v2 := b.weight(gguf.Q8_0, 7, cols)
		parts := []kernels.FewRows{
			{W: b.stored(first), Outputs: 10, Type: first.Type},
			{W: b.stored(second), Outputs: 7, Type: second.Type, Column: 10},
		}
		x := b.grid(3, cols, 1)
		all := b.empty(3, 17, wide2)

		for i := range parts {
			call := parts[i]
			call.Y, call.X = all.View, b.matrix(x, aligned).View
			b.launch(call.Call())
		}

		stacked := grid{17, cols, append(append([]float32{}, v1.v...), v2.v...)}
		want := product(x, stacked)
		b.want("stack", all, want, 2e-6)

		rows := []int32{16, 9, 0, 10, 9}
		some, few := b.empty(3, len(rows), tight), newGrid(3, len(rows))
		complete, _ := all.values()

		for j, row := range rows {
			for i := range 3 {
				*few.at(i, j) = *complete.at(i, int(row))
			}
		}

		for i := range parts {
			call := parts[i]
			call.Y, call.X = some.View, b.matrix(x, aligned).View
			call.Rows, call.Outputs, call.Shift, call.Column = upload(b, rows), int32(len(rows)), -call.Column, 0
			b.launch(call.Call())
		}

		got, _ := some.values()
		b.wantFloats("some rows", got.rounded(wide2).v, few, 0, 0)
	})
}
