package gpu

import (
	"errors"
	"unsafe"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/compute/arena"
	"github.com/grokputer/grokputer/lm/compute/gpu/driver"
	"github.com/grokputer/grokputer/lm/compute/gpu/kernels"
)

// session is the operations on the backend's thread.
type session struct {
	ops

	backend *Backend
	pinned  unsafe.Pointer
}

// open is a card that computes.
type open struct {
	*driver.Context

	program *program
}

func (c open) launch(call kernels.Call) error {
	kernel, err := c.program.kernel(call.Name)
	if err != nil {
		return err
	}

	return c.Launch(kernel, call.Grid, call.Block, call.Shared, call.Args)
}

func newOps(b *Backend, pinned unsafe.Pointer) *session {
	return &session{backend: b, pinned: pinned, ops: ops{
		card: open{b.card, b.program}, memory: b, device: b.device, exact: b.precision == compute.Float32,
		arena: arena.New(b), ring: ring{data: pinned, size: ringBytes},
		frozen: b.frozenOf, refused: make(map[elements]bool), mirrors: newMirrors(),
	}}
}

// Close releases all memory and the card.
func (s *session) Close() {
	b := s.backend

	b.mu.Lock()
	defer b.mu.Unlock()

	b.closed = true
	err := b.card.Synchronize()

	for data := range b.blocks {
		err = errors.Join(err, b.card.Free(data))
	}

	clear(b.blocks)
	clear(b.frozen)
	_ = errors.Join(err, b.card.FreeHost(s.pinned), b.program.module.Unload(), b.card.Close()) // nothing can be done about it
}
