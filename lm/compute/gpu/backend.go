// Package gpu is the compute backend for graphics cards: AMD's by HIP, hipRTC and rocBLAS, NVIDIA's by CUDA, NVRTC and cuBLAS,
// which are loaded at run time. Kernels are compiled for the card at hand when a backend is opened, and kept on disk.
//
// Weights stay on the card as the file has them. A product of many rows dequantises a part of the weight to scratch that all
// layers share and multiplies with that; up to eight rows, as in decoding, read the blocks directly. Activations are bfloat16
// and sums float32, or all is float32 with compute.Float32. Results depend on the shapes alone. docs/adr/0027 says why.
package gpu

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"unsafe"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/compute/gpu/driver"
	"github.com/grokputer/grokputer/lm/compute/worker"
)

// Options are the settings of a backend.
type Options struct {
	// Kind is the vendor, and Index the card's number.
	Kind  driver.Kind
	Index int
	// Search are folders in which the vendor's libraries are looked for first.
	Search []string
	// Only looks nowhere else.
	Only bool
	// Precision is that of products of matrices and of what lies between them; Fast is bfloat16.
	Precision compute.Precision
	// Cache is the folder for compiled kernels; empty means one in the user's cache.
	Cache string
}

// Backend implements compute.Backend. Its methods may be called from several goroutines.
type Backend struct {
	device    driver.Device
	precision compute.Precision
	worker    *worker.Worker
	card      *driver.Context
	program   *program

	mu     sync.Mutex
	closed bool
	blocks map[unsafe.Pointer]int // bytes of each allocation
	stored int64                  // bytes of weights
	frozen map[uint64]*frozen     // by compute.LowRank.Frozen
}

var _ compute.Backend = (*Backend)(nil)

// New opens a card. The error wraps a *driver.MissingError where a library is not there.
func New(options Options) (*Backend, error) {
	d, err := driver.Open(options.Kind, driver.Options{Search: options.Search, Only: options.Only})
	if err != nil {
		return nil, fmt.Errorf("gpu: %w", err)
	}

	b := &Backend{precision: options.Precision, blocks: make(map[unsafe.Pointer]int), frozen: make(map[uint64]*frozen)}
	if b.precision == compute.Fast {
		b.precision = compute.BFloat16
	}

	if b.worker, err = worker.Start(func() (worker.Session, error) { return b.open(d, options) }); err != nil {
		return nil, fmt.Errorf("gpu: %w", err)
	}

	return b, nil
}

// open makes the operations on the backend's thread.
func (b *Backend) open(d *driver.Driver, options Options) (_ worker.Session, err error) {
	if b.card, err = d.Context(options.Index); err != nil {
		return nil, err
	}

	b.device = b.card.Device()

	var pinned unsafe.Pointer
	if b.program, err = compiled(b.card, options.Cache); err == nil {
		pinned, err = b.card.AllocHost(ringBytes)
	}

	if err != nil {
		_ = b.card.Close() // the first error is the one to report

		return nil, err
	}

	return newOps(b, pinned), nil
}

// Name returns the card's name and architecture and the precision of products.
func (b *Backend) Name() string {
	return fmt.Sprintf("%v %s (%s), %v", b.device.Kind, b.device.Name, b.device.Architecture, b.precision)
}

// Run calls f on the backend's thread as soon as no other Run is under way.
func (b *Backend) Run(ctx context.Context, f func(compute.Ops) error) error {
	return b.worker.Run(ctx, f)
}

// Close waits for a running Run and releases the card with all memory. Later calls of Close do nothing; later calls of Run
// return compute.ErrClosed.
func (b *Backend) Close() error {
	b.worker.Close()

	return nil
}

// bound calls f on an OS thread that the card's functions may be called on.
func (b *Backend) bound(f func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()

	b.mu.Lock()
	defer b.mu.Unlock()

	if b.closed {
		return compute.ErrClosed
	}

	if err := b.card.Bind(); err != nil {
		return err
	}

	return f()
}

// element is the size of an activation's element in bytes.
func (b *Backend) element() int {
	if b.precision == compute.BFloat16 {
		return bfloat16
	}

	return float
}
