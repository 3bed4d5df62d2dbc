//go:build linux

package standin_test

import (
	"testing"
	"unsafe"

	"github.com/grokputer/grokputer/lm/compute/gpu/kernels"
	"github.com/grokputer/grokputer/lm/compute/gpu/standin"
)

func TestCopy(t *testing.T) {
	t.Parallel()
	card, err := standin.Open(standin.Options{})
	if err != nil {
		t.Fatal(err)
	}
	program, err := card.Compile(kernels.Source())
	if err != nil {
		t.Fatal(err)
	}
	src, dst := make([]float32, 3*1000), make([]float32, 3*1000)
	for i := range src {
		src[i] = float32(i)
	}
	view := func(s []float32) kernels.View {
		return kernels.View{Data: unsafe.Pointer(&s[0]), Stride: 1000, Rows: 3, Cols: 1000}
	}
	call := (&kernels.Copy{Dst: view(dst), Src: view(src)}).Call()
	if err := program.Launch(call.Name, call.Grid, call.Block, call.Shared, call.Args, call.Size); err != nil {
		t.Fatal(err)
	}
	for i := range dst {
		if dst[i] != src[i] {
			t.Fatalf("element %d is %g", i, dst[i])
		}
	}
}
