//go:build linux

package standin_test

import (
	"fmt"
	"unsafe"

	"github.com/grokputer/grokputer/lm/compute/gpu/standin"
)

func Example() {
	card, err := standin.Open(standin.Options{})
	if err != nil {
		fmt.Println(err)

		return
	}
	program, err := card.Compile(`
struct twice_args { float *x; };
KERNEL(twice, 64) { a.x[LANE] *= 2; if (LANE % 2) BARRIER(); }
`)
	if err != nil {
		fmt.Println(err)

		return
	}
	defer program.Close()
	x := make([]float32, 64)
	x[3] = 4
	args := struct{ x *float32 }{&x[0]}
	// The odd lanes wait for the even ones, which have returned.
	err = program.Launch("twice", [3]uint32{1, 1, 1}, 64, 0, unsafe.Pointer(&args), unsafe.Sizeof(args))
	fmt.Println(x[3], err != nil)
	// Output: 8 true
}
