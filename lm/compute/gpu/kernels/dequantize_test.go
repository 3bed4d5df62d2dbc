//go:build linux

package kernels_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/grokputer/grokputer/lm/compute/gpu/kernels"
	"github.com/grokputer/grokputer/lm/gguf"
	"github.com/grokputer/grokputer/lm/gguf/half"
)

// The bits are those of lm/gguf, and in bfloat16 what these round to.
func TestDequantize(t *testing.T) {
	onEach(t, func(b bench) {
		for _, kind := range types {
			for _, cols := range widths(kind) {
				weight, values := b.weight(kind, 7, cols)
				w := b.stored(weight)

				for _, l := range layouts {
					dst := b.empty(3, cols, l)
					b.launch((&kernels.Dequantize{Dst: dst.View, W: w, Type: kind, Shift: 2}).Call())
					b.wantBits(fmt.Sprint(kind, " rows of ", cols), dst, grid{3, cols, values.v[2*cols : 5*cols]})
				}
			}
		}
	})
}

// wantBits checks that m holds g exactly, the sign of 0 included, or g rounded.
func (b bench) wantBits(what string, m matrix, g grid) {
	b.Helper()

	got, clean := m.values()
	if !clean {
		b.Errorf("%s: written between rows", what)
	}

	for i, x := range g.v {
		want := math.Float32bits(x)
		if m.half {
			want = uint32(half.ToBFloat16(x)) << 16
		}

		if math.Float32bits(got.v[i]) != want {
			b.Errorf("%s, %v: element (%d, %d) is %x (%g), want %x (%g)", what, m.layout, i/g.cols, i%g.cols,
				math.Float32bits(got.v[i]), got.v[i], want, math.Float32frombits(want))

			return
		}
	}
}

// An embedding is some rows of a table in two parts.
func TestEmbed(t *testing.T) {
	onEach(t, func(b bench) {
		const cols = 256

		first, v1 := b.weight(gguf.Q6_K, 5, cols)
		second, v2 := b.weight(gguf.NF4, 6, cols)
		table := append(append([]float32{}, v1.v...), v2.v...)
		tokens := []int32{4, 5, 10, 0, 5, 9}

		want := newGrid(len(tokens), cols)
		for i, token := range tokens {
			copy(want.v[i*cols:], table[int(token)*cols:int(token+1)*cols])
		}

		list := upload(b, tokens)
		for _, l := range layouts {
			dst := b.empty(len(tokens), cols, l)
			b.launch((&kernels.Dequantize{Dst: dst.View, W: b.stored(first), Rows: list, Type: first.Type}).Call())
			b.launch((&kernels.Dequantize{Dst: dst.View, W: b.stored(second), Rows: list, Type: second.Type, Shift: -5}).Call())
			b.wantBits("embedding", dst, want)
		}
	})
}
