//go:build linux

package kernels_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"testing"
	"unsafe"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/compute/cpu"
	"github.com/grokputer/grokputer/lm/compute/gpu/kernels"
	"github.com/grokputer/grokputer/lm/compute/gpu/standin"
	"github.com/grokputer/grokputer/lm/gguf/half"
)

// bench is a card with all kernels and a source of random numbers.
type bench struct {
	testing.TB
	*onceCard
	random *rand.Rand
}

// onceCard is a card that is opened, and whose kernels are compiled, when it is first asked for.
type onceCard struct {
	options standin.Options
	open    sync.Once
	card    *standin.Card
	program *standin.Program
	err     error
}

// cards are of both wave sizes, with lanes and blocks in the order of their numbers and in others.
var cards = []*onceCard{
	{options: standin.Options{Wave: 32}},
	{options: standin.Options{Wave: 32, Seed: 5}},
	{options: standin.Options{Wave: 64, Seed: 11}},
}

// compiling lets the second card with the waves of the first find what was compiled for that.
var compiling sync.Mutex

func (c *onceCard) compile() error {
	c.open.Do(func() {
		compiling.Lock()
		defer compiling.Unlock()

		if c.card, c.err = standin.Open(c.options); c.err == nil {
			c.program, c.err = c.card.Compile(kernels.Source())
		}
	})

	return c.err
}

// onEach runs check on each of the cards.
func onEach(t *testing.T, check func(b bench)) {
	t.Helper()
	t.Parallel()

	for _, c := range cards {
		t.Run(fmt.Sprintf("wave%d/%d", c.options.Wave, c.options.Seed), func(t *testing.T) {
			t.Parallel()

			if err := c.compile(); err != nil {
				t.Fatal(err)
			}

			check(bench{TB: t, onceCard: c, random: rand.New(rand.NewPCG(1, 2))})
		})
	}
}

// launch runs a kernel that is expected to do nothing wrong.
func (b bench) launch(c kernels.Call) {
	b.Helper()

	if err := b.program.Launch(c.Name, c.Grid, c.Block, c.Shared, c.Args, c.Size); err != nil {
		b.Fatal(err)
	}
}

// room returns memory of the card, which holds NaN. That nothing was written beside it is checked at the test's end.
func (b bench) room(bytes int) unsafe.Pointer {
	b.Helper()

	p, err := b.card.Alloc(max(bytes, 1))
	if err != nil {
		b.Fatal(err)
	}

	b.Cleanup(func() {
		if err := b.card.Free(p); err != nil {
			b.Error(err)
		}
	})

	return p
}

// upload returns a copy of values in the card's memory.
func upload[T any](b bench, values []T) unsafe.Pointer {
	b.Helper()

	var one T

	p := b.room(len(values) * int(unsafe.Sizeof(one)))
	copy(unsafe.Slice((*T)(p), len(values)), values)

	return p
}

// download returns n values of the card's memory.
func download[T any](p unsafe.Pointer, n int) []T {
	return append([]T{}, unsafe.Slice((*T)(p), n)...)
}

// grid is a matrix in Go memory.
type grid struct {
	rows, cols int
	v          []float32
}

func newGrid(rows, cols int) grid { return grid{rows, cols, make([]float32, rows*cols)} }

func (g grid) at(i, j int) *float32 { return &g.v[i*g.cols+j] }

// grid returns random values in [-scale, scale).
func (b bench) grid(rows, cols int, scale float64) grid {
	g := newGrid(rows, cols)
	for i := range g.v {
		g.v[i] = float32((2*b.random.Float64() - 1) * scale)
	}

	return g
}

// rounded returns g in bfloat16's values if the layout has them.
func (g grid) rounded(l layout) grid {
	if !l.half {
		return g
	}

	out := newGrid(g.rows, g.cols)
	for i, x := range g.v {
		out.v[i] = half.BFloat16(half.ToBFloat16(x))
	}

	return out
}

// layout is how a matrix lies in memory: elements before it, and between its rows.
type layout struct {
	half      bool
	skip, gap int
}

var (
	tight  = layout{}
	loose  = layout{skip: 3, gap: 5}
	tight2 = layout{half: true}
	wide2  = layout{half: true, skip: 8, gap: 16}
	loose2 = layout{half: true, skip: 1, gap: 3}

	singles = []layout{tight, loose}
	layouts = []layout{tight, loose, tight2, wide2, loose2}
)

// matrix is one on the card.
type matrix struct {
	kernels.View
	layout
	base unsafe.Pointer
	all  int
}

const (
	poison  = 0x7fc12345 // NaN that no kernel makes
	poison2 = 0x7fd3
)

// empty returns a matrix full of NaN.
func (b bench) empty(rows, cols int, l layout) matrix {
	b.Helper()

	stride := cols + l.gap
	m := matrix{layout: l, all: l.skip + rows*stride}
	m.View = kernels.View{Stride: int64(stride), Rows: int32(rows), Cols: int32(cols)}

	if l.half {
		values := make([]uint16, m.all)
		for i := range values {
			values[i] = poison2
		}

		m.Half = 1
		m.base = upload(b, values)
		m.Data = unsafe.Add(m.base, 2*l.skip)
	} else {
		values := make([]uint32, m.all)
		for i := range values {
			values[i] = poison
		}

		m.base = upload(b, values)
		m.Data = unsafe.Add(m.base, 4*l.skip)
	}

	return m
}

// matrix uploads g.
func (b bench) matrix(g grid, l layout) matrix {
	b.Helper()

	m := b.empty(g.rows, g.cols, l)
	for i := range g.rows {
		for j := range g.cols {
			at := l.skip + i*int(m.Stride) + j
			if l.half {
				unsafe.Slice((*uint16)(m.base), m.all)[at] = half.ToBFloat16(*g.at(i, j))
			} else {
				unsafe.Slice((*float32)(m.base), m.all)[at] = *g.at(i, j)
			}
		}
	}

	return m
}

// values returns what a matrix holds, and whether what lies between its rows is as it was.
func (m matrix) values() (g grid, clean bool) {
	g, clean = newGrid(int(m.Rows), int(m.Cols)), true

	for at := range m.all {
		i, j := (at-m.skip)/int(m.Stride), (at-m.skip)%int(m.Stride)
		inside := at >= m.skip && j < g.cols

		if m.half {
			bits := unsafe.Slice((*uint16)(m.base), m.all)[at]
			if inside {
				*g.at(i, j) = half.BFloat16(bits)
			} else if bits != poison2 {
				clean = false
			}
		} else {
			bits := unsafe.Slice((*uint32)(m.base), m.all)[at]
			if inside {
				*g.at(i, j) = math.Float32frombits(bits)
			} else if bits != poison {
				clean = false
			}
		}
	}

	return g, clean
}

// want checks that m holds g within tolerance relative to the largest element and, in bfloat16, half a unit in the last
// place of each element.
func (b bench) want(what string, m matrix, g grid, tolerance float64) {
	b.Helper()

	got, clean := m.values()
	if !clean {
		b.Errorf("%s: written between rows", what)
	}

	unit := 0.0
	if m.half {
		unit = 0x1p-8
	}

	b.wantFloats(what, got.v, g, tolerance, unit)
}

func (b bench) wantFloats(what string, got []float32, g grid, tolerance, unit float64) {
	b.Helper()

	largest := 1e-2 // below it, rounding of intermediate values shows
	for _, x := range g.v {
		largest = max(largest, math.Abs(float64(x)))
	}

	for i, x := range g.v {
		want := float64(x)
		if !(math.Abs(float64(got[i])-want) <= tolerance*largest+unit*math.Abs(want)) {
			b.Errorf("%s: element (%d, %d) of [%d, %d] is %g, want %g (largest %g)", what, i/g.cols, i%g.cols, g.rows, g.cols, got[i], x, largest)

			return
		}
	}
}

// reference is the CPU backend in float32.
type reference struct {
	compute.Ops
	backend *cpu.Backend
}

// onCPU runs f there.
func (b bench) onCPU(f func(r reference)) {
	b.Helper()

	backend, err := cpu.New(cpu.Options{Precision: compute.Float32, Threads: 1})
	if err != nil {
		b.Fatal(err)
	}

	err = backend.Run(b.Context(), func(o compute.Ops) error {
		f(reference{o, backend})

		return o.Err()
	})
	if err != nil {
		b.Error(err)
	}

	if err := backend.Close(); err != nil {
		b.Error(err)
	}
}

func (r reference) tensor(g grid) compute.Tensor {
	t := r.Scratch(g.rows, g.cols)
	r.Write(t, g.v)

	return t
}

func (r reference) grid(t compute.Tensor) grid {
	g := newGrid(t.Rows, t.Cols)
	r.Read(g.v, t)

	return g
}

// at returns where element i of an array begins.
func at[T any](p unsafe.Pointer, i int) unsafe.Pointer {
	var one T

	return unsafe.Add(p, i*int(unsafe.Sizeof(one)))
}
