// Package cpu is the compute backend for processors. Where the processor multiplies bfloat16 (AVX-512 BF16,
// AMX) so does the backend, unless float32 is asked for: weights are packed for that, what lies between
// products is rounded, all sums are float32, and up to eight rows, as in decoding, are multiplied with the weights' own
// 4- and 8-bit codes. Elsewhere products are float32, by oneDNN, or for few rows with the quantised blocks directly.
// Everything else is own kernels: C++ on GCC's vector extensions, compiled for AMX, AVX-512, AVX2 and any
// processor; the best set is chosen when a backend is made. docs/adr/0009 says why.
//
// Weights stay as the file has them. A form that products need is made when it is first needed, one for each
// orientation, so a process that only infers never makes the one for gradients. With Options.DequantizeOnTheFly forms for
// products of many rows are not kept.
package cpu

// #cgo CXXFLAGS: -std=gnu++17 -O3 -Wall -Wextra -Wno-uninitialized -Wno-maybe-uninitialized
// #cgo LDFLAGS: -ldnnl -lgomp -lm
// #include "native.h"
import "C"

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"unsafe"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/compute/worker"
)

// ErrOption is returned by New for an option with an unusable value.
var ErrOption = errors.New("cpu: unusable option")

// Options are the settings of a backend; the zero value is the default.
type Options struct {
	// Threads is the most worker threads; 0, and anything above it, means one for each physical core
	// that the process may use.
	Threads int
	// ISA limits the instruction set; Auto takes the best that the processor has.
	ISA ISA
	// Precision is that of products of matrices.
	Precision compute.Precision
	// DequantizeOnTheFly keeps no unpacked form of a weight: products of many rows unpack some of its columns at a time,
	// from what the file has. Results are the same, bit for bit.
	DequantizeOnTheFly bool
}

// Backend implements compute.Backend. Its methods may be called from several goroutines.
type Backend struct {
	isa       ISA
	threads   int
	precision compute.Precision
	onTheFly  bool // Options.DequantizeOnTheFly

	worker *worker.Worker

	mu     sync.Mutex
	closed bool
	blocks map[unsafe.Pointer]int // bytes of each mapping
	frozen map[uint64]*frozen     // by compute.LowRank.Frozen
	forms  shelf                  // of the weights; used on the thread only
	pinner runtime.Pinner         // of weights' data in Go memory
}

var _ compute.Backend = (*Backend)(nil)

// New starts a backend with its thread.
func New(options Options) (*Backend, error) {
	if options.Threads < 0 {
		return nil, fmt.Errorf("%w: Threads is %d, want 0 or more", ErrOption, options.Threads)
	}

	isa, err := options.ISA.resolve()
	if err != nil {
		return nil, err
	}

	precision, err := precisionOf(options.Precision, isa)
	if err != nil {
		return nil, err
	}

	threads := cores()
	if options.Threads > 0 {
		threads = min(threads, options.Threads)
	}

	b := &Backend{
		isa:       isa,
		threads:   threads,
		precision: precision,
		onTheFly:  options.DequantizeOnTheFly,
		blocks:    make(map[unsafe.Pointer]int),
		frozen:    make(map[uint64]*frozen),
	}

	if b.worker, err = worker.Start(b.open); err != nil {
		return nil, err
	}

	return b, nil
}

// Name returns the instruction set, the precision of products and the number of threads.
func (b *Backend) Name() string {
	return fmt.Sprintf("cpu %v, %v, %d threads", b.isa, b.precision, b.threads)
}

// Run calls f on the backend's thread as soon as no other Run is under way.
func (b *Backend) Run(ctx context.Context, f func(compute.Ops) error) error {
	return b.worker.Run(ctx, f)
}

// Close waits for a running Run, ends the thread and releases all memory of the backend. Later calls of
// Close do nothing; later calls of Run return compute.ErrClosed.
func (b *Backend) Close() error {
	b.worker.Close()

	return nil
}

// release gives all memory back.
func (b *Backend) release() {
	b.mu.Lock()
	defer b.mu.Unlock()

	b.closed = true

	for data, size := range b.blocks {
		C.native_unmap(data, C.size_t(size))
	}

	clear(b.blocks)
	clear(b.frozen)
	b.pinner.Unpin()
}
