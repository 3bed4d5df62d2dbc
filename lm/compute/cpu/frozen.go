package cpu

// #include "native.h"
import "C"

import "github.com/grokputer/grokputer/lm/compute"

// frozen is what is kept of an adapter whose elements do not change: the forms of each of its pairs, by their
// stream.
type frozen struct {
	shelf

	panels map[uint32]panels
	bytes  map[uint32]bytePair
}

// panels are A and scale·B as linear_bf16.h packs them for the forward pass.
type panels struct {
	down, up *C.uint16_t
}

// bytePair is A and B as adapter8.h packs them for few rows.
type bytePair struct {
	down, up *C.uint8_t
	factor   C.float
}

// frozenOf returns what is kept of an adapter.
func (b *Backend) frozenOf(a compute.LowRank) *frozen {
	b.mu.Lock()
	defer b.mu.Unlock()

	kept := b.frozen[a.Frozen]
	if kept == nil {
		kept = &frozen{panels: make(map[uint32]panels), bytes: make(map[uint32]bytePair)}
		b.frozen[a.Frozen] = kept
	}

	return kept
}

// panelsOf returns the panels of a frozen pair of w, which are made at its first use. It is called on the backend's
// thread, as is bytesOf.
func (b *Backend) panelsOf(o *ops, a compute.LowRank, w *weight) (panels, error) {
	kept := b.frozenOf(a)
	if p, ok := kept.panels[a.Stream]; ok {
		return p, nil
	}

	depth := roundUp(a.Rank, panelStep)
	from, to := a.Column/panelCols*panelCols, min(roundUp(a.Column+a.Out, panelCols), w.outputs)

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
	kept.panels[a.Stream] = p

	return p, nil
}

// bytesOf returns a frozen pair of w in bytes, which is made at its first use.
func (b *Backend) bytesOf(o *ops, a compute.LowRank, w *weight) (bytePair, error) {
	kept := b.frozenOf(a)
	if p, ok := kept.bytes[a.Stream]; ok {
		return p, nil
	}

	const columns, quad = 32, 4 // of a block, and the elements of B that are multiplied at once

	from, to := a.Column/groupRows*groupRows, roundUp(a.Column+a.Out, groupRows)

	down, err := kept.take(b, roundUp(a.Rank, groupRows)/groupRows*(w.inputs/columns)*groupBytes8)
	if err != nil {
		return bytePair{}, err
	}

	up, err := kept.take(b, (to-from)/groupRows*(roundUp(a.Rank, quad)*groupRows+2*groupRows))
	if err != nil {
		return bytePair{}, err
	}

	p := bytePair{down: (*C.uint8_t)(down), up: (*C.uint8_t)(up)}
	C.native_pack_adapter8(o.engine, p.down, p.up, &p.factor, lowRank(a), C.int(w.inputs))
	kept.bytes[a.Stream] = p

	return p, nil
}

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
