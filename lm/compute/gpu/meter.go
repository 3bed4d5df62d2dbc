package gpu

import (
	"context"
	"fmt"
	"unsafe"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/compute/arena"
	"github.com/grokputer/grokputer/lm/compute/gpu/driver"
	"github.com/grokputer/grokputer/lm/compute/gpu/kernels"
	"github.com/grokputer/grokputer/lm/gguf"
)

// meter implements compute.Meter: the operations of a backend on a card that does nothing, with memory that is only counted.
type meter struct {
	backend *Backend
	ops     ops
	kept    int
	most    int // of kept
	scratch int // the most of the arena's chunks
	mapped  int // all that the operations map: chunks, adapters, plans
}

// Meter returns a backend that counts memory. A card always dequantises on the fly.
func (b *Backend) Meter(bool) compute.Meter {
	m := &meter{backend: b}
	place := make([]byte, ringBytes)
	m.ops = ops{
		card: idle{}, counts: true, memory: m, device: b.device, exact: b.precision == compute.Float32, arena: arena.New(m),
		ring:   ring{data: unsafe.Pointer(unsafe.SliceData(place)), size: ringBytes},
		frozen: func(compute.LowRank) *frozen { return &frozen{pairs: make(map[uint32]factors)} },

		refused: make(map[elements]bool), mirrors: newMirrors(),
	}

	return m
}

func (m *meter) Name() string { return m.backend.Name() }

// Load has no use for new weights: there would be no operations on them to count.
func (m *meter) Load(...gguf.Tensor) (compute.Weight, error) {
	return nil, fmt.Errorf("%w: a meter loads no weights", errShape)
}

func (m *meter) Alloc(rows, cols int) (compute.Tensor, error) { return m.alloc(rows, cols, float) }

func (m *meter) AllocActivation(rows, cols int) (compute.Tensor, error) {
	return m.alloc(rows, cols, m.backend.element())
}

func (m *meter) alloc(rows, cols, element int) (compute.Tensor, error) {
	if err := checkSize(rows, cols); err != nil {
		return compute.Tensor{}, err
	}

	t := matrix(nowhere, rows, cols, element)
	m.kept += bytesOf(t)
	m.most = max(m.most, m.kept)

	return t, nil
}

func (m *meter) Free(t compute.Tensor) { m.kept -= bytesOf(t) }

func bytesOf(t compute.Tensor) int { return t.Rows * t.Stride * t.Element }

// Forget has nothing to give back.
func (m *meter) Forget(uint64) {}

func (m *meter) Run(ctx context.Context, f func(compute.Ops) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}

	m.ops.Begin()

	return m.ops.End(f(&m.ops))
}

func (m *meter) Meter(onTheFly bool) compute.Meter { return m.backend.Meter(onTheFly) }

func (m *meter) Close() error { return nil }

// Memory returns what was counted. Weights are all that the backend has on the card.
func (m *meter) Memory() compute.Memory {
	m.backend.mu.Lock()
	defer m.backend.mu.Unlock()

	return compute.Memory{Weights: m.backend.stored, Kept: int64(m.most), Scratch: int64(m.scratch)}
}

// Map counts memory for the operations: at the most when a chunk was added, before the chunks are replaced by one.
func (m *meter) Map(bytes int) (unsafe.Pointer, error) {
	m.mapped += bytes
	m.scratch = max(m.scratch, m.mapped)

	return nowhere, nil
}

// Unmap is not told how much it gives back: chunks that are replaced have been counted.
func (m *meter) Unmap(unsafe.Pointer) {}

// nowhere is an address that no memory has and that views can be made of.
var nowhere = unsafe.Add(unsafe.Pointer(nil), 1<<60) //nolint:gochecknoglobals // a constant

// idle is a card that does nothing.
type idle struct{}

func (idle) UploadPinned(_, _ unsafe.Pointer, _ int) error { return nil }
func (idle) Download(_, _ unsafe.Pointer, _ int) error     { return nil }
func (idle) Synchronize() error                            { return nil }
func (idle) Gemm(driver.Gemm) error                        { return nil }
func (idle) launch(kernels.Call) error                     { return nil }
