package gpu

import (
	"slices"
	"unsafe"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/compute/gpu/kernels"
)

// plans are those of the last calls, for all layers of a pass have the same spans. They lie in memory of their own, for scratch ends
// with a layer.
type plans struct {
	forward, backward rowPlan
	ofKeys            keyPlan
}

// rowPlan is a plan for queries, on the card.
type rowPlan struct {
	kernels.AttentionPlan
	planned

	spans, blocks, joined unsafe.Pointer
}

// keyPlan is a plan for keys, on the card.
type keyPlan struct {
	kernels.KeysPlan
	planned

	blocks, visits unsafe.Pointer
}

// rows returns the plan for queries. With busy 0 it is one for the backward pass.
func (p *plans) rows(o *ops, spans []compute.Span, heads compute.Heads, busy int) *rowPlan {
	plan := &p.forward
	if busy == 0 {
		plan = &p.backward
	}

	if !plan.begin(spans, heads, busy) {
		plan.AttentionPlan = kernels.PlanAttention(spans, heads, busy)
		places := plan.write(o, plan.Spans, plan.Blocks, plan.Joined)
		plan.spans, plan.blocks, plan.joined = places[0], places[1], places[2]
	}

	return plan
}

// keys returns the plan for so many rows of keys.
func (p *plans) keys(o *ops, spans []compute.Span, heads compute.Heads, rows int) *keyPlan {
	plan := &p.ofKeys
	if !plan.begin(spans, heads, rows) {
		plan.KeysPlan = kernels.PlanKeys(spans, rows)
		places := plan.write(o, plan.Blocks, plan.Visits)
		plan.blocks, plan.visits = places[0], places[1]
	}

	return plan
}

// reset ends a run: after an error a plan may not be on the card.
func (p *plans) reset() {
	p.forward.known, p.backward.known, p.ofKeys.known = false, false, false
}

// planned is what a plan was made for and where it lies.
type planned struct {
	known  bool
	asked  []compute.Span
	heads  compute.Heads
	number int

	data unsafe.Pointer
	size int
}

// begin reports whether the plan is the one for these arguments, and notes them.
func (p *planned) begin(spans []compute.Span, heads compute.Heads, number int) bool {
	if p.known && p.number == number && p.heads == heads && slices.Equal(p.asked, spans) {
		return true
	}

	p.known, p.number, p.heads = true, number, heads
	p.asked = append(p.asked[:0], spans...)

	return false
}

// write copies arrays to the card, one after the other, and returns their places. The card does what it is told in order, so that
// it is done with what was there before.
func (p *planned) write(o *ops, arrays ...[]int32) []unsafe.Pointer {
	const number = 4

	places, size := make([]unsafe.Pointer, len(arrays)), 0
	for _, a := range arrays {
		size += len(a) * number
	}

	if size > p.size {
		if p.data != nil {
			o.memory.Unmap(p.data)
		}

		p.size = 2 * size

		var err error
		if p.data, err = o.memory.Map(p.size); err != nil {
			p.data, p.size = nil, 0

			o.fail(err)

			return places
		}
	}

	at := p.data
	for i, a := range arrays {
		places[i] = at
		o.upload(at, unsafe.Pointer(unsafe.SliceData(a)), len(a)*number)
		at = unsafe.Add(at, len(a)*number)
	}

	return places
}
