package cpu

// #include "native.h"
import "C"

import "github.com/grokputer/grokputer/lm/compute"

// frozen is what is kept of an adapter whose elements do not change: the panels of each of its pairs, by their
// stream.
type frozen struct {
	shelf

	pairs map[uint32]panels
}

// panels are A and scale·B as linear_bf16.h packs them for the forward pass.
type panels struct {
	down, up *C.uint16_t
}

// panelsOf returns the panels of a frozen pair of w, which are made at its first use. It is called on the backend's
// thread.
func (b *Backend) panelsOf(o *ops, a compute.LowRank, w *weight) (panels, error) {
	b.mu.Lock()

	kept := b.frozen[a.Frozen]
	if kept == nil {
		kept = &frozen{pairs: make(map[uint32]panels)}
		b.frozen[a.Frozen] = kept
	}

	b.mu.Unlock()

	if p, ok := kept.pairs[a.Stream]; ok {
		return p, nil
	}

	depth := roundUp(a.Rank, panelStep)
	from, to := a.Column/coverColumns*coverColumns, min(roundUp(a.Column+a.Out, coverColumns), w.outputs)

	down, err := kept.take(b, roundUp(a.Rank, panelCols)*roundUp(w.inputs, panelStep)*bfloat16)
	if err != nil {
		return panels{}, err
	}

	up, err := kept.take(b, roundUp(to-from, panelCols)*depth*bfloat16)
	if err != nil {
		return panels{}, err
	}

	p := panels{down: (*C.uint16_t)(down), up: (*C.uint16_t)(up)}
	C.native_pack_adapter(o.engine, p.down, p.up, lowRank(a), C.int(w.inputs), C.int(w.outputs))
	kept.pairs[a.Stream] = p

	return p, nil
}

// coverColumns is COVER in bf16_product.h.
const coverColumns = 96

// Forget gives back what is kept of a frozen adapter.
func (b *Backend) Forget(id uint64) {
	b.mu.Lock()
	kept := b.frozen[id]
	delete(b.frozen, id)
	b.mu.Unlock()

	if kept != nil {
		for _, data := range kept.mappings {
			b.unmap(data)
		}
	}
}
