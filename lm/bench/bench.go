// Package bench measures the engine: training, prefill, decoding, a whole step of
// an agent, the swap of adapters, and the time from a file to the first token.
//
// Each measurement runs in a process of its own, so that none warms the caches,
// fills the memory or wakes the threads of another, and so that another engine can
// be measured in the same way: a process reads an Assignment in JSON from its
// standard input and writes an Outcome to its standard output. The workload, which
// all of them share, is a file of token ids that Build makes from a seed.
package bench

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrInvalid is returned for settings that nothing can be measured with.
var ErrInvalid = errors.New("bench: invalid")

// Kind is one measurement.
type Kind string

// The measurements.
const (
	// Train is one pass of LoRA fine-tuning over the workload's examples, rank 16 on
	// all linear layers, and the process's greatest resident memory.
	Train Kind = "train"
	// Prefill is one forward pass over the workload's long prompt.
	Prefill Kind = "prefill"
	// Decode is greedy decoding, one token a pass, without and with an adapter.
	Decode Kind = "decode"
	// Step is one step of an agent: a screen of which the beginning was seen in the
	// step before, and one action inside the grammar of that screen.
	Step Kind = "step"
	// Swap is what changing the adapter between two requests costs.
	Swap Kind = "swap"
	// First is the time from opening the model's file to the first token.
	First Kind = "first"
)

// Kinds returns all measurements, the short ones first.
func Kinds() []Kind { return []Kind{First, Swap, Prefill, Decode, Step, Train} }

// ParseKinds returns the measurements of these names; no name means all. The error
// is ErrInvalid.
func ParseKinds(names []string) ([]Kind, error) {
	if len(names) == 0 {
		return Kinds(), nil
	}
	var kinds []Kind
	for _, name := range names {
		k := Kind(name)
		if !slices.Contains(Kinds(), k) {
			return nil, fmt.Errorf("%w: there is no measurement %q, want some of %s", ErrInvalid, name, joined(Kinds()))
		}
		if !slices.Contains(kinds, k) {
			kinds = append(kinds, k)
		}
	}
	return kinds, nil
}

func joined(kinds []Kind) string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = string(k)
	}
	return strings.Join(names, ", ")
}
