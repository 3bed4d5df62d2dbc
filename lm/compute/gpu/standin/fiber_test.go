//go:build linux

package standin_test

import "testing"

// Fibers keep their registers, with our own switch and with the C library's, which other processors use.
func TestFibers(t *testing.T) {
	t.Parallel()
	for _, flags := range [][]string{{"-O0"}, {"-O2"}, {"-O2", "-DSTANDIN_UCONTEXT"}} {
		if last, err := run(t, nil, program(t, "fiber", flags...)); err != nil || last != "0 of 1024 fibers are wrong" {
			t.Errorf("%v: %s, %v", flags, last, err)
		}
	}
}
