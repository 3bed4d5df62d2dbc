package lora

import (
	"fmt"
	"slices"
	"strings"
)

// targets are the settings by which PEFT chooses the modules to adapt (tuners_utils,
// check_target_module_exists).
type targets struct {
	modules, excluded names
	layers            []int
	stacks            names // what holds the blocks; "layers" in this family
}

// covers returns, for each place, whether PEFT adapts it.
func (t targets) covers(places []place) ([]bool, error) {
	in, err := t.modules.matcher("target_modules")
	if err != nil {
		return nil, err
	}
	out, err := t.excluded.matcher("exclude_modules")
	if err != nil {
		return nil, err
	}
	inStack, err := t.stack()
	if err != nil {
		return nil, err
	}
	every := t.modules.pattern == nil && t.modules.list == nil || // PEFT's own choice for the family
		t.modules.pattern != nil && strings.EqualFold(*t.modules.pattern, "all-linear")
	covered := make([]bool, len(places))
	for i, p := range places {
		name := p.name()
		covered[i] = (every || in(name)) && !out(name) &&
			(len(t.layers) == 0 || t.modules.pattern != nil || inStack && slices.Contains(t.layers, p.layer))
	}
	return covered, nil
}

// matcher returns whether a module's name is one of n's, ends with one of them after a
// dot, or matches n's pattern as a whole.
func (n names) matcher(field string) (func(string) bool, error) {
	if n.pattern != nil {
		matches, err := whole(*n.pattern)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", ConfigFile, field, err)
		}
		return matches, nil
	}
	known := make(map[string]bool, len(n.list))
	for _, s := range n.list {
		known[s] = true
	}
	return func(name string) bool {
		for {
			if known[name] {
				return true
			}
			_, rest, ok := strings.Cut(name, ".")
			if !ok {
				return false
			}
			name = rest
		}
	}, nil
}

// stack reports whether layers_to_transform counts the blocks of this family: with a
// layers_pattern, it has to match "layers".
func (t targets) stack() (bool, error) {
	patterns := t.stacks.list
	if t.stacks.pattern != nil && *t.stacks.pattern != "" {
		patterns = []string{*t.stacks.pattern}
	}
	if len(patterns) > maxPatterns {
		return false, fmt.Errorf("%w: %s: layers_pattern has %d entries", ErrInvalid, ConfigFile, len(patterns))
	}
	for _, p := range patterns {
		matches, err := compile(p, `^(?:|.*?\.)(?:`, `)$`)
		if err != nil {
			return false, fmt.Errorf("%s: layers_pattern: %w", ConfigFile, err)
		}
		if matches("model.layers") {
			return true, nil
		}
	}
	return len(patterns) == 0, nil
}
