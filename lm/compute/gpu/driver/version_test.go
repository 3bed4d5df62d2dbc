//go:build linux

package driver_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/lm/compute/gpu/driver"
)

// build compiles a library of testdata/hip.c.
func build(t *testing.T, folder, name string, defines ...string) {
	t.Helper()
	args := []string{"-shared", "-fPIC", "-w", "-o", filepath.Join(folder, name), "testdata/hip.c"}
	for _, define := range defines {
		args = append(args, "-D"+define)
	}
	if log, err := exec.Command("gcc", args...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, log)
	}
}

func only(folder string) driver.Options {
	return driver.Options{Search: []string{folder}, Only: true}
}

// Each version of HIP has its names and its layout.
func TestVersionsOfHIP(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ version, number, architecture, compiler, compilerVersion, blas string }{
		{"5", "5.2.7", "gfx1030", "", "5.1", "librocblas.so.3"},
		{"5", "5.2.7", "gfx1030", "", "5.1", "librocblas.so.0"},
		{"6", "6.2.7", "gfx90a", "libhiprtc.so.6", "6.2", "librocblas.so.4"},
		{"7", "7.2.7", "gfx90a", "libhiprtc.so.7", "7.2", "librocblas.so.5"},
	} {
		t.Run(c.version+" "+c.blas, func(t *testing.T) {
			t.Parallel()
			folder := filepath.Join(t.TempDir(), "lib")
			if err := os.MkdirAll(filepath.Join(folder, "rocblas", "library"), 0o700); err != nil {
				t.Fatal(err)
			}
			version := "VERSION=" + c.version
			build(t, folder, "libamdhip64.so."+c.version, version, "PART=RUNTIME")
			build(t, folder, c.blas, version, "PART=BLAS")
			build(t, folder, "librocblas.so.9", version, "PART=BLAS") // of a version that is not this one's
			if c.compiler != "" {
				build(t, folder, c.compiler, version, "PART=COMPILER")
			}
			d, err := driver.Open(driver.HIP, only(filepath.Dir(folder))) // its lib is looked in
			if err != nil {
				t.Fatal(err)
			}
			devices, err := d.Devices()
			if err != nil || len(devices) != 1 {
				t.Fatalf("%d cards: %v", len(devices), err)
			}
			got := devices[0]
			if d.Version() != c.number || got.Architecture != c.architecture || got.Wave != 87 || got.Units != 63 || got.Shared != 74 || got.Threads != 56 {
				t.Errorf("version %s, %+v; want %s and %s", d.Version(), got, c.number, c.architecture)
			}
			compiler, err := d.Compiler()
			if err != nil {
				t.Fatal(err)
			}
			if version, err := compiler.Version(); err != nil || version != c.compilerVersion {
				t.Errorf("compiler %s, %v; want %s", version, err, c.compilerVersion)
			}
			// What is missing is found before the library may end the process, whatever form the list has.
			if err := d.OpenBLAS("gfx1100"); !errors.Is(err, driver.ErrNoBLAS) || !strings.Contains(err.Error(), "gfx1100") {
				t.Errorf("without a list of kernels: %v", err)
			}
			for architecture, list := range map[string]string{"gfx1100": "TensileLibrary_lazy_gfx1100.dat", "gfx906": "TensileLibrary_gfx906.dat"} {
				if err := os.WriteFile(filepath.Join(folder, "rocblas", "library", list), nil, 0o600); err != nil {
					t.Fatal(err)
				}
				if err := d.OpenBLAS(architecture); err != nil {
					t.Errorf("with %s: %v", list, err)
				}
			}
			if path := d.BLASPath(); filepath.Base(path) != c.blas {
				t.Errorf("%s was loaded, not %s", path, c.blas)
			}
		})
	}
}

// rocBLAS looks in the folder of its variable instead of its own, so we do, too.
func TestTensileFolder(t *testing.T) {
	folder, kernels := t.TempDir(), t.TempDir()
	build(t, folder, "libamdhip64.so.7", "VERSION=7", "PART=RUNTIME")
	build(t, folder, "librocblas.so.5", "VERSION=7", "PART=BLAS")
	t.Setenv("ROCBLAS_TENSILE_LIBPATH", kernels)
	d, err := driver.Open(driver.HIP, only(folder))
	if err != nil {
		t.Fatal(err)
	}
	if err := d.OpenBLAS("gfx1100"); !errors.Is(err, driver.ErrNoBLAS) || !strings.Contains(err.Error(), kernels) {
		t.Errorf("nothing in the folder: %v", err)
	}
	if err := os.WriteFile(filepath.Join(kernels, "TensileLibrary_lazy_gfx1100.dat"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := d.OpenBLAS("gfx1100"); err != nil {
		t.Error(err)
	}
}

// What is missing is told with where it was looked for and what to install.
func TestMissing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		kind  driver.Kind
		build func(t *testing.T, folder string)
		open  func(d *driver.Driver) error
		want  []string
	}{
		{"no HIP", driver.HIP, nil, nil, []string{"libamdhip64.so.7", "hip-runtime-amd"}},
		{"no CUDA", driver.CUDA, nil, nil, []string{"libcuda.so.1", "nvidia-driver"}},
		{"no file of a library", driver.HIP, func(t *testing.T, folder string) {
			if err := os.WriteFile(filepath.Join(folder, "libamdhip64.so.7"), []byte("text"), 0o600); err != nil {
				t.Fatal(err)
			}
		}, nil, []string{"cannot be used", "libamdhip64.so.7"}},
		{"no function", driver.HIP, func(t *testing.T, folder string) {
			build(t, folder, "libamdhip64.so.6", "VERSION=6", "PART=RUNTIME", "WITHOUT_FREE")
		}, nil, []string{"has no hipFree", "libamdhip64.so.6"}},
		{"no hipRTC of version 7", driver.HIP, func(t *testing.T, folder string) {
			build(t, folder, "libamdhip64.so.7", "VERSION=7", "PART=RUNTIME")
		}, func(d *driver.Driver) error { _, err := d.Compiler(); return err }, []string{"hipRTC is missing", "libhiprtc.so.7", "hip-runtime-amd"}},
		{"no rocBLAS", driver.HIP, func(t *testing.T, folder string) {
			build(t, folder, "libamdhip64.so.6", "VERSION=6", "PART=RUNTIME")
		}, func(d *driver.Driver) error { return d.OpenBLAS("gfx1100") }, []string{"no BLAS", "librocblas.so.4", "apt install rocblas"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			if c.build != nil {
				c.build(t, folder)
			}
			d, err := driver.Open(c.kind, only(folder))
			if c.open != nil {
				if err != nil {
					t.Fatal(err)
				}
				err = c.open(d)
				if again := c.open(d); again == nil || again.Error() != err.Error() {
					t.Errorf("the second time: %v", again)
				}
			}
			if _, ok := errors.AsType[*driver.MissingError](err); !ok {
				t.Fatalf("%v; want a MissingError", err)
			}
			for _, want := range append(c.want, folder) {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("no %q in: %v", want, err)
				}
			}
		})
	}
}
