package cpu_test

import (
	"strings"
	"testing"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/compute/cpu"
)

// normHeadsReference is RMSNorm of each head, by normReference on the heads as rows of their own.
func normHeadsReference(x, gain grid, epsilon float64) grid {
	heads := grid{x.rows * x.cols / gain.cols, gain.cols, x.v}

	return grid{x.rows, x.cols, normReference(heads, gain, epsilon).v}
}

func TestNormHeads(t *testing.T) {
	onEach(t, func(b bench) {
		const epsilon, heads = 1e-5, 3

		for _, dim := range widths {
			x, gain, dy := b.grid(5, heads*dim, 2), b.grid(1, dim, 1), b.grid(5, heads*dim, 1)
			tx, tg, got := b.tensor(x), b.tensor(gain), b.room(5, heads*dim)
			want := normHeadsReference(x, gain, epsilon)

			b.ops.NormHeads(got, tx, tg, epsilon)
			b.want("norm", got, want, 1e-6)

			inPlace := b.tensor(x)
			b.ops.NormHeads(inPlace, inPlace, tg, epsilon)
			b.want("norm in place", inPlace, want, 1e-6)

			slopes := gradient(x, func() float64 { return weighted(normHeadsReference(x, gain, epsilon), dy) })

			dx := b.room(5, heads*dim)
			b.ops.NormHeadsBackward(dx, b.tensor(dy), tx, tg, epsilon)
			b.want("gradient", dx, slopes, 1e-5)

			dx = b.tensor(dy)
			b.ops.NormHeadsBackward(dx, dx, tx, tg, epsilon)
			b.want("gradient in place", dx, slopes, 1e-5)
		}
	})
}

func TestAddBias(t *testing.T) {
	onEach(t, func(b bench) {
		for _, n := range widths {
			x, bias := b.grid(5, n, 2), b.grid(1, n, 1)
			got := b.tensor(x)

			b.ops.AddBias(got, b.tensor(bias))

			want := newGrid(5, n)
			for i := range want.v {
				want.v[i] = x.v[i] + bias.v[i%n]
			}

			b.want("sum", got, want, 1e-7)
		}
	})
}

func TestPartsOfHeadsAreRefused(t *testing.T) {
	t.Parallel()

	b := open(t, cpu.Options{})

	for name, call := range map[string]func(o compute.Ops, x, gain compute.Tensor){
		"forward":  func(o compute.Ops, x, gain compute.Tensor) { o.NormHeads(x, x, gain, 1e-5) },
		"backward": func(o compute.Ops, x, gain compute.Tensor) { o.NormHeadsBackward(x, x, x, gain, 1e-5) },
	} {
		err := b.Run(t.Context(), func(o compute.Ops) error {
			call(o, o.Scratch(2, 10), o.Scratch(1, 4))

			return nil
		})
		if err == nil || !strings.Contains(err.Error(), "rows of 10 are no whole heads of 4") {
			t.Errorf("%s: Run returned %v", name, err)
		}
	}
}
