//go:build linux

package kernels_test

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/compute/gpu/kernels"
	"github.com/grokputer/grokputer/lm/gguf"
)

// The mask is that of the CPU backend, bit for bit: an adapter whose A is the identity shows it.
func TestDropout(t *testing.T) {
	onEach(t, func(b bench) {
		const stream = 0x80000007

		for _, cols := range []int{3, 37, 64, 200} {
			for _, d := range []compute.Dropout{{Rate: 0.1, Seed: 42}, {Rate: 0.5, Seed: math.MaxUint64 - 3, Row: 1 << 20}} {
				x := b.grid(7, cols, 2)
				want := b.dropped(x, d, stream)

				mask, drops := kernels.MaskOf(d, stream)
				if !drops {
					b.Fatal("nothing is dropped")
				}

				for _, l := range singles {
					src, dst := b.matrix(x, l), b.empty(7, cols, l)
					b.launch((&kernels.Dropout{Dst: dst.View, Src: src.View, Mask: mask}).Call())
					b.want("dropout", dst, want, 0)

					b.launch((&kernels.Dropout{Dst: dst.View, Src: src.View, Mask: mask, Add: 1}).Call())

					twice := newGrid(7, cols)
					for i, x := range want.v {
						twice.v[i] = 2 * x
					}

					b.want("dropout, added", dst, twice, 1e-7)

					b.launch((&kernels.Dropout{Dst: src.View, Src: src.View, Mask: mask}).Call())
					b.want("dropout in place", src, want, 0)
				}
			}
		}
	})
}

// dropped returns what the CPU backend makes of x.
func (b bench) dropped(x grid, d compute.Dropout, stream uint32) (out grid) {
	n := x.cols
	adapter := compute.LowRank{A: make([]float32, n*n), B: make([]float32, n), Rank: n, Out: 1, Scale: 1, Stream: stream}

	for i := range n {
		adapter.A[i*n+i] = 1
	}

	b.onCPU(func(r reference) {
		w, err := r.backend.Load(plain(newGrid(1, n)))
		if err != nil {
			b.Error(err)

			return
		}

		hidden := r.Scratch(x.rows, n)
		r.Linear(r.Scratch(x.rows, 1), r.tensor(x), w, []compute.LowRank{adapter}, compute.LinearCall{Dropout: d, Hidden: hidden})
		out = r.grid(hidden)
	})

	return out
}

// plain returns g as a tensor of type F32.
func plain(g grid) gguf.Tensor {
	data := make([]byte, 0, 4*len(g.v))
	for _, x := range g.v {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(x))
	}

	return gguf.Tensor{Name: "plain", Type: gguf.F32, Shape: []int{g.rows, g.cols}, Data: data}
}

// No dropout is no mask; a rate's threshold is rounded.
func TestMaskOf(t *testing.T) {
	t.Parallel()

	if m, drops := kernels.MaskOf(compute.Dropout{Seed: 3}, 1); drops || m.Keep != 1 {
		t.Errorf("rate 0 gives %+v, %v", m, drops)
	}

	m, drops := kernels.MaskOf(compute.Dropout{Rate: 0.25, Seed: 5<<32 | 6, Row: 9}, 7)
	if want := (kernels.Mask{Key: [2]uint32{6, 5}, Stream: 7, Threshold: 1 << 14, Row: 9, Keep: 4.0 / 3}); m != want || !drops {
		t.Errorf("got %+v, want %+v", m, want)
	}
}
