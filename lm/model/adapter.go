package model

import (
	"fmt"
	"runtime"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/lora"
)

// group is one stacked linear layer of a block, with the modules that it is made of.
type group int

const (
	groupQKV group = iota
	groupOutput
	groupGateUp
	groupDown
	groups = iota
)

// modules returns the stack's parts in order.
func (g group) modules() []lora.Module {
	all := [...]lora.Module{lora.Query, lora.Key, lora.Value, lora.Output, lora.Gate, lora.Up, lora.Down}

	switch g {
	case groupQKV:
		return all[0:3]
	case groupOutput:
		return all[3:4]
	case groupGateUp:
		return all[4:6]
	default:
		return all[6:7]
	}
}

// checkAdapter refuses an adapter for another base model, and a gradient that has not its shapes.
func (m *Model) checkAdapter(a, grad *lora.Adapter) error {
	if a == nil {
		return nil
	}

	dims := m.config.Dims()
	if err := dims.Check(a); err != nil {
		return fmt.Errorf("model: %w", err)
	}

	if len(a.Layers) > 0 && a.Config.Rank < 1 {
		return fmt.Errorf("%w: adapter with rank %d", ErrInput, a.Config.Rank)
	}

	if grad == nil {
		return nil
	}

	if err := dims.Check(grad); err != nil {
		return fmt.Errorf("model: gradient: %w", err)
	}

	for i := range a.Layers {
		for module := range lora.Module(lora.Modules) {
			p, g := a.At(i, module), grad.At(i, module)
			if p != nil && (g == nil || g.Rank != p.Rank) {
				return fmt.Errorf("%w: the gradient has no pair of rank %d for layer %d, %v", ErrInput, p.Rank, i, module)
			}
		}
	}

	return nil
}

// keep lets the backend forget a frozen adapter when nobody has it any more.
func (m *Model) keep(a *lora.Adapter) {
	id := a.Frozen()
	if id == 0 || m.frozen[id] {
		return
	}

	if m.frozen == nil {
		m.frozen = make(map[uint64]bool)
	}

	m.frozen[id] = true
	runtime.AddCleanup(a, m.backend.Forget, id)
}

// lowRanks returns the adapters of a stacked layer. The slice is valid until the next call.
func (p *pass) lowRanks(layer int, g group) []compute.LowRank {
	p.low = p.low[:0]
	if p.adapter == nil {
		return p.low
	}

	column := 0

	for _, module := range g.modules() {
		out := p.dims.Shapes[module].Out

		if pair := p.adapter.At(layer, module); pair != nil {
			low := compute.LowRank{
				A: pair.A, B: pair.B,
				Rank: pair.Rank, Out: out, Column: column,
				Scale:  pair.Scale,
				Frozen: p.adapter.Frozen(),
				Stream: uint32(layer*lora.Modules + int(module)),
			}

			if grad := p.gradient.At(layer, module); grad != nil {
				low.GradA, low.GradB = grad.A, grad.B
			}

			p.low = append(p.low, low)
		}

		column += out
	}

	return p.low
}

// firstAdapted returns the lowest layer with an adapter: no gradient is needed below it.
func (p *pass) firstAdapted() int {
	for i := range p.adapter.Layers {
		for _, pair := range p.adapter.Layers[i] {
			if pair != nil {
				return i
			}
		}
	}

	return p.model.config.Layers
}
