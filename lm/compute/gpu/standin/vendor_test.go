//go:build linux

package standin_test

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/lm/compute/gpu/standin"
)

// program compiles testdata/NAME.cpp.
func program(tb testing.TB, name string, flags ...string) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), name)
	args := append([]string{"-std=c++17", "-o", path, "testdata/" + name + ".cpp", "-ldl"}, flags...)
	if log, err := exec.CommandContext(tb.Context(), "g++", args...).CombinedOutput(); err != nil {
		tb.Fatalf("%v\n%s", err, log)
	}

	return path
}

// checksFile writes prelude and checks.cu to one file.
func checksFile(tb testing.TB) string {
	tb.Helper()
	text, err := os.ReadFile("testdata/checks.cu")
	if err != nil {
		tb.Fatal(err)
	}
	path := filepath.Join(tb.TempDir(), "source.cu")
	if err := os.WriteFile(path, []byte(prelude(tb)+"#line 1 \"checks.cu\"\n"+string(text)), 0o600); err != nil {
		tb.Fatal(err)
	}

	return path
}

// run runs a program to its end and returns the last line that it printed.
func run(tb testing.TB, env []string, path string, args ...string) (string, error) {
	tb.Helper()
	command := exec.CommandContext(tb.Context(), path, args...)
	command.Env = append(os.Environ(), env...)
	out, err := command.Output()
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	for _, line := range lines[:len(lines)-1] {
		tb.Log(line)
	}

	return lines[len(lines)-1], err
}

func TestHIP(t *testing.T) {
	t.Parallel()
	folder, err := standin.Build()
	if err != nil {
		t.Fatal(err)
	}
	path, source := program(t, "hip"), checksFile(t)
	env := []string{"STANDIN_DEVICES=2", "STANDIN_ARCH=gfx1100,gfx1036", "STANDIN_MEMORY=1M", "STANDIN_INTEGRATED=0,1"}
	for _, more := range [][]string{nil, {"STANDIN_LATE=1"}, {"STANDIN_SEED=7", "STANDIN_THREADS=2"}} {
		if last, err := run(t, append(env, more...), path, folder, source); err != nil || last != "0 failures" {
			t.Errorf("%v: %s, %v", more, last, err)
		}
	}
}

func TestCUDA(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := standin.Install(dir, standin.NVIDIA()...); err != nil {
		t.Fatal(err)
	}
	env := []string{"STANDIN_DEVICES=2", "STANDIN_ARCH=sm_90"}
	if last, err := run(t, env, program(t, "cuda"), dir, checksFile(t)); err != nil || last != "0 failures" {
		t.Errorf("%s, %v", last, err)
	}
}

func TestProducts(t *testing.T) {
	t.Parallel()
	folder, err := standin.Build()
	if err != nil {
		t.Fatal(err)
	}
	if last, err := run(t, nil, program(t, "blas"), folder); err != nil || last != "240 products, 0 failures" {
		t.Errorf("%s, %v", last, err)
	}
}

func TestFaultsAndLog(t *testing.T) {
	t.Parallel()
	folder, err := standin.Build()
	if err != nil {
		t.Fatal(err)
	}
	path := program(t, "blas")
	log := filepath.Join(t.TempDir(), "log")
	last, err := run(t, []string{"STANDIN_LOG=" + log, "STANDIN_FAULT=cublasCreate_v2:1=13,hipMalloc:1=abort"}, path, folder)
	if err == nil || !strings.Contains(err.Error(), "aborted") {
		t.Errorf("%s, %v, want an abort", last, err)
	}
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"hipInit 0\n", "rocblas_set_atomics_mode 0x", "cublasCreate_v2\n", "hipMalloc "} {
		if !strings.Contains(string(text), line) {
			t.Errorf("the log has no %q:\n%s", line, text)
		}
	}

	// Without rocBLAS's own kernels the process dies when a handle is made.
	for _, test := range []struct {
		names []string
		env   string
	}{
		{[]string{standin.HIP, standin.RocBLAS, standin.CUDA, standin.CuBLAS}, ""},
		{append(standin.AMD(), standin.CUDA, standin.CuBLAS), "STANDIN_ARCH=gfx803"},
		{append(standin.AMD(), standin.CUDA, standin.CuBLAS), "STANDIN_NO_TENSILE=1"},
	} {
		dir := t.TempDir()
		if err := standin.Install(dir, test.names...); err != nil {
			t.Fatal(err)
		}
		if last, err := run(t, []string{test.env}, path, dir); err == nil || !strings.Contains(err.Error(), "aborted") {
			t.Errorf("%v %s: %s, %v", test.names, test.env, last, err)
		}
	}
}

// A call that hangs is written to the log before.
func TestHang(t *testing.T) {
	t.Parallel()
	folder, err := standin.Build()
	if err != nil {
		t.Fatal(err)
	}
	path := program(t, "blas")
	pipe := filepath.Join(t.TempDir(), "log")
	if out, err := exec.CommandContext(t.Context(), "mkfifo", pipe).CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	command := exec.CommandContext(ctx, path, folder)
	command.Env = append(os.Environ(), "STANDIN_LOG="+pipe, "STANDIN_FAULT=rocblas_create_handle:1=hang")
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	log, err := os.Open(pipe)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	lines := bufio.NewScanner(log)
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "rocblas_create_handle") {
	}
	cancel()
	for lines.Scan() {
		t.Errorf("after the call that hangs: %s", lines.Text())
	}
	if err := command.Wait(); err == nil {
		t.Error("the program that hangs ended by itself")
	}
}
