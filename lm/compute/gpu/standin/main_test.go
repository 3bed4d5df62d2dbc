//go:build linux

package standin_test

import (
	"os"
	"testing"
	"unsafe"

	"go.uber.org/goleak"

	"github.com/grokputer/grokputer/lm/compute/gpu/standin"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// job is the twin of job in testdata/checks.cu.
type job struct {
	out, in *float32
	n       int32
	_       int32
}

// checks compiles testdata/checks.cu.
func checks(tb testing.TB, o standin.Options) (*standin.Card, *standin.Program) {
	tb.Helper()
	text, err := os.ReadFile("testdata/checks.cu")
	if err != nil {
		tb.Fatal(err)
	}
	card, err := standin.Open(o)
	if err != nil {
		tb.Fatal(err)
	}
	program, err := card.Compile(prelude(tb) + "#line 1 \"checks.cu\"\n" + string(text))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(program.Close)

	return card, program
}

// prelude returns the dialect without any kernels of others.
func prelude(tb testing.TB) string {
	tb.Helper()
	text, err := os.ReadFile("../kernels/prelude.h")
	if err != nil {
		tb.Fatal(err)
	}

	return string(text)
}

// counted returns n numbers that differ.
func counted(n int) []float32 {
	s := make([]float32, n)
	for i := range s {
		s[i] = float32(i + 1)
	}

	return s
}

// launch runs a kernel of checks.cu.
func launch(p *standin.Program, kernel string, grid [3]uint32, block, shared uint32, j *job) error {
	return p.Launch(kernel, grid, block, shared, unsafe.Pointer(j), unsafe.Sizeof(*j))
}
