package cpu_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"go.uber.org/goleak"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/compute/cpu"
	"github.com/grokputer/grokputer/lm/gguf"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bench is a backend with its operations and a source of random numbers. It lives on the backend's
// thread, where Fatal must not be called.
type bench struct {
	testing.TB
	backend *cpu.Backend
	ops     compute.Ops
	random  *rand.Rand
	rounded bool // operands of products are rounded to bfloat16
}

// onEach runs check with every instruction set of this machine, on one thread and on all.
func onEach(t *testing.T, check func(b bench)) {
	t.Helper()
	t.Parallel()

	for _, isa := range []cpu.ISA{cpu.Generic, cpu.AVX2, cpu.AVX512, cpu.AVX512BF16, cpu.AMX} {
		precision := compute.Float32
		if isa >= cpu.AVX512BF16 {
			precision = compute.BFloat16
		}

		for _, threads := range []int{1, 0} {
			t.Run(fmt.Sprintf("%v/%d", isa, threads), func(t *testing.T) {
				t.Parallel()

				backend, err := cpu.New(cpu.Options{ISA: isa, Threads: threads, Precision: precision})
				if errors.Is(err, cpu.ErrOption) {
					t.Skip(err)
				} else if err != nil {
					t.Fatal(err)
				}

				defer func() {
					if err := backend.Close(); err != nil {
						t.Error(err)
					}
				}()

				err = backend.Run(t.Context(), func(o compute.Ops) error {
					check(bench{
						TB: t, backend: backend, ops: o, random: rand.New(rand.NewPCG(1, 2)), rounded: precision == compute.BFloat16,
					})

					return nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// grid returns random values in [-scale, scale), exact in float32.
func (b bench) grid(rows, cols int, scale float64) grid {
	g := newGrid(rows, cols)
	for i := range g.v {
		g.v[i] = float64(float32((2*b.random.Float64() - 1) * scale))
	}

	return g
}

// operand returns values whose products are exact in the backend's precision: -1, 0 and 1 for bfloat16,
// which holds all whole numbers up to 256.
func (b bench) operand(rows, cols int, scale float64) grid {
	if !b.rounded {
		return b.grid(rows, cols, scale)
	}

	g := newGrid(rows, cols)
	for i := range g.v {
		g.v[i] = float64(b.random.IntN(3) - 1)
	}

	return g
}

// tolerance is that of products of values that are not exact.
func (b bench) tolerance(exact float64) float64 {
	if b.rounded {
		return 1e-2
	}

	return exact
}

// tensor uploads g with a stride that is larger than its rows.
func (b bench) tensor(g grid) compute.Tensor {
	t := b.room(g.rows, g.cols)
	b.ops.Write(t, g.floats())

	return t
}

// room returns a view into a larger matrix full of NaN, so that reading or writing outside shows.
func (b bench) room(rows, cols int) compute.Tensor {
	t := b.ops.Scratch(rows+2, cols+5)
	poison := make([]float32, t.Rows*t.Cols)

	for i := range poison {
		poison[i] = float32(math.NaN())
	}

	b.ops.Write(t, poison)

	return t.RowRange(1, rows+1).ColRange(3, cols+3)
}

// want checks that t holds g, within tolerance relative to the largest element.
func (b bench) want(what string, t compute.Tensor, g grid, tolerance float64) {
	b.Helper()

	got := make([]float32, len(g.v))
	b.ops.Read(got, t)
	b.wantFloats(what, got, g, tolerance)
}

func (b bench) wantFloats(what string, got []float32, g grid, tolerance float64) {
	b.Helper()

	largest := 1e-2 // below it, rounding of intermediate values shows
	if b.rounded {
		largest = 0.2
	}

	for _, x := range g.v {
		largest = max(largest, math.Abs(x))
	}

	for i, x := range g.v {
		if !(math.Abs(float64(got[i])-x) <= tolerance*largest) {
			b.Errorf("%s: element (%d, %d) is %g, want %g (largest %g)", what, i/g.cols, i%g.cols, got[i], x, largest)

			return
		}
	}
}

// gradient returns the derivatives of f with respect to all elements of g.
func gradient(g grid, f func() float64) grid {
	out := newGrid(g.rows, g.cols)
	for i := range g.v {
		out.v[i] = slope(&g.v[i], f)
	}

	return out
}

// plain returns g as a GGUF tensor of type F32.
func plain(g grid) gguf.Tensor {
	data := make([]byte, 0, 4*len(g.v))
	for _, x := range g.floats() {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(x))
	}

	return gguf.Tensor{Name: "plain", Type: gguf.F32, Shape: []int{g.rows, g.cols}, Data: data}
}

// quantised returns a random tensor of a block type, and its values.
func (b bench) quantised(kind gguf.Type, rows, cols int) (gguf.Tensor, grid) {
	size := kind.BlockBytes()
	data := make([]byte, rows*cols/kind.BlockSize()*size)

	for i := range data {
		data[i] = byte(b.random.Uint32())
	}

	// Scales and offsets in half precision: 2^-5 to 2^-4 with random sign and mantissa.
	scales := map[gguf.Type][]int{
		gguf.Q4_1: {0, 2}, gguf.Q5_1: {0, 2}, gguf.Q4_K: {0, 2}, gguf.Q5_K: {0, 2}, gguf.Q6_K: {208},
	}[kind]
	if scales == nil {
		scales = []int{0}
	}

	for at := 0; at < len(data); at += size {
		for _, s := range scales {
			half := uint16(10<<10) | uint16(b.random.Uint32()&0x83ff)
			binary.LittleEndian.PutUint16(data[at+s:], half)
		}
	}

	t := gguf.Tensor{Name: kind.String(), Type: kind, Shape: []int{rows, cols}, Data: data}

	return t, b.valuesOf(t)
}

// valuesOf returns what lm/gguf says that a tensor holds.
func (b bench) valuesOf(t gguf.Tensor) grid {
	values := make([]float32, t.Rows()*t.Cols())
	if err := t.Dequantize(values); err != nil {
		b.Error(err)
	}

	g := newGrid(t.Rows(), t.Cols())
	for i, x := range values {
		g.v[i] = float64(x)
	}

	return g
}

// onBackend calls f on the fastest backend of this machine.
func onBackend(b *testing.B, f func(bench) error) {
	b.Helper()

	backend, err := cpu.New(cpu.Options{})
	if err != nil {
		b.Fatal(err)
	}

	defer func() {
		if err := backend.Close(); err != nil {
			b.Error(err)
		}
	}()

	err = backend.Run(b.Context(), func(o compute.Ops) error {
		return f(bench{TB: b, backend: backend, ops: o, random: rand.New(rand.NewPCG(1, 2))})
	})
	if err != nil {
		b.Fatal(err)
	}
}
