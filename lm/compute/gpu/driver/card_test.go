//go:build linux

package driver_test

import (
	"encoding/binary"
	"errors"
	"math"
	"os"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/grokputer/grokputer/lm/compute/gpu/driver"
	"github.com/grokputer/grokputer/lm/compute/gpu/kernels"
	"github.com/grokputer/grokputer/lm/compute/gpu/standin"
)

// standins returns where the stand-ins are. A process loads a library once, so all of its tests share one folder.
func standins(t *testing.T) driver.Options {
	t.Helper()
	folder, err := standin.Build()
	if err != nil {
		t.Fatal(err)
	}

	return driver.Options{Search: []string{folder}, Only: true}
}

// open opens the first card of a stand-in.
func open(t *testing.T, kind driver.Kind) *driver.Context {
	t.Helper()
	runtime.LockOSThread()
	t.Cleanup(runtime.UnlockOSThread)
	d, err := driver.Open(kind, standins(t))
	if err != nil {
		t.Fatal(err)
	}
	x, err := d.Context(0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	})

	return x
}

// both runs a test for each vendor. The stand-ins' settings are the process's, so one after the other.
func both(t *testing.T, test func(t *testing.T, kind driver.Kind)) {
	t.Helper()
	for _, kind := range []driver.Kind{driver.HIP, driver.CUDA} {
		t.Run(kind.String(), func(t *testing.T) { test(t, kind) })
	}
}

func alloc(t *testing.T, x *driver.Context, bytes int) unsafe.Pointer {
	t.Helper()
	p, err := x.Alloc(bytes)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := x.Free(p); err != nil {
			t.Error(err)
		}
	})

	return p
}

func upload(t *testing.T, x *driver.Context, values []float32) unsafe.Pointer {
	t.Helper()
	p := alloc(t, x, 4*len(values))
	if err := x.Upload(p, unsafe.Pointer(&values[0]), 4*len(values)); err != nil {
		t.Fatal(err)
	}

	return p
}

func download(t *testing.T, x *driver.Context, p unsafe.Pointer, n int) []float32 {
	t.Helper()
	values := make([]float32, n)
	if err := x.Download(unsafe.Pointer(&values[0]), p, 4*n); err != nil {
		t.Fatal(err)
	}

	return values
}

func TestDevices(t *testing.T) {
	t.Setenv("STANDIN_DEVICES", "2")
	t.Setenv("STANDIN_ARCH", "gfx90a,gfx1100,sm_80,sm_90")
	t.Setenv("STANDIN_MEMORY", "3G,5G")
	both(t, func(t *testing.T, kind driver.Kind) {
		d, err := driver.Open(kind, standins(t))
		if err != nil {
			t.Fatal(err)
		}
		devices, err := d.Devices()
		if err != nil || len(devices) != 2 {
			t.Fatalf("%d cards, %v; want 2", len(devices), err)
		}
		want := map[driver.Kind][2]string{driver.HIP: {"gfx90a", "gfx1100"}, driver.CUDA: {"sm_80", "sm_90"}}[kind]
		wave := map[driver.Kind][2]int{driver.HIP: {64, 32}, driver.CUDA: {32, 32}}[kind]
		for i, c := range devices {
			if c.Kind != kind || c.Index != i || c.Architecture != want[i] || c.Wave != wave[i] || c.Memory != uint64(3+2*i)<<30 || c.Units < 1 || c.Shared < 48<<10 || c.Threads < 256 || c.Name == "" {
				t.Errorf("card %d is %+v; want %s, wave of %d", i, c, want[i], wave[i])
			}
		}
	})
}

func TestNoCards(t *testing.T) {
	t.Setenv("STANDIN_DEVICES", "0")
	both(t, func(t *testing.T, kind driver.Kind) {
		d, err := driver.Open(kind, standins(t))
		if err != nil {
			t.Fatal(err)
		}
		if devices, err := d.Devices(); err != nil || len(devices) != 0 {
			t.Errorf("%v, %v; want no cards and no error", devices, err)
		}
	})
}

func TestMemory(t *testing.T) {
	both(t, func(t *testing.T, kind driver.Kind) {
		x := open(t, kind)
		a := upload(t, x, []float32{1, 2, 3, 4})
		b := alloc(t, x, 16)
		if err := errors.Join(x.Fill(b, 0xff, 16), x.Copy(b, unsafe.Add(a, 4), 8)); err != nil {
			t.Fatal(err)
		}
		got := download(t, x, b, 4)
		if got[0] != 2 || got[1] != 3 || math.Float32bits(got[2]) != math.MaxUint32 {
			t.Errorf("%v", got)
		}
		before, total, err := x.Memory()
		if err != nil || total != 4<<30 {
			t.Fatalf("%d of %d, %v", before, total, err)
		}
		alloc(t, x, 1<<20)
		if after, _, err := x.Memory(); err != nil || before-after < 1<<20 {
			t.Errorf("after 1 MiB %d are free, before %d: %v", after, before, err)
		}
		if _, err := x.Alloc(1 << 40); !errors.Is(err, driver.ErrMemory) || errors.Is(err, driver.ErrDevice) || !strings.Contains(err.Error(), "smaller batch") {
			t.Errorf("a TiB: %v", err)
		}
		host, err := x.AllocHost(16)
		if err != nil {
			t.Fatal(err)
		}
		*(*float32)(host) = 7
		if err := errors.Join(x.UploadPinned(b, host, 4), x.Synchronize(), x.FreeHost(host)); err != nil {
			t.Fatal(err)
		}
		if got := download(t, x, b, 1); got[0] != 7 {
			t.Errorf("%v, not 7", got)
		}
	})
}

func TestKernel(t *testing.T) {
	both(t, func(t *testing.T, kind driver.Kind) {
		x := open(t, kind)
		code, err := x.Compile(kernels.Source(), "kernels.cu")
		if err != nil {
			t.Fatal(err)
		}
		module, err := x.Load(code)
		if err != nil {
			t.Fatal(err)
		}
		k, err := module.Kernel("copy")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := module.Kernel("nothing"); err == nil || !strings.Contains(err.Error(), "nothing") {
			t.Errorf("a kernel that is not there: %v", err)
		}
		src := upload(t, x, []float32{1, 2, 3, 4, 5, 6})
		args := &kernels.Copy{
			Src: kernels.View{Data: src, Stride: 3, Rows: 2, Cols: 3},
			Dst: kernels.View{Data: alloc(t, x, 24), Stride: 3, Rows: 2, Cols: 3},
		}
		from, to := event(t, x), event(t, x)
		call := args.Call()
		if err := errors.Join(x.Record(from), x.Launch(k, call.Grid, call.Block, call.Shared, call.Args), x.Record(to)); err != nil {
			t.Fatal(err)
		}
		if err := x.Launch(k, [3]uint32{0, 1, 1}, call.Block, 0, call.Args); err != nil {
			t.Errorf("a grid without blocks: %v", err)
		}
		if took, err := x.Elapsed(from, to); err != nil || took < 0 || took > time.Minute {
			t.Errorf("%v, %v", took, err)
		}
		if got := download(t, x, args.Dst.Data, 6); got[0] != 1 || got[5] != 6 {
			t.Errorf("%v", got)
		}
		if err := module.Unload(); err != nil {
			t.Error(err)
		}
	})
}

func event(t *testing.T, x *driver.Context) *driver.Event {
	t.Helper()
	e, err := x.Event()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := x.FreeEvent(e); err != nil {
			t.Error(err)
		}
	})

	return e
}

func TestCompileError(t *testing.T) {
	both(t, func(t *testing.T, kind driver.Kind) {
		x := open(t, kind)
		_, err := x.Compile("int f() { return wrong; }", "bad.cu")
		var bad *driver.CompileError
		if !errors.As(err, &bad) || bad.Name != "bad.cu" || !strings.Contains(bad.Log, "wrong") {
			t.Errorf("%v", err)
		}
	})
}

// The products are compared with sums in float64, over all that may be turned, strided, batched, and over the elements.
func TestGemm(t *testing.T) {
	both(t, func(t *testing.T, kind driver.Kind) {
		x := open(t, kind)
		for _, c := range []struct {
			turnA, turnB bool
			batches      int
			in, out      driver.Element
		}{
			{}, {turnA: true}, {turnB: true}, {turnA: true, turnB: true}, {turnB: true, batches: 3},
			{turnA: true, batches: 2}, {in: driver.BFloat16, out: driver.Float32, turnB: true}, {in: driver.BFloat16, out: driver.BFloat16},
			{in: driver.Float16, out: driver.Float32}, {in: driver.Float16, out: driver.Float16, batches: 2},
		} {
			const m, n, k = 3, 5, 4
			batches := max(c.batches, 1)
			a, b, out := newMatrix(m, k, c.turnA, batches, c.in), newMatrix(k, n, c.turnB, batches, c.in), newMatrix(m, n, false, batches, c.out)
			g := driver.Gemm{M: m, N: n, K: k, Alpha: 0.5, Beta: 2, In: c.in, Out: c.out, Batches: c.batches, A: a.up(t, x), B: b.up(t, x), C: out.up(t, x)}
			if err := x.Gemm(g); err != nil {
				t.Fatalf("%+v: %v", c, err)
			}
			bytes := make([]byte, len(out.bytes))
			if err := x.Download(unsafe.Pointer(&bytes[0]), g.C.Data, len(bytes)); err != nil {
				t.Fatal(err)
			}
			got := *out
			got.bytes = bytes
			for batch := range batches {
				for i := range m {
					for j := range n {
						want := 2 * out.at(batch, i, j)
						for l := range k {
							want += 0.5 * a.at(batch, i, l) * b.at(batch, l, j)
						}
						if value := got.at(batch, i, j); math.Abs(value-want) > 1e-2*math.Max(1, math.Abs(want)) {
							t.Fatalf("%+v: C[%d][%d,%d] = %g, want %g", c, batch, i, j, value, want)
						}
					}
				}
			}
		}
	})
}

// matrix is one in Go's memory, with gaps after rows and matrices.
type matrix struct {
	rows, cols, stride, batch int
	turned                    bool
	element                   driver.Element
	bytes                     []byte
}

func newMatrix(rows, cols int, turned bool, batches int, element driver.Element) *matrix {
	m := &matrix{rows: rows, cols: cols, turned: turned, element: element, stride: cols + 2}
	stored := rows
	if turned {
		m.stride, stored = rows+2, cols
	}
	m.batch = stored*m.stride + 3
	for i := range batches * m.batch {
		value := float32((i*7)%13-6) / 4 // exact in all elements
		switch element {
		case driver.Float32:
			m.bytes = binary.LittleEndian.AppendUint32(m.bytes, math.Float32bits(value))
		case driver.BFloat16:
			m.bytes = binary.LittleEndian.AppendUint16(m.bytes, uint16(math.Float32bits(value)>>16))
		case driver.Float16:
			m.bytes = binary.LittleEndian.AppendUint16(m.bytes, half(value))
		}
	}

	return m
}

// half is for normal values and 0.
func half(v float32) uint16 {
	bits := math.Float32bits(v)
	if v == 0 {
		return 0
	}

	return uint16(bits>>16&0x8000 | (bits>>23&0xff-112)<<10 | bits>>13&0x3ff)
}

func (m *matrix) at(batch, row, col int) float64 {
	if m.turned {
		row, col = col, row
	}
	i := batch*m.batch + row*m.stride + col
	switch m.element {
	case driver.BFloat16:
		return float64(math.Float32frombits(uint32(binary.LittleEndian.Uint16(m.bytes[2*i:])) << 16))
	case driver.Float16:
		h := uint32(binary.LittleEndian.Uint16(m.bytes[2*i:]))
		if h&0x7fff == 0 {
			return 0
		}

		return float64(math.Float32frombits(h&0x8000<<16 | (h>>10&0x1f+112)<<23 | h&0x3ff<<13))
	default:
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(m.bytes[4*i:])))
	}
}

func (m *matrix) up(t *testing.T, x *driver.Context) driver.Matrix {
	t.Helper()
	p := alloc(t, x, len(m.bytes))
	if err := x.Upload(p, unsafe.Pointer(&m.bytes[0]), len(m.bytes)); err != nil {
		t.Fatal(err)
	}

	return driver.Matrix{Data: p, Stride: m.stride, Batch: m.batch, Turned: m.turned}
}

// A library that has no bfloat16 products with float32 results says so in a way that can be told.
func TestGemmUnsupported(t *testing.T) {
	t.Setenv("STANDIN_MIXED", "0")
	both(t, func(t *testing.T, kind driver.Kind) {
		x := open(t, kind)
		p := alloc(t, x, 64)
		m := driver.Matrix{Data: p, Stride: 2}
		g := driver.Gemm{M: 2, N: 2, K: 2, Alpha: 1, A: m, B: m, C: m, In: driver.BFloat16, Out: driver.Float32}
		if err := x.Gemm(g); !errors.Is(err, driver.ErrUnsupported) || errors.Is(err, driver.ErrNoBLAS) {
			t.Errorf("%v; want ErrUnsupported", err)
		}
	})
}

// Atomics are switched off, and half sums on CUDA.
func TestGemmIsDeterministic(t *testing.T) {
	both(t, func(t *testing.T, kind driver.Kind) {
		log := t.TempDir() + "/log"
		t.Setenv("STANDIN_LOG", log)
		x := open(t, kind)
		m := driver.Matrix{Data: upload(t, x, []float32{1, 2, 3, 4}), Stride: 2}
		if err := x.Gemm(driver.Gemm{M: 2, N: 2, K: 2, Alpha: 1, A: m, B: m, C: driver.Matrix{Data: alloc(t, x, 16), Stride: 2}}); err != nil {
			t.Fatal(err)
		}
		calls, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		for _, call := range map[driver.Kind][]string{
			driver.HIP: {`rocblas_set_atomics_mode \S+ 0`}, driver.CUDA: {`cublasSetAtomicsMode \S+ 0`, `cublasSetMathMode \S+ 16`},
		}[kind] {
			if !regexp.MustCompile(`(?m)^` + call + `$`).Match(calls) {
				t.Errorf("no call of %s", call)
			}
		}
	})
}
