//go:build linux

package driver_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/lm/compute/gpu/driver"
)

const square = `struct square_args { float *x; int n; };
extern "C" __global__ void square(square_args a) { int i = blockIdx.x * blockDim.x + threadIdx.x; if (i < a.n) a.x[i] *= a.x[i]; }`

// alone reports whether this is a process for one test, and else runs the test in one: a library finds its parts by names that
// stand-ins have, too, and takes theirs if they are loaded.
func alone(t *testing.T) bool {
	t.Helper()
	const variable = "GROKPUTER_TEST_ALONE"
	if os.Getenv(variable) != "" {
		return true
	}
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.v", "-test.run", "^"+t.Name()+"$")
	command.Env = append(os.Environ(), variable+"=1")
	output, err := command.CombinedOutput()
	t.Logf("%s", output)
	if err != nil {
		t.Error(err)
	}
	if bytes.Contains(output, []byte("--- SKIP")) {
		t.Skip("not installed")
	}

	return false
}

// A machine with Debian's libamdhip64-5 and no card: there is none, and hipRTC compiles all the same.
func TestRealHIPWithoutACard(t *testing.T) {
	t.Parallel()
	if !alone(t) {
		return
	}
	d, err := driver.Open(driver.HIP, driver.Options{})
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
	if !alone(t) {
		return
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
	for architecture, want := range map[string]string{"sm_999": ".target sm_1", "sm_91": ".target sm_90"} { // newer than the compiler
		ptx, err := compiler.Compile(square, "square.cu", architecture)
		if err != nil || !bytes.Contains(ptx, []byte(want)) {
			t.Errorf("%s gives %.100q, %v; not PTX with %q", architecture, ptx, err, want)
		}
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
