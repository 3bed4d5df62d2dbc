package cpu_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/compute/cpu"
	"github.com/grokputer/grokputer/lm/gguf"
)

// storedTypes are all types that lm/gguf unpacks.
func storedTypes() []gguf.Type {
	var all []gguf.Type

	for kind := range gguf.BF16 + 1 {
		t := gguf.Tensor{Type: kind, Shape: []int{kind.BlockSize()}, Data: make([]byte, kind.BlockBytes())}
		if t.Dequantize(make([]float32, kind.BlockSize())) == nil {
			all = append(all, kind)
		}
	}

	return append(all, gguf.NF4)
}

// stored returns a random tensor of any type, and its values.
func (b bench) stored(kind gguf.Type, rows, cols int) (gguf.Tensor, grid) {
	switch kind {
	case gguf.F32:
		g := b.grid(rows, cols, 1)

		return plain(g), g
	case gguf.F16, gguf.BF16:
		t := gguf.Tensor{Name: kind.String(), Type: kind, Shape: []int{rows, cols}}
		for range rows * cols {
			bits := uint16(10<<10) | uint16(b.random.Uint32()&0x8fff) // of either type: small, and never infinite
			t.Data = append(t.Data, byte(bits), byte(bits>>8))
		}

		return t, b.valuesOf(t)
	case gguf.NF4:
		t, err := gguf.QuantizeNF4(plain(b.grid(rows, cols, 1)))
		if err != nil {
			b.Error(err)
		}

		return t, b.valuesOf(t)
	default:
		return b.quantised(kind, rows, cols)
	}
}

// A product with a unit matrix is a weight's values: those of lm/gguf, in both orientations.
func TestValues(t *testing.T) {
	t.Parallel()

	const rows, cols = 37, 768

	for _, isa := range []cpu.ISA{cpu.Generic, cpu.AVX2, cpu.AVX512} {
		for _, onTheFly := range []bool{false, true} {
			options := cpu.Options{ISA: isa, Precision: compute.Float32, DequantizeOnTheFly: onTheFly}

			onBench(t, options, func(b bench) {
				for _, kind := range storedTypes() {
					first, v := b.stored(kind, rows, cols)
					second, more := b.stored(gguf.Q8_0, 3, cols)
					want := stack(v, more)
					w := b.load(first, second)

					unit := newGrid(cols, cols)
					for i := range cols {
						*unit.at(i, i) = 1
					}

					y, turned := b.room(cols, want.rows), newGrid(cols, want.rows)
					for i := range want.rows {
						for j := range cols {
							*turned.at(j, i) = *want.at(i, j)
						}
					}

					b.ops.Linear(y, b.tensor(unit), w, nil, compute.LinearCall{})
					b.want(kind.String(), y, turned, 0)

					unit = newGrid(want.rows, want.rows)
					for i := range want.rows {
						*unit.at(i, i) = 1
					}

					dx := b.room(want.rows, cols)
					b.ops.LinearBackward(dx, b.tensor(unit), b.room(want.rows, cols), w, nil, compute.LinearCall{})
					b.want(kind.String()+", backward", dx, want, 0)
				}
			})
		}
	}
}

// What is unpacked for each product gives the bits that kept forms give: forward, added, backward and loss, with
// adapters and without.
func TestOnTheFly(t *testing.T) {
	t.Parallel()

	for _, options := range []cpu.Options{
		{ISA: cpu.Generic, Precision: compute.Float32},
		{Precision: compute.Float32},
		{ISA: cpu.AVX512BF16, Precision: compute.BFloat16},
		{Precision: compute.BFloat16, Threads: 1},
		{Precision: compute.BFloat16},
	} {
		for _, c := range []struct {
			outputs, inputs, rows int
			kinds                 []gguf.Type
		}{
			{1100, 768, 270, []gguf.Type{gguf.Q4_1, gguf.Q6_K}}, // several rounds of everything
			{70, 1792, 3, []gguf.Type{gguf.Q4_K, gguf.Q8_0}},
			{330, 256, 40, storedTypes()},
		} {
			for _, kind := range c.kinds {
				var want [][]float32

				for _, onTheFly := range []bool{false, true} {
					options.DequantizeOnTheFly = onTheFly

					var got [][]float32

					onBench(t, options, func(b bench) { got = b.passes(kind, c.outputs, c.inputs, c.rows) })

					if onTheFly && !slices.EqualFunc(got, want, slices.Equal) {
						t.Errorf("%+v, %v, [%d, %d], %d rows: other results than with kept forms", options, kind, c.outputs, c.inputs, c.rows)
					}

					want = got
				}
			}
		}
	}
}

// passes returns the results of all operations with a weight. The numbers are the same for each backend.
func (b bench) passes(kind gguf.Type, outputs, inputs, rows int) [][]float32 {
	b.random = rand.New(rand.NewPCG(3, 4))
	first, _ := b.stored(kind, outputs-33, inputs)
	second, _ := b.stored(gguf.Q4_1, 33, inputs)
	w := b.load(first, second)
	adapters := []compute.LowRank{b.lowRank(inputs, outputs-20, 0, 8, 1), b.lowRank(inputs, 20, outputs-20, 3, 2)}
	call := compute.LinearCall{Hidden: b.ops.Scratch(rows, 11)}
	x, dy := b.tensor(b.grid(rows, inputs, 1)), b.tensor(b.grid(rows, outputs, 1))

	var all [][]float32

	read := func(t compute.Tensor) {
		out := make([]float32, t.Rows*t.Cols)
		b.ops.Read(out, t)
		all = append(all, out)
	}

	for _, with := range [][]compute.LowRank{nil, adapters} {
		y := b.ops.Activation(rows, outputs)
		b.ops.Linear(y, x, w, with, call)
		read(y)

		added := b.tensor(b.grid(rows, outputs, 1))
		call.Add = true
		b.ops.Linear(added, x, w, with, call)
		read(added)

		call.Add = false
		dx := b.ops.Activation(rows, inputs)
		b.ops.LinearBackward(dx, dy, x, w, with, call)
		read(dx)
		b.ops.LinearBackward(compute.Tensor{}, dy, x, w, with, call)
	}

	for _, a := range adapters {
		all = append(all, slices.Clone(a.GradA), slices.Clone(a.GradB))
	}

	labels, losses := make([]int32, rows), make([]float64, rows)
	for i := range labels {
		labels[i] = int32(b.random.IntN(outputs))
	}

	dx := b.room(rows, inputs)
	b.ops.CrossEntropy(dx, x, w, labels, losses)
	read(dx)

	for _, loss := range losses {
		all = append(all, []float32{float32(loss)})
	}

	return all
}

// onBench runs check on a backend of its own, if this machine has one.
func onBench(t *testing.T, options cpu.Options, check func(b bench)) {
	t.Helper()

	backend, err := cpu.New(options)
	if errors.Is(err, cpu.ErrOption) {
		return
	} else if err != nil {
		t.Fatal(err)
	}

	if err := backend.Run(t.Context(), func(o compute.Ops) error {
		check(bench{TB: t, backend: backend, ops: o, random: rand.New(rand.NewPCG(1, 2)), rounded: options.Precision == compute.BFloat16})

		return nil
	}); err != nil {
		t.Error(fmt.Errorf("%+v: %w", options, err))
	}

	if err := backend.Close(); err != nil {
		t.Error(err)
	}
}
