//go:build linux

package standin_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"unsafe"

	"github.com/grokputer/grokputer/lm/compute/gpu/standin"
)

// product is the twin of product_args in testdata/checks.cu.
type product struct {
	a, b   *uint16
	c, d   *float32
	differ int32
	_      int32
}

// The matrix instructions give a·bᵀ + c of small whole numbers, which are exact in bfloat16.
func TestMatrixInstructions(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		kernel  string
		columns int
		wrong   string
	}{
		{"wmma", 16, "lanes 4 and 20 hold different rows or columns"},
		{"mma", 8, "spmd_mma_m16n8k16 without all lanes of its wave: lane 31 has returned"},
	} {
		_, program := checks(t, standin.Options{Seed: 5})
		draw := rand.New(rand.NewPCG(1, 2))
		a, b := make([]uint16, 16*16), make([]uint16, test.columns*16)
		c, d := make([]float32, 16*test.columns), make([]float32, 16*test.columns)
		for _, s := range [][]uint16{a, b} {
			for i := range s {
				s[i] = bfloat16(float32(draw.IntN(41) - 20))
			}
		}
		for i := range c {
			c[i] = float32(draw.IntN(100))
		}
		p := product{a: &a[0], b: &b[0], c: &c[0], d: &d[0]}
		launch := func() error {
			return program.Launch(test.kernel, [3]uint32{1, 1, 1}, 32, 0, unsafe.Pointer(&p), unsafe.Sizeof(p))
		}
		if err := launch(); err != nil {
			t.Fatal(err)
		}
		for i := range d {
			want := c[i]
			for k := range 16 {
				want += float(a[i/test.columns*16+k]) * float(b[i%test.columns*16+k])
			}
			if d[i] != want {
				t.Errorf("%s: element (%d,%d) is %g, want %g", test.kernel, i/test.columns, i%test.columns, d[i], want)
			}
		}
		p.differ = 1
		if err := launch(); err == nil || !strings.Contains(err.Error(), test.wrong) {
			t.Errorf("%s: %v", test.kernel, err)
		}
	}
}

// bfloat16 is exact for what has few bits.
func bfloat16(f float32) uint16 { return uint16(math.Float32bits(f) >> 16) }

func float(h uint16) float32 { return math.Float32frombits(uint32(h) << 16) }
