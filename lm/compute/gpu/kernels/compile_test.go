//go:build linux

package kernels_test

import (
	"bytes"
	"debug/elf"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/lm/compute/gpu/kernels"
)

// The vendors' compilers take the source, which needs no card. A compiler that is not installed is left out, and fails the
// test if GROKPUTER_CARD_COMPILERS is set:
//
//	apt-get install libamdhip64-5 rocm-device-libs clang-19 lld-19
//	pip install nvidia-cuda-nvrtc-cu12
func TestCompilers(t *testing.T) {
	t.Parallel()

	if testing.Short() {
		t.Skip("each compiler takes some twenty seconds")
	}

	dir := t.TempDir()
	source := filepath.Join(dir, "kernels.hip")
	if err := os.WriteFile(source, []byte(kernels.Source()), 0o600); err != nil {
		t.Fatal(err)
	}

	for _, c := range []struct {
		name    string
		compile func(t *testing.T, source, output string)
		machine elf.Machine
		flags   uint32 // of which the low byte is the architecture
	}{
		{"hiprtc-gfx1030", hipRTC, elf.EM_AMDGPU, 0x36},
		{"clang-gfx1100", clang, elf.EM_AMDGPU, 0x41},
		{"nvrtc-sm_80", func(t *testing.T, source, output string) { nvRTC(t, source, output, "sm_80") }, elf.EM_CUDA, 80},
		{"nvrtc-sm_90", func(t *testing.T, source, output string) { nvRTC(t, source, output, "sm_90") }, elf.EM_CUDA, 90},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()

			output := filepath.Join(t.TempDir(), "code")
			c.compile(t, source, output)
			checkCode(t, output, c.machine, c.flags)
		})
	}
}

// headerSize is that of 64-bit ELF.
const headerSize = 64

// checkCode looks whether code is for the architecture and has all kernels.
func checkCode(t *testing.T, path string, machine elf.Machine, flags uint32) {
	t.Helper()

	raw, err := os.ReadFile(path)
	if err != nil || len(raw) < headerSize {
		t.Fatal("no header", err)
	}

	copy(raw[20:24], []byte{raw[elf.EI_VERSION], 0, 0, 0}) // NVRTC's is larger than debug/elf likes

	f, err := elf.NewFile(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()

	if f.Machine != machine {
		t.Errorf("code for %v, want %v", f.Machine, machine)
	}

	// e_flags, which debug/elf leaves out.
	if got := uint32(raw[48]); got != flags {
		t.Errorf("code for architecture %#x, want %#x", got, flags)
	}

	symbols, err := f.Symbols()
	if err != nil {
		t.Fatal(err)
	}

	names := map[string]bool{}
	for _, s := range symbols {
		names[s.Name] = true
	}

	for _, c := range calls(1, 128) {
		if !names[c.Name] {
			t.Errorf("no kernel %s", c.Name)
		}
	}
}

// missing ends a test whose compiler is not there.
func missing(t *testing.T, what string) {
	t.Helper()

	if os.Getenv("GROKPUTER_CARD_COMPILERS") != "" {
		t.Fatal(what + " is missing")
	}

	t.Skip(what + " is missing")
}

// run runs a command to its end and returns what it printed.
func run(t *testing.T, name string, args ...string) (string, error) {
	t.Helper()

	out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput()

	return strings.TrimSpace(string(out)), err
}

// runtimeCompiler compiles with hipRTC or NVRTC, in a process of its own, for they may abort.
func runtimeCompiler(t *testing.T, library, prefix, source, output string, options ...string) {
	t.Helper()

	tool := filepath.Join(t.TempDir(), "rtc")
	if out, err := run(t, "gcc", "-o", tool, "testdata/rtc.c", "-ldl"); err != nil {
		t.Fatal(err, out)
	}

	out, err := run(t, tool, append([]string{library, prefix, source, output}, options...)...)

	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == noLibrary {
		missing(t, library)
	}

	if err != nil {
		t.Fatal(err, out)
	}
}

// noLibrary is what testdata/rtc.c returns where there is none.
const noLibrary = 4

func hipRTC(t *testing.T, source, output string) {
	t.Helper()
	runtimeCompiler(t, "libamdhip64.so.5", "hiprtc", source, output, "--gpu-architecture=gfx1030", "-O3", "-std=c++17")
}

func nvRTC(t *testing.T, source, output, architecture string) {
	t.Helper()

	const where = "import nvidia.cuda_nvrtc as n; print(list(n.__path__)[0])"

	library := "libnvrtc.so.12"
	if folder, err := run(t, "python3", "-c", where); err == nil {
		library = filepath.Join(folder, "lib", library)
	}

	runtimeCompiler(t, library, "nvrtc", source, output, "--gpu-architecture="+architecture, "-std=c++17")
}

// clang compiles for the card that Debian's device libraries are too old for: what they lack is one constant.
func clang(t *testing.T, source, output string) {
	t.Helper()

	const compiler = "clang-19"

	if _, err := exec.LookPath(compiler); err != nil {
		missing(t, compiler)
	}

	installed, _ := filepath.Glob("/usr/lib/*/amdgcn/bitcode")
	if len(installed) == 0 {
		missing(t, "rocm-device-libs")
	}

	libraries := filepath.Join(t.TempDir(), "bitcode")
	if err := os.CopyFS(libraries, os.DirFS(installed[0])); err != nil {
		t.Fatal(err)
	}

	constant := exec.CommandContext(t.Context(), compiler, "-x", "cl", "-target", "amdgcn-amd-amdhsa", "-nogpulib", "-emit-llvm", "-c",
		"-o", filepath.Join(libraries, "oclc_isa_version_1100.bc"), "-")
	constant.Stdin = io.Reader(bytes.NewBufferString("const __constant int __oclc_ISA_version = 11000;\n"))

	if out, err := constant.CombinedOutput(); err != nil {
		t.Fatal(err, string(out))
	}

	out, err := run(t, compiler, "-x", "hip", "--cuda-device-only", "--no-gpu-bundle-output", "-nogpuinc", "--rocm-device-lib-path="+libraries,
		"--offload-arch=gfx1100", "-O3", "-std=c++17", "-include", "testdata/hip.h", source, "-o", output)
	if err != nil {
		t.Fatal(err, out)
	}
}
