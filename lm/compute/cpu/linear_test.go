package cpu_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/compute/cpu"
	"github.com/grokputer/grokputer/lm/gguf"
)

// lowRank returns a random adapter of columns [column, column+out).
func (b bench) lowRank(in, out, column, rank int, stream uint32) compute.LowRank {
	return compute.LowRank{
		A: b.operand(rank, in, 1).floats(), B: b.operand(out, rank, 1).floats(),
		GradA: make([]float32, rank*in), GradB: make([]float32, out*rank),
		Rank: rank, Out: out, Column: column, Scale: 1.5, Stream: stream,
	}
}

func (b bench) load(parts ...gguf.Tensor) compute.Weight {
	w, err := b.backend.Load(parts...)
	if err != nil {
		b.Error(err)
	}

	return w
}

// stack joins matrices over their rows.
func stack(parts ...grid) grid {
	out := grid{cols: parts[0].cols}
	for _, p := range parts {
		out.rows += p.rows
		out.v = append(out.v, p.v...)
	}

	return out
}

func TestLinear(t *testing.T) {
	const long = 1632 // more than a product takes at once

	onEach(t, func(b bench) {
		values, many := b.operand(10, 96, 1), b.operand(110, long, 1)
		q40, v40 := b.quantised(gguf.Q4_0, 33, 96)
		q41, v41 := b.quantised(gguf.Q4_1, 70, 96)
		q80, v80 := b.quantised(gguf.Q8_0, 18, 96)

		for _, w := range []struct {
			name      string
			parts     []gguf.Tensor
			values    grid
			tolerance float64
		}{
			{"f32", []gguf.Tensor{plain(values)}, values, 2e-6},
			{"blocks", []gguf.Tensor{q40, q41, q80}, stack(v40, v41, v80), b.tolerance(2e-6)},
			{"mixed", []gguf.Tensor{q41, plain(values)}, stack(v41, values), b.tolerance(2e-6)},
			{"long", []gguf.Tensor{plain(many)}, many, 2e-6},
		} {
			weight, in := b.load(w.parts...), w.values.cols
			if weight.Inputs() != in || weight.Outputs() != w.values.rows {
				b.Errorf("%s: weight is [%d, %d], want [%d, %d]", w.name, weight.Outputs(), weight.Inputs(), w.values.rows, in)
			}

			adapters := []compute.LowRank{b.lowRank(in, 4, 1, 16, 1), b.lowRank(in, 5, 5, 3, 2)}
			if in == long {
				adapters = append(adapters, b.lowRank(in, 90, 20, 40, 3), b.lowRank(in, 105, 0, 2, 4))
			}

			for _, rows := range []int{1, 2, 3, 4, 5, 40} {
				if in == long && rows < 5 {
					continue
				}

				x, before := b.operand(rows, in, 1), b.operand(rows, w.values.rows, 1)
				tx := b.tensor(x)

				for _, with := range [][]compute.LowRank{nil, adapters} {
					want := linearReference(x, w.values, with, nil)
					name := fmt.Sprintf("%s, %d rows, %d adapters", w.name, rows, len(with))

					y := b.room(rows, w.values.rows)
					b.ops.Linear(y, tx, weight, with, compute.LinearCall{})
					b.want(name, y, want, w.tolerance)

					for i := range want.v {
						want.v[i] += before.v[i]
					}

					y = b.tensor(before)
					b.ops.Linear(y, tx, weight, with, compute.LinearCall{Add: true})
					b.want(name+", added", y, want, w.tolerance)
				}
			}
		}
	})
}

// A product with its activation has the bits of the two after each other, wherever adapters begin and end.
func TestLinearSwiGLU(t *testing.T) {
	const in = 96

	onEach(t, func(b bench) {
		for _, half := range []int{21, 80, 112} {
			gate, _ := b.quantised(gguf.Q4_1, half, in)
			up, _ := b.quantised(gguf.Q8_0, half, in)
			weight := b.load(gate, up)
			adapters := []compute.LowRank{b.lowRank(in, half, 0, 16, 1), b.lowRank(in, half-3, half+1, 3, 2)}

			for _, rows := range []int{1, 5, 40, 131} {
				for _, with := range [][]compute.LowRank{nil, adapters} {
					x := b.ops.Activation(rows, in)
					b.ops.Copy(x, b.tensor(b.operand(rows, in, 1)))

					both, want := b.ops.Activation(rows, 2*half), b.ops.Activation(rows, half)
					b.ops.Linear(both, x, weight, with, compute.LinearCall{})
					b.ops.SwiGLU(want, both)

					got := b.ops.Activation(rows, half)
					b.ops.LinearSwiGLU(got, x, weight, with, compute.LinearCall{})

					var read [2][]float32
					for i, y := range []compute.Tensor{got, want} {
						read[i] = make([]float32, rows*half)
						b.ops.Read(read[i], y)
					}

					if !slices.Equal(read[0], read[1]) {
						b.Errorf("%d rows, %d columns, %d adapters: not the bits of Linear and SwiGLU", rows, half, len(with))
					}
				}
			}
		}
	})
}

// Rows of one product with adapters of their own are as if each had been made alone.
func TestLowRank(t *testing.T) {
	const in, out = 96, 40

	onEach(t, func(b bench) {
		values := b.operand(out, in, 1)
		weight := b.load(plain(values))
		sets := [][]compute.LowRank{
			{b.lowRank(in, 30, 10, 16, 1)},
			nil,
			{b.lowRank(in, 7, 0, 3, 2), b.lowRank(in, 12, 28, 8, 3)},
		}

		for _, rows := range [][]int{{1, 1, 1}, {3, 2, 40}, {70, 5, 2}} {
			x := b.operand(rows[0]+rows[1]+rows[2], in, 1)
			tx, y := b.tensor(x), b.room(x.rows, out)
			b.ops.Linear(y, tx, weight, nil, compute.LinearCall{})

			want := newGrid(x.rows, out)
			from := 0

			for i, n := range rows {
				b.ops.LowRank(y.RowRange(from, from+n), tx.RowRange(from, from+n), sets[i])

				part := grid{rows: n, cols: in, v: x.v[from*in : (from+n)*in]}
				copy(want.v[from*out:], linearReference(part, values, sets[i], nil).v)
				from += n
			}

			b.want(fmt.Sprintf("%d rows", rows), y, want, 2e-6)
		}
	})
}

// A frozen adapter gives what it gives otherwise, in any number of rows, and what is kept of it is used, once made, until
// it is forgotten.
func TestFrozen(t *testing.T) {
	const in, out = 96, 208

	onEach(t, func(b bench) {
		q41, values := b.quantised(gguf.Q4_1, out, in)
		weight := b.load(q41)
		adapters := []compute.LowRank{b.lowRank(in, 112, 0, 16, 1), b.lowRank(in, 80, 112, 40, 2), b.lowRank(in, 5, 203, 3, 3)}

		for i := range adapters {
			adapters[i].Frozen = 7
		}

		check := func(name string, adapters []compute.LowRank) {
			for _, rows := range []int{1, 3, 8, 40} {
				x := b.operand(rows, in, 1)
				y := b.room(rows, out)
				b.ops.Linear(y, b.tensor(x), weight, adapters, compute.LinearCall{})
				b.want(fmt.Sprintf("%s, %d rows", name, rows), y, linearReference(x, values, adapters, nil), b.tolerance(2e-6))
			}
		}

		check("frozen", adapters)

		// Another adapter has another number.
		for i := range adapters {
			adapters[i].Frozen = 8
			adapters[i].A, adapters[i].B = b.operand(adapters[i].Rank, in, 1).floats(), b.operand(adapters[i].Out, adapters[i].Rank, 1).floats()
		}

		before := b.backend.Mapped()

		check("another", adapters)
		b.backend.Forget(8)
		b.backend.Forget(9)

		if after := b.backend.Mapped(); after > before && b.rounded {
			b.Errorf("%d bytes are mapped after an adapter was forgotten, %d before it came", after, before)
		}

		// The number is free again.
		for i := range adapters {
			clear(adapters[i].B)
		}

		check("none", adapters)
	})
}

// soil leaves values that are not numbers in whatever memory a layer's passes use.
func (b bench) soil(w compute.Weight, rows int) {
	x, y := b.room(rows, w.Inputs()), b.room(rows, w.Outputs())
	adapters := []compute.LowRank{b.lowRank(w.Inputs(), w.Outputs(), 0, 40, 0)}
	call := compute.LinearCall{Hidden: b.room(rows, 40)}
	b.ops.Linear(y, x, w, adapters, call)
	b.ops.LinearBackward(x, y, x, w, adapters, call)
}

func TestLinearBackward(t *testing.T) {
	const in, out = 120, 128

	onEach(t, func(b bench) {
		w := b.operand(out, in, 1)
		weight := b.load(plain(w))

		for _, rows := range []int{1, 7, 70} {
			for _, rate := range []float32{0, 0.5} { // whose factor 2 is exact
				x, dy := b.operand(rows, in, 1), b.operand(rows, out, 1)
				adapters := []compute.LowRank{b.lowRank(in, 20, 0, 4, 7), b.lowRank(in, 68, 60, 16, 9)}
				call := compute.LinearCall{
					Dropout: compute.Dropout{Rate: rate, Seed: 0x1234567890abcdef, Row: 5},
					Hidden:  b.room(rows, 20),
				}
				masks := []grid{maskReference(call.Dropout, 7, rows, in), maskReference(call.Dropout, 9, rows, in)}

				forward := func() grid { return linearReference(x, w, adapters, masks) }
				name := fmt.Sprintf("%d rows, rate %g", rows, rate)

				b.soil(weight, rows)

				tx, y, dx := b.tensor(x), b.room(rows, out), b.room(rows, in)

				b.ops.Linear(y, tx, weight, adapters, call)
				b.want(name, y, forward(), 2e-6)

				tdy := b.tensor(dy)
				b.ops.LinearBackward(dx, tdy, tx, weight, adapters, call)
				b.want(name+": dx", dx, b.sampled(x, dx, func() float64 { return weighted(forward(), dy) }), 1e-5)

				// The function is linear in each matrix, so differences with a unit step are exact.
				for n := range adapters {
					a := &adapters[n]
					for _, pair := range []struct{ values, grad []float32 }{{a.A, a.GradA}, {a.B, a.GradB}} {
						for range 4 {
							i := b.random.IntN(len(pair.values))
							before := weighted(forward(), dy)
							pair.values[i]++
							want := weighted(forward(), dy) - before
							pair.values[i]--

							if diff := math.Abs(float64(pair.grad[i]) - want); !(diff <= 1e-4*max(1, math.Abs(want))) {
								b.Errorf("%s: gradient %d of adapter %d is %g, want %g", name, i, n, pair.grad[i], want)
							}
						}
					}
				}

				// A second call without dx adds the same again.
				first := slices.Clone(adapters[0].GradA)
				b.ops.LinearBackward(compute.Tensor{}, tdy, tx, weight, adapters, call)

				for i, g := range adapters[0].GradA {
					if diff := math.Abs(float64(g - 2*first[i])); !(diff <= 1e-4*max(1, math.Abs(float64(g)))) {
						b.Errorf("%s: element %d added up to %g after two calls, %g after one", name, i, g, first[i])

						break
					}
				}
			}
		}
	})
}

// The vectors are those of Random123's kat_vectors for philox4x32-10.
func TestPhiloxReference(t *testing.T) {
	t.Parallel()

	all := uint32(math.MaxUint32)
	for _, c := range []struct {
		counter [4]uint32
		key     [2]uint32
		want    [4]uint32
	}{
		{[4]uint32{}, [2]uint32{}, [4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
		{[4]uint32{all, all, all, all}, [2]uint32{all, all}, [4]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
		{
			[4]uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, [2]uint32{0xa4093822, 0x299f31d0},
			[4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1},
		},
	} {
		if got := philox(c.counter, c.key); got != c.want {
			t.Errorf("philox(%x, %x) = %x, want %x", c.counter, c.key, got, c.want)
		}
	}
}

func TestEmbed(t *testing.T) {
	onEach(t, func(b bench) {
		quantised, values := b.quantised(gguf.Q8_0, 20, 64)
		more := b.grid(4, 64, 1)
		table := stack(values, more)
		tokens := []int32{3, 0, 19, 23, 20}
		want := newGrid(len(tokens), 64)

		for i, token := range tokens {
			copy(want.v[i*64:(i+1)*64], table.v[int(token)*64:])
		}

		got := b.room(len(tokens), 64)
		b.ops.Embed(got, b.load(quantised, plain(more)), tokens)
		b.want("embedding", got, want, 0)
	})
}

func TestCrossEntropy(t *testing.T) {
	const in, vocabulary = 24, 1100

	onEach(t, func(b bench) {
		head := b.operand(vocabulary, in, 1)
		weight := b.load(plain(head))

		for _, rows := range []int{1, 70} {
			x := b.operand(rows, in, 2)
			labels := make([]int32, rows)

			for i := range labels {
				labels[i] = int32(b.random.IntN(vocabulary))
			}

			sum := func() float64 {
				total := 0.0
				for _, l := range crossEntropyReference(x, head, labels) {
					total += l
				}

				return total
			}

			tx, dx := b.tensor(x), b.room(rows, in)
			losses, alone := make([]float64, rows), make([]float64, rows)
			b.ops.CrossEntropy(dx, tx, weight, labels, losses)
			b.ops.CrossEntropy(compute.Tensor{}, tx, weight, labels, alone)

			for i, want := range crossEntropyReference(x, head, labels) {
				if !(math.Abs(losses[i]-want) <= 1e-5) || losses[i] != alone[i] {
					b.Errorf("row %d: loss %g with gradient, %g without, want %g", i, losses[i], alone[i], want)
				}
			}

			b.want("gradient", dx, b.sampled(x, dx, sum), b.tolerance(1e-5))
		}
	})
}

// More adapters than a product can take are refused, not left out.
func TestManyAdapters(t *testing.T) {
	t.Parallel()

	backend, err := cpu.New(cpu.Options{Precision: compute.BFloat16})
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
		b := bench{TB: t, backend: backend, ops: o, random: rand.New(rand.NewPCG(1, 2)), rounded: true}
		adapters := make([]compute.LowRank, 33)

		for i := range adapters {
			adapters[i] = b.lowRank(32, 32, 0, 1, uint32(i))
		}

		o.Linear(b.room(9, 32), b.tensor(b.operand(9, 32, 1)), b.load(plain(b.operand(32, 32, 1))), adapters, compute.LinearCall{})

		return nil
	})
	if err == nil || !strings.Contains(err.Error(), "33 adapters") {
		t.Errorf("Run returned %v, want the number of adapters", err)
	}
}
