package gpu

import (
	"unsafe"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/compute/arena"
	"github.com/grokputer/grokputer/lm/compute/gpu/driver"
	"github.com/grokputer/grokputer/lm/compute/gpu/kernels"
)

// card is what operations need of a card: its context, or, to count memory, nothing at all.
type card interface {
	UploadPinned(dst, src unsafe.Pointer, bytes int) error
	Download(dst, src unsafe.Pointer, bytes int) error
	Synchronize() error
	Gemm(g driver.Gemm) error
	launch(call kernels.Call) error
}

// ops implements compute.Ops. After an error every operation returns at once.
type ops struct {
	card   card
	memory arena.Memory // for scratch, adapters and plans
	device driver.Device
	exact  bool // all is float32
	counts bool // memory is counted and nothing computed, so that nothing may be written to Go's memory
	arena  arena.Arena
	ring   ring
	err    error

	mirrors mirrors // of the adapters of this run
	plans   plans   // of its attention
	frozen  func(compute.LowRank) *frozen

	refused map[elements]bool // kinds of products that the vendor's library does not compute
}

var _ compute.Ops = (*ops)(nil)

// Err returns the first error.
func (o *ops) Err() error { return o.err }

func (o *ops) fail(err error) {
	if o.err == nil && err != nil {
		o.err = err
	}
}

// launch runs a kernel.
func (o *ops) launch(call kernels.Call) {
	if o.err == nil {
		o.fail(o.card.launch(call))
	}
}

// Begin forgets the last run's error.
func (o *ops) Begin() { o.err = nil }

// End hands the gradients over, waits for the card, and gives all scratch back.
func (o *ops) End(err error) error {
	if err == nil {
		o.mirrors.collect(o)
	}

	if err == nil {
		err = o.err
	}

	if wait := o.card.Synchronize(); err == nil {
		err = wait
	}

	o.mirrors.reset()
	o.plans.reset()
	o.ring.reset()
	o.arena.Reset()

	return err
}

func view(t compute.Tensor) kernels.View { return kernels.ViewOf(t) }

// flag is a kernel's truth value.
func flag(b bool) int32 {
	if b {
		return 1
	}

	return 0
}
