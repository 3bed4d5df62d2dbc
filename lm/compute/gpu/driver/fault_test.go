//go:build linux

package driver_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/grokputer/grokputer/lm/compute/gpu/driver"
	"github.com/grokputer/grokputer/lm/compute/gpu/kernels"
)

// Whatever function fails with whatever code, the error names the function and the code, and is the right sentinel. The functions are
// those that a use of everything is seen to call.
func TestEveryCallMayFail(t *testing.T) {
	quiet := []string{ // what they would say is left out
		"hipDeviceGetPCIBusId", "cuDeviceGetPCIBusId", "cuDevicePrimaryCtxRelease_v2", "cuGetErrorName", "cuGetErrorString", "hipGetErrorName", "hipGetErrorString",
		"nvrtcGetNumSupportedArchs", "nvrtcGetSupportedArchs", // then the architecture is taken as it is
	}
	both(t, func(t *testing.T, kind driver.Kind) {
		options := standins(t)
		log := filepath.Join(t.TempDir(), "log")
		t.Setenv("STANDIN_LOG", log)
		if err := useAll(kind, options); err != nil {
			t.Fatal(err)
		}
		names := functions(t, log)
		t.Setenv("STANDIN_LOG", "")
		if len(names) < 35 {
			t.Errorf("only %d functions were called: %v", len(names), names)
		}
		for _, name := range names {
			for code, sentinel := range codes(name) {
				if slices.Contains(quiet, name) {
					continue
				}
				t.Setenv("STANDIN_FAULT", fmt.Sprintf("%s:1+=%d", name, code))
				err := useAll(kind, options)
				var call *driver.CallError
				if !errors.As(err, &call) || call.Call != name || call.Code != code || call.Name == "" {
					t.Errorf("%s = %d: %v", name, code, err)
				}
				for _, is := range []error{driver.ErrMemory, driver.ErrDevice, driver.ErrUnsupported} {
					if want := errors.Is(sentinel, is); errors.Is(err, is) != want {
						t.Errorf("%s = %d: %v; errors.Is %v is %t", name, code, err, is, !want)
					}
				}
			}
		}
	})
}

// codes returns what a function may return, and what it stands for.
func codes(function string) map[int]error {
	switch {
	case strings.HasPrefix(function, "hiprtc"), strings.HasPrefix(function, "nvrtc"):
		return map[int]error{1: driver.ErrMemory, 7: nil, 11: nil}
	case strings.HasPrefix(function, "rocblas"):
		return map[int]error{2: driver.ErrUnsupported, 5: driver.ErrMemory, 6: nil, 99: nil}
	case strings.HasPrefix(function, "cublas"):
		return map[int]error{3: driver.ErrMemory, 13: driver.ErrDevice, 15: driver.ErrUnsupported, 14: nil}
	default:
		return map[int]error{1: nil, 2: driver.ErrMemory, 214: driver.ErrDevice, 700: driver.ErrDevice, 719: driver.ErrDevice, 801: driver.ErrUnsupported}
	}
}

// functions returns what the log says was called, each once.
func functions(t *testing.T, log string) []string {
	t.Helper()
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for line := range strings.Lines(string(text)) {
		name, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		if !slices.Contains(names, name) && name != "" {
			names = append(names, name)
		}
	}

	return names
}

// useAll does everything once, and returns the first error.
func useAll(kind driver.Kind, options driver.Options) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	d, err := driver.Open(kind, options)
	if err != nil {
		return err
	}
	if _, err := d.Devices(); err != nil {
		return err
	}
	x, err := d.Context(0)
	if err != nil {
		return err
	}
	err = useContext(d, x)

	return errors.Join(err, x.Close())
}

func useContext(d *driver.Driver, x *driver.Context) error {
	compiler, err := d.Compiler()
	if err != nil {
		return err
	}
	if _, err := compiler.Version(); err != nil {
		return err
	}
	code, err := x.Compile(kernels.Source(), "kernels.cu")
	if err != nil {
		return err
	}
	module, err := x.Load(code)
	if err != nil {
		return err
	}
	kernel, err := module.Kernel("copy")
	if err != nil {
		return errors.Join(err, module.Unload())
	}
	err = useMemory(x, kernel)
	if _, version := d.BLASVersion(); version != nil && err == nil {
		err = version
	}

	return errors.Join(err, module.Unload())
}

func useMemory(x *driver.Context, kernel *driver.Kernel) (err error) {
	if _, _, err := x.Memory(); err != nil {
		return err
	}
	host, err := x.AllocHost(64)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.FreeHost(host)) }()
	card, err := x.Alloc(64)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.Free(card)) }()
	from, err := x.Event()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.FreeEvent(from)) }()
	to, err := x.Event()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.FreeEvent(to)) }()

	values := make([]byte, 64)
	m := driver.Matrix{Data: card, Stride: 2}
	batched := m
	batched.Batch = 4
	args := &kernels.Copy{Src: kernels.View{Data: card, Stride: 2, Rows: 1, Cols: 2}, Dst: kernels.View{Data: unsafe.Add(card, 32), Stride: 2, Rows: 1, Cols: 2}}
	call := args.Call()
	for _, do := range []func() error{
		func() error { return x.Fill(card, 0, 64) },
		func() error { return x.Upload(card, unsafe.Pointer(&values[0]), 64) },
		func() error { return x.UploadPinned(card, host, 64) },
		func() error { return x.Download(unsafe.Pointer(&values[0]), card, 64) },
		func() error { return x.Copy(card, unsafe.Add(card, 32), 32) },
		func() error { return x.Record(from) },
		func() error { return x.Launch(kernel, call.Grid, call.Block, call.Shared, call.Args) },
		func() error { return x.Launch(kernel, call.Grid, call.Block, 50<<10, call.Args) },
		func() error { return x.Record(to) },
		func() error { _, err := x.Elapsed(from, to); return err },
		func() error { return x.Gemm(driver.Gemm{M: 2, N: 2, K: 2, Alpha: 1, A: m, B: m, C: m}) },
		func() error {
			return x.Gemm(driver.Gemm{M: 2, N: 2, K: 2, Alpha: 1, A: batched, B: batched, C: batched, Batches: 2})
		},
	} {
		if err := do(); err != nil {
			return err
		}
	}

	return nil
}
