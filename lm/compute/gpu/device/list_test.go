//go:build linux

package device_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/grokputer/grokputer/lm/compute/gpu/device"
	"github.com/grokputer/grokputer/lm/compute/gpu/standin"
)

// options returns those of a machine that has only these libraries, and no card that the kernel knows of.
func options(t *testing.T, libraries ...string) device.Options {
	t.Helper()
	folder := t.TempDir()
	if err := standin.Install(folder, libraries...); err != nil {
		t.Fatal(err)
	}

	return device.Options{Search: []string{folder}, Only: true, Root: t.TempDir(), Try: true}
}

func list(t *testing.T, o device.Options) device.Report {
	t.Helper()
	report, err := device.List(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	for _, trouble := range report.Troubles {
		t.Log(trouble)
	}

	return report
}

// files writes files below a folder.
func files(t *testing.T, root string, texts map[string]string) {
	t.Helper()
	for name, text := range texts {
		path := filepath.Join(root, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCardsOfBothVendors(t *testing.T) {
	t.Setenv("STANDIN_DEVICES", "2")
	t.Setenv("STANDIN_ARCH", "gfx1100,gfx1102,sm_80,sm_90")
	report := list(t, options(t, append(standin.AMD(), standin.NVIDIA()...)...))
	if len(report.Cards) != 4 || len(report.Troubles) != 0 {
		t.Fatalf("%+v; want 4 cards", report)
	}
	for i, want := range []string{"hip 0 gfx1100", "hip 1 gfx1102", "cuda 0 sm_80", "cuda 1 sm_90"} {
		c := report.Cards[i]
		if got := c.Kind + " " + string(rune('0'+c.Index)) + " " + c.Architecture; got != want {
			t.Errorf("card %d is %s, not %s", i, got, want)
		}
		for name, part := range map[string]device.Part{"runtime": c.Runtime, "compiler": c.Compiler, "BLAS": c.BLAS} {
			if !part.Usable || part.Path == "" || part.Missing != "" {
				t.Errorf("%s: the %s is %+v", want, name, part)
			}
		}
		if c.Memory == 0 || c.Free == 0 || c.Free > c.Memory || !c.Usable() {
			t.Errorf("%s: %+v", want, c)
		}
		if hinted := len(c.Hints) > 0; hinted != (c.Architecture == "gfx1102") {
			t.Errorf("%s: hints %v", want, c.Hints)
		}
	}
}

func TestNoLibraryAndNoCardIsNoTrouble(t *testing.T) {
	t.Parallel()
	report := list(t, device.Options{Search: []string{t.TempDir()}, Only: true, Root: t.TempDir()})
	if report.Cards == nil || len(report.Cards) != 0 || len(report.Troubles) != 0 {
		t.Errorf("%+v; want an empty list and no trouble", report)
	}
}

// What the kernel lists and no library does is told with what to install.
func TestCardsWithoutLibraries(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	files(t, root, map[string]string{
		"sys/bus/pci/devices/0000:03:00.0/vendor":            "0x1002\n",
		"sys/bus/pci/devices/0000:03:00.0/class":             "0x030000\n",
		"sys/bus/pci/devices/0000:04:00.0/vendor":            "0x10de\n",
		"sys/bus/pci/devices/0000:04:00.0/class":             "0x030200\n",
		"sys/bus/pci/devices/0000:04:00.1/vendor":            "0x10de\n", // its sound
		"sys/bus/pci/devices/0000:04:00.1/class":             "0x040300\n",
		"sys/class/kfd/kfd/topology/nodes/0/properties":      "cpu_cores_count 8\ngfx_target_version 0\n",
		"sys/class/kfd/kfd/topology/nodes/1/properties":      "simd_count 168\ngfx_target_version 110000\n",
		"sys/class/kfd/kfd/topology/nodes/2/properties":      "gfx_target_version 90010\n",
		"sys/class/kfd/kfd/topology/nodes/3/somethingbeside": "",
	})
	report := list(t, device.Options{Search: []string{t.TempDir()}, Only: true, Root: root})
	var text strings.Builder
	for _, trouble := range report.Troubles {
		text.WriteString(trouble.String() + "\n")
	}
	for _, want := range []string{"0000:03:00.0", "gfx1100, gfx90a", "apt install hip-runtime-amd", "0000:04:00.0", "nvidia-driver", "/dev/kfd", "amdgpu is not loaded"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q in:\n%s", want, text.String())
		}
	}
	if strings.Contains(text.String(), "04:00.1") {
		t.Errorf("a sound controller is a card:\n%s", text.String())
	}
}

// Each case lacks a library or has one that ends, hangs or refuses; the card is told of as far as it was known.
func TestTroubles(t *testing.T) {
	for _, c := range []struct {
		name, fault   string
		without       string
		arch          string
		cards         int
		compiler      bool
		blas          bool
		troubles      int
		in            string // of the trouble, or of what the card's part misses
		timeout       time.Duration
		wantTelemetry bool
	}{
		{name: "abort of the runtime", fault: "hipInit:1=abort", troubles: 1, in: "SIGABRT|aborted|libamdhip64"},
		{name: "hang of the runtime", fault: "hipGetDeviceCount:1=hang", troubles: 1, in: "no answer within", timeout: 2 * time.Second},
		{name: "error of the runtime", fault: "hipGetDeviceCount:1=999", troubles: 1, in: "hipGetDeviceCount"},
		{name: "abort of the compiler", fault: "hiprtcCompileProgram:1=abort", cards: 1, troubles: 1, in: "libhiprtc"},
		{name: "refusal of the compiler", fault: "hiprtcCompileProgram:1=11", cards: 1, blas: true, in: "hiprtcCompileProgram"},
		{name: "abort of the BLAS", fault: "rocblas_create_handle:1=abort", cards: 1, compiler: true, troubles: 1, in: "librocblas"},
		{name: "no BLAS", without: standin.RocBLAS, cards: 1, compiler: true, in: "apt install rocblas"},
		{name: "no compiler", without: standin.HIPRTC, cards: 1, blas: true, in: "hipRTC is missing"},
		{name: "no kernels of rocBLAS", without: standin.Tensile, cards: 1, compiler: true, in: "TensileLibrary_lazy_gfx1100.dat"},
		{name: "no kernels for the architecture", arch: "gfx1103", cards: 1, compiler: true, in: "HSA_OVERRIDE_GFX_VERSION=11.0.0"},
		{name: "no memory", fault: "hipMemGetInfo:1=2", cards: 1, in: "hipMemGetInfo"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("STANDIN_FAULT", c.fault)
			if c.arch != "" {
				t.Setenv("STANDIN_ARCH", c.arch)
			}
			var libraries []string
			for _, name := range standin.AMD() {
				if name != c.without {
					libraries = append(libraries, name)
				}
			}
			o := options(t, libraries...)
			o.Timeout = c.timeout
			report := list(t, o)
			if len(report.Cards) != c.cards || len(report.Troubles) != c.troubles {
				t.Fatalf("%d cards and %d troubles, want %d and %d: %+v", len(report.Cards), len(report.Troubles), c.cards, c.troubles, report)
			}
			var text strings.Builder
			for _, trouble := range report.Troubles {
				text.WriteString(trouble.String())
			}
			for _, card := range report.Cards {
				text.WriteString(card.Runtime.Missing + card.Compiler.Missing + card.BLAS.Missing)
				if card.Compiler.Usable != c.compiler || card.BLAS.Usable != c.blas {
					t.Errorf("compiler %+v, BLAS %+v", card.Compiler, card.BLAS)
				}
			}
			found := false
			for in := range strings.SplitSeq(c.in, "|") {
				found = found || strings.Contains(text.String(), in)
			}
			if !found {
				t.Errorf("no %q in: %s", c.in, text.String())
			}
		})
	}
}

func TestListEndsWithItsContext(t *testing.T) {
	t.Setenv("STANDIN_FAULT", "hipInit:1=hang")
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if _, err := device.List(ctx, options(t, standin.AMD()...)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v; want the context's error", err)
	}
}

func TestTelemetry(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	card := "sys/bus/pci/devices/0000:0a:00.0/"
	files(t, root, map[string]string{
		card + "gpu_busy_percent": "37\n", card + "mem_info_vram_used": "1073741824\n",
		card + "hwmon/hwmon4/temp1_input": "61000\n", card + "hwmon/hwmon4/power1_average": "215000000\n",
	})
	got := device.ReadTelemetry(root, "0000:0A:00.0")
	if got == nil || *got.Busy != 37 || *got.MemoryUsed != 1<<30 || *got.Temperature != 61 || *got.Power != 215 {
		t.Errorf("%+v", got)
	}
	if got := device.ReadTelemetry(root, "0000:0b:00.0"); got != nil {
		t.Errorf("a card that is not there says %+v", got)
	}
}
