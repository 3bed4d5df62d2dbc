package lora

import (
	"cmp"
	"maps"
	"slices"
)

// described returns a configuration from which the ranks and scales of a's pairs
// follow: a's own if it is one, else one with a pattern for each exception.
func described(a *Adapter) (Config, error) {
	places, pairs := a.pairs()
	c := a.Config.clone()
	if len(pairs) == 0 || c.Validate() == nil && c.says(places, pairs) {
		return c, nil
	}
	ranks, alphas := make([]int, len(pairs)), make([]float64, len(pairs))
	for i, p := range pairs {
		ranks[i], alphas[i] = p.Rank, alphaOf(p.Scale, p.Rank, c.RSLoRA)
	}
	c.Rank, c.Alpha = commonest(ranks), float32(commonest(alphas))
	c.RankPattern = exceptions(places, ranks, c.Rank)
	c.AlphaPattern = exceptions(places, alphas, float64(c.Alpha))
	c.Targets, c.Layers = a.extent()
	return c, c.Validate()
}

// extent returns the modules that a adapts, and the blocks if it does not adapt all.
func (a *Adapter) extent() (modules []Module, layers []int) {
	var found [Modules]bool
	for i := range a.Layers {
		if a.Layers[i].adapted() {
			layers = append(layers, i)
		}
		for m, p := range a.Layers[i] {
			found[m] = found[m] || p != nil
		}
	}
	for m, ok := range found {
		if ok {
			modules = append(modules, Module(m))
		}
	}
	if len(layers) == len(a.Layers) {
		layers = nil
	}
	return modules, layers
}

func (l Layer) adapted() bool {
	return slices.ContainsFunc(l[:], func(p *Pair) bool { return p != nil })
}

// says reports whether c gives these places the ranks and scales of the pairs.
func (c Config) says(places []place, pairs []*Pair) bool {
	settings, err := c.settings(places)
	if err != nil {
		return false
	}
	for i, s := range settings {
		if s.rank != pairs[i].Rank || s.scale(c.RSLoRA) != pairs[i].Scale {
			return false
		}
	}
	return true
}

// pairs lists a's pairs and where they are, in the order of Params.
func (a *Adapter) pairs() ([]place, []*Pair) {
	var places []place
	var pairs []*Pair
	for i := range a.Layers {
		for m, p := range a.Layers[i] {
			if p != nil {
				places, pairs = append(places, place{i, Module(m)}), append(pairs, p)
			}
		}
	}
	return places, pairs
}

// exceptions returns patterns for what differs from preset: one for a module that
// differs alike in all blocks, else one for each pair. Their keys match nothing else.
func exceptions[T int | float64](places []place, values []T, preset T) []Pattern[T] {
	var alike [Modules]map[T]bool
	for i, p := range places {
		if alike[p.module] == nil {
			alike[p.module] = map[T]bool{}
		}
		alike[p.module][values[i]] = true
	}
	var patterns []Pattern[T]
	seen := [Modules]bool{}
	for i, p := range places {
		switch {
		case values[i] == preset:
		case len(alike[p.module]) > 1:
			patterns = append(patterns, Pattern[T]{p.String(), values[i]})
		case !seen[p.module]:
			patterns = append(patterns, Pattern[T]{p.module.String(), values[i]})
			seen[p.module] = true
		}
	}
	return patterns
}

// commonest returns the value that comes most often, the largest of those.
func commonest[T int | float64](values []T) T {
	count := map[T]int{}
	for _, v := range values {
		count[v]++
	}
	return slices.MaxFunc(slices.Collect(maps.Keys(count)), func(a, b T) int {
		return cmp.Or(cmp.Compare(count[a], count[b]), cmp.Compare(a, b))
	})
}
