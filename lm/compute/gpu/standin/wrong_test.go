//go:build linux

package standin_test

import (
	"math"
	"strings"
	"testing"
	"unsafe"

	"github.com/grokputer/grokputer/lm/compute/gpu/standin"
)

// What a card would let pass, or die of, is told with kernel, block, lane and line.
func TestWrongKernels(t *testing.T) {
	t.Parallel()
	one := [3]uint32{1, 1, 1}
	tests := []struct {
		kernel        string
		grid          [3]uint32
		block, shared uint32
		want          []string
	}{
		{"wrong_returned", one, 128, 0, []string{"kernel wrong_returned, block (0,0,0), lane 0: BARRIER without all lanes of its block: lane 70 has returned", "checks.cu:"}},
		{"wrong_barriers", one, 128, 0, []string{"BARRIER without all lanes of its block: lane 40 waits in BARRIER"}},
		{"wrong_shuffle", one, 128, 0, []string{"WAVE_XOR without all lanes of its wave", "has returned"}},
		{"wrong_shuffles", one, 128, 0, []string{"WAVE_XOR, where others of its wave are at WAVE_XOR"}},
		{"wrong_shuffle_and_barrier", one, 128, 0, []string{"WAVE_XOR without all lanes of its wave: lane 3 waits in BARRIER"}},
		{"wrong_source", one, 128, 0, []string{"WAVE_FROM of lane 32 of a wave that has 32"}},
		{"wave_sums", one, 33, 0, []string{"WAVE_XOR of lane 16 of a wave that has 1"}},
		{"too_much_shared", one, 64, 0, []string{"with more, the block uses 66000 bytes of shared memory of 65536"}},
		{"too_much_shared", one, 64, 4000, []string{"with most, the block uses 68000 bytes of shared memory of 65536"}},
		{"dynamic_reverse", one, 64, 65537, []string{"65537 bytes of dynamic shared memory of 65536"}},
		{"shared_overrun", one, 64, 0, []string{"shared memory behind small was written"}},
		{"dynamic_overrun", one, 64, 252, []string{"shared memory behind the dynamic array was written"}},
		{"wild", one, 64, 0, []string{"lane 9: access to 0x"}},
		{"null", one, 64, 0, []string{"lane 0: access to (nil), a null pointer"}},
		{"divide", one, 64, 0, []string{"division of an integer by zero"}},
		{"deep", one, 64, 0, []string{"the lane's stack"}},
		{"for_few", one, 65, 0, []string{"block of 65 lanes of a kernel that is for 64"}},
		{"scan", one, 1025, 0, []string{"block of 1025 lanes, most is 1,024"}},
		{"scan", one, 0, 0, []string{"is empty"}},
		{"scan", [3]uint32{1, 0, 1}, 64, 0, []string{"is empty"}},
		{"places", [3]uint32{1, 65536, 1}, 32, 0, []string{"y and z end at 65,535"}},
		{"places", [3]uint32{1, 1, 65536}, 32, 0, []string{"y and z end at 65,535"}},
		{"nobody", one, 64, 0, []string{"there is no kernel nobody"}},
	}
	_, program := checks(t, standin.Options{})
	for _, test := range tests {
		in, out := counted(2048), make([]float32, 2048)
		err := launch(program, test.kernel, test.grid, test.block, test.shared, &job{out: &out[0], in: &in[0], n: 5})
		if err == nil {
			t.Errorf("%s: no error", test.kernel)

			continue
		}
		for _, want := range test.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q has no %q", test.kernel, err, want)
			}
		}
	}
	// After all that the engine still works.
	in, out := counted(1024), make([]float32, 1024)
	if err := launch(program, "scan", one, 1024, 0, &job{out: &out[0], in: &in[0]}); err != nil || out[1023] != 1024*1025/2 {
		t.Errorf("scan gives %g, %v", out[1023], err)
	}
}

func TestSharedMemoryBeginsUndefined(t *testing.T) {
	t.Parallel()
	_, program := checks(t, standin.Options{})
	out := make([]float32, 64)
	if err := launch(program, "undefined_shared", [3]uint32{2, 1, 1}, 64, 0, &job{out: &out[0]}); err != nil {
		t.Fatal(err)
	}
	for i, v := range out {
		if !math.IsNaN(float64(v)) {
			t.Errorf("element %d is %g", i, v)
		}
	}
}

func TestArguments(t *testing.T) {
	t.Parallel()
	_, program := checks(t, standin.Options{})
	var j job
	err := program.Launch("scan", [3]uint32{1, 1, 1}, 64, 0, unsafe.Pointer(&j), unsafe.Sizeof(j)-8)
	if err == nil || !strings.Contains(err.Error(), "takes 24 bytes of arguments, not 16") {
		t.Error(err)
	}
}

func TestCompileError(t *testing.T) {
	t.Parallel()
	card, err := standin.Open(standin.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for source, want := range map[string]string{
		"#line 7 \"some.cu\"\nint f() { return unheard_of; }":                                                             "some.cu:7",
		"float g(float); float f(float x) { return g(x); }\nstruct k_args { float *x; };\nKERNEL(k, 32) { *a.x = f(1); }": "undefined reference",
	} {
		if _, err := card.Compile(source); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q has no %q", err, want)
		}
	}
}

func TestMemoryIsGuarded(t *testing.T) {
	t.Parallel()
	card, program := checks(t, standin.Options{})
	for _, test := range []struct {
		floats int
		lanes  uint32
		launch string // what the launch says
	}{
		{1024, 64, ""},
		{64, 128, "0 bytes behind the allocation of 256 bytes"},
		{60, 61, "0 bytes behind the allocation of 240 bytes"},
	} {
		p, err := card.Alloc(4 * test.floats)
		if err != nil {
			t.Fatal(err)
		}
		values := unsafe.Slice((*float32)(p), test.floats)
		if !math.IsNaN(float64(values[0])) || !math.IsNaN(float64(values[test.floats-1])) {
			t.Error("new memory is not NaN")
		}
		in := counted(128)
		err = launch(program, "scan", [3]uint32{1, 1, 1}, test.lanes, 0, &job{out: &values[0], in: &in[0]})
		if (test.launch == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), test.launch) {
			t.Errorf("%d floats and %d lanes: %v, want %q", test.floats, test.lanes, err, test.launch)
		}
		if err := card.Free(p); err != nil {
			t.Errorf("free %d floats: %v", test.floats, err)
		}
		if err := card.Free(p); err == nil {
			t.Error("the second Free is no error")
		}
	}
}

func TestFreeTellsOfWrites(t *testing.T) {
	t.Parallel()
	card, err := standin.Open(standin.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for offset, want := range map[int]string{0: "", 100: "0 bytes behind the allocation of 100 bytes", -1: "1 bytes before", -3000: "3000 bytes before"} {
		p, err := card.Alloc(100)
		if err != nil {
			t.Fatal(err)
		}
		*(*byte)(unsafe.Add(p, offset)) = 1
		if err := card.Free(p); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("a write at %d: %v, want %q", offset, err, want)
		}
	}
}

// A fault that is not a kernel's stays what it was: Go makes a panic of it.
func TestFaultsOfOthers(t *testing.T) {
	t.Parallel()
	_, program := checks(t, standin.Options{})
	out := make([]float32, 64)
	if err := launch(program, "wild", [3]uint32{1, 1, 1}, 64, 0, &job{out: &out[0]}); err == nil {
		t.Error("no error")
	}
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	var nothing *job
	t.Log(nothing.n) //nolint:govet // it is meant
}
