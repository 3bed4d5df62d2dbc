// Package compute defines what a device must be able to do for the language-model engine: a short
// list of coarse operations on explicit buffers. There is no graph and no tape; the model package
// spells out its forward and backward pass in these operations.
//
// A Backend owns one device and one thread that talks to it. Weights are handed over once, in the
// form their file has them, and are opaque afterwards: a backend may keep them quantised, unpack them
// lazily, or pack them for its matrix units. Activations live in the backend's own memory and format.
package compute

import (
	"context"
	"errors"

	"github.com/grokputer/grokputer/lm/gguf"
)

var (
	// ErrClosed is returned by a backend that was closed.
	ErrClosed = errors.New("compute: backend is closed")
	// ErrMemory says that the device has not enough free memory. What was computed before the call is not lost.
	ErrMemory = errors.New("compute: out of memory")
)

// Backend is one device with its memory.
type Backend interface {
	// Name says which device and instruction set is used, such as "cpu avx512, float32, 2 threads".
	Name() string

	// Load hands over a frozen matrix [outputs, inputs]. Several parts with equal inputs are stacked
	// over their outputs into one weight, so that layers that share an input are one product. The
	// parts' Data must stay readable until Close.
	Load(parts ...gguf.Tensor) (Weight, error)

	// Alloc returns a zeroed matrix that lives until Free or Close.
	Alloc(rows, cols int) (Tensor, error)

	// AllocActivation is Alloc in the form of Ops.Activation, for the keys and values of Ops.Attention.
	AllocActivation(rows, cols int) (Tensor, error)

	// Free gives the memory of an Alloc or AllocActivation back. It may be called from any goroutine, once.
	Free(t Tensor)

	// Forget gives back what is kept of adapters with this LowRank.Frozen. They must not be in use any more.
	Forget(frozen uint64)

	// Run calls f on the backend's thread, one f at a time, and returns f's error or else the first
	// error that an operation met. Operations may only be used inside f.
	Run(ctx context.Context, f func(Ops) error) error

	// Meter returns a backend that computes nothing and counts the memory that this one would take, or would take if
	// it dequantised weights on the fly, see cpu.Options. It may be used while this one computes.
	Meter(onTheFly bool) Meter

	// Close waits for a running f and releases all memory.
	Close() error
}

// Meter is a Backend for arithmetic on memory. It takes the weights of the backend that it measures, and
// tensors of its own; results are undefined, so what is measured must not depend on them. It is for one
// goroutine.
type Meter interface {
	Backend

	// Memory returns what the calls so far would have taken.
	Memory() Memory
}

// Memory is what a backend takes beside the files that weights are mapped from, in bytes.
type Memory struct {
	Weights int64 // the forms of the weights that operations multiply with
	Kept    int64 // the most that was allocated at once
	Scratch int64 // the most scratch that was in use at once, with what lies idle between
}

// Total returns the sum.
func (m Memory) Total() int64 { return m.Weights + m.Kept + m.Scratch }

// Weight is a frozen matrix that a backend holds.
type Weight interface {
	Outputs() int
	Inputs() int
}
