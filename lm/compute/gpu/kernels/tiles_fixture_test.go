//go:build linux

package kernels_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"

	"github.com/grokputer/grokputer/lm/compute/gpu/kernels"
	"github.com/grokputer/grokputer/lm/compute/gpu/standin"
)

// tileCard is a stand-in for a card with certain matrix units.
type tileCard struct {
	card     *standin.Card
	programs []*standin.Program // the same kernels; lanes and blocks run in another order in each
}

// onTileCards runs check with one stand-in for each layout of tiles.
func onTileCards(t *testing.T, check func(t *testing.T, c tileCard)) {
	t.Helper()
	t.Parallel()

	for _, kind := range []struct {
		name, units string
		wave        int
	}{
		{"wmma", "MATRIX_UNITS=1", 32},
		{"sync", "MATRIX_UNITS=2", 32},
		{"plain", "MATRIX_UNITS=0", 32},
		{"plain wave 64", "MATRIX_UNITS=0", 64},
	} {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()

			var c tileCard

			for _, seed := range []uint64{0, 7} {
				card, err := standin.Open(standin.Options{Wave: kind.wave, Seed: seed, Defines: []string{kind.units}})
				if err != nil {
					t.Fatal(err)
				}

				program, err := card.Compile(kernels.Source())
				if err != nil {
					t.Fatal(err)
				}

				t.Cleanup(program.Close)

				c.card = card
				c.programs = append(c.programs, program)
			}

			check(t, c)
		})
	}
}

// cardMatrix is a matrix on the card between others' elements, which are NaN.
type cardMatrix struct {
	kernels.View
	values []float32 // what was put there, after rounding
}

// matrix puts random values in [-scale, scale) on the card. half says whether as bfloat16; values are such as bfloat16 holds
// anyway if rounded is set.
func (c tileCard) matrix(t *testing.T, random *rand.Rand, rows, cols int, scale float32, half, rounded bool) cardMatrix {
	t.Helper()

	m := cardMatrix{View: c.room(t, rows, cols, half)}
	for range rows * cols {
		x := (2*random.Float32() - 1) * scale
		if rounded {
			x = fromHalf(toHalf(x))
		}

		m.values = append(m.values, x)
	}

	m.restore()

	return m
}

// restore puts the values there again.
func (m cardMatrix) restore() {
	for i, x := range m.values {
		at := int64(i)/int64(m.Cols)*m.Stride + int64(i)%int64(m.Cols)
		if m.Half == 1 {
			*(*uint16)(unsafe.Add(m.Data, 2*at)) = toHalf(x)
		} else {
			*(*float32)(unsafe.Add(m.Data, 4*at)) = x
		}
	}
}

// room returns a view into a larger matrix on the card.
func (c tileCard) room(t *testing.T, rows, cols int, half bool) kernels.View {
	t.Helper()

	stride, size := (cols+7)/8*8+16, 4
	v := kernels.View{Stride: int64(stride), Rows: int32(rows), Cols: int32(cols)}

	if half {
		v.Half, size = 1, 2
	}

	v.Data = unsafe.Add(c.alloc(t, (rows+1)*stride*size), 8*size)

	return v
}

func (c tileCard) alloc(t *testing.T, bytes int) unsafe.Pointer {
	t.Helper()

	p, err := c.card.Alloc(max(bytes, 4))
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() {
		if err := c.card.Free(p); err != nil {
			t.Error(err)
		}
	})

	return p
}

// numbers puts integers on the card.
func (c tileCard) numbers(t *testing.T, n []int32) unsafe.Pointer {
	t.Helper()

	p := c.alloc(t, 4*len(n))
	copy(unsafe.Slice((*int32)(p), len(n)), n)

	return p
}

// run launches a kernel with every schedule and checks that the results have the same bits.
func (c tileCard) run(t *testing.T, call kernels.Call, results ...kernels.View) {
	t.Helper()

	var first [][]uint32

	for _, p := range c.programs {
		if err := p.Launch(call.Name, call.Grid, call.Block, call.Shared, call.Args, call.Size); err != nil {
			t.Fatalf("%s: %v", call.Name, err)
		}

		var bits [][]uint32
		for _, r := range results {
			bits = append(bits, bitsOf(values(r)))
		}

		if first == nil {
			first = bits
		}

		for i := range bits {
			if !slices.Equal(bits[i], first[i]) {
				t.Fatalf("%s: result %d has other bits when lanes run in another order", call.Name, i)
			}
		}
	}
}

// values returns what a view holds.
func values(v kernels.View) []float32 {
	var all []float32

	for i := range int64(v.Rows) {
		for j := range int64(v.Cols) {
			at := i*v.Stride + j
			if v.Half == 1 {
				all = append(all, fromHalf(*(*uint16)(unsafe.Add(v.Data, 2*at))))
			} else {
				all = append(all, *(*float32)(unsafe.Add(v.Data, 4*at)))
			}
		}
	}

	return all
}

func bitsOf(x []float32) []uint32 {
	bits := make([]uint32, len(x))
	for i, v := range x {
		bits[i] = math.Float32bits(v)
	}

	return bits
}

// wantClose checks got, whose largest error may be tolerance times the largest element.
func wantClose(t *testing.T, what string, got, want []float32, tolerance float64) {
	t.Helper()

	largest := 0.0
	for _, x := range want {
		largest = max(largest, math.Abs(float64(x)))
	}

	worst, at := 0.0, -1
	for i, x := range want {
		e := math.Abs(float64(got[i]) - float64(x))
		if !(e <= tolerance*largest) && !(e <= worst) {
			worst, at = e, i
		}
	}

	if at >= 0 {
		t.Errorf("%s: element %d of %d is %g, want %g (largest %g)", what, at, len(want), got[at], want[at], largest)
	}
}

func toHalf(x float32) uint16 {
	u := math.Float32bits(x)

	return uint16((u + 0x7fff + u>>16&1) >> 16)
}

func fromHalf(h uint16) float32 { return math.Float32frombits(uint32(h) << 16) }
