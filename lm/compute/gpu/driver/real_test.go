//go:build linux

package driver_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/lm/compute/gpu/driver"
)

const square = `struct square_args { float *x; int n; };
extern "C" __global__ void square(square_args a) { int i = blockIdx.x * blockDim.x + threadIdx.x; if (i < a.n) a.x[i] *= a.x[i]; }`

// A machine with Debian's libamdhip64-5 and no card: there is none, and hipRTC compiles all the same.
func TestRealHIPWithoutACard(t *testing.T) {
	t.Parallel()
	// Not by the system's search, which takes a stand-in that is loaded already.
	d, err := driver.Open(driver.HIP, driver.Options{Search: []string{"/usr/lib/x86_64-linux-gnu"}, Only: true})
	if _, ok := errors.AsType[*driver.MissingError](err); ok {
		t.Skip("HIP is not installed (Debian: libamdhip64-5)")
	}
	if err != nil {
		t.Fatal(err)
	}
	devices, err := d.Devices()
	if err != nil {
		t.Fatalf("%v; want none without an error", err)
	}
	t.Logf("HIP %s of %s, %d cards", d.Version(), d.RuntimePath(), len(devices))
	compiler, err := d.Compiler()
	if err != nil {
		t.Fatal(err)
	}
	checkCompiler(t, compiler, "gfx1030")
}

// NVRTC alone, without a driver: GROKPUTER_TEST_NVRTC names the folder of libnvrtc.so.12.
func TestRealNVRTCWithoutADriver(t *testing.T) {
	t.Parallel()
	folder := os.Getenv("GROKPUTER_TEST_NVRTC")
	if folder == "" {
		t.Skip("GROKPUTER_TEST_NVRTC names no folder (pip download nvidia-cuda-nvrtc-cu12)")
	}
	compiler, err := driver.OpenCompiler(driver.CUDA, driver.Options{Search: []string{folder}, Only: true})
	if err != nil {
		t.Fatal(err)
	}
	if path := compiler.Path(); filepath.Dir(path) != filepath.Clean(folder) {
		t.Errorf("loaded from %s, not from %s", path, folder)
	}
	checkCompiler(t, compiler, "sm_90")
	ptx, err := compiler.Compile(square, "square.cu", "compute_80")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(ptx, []byte(".target sm_80")) {
		t.Errorf("compute_80 gives %.100q, not PTX", ptx)
	}
}

// checkCompiler compiles to an ELF file, and looks at what the compiler says of an error.
func checkCompiler(t *testing.T, compiler *driver.Compiler, architecture string) {
	t.Helper()
	version, err := compiler.Version()
	if err != nil {
		t.Fatal(err)
	}
	code, err := compiler.Compile(square, "square.cu", architecture)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("compiler %s of %s: %d bytes for %s", version, compiler.Path(), len(code), architecture)
	if !bytes.Contains(code, []byte("\x7fELF")) {
		t.Errorf("code begins with %.20q", code)
	}
	_, err = compiler.Compile("extern \"C\" __global__ void f(int n) { n = wrong; }", "bad.cu", architecture)
	var bad *driver.CompileError
	if !errors.As(err, &bad) || !strings.Contains(bad.Log, "wrong") {
		t.Errorf("%v, not a log that names what is wrong", err)
	}
}
