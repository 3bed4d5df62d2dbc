// Package kernels holds the source of what runs on graphics cards, and for each kernel a struct with its
// arguments. docs/adr/0027 says what they are written in. It computes nothing by itself.
package kernels

import (
	"embed"
	"io/fs"
	"strings"
	"unsafe"

	"github.com/grokputer/grokputer/lm/compute"
)

//go:embed *.h *.cu
var files embed.FS

// Source returns the one translation unit that holds all kernels.
func Source() string {
	var b strings.Builder
	written := map[string]bool{}
	for _, pattern := range []string{"prelude.h", "*.h", "*.cu"} {
		names, err := fs.Glob(files, pattern)
		if err != nil {
			panic(err) // a pattern of ours
		}
		for _, name := range names {
			if written[name] {
				continue
			}
			written[name] = true
			text, err := files.ReadFile(name)
			if err != nil {
				panic(err) // it is embedded
			}
			b.WriteString("#line 1 \"" + name + "\"\n")
			b.Write(text)
		}
	}

	return b.String()
}

// View is a matrix on the card, the twin of view in prelude.h.
type View struct {
	Data       unsafe.Pointer
	Stride     int64 // elements
	Rows, Cols int32
	Half       int32 // 1: bfloat16, 0: float32
	_          int32
}

// ViewOf returns the view of a tensor.
func ViewOf(t compute.Tensor) View {
	v := View{Data: t.Data, Stride: int64(t.Stride), Rows: int32(t.Rows), Cols: int32(t.Cols)}
	if t.Element == 2 {
		v.Half = 1
	}

	return v
}

// Call is a kernel with all that a launch needs. Args points to the struct that it was made of.
type Call struct {
	Name   string
	Grid   [3]uint32
	Block  uint32
	Shared uint32 // bytes of dynamic shared memory
	Args   unsafe.Pointer
	Size   uintptr // of what Args points to
}
