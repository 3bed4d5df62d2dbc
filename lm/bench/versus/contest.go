// Package versus measures our engine and its peers in turn, and says how they
// compare.
package versus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/grokputer/grokputer/lm/bench"
)

// Ours is our engine's name among the contestants.
const Ours = "ours"

// Contestant is an engine.
type Contestant struct {
	// Name is that of a file, such as llama.cpp.
	Name string
	// Kinds are what it can be measured in.
	Kinds   []bench.Kind
	Process bench.Process
	// Optional are numbers that it does not have.
	Optional []bench.Metric
}

// Contest measures contestants round by round: in each round, for each kind, one
// after another, A B C A B C. Machines get faster and slower over time, so only
// numbers of the same round are compared.
type Contest struct {
	Contestants []Contestant
	Rounds      int
	Kinds       []bench.Kind
	// Assignment is what all of them get, but for its Kind.
	Assignment bench.Assignment
	// State is a folder for this contest alone, from which an interrupted one is
	// gone on with.
	State string
	// Done is called after each measurement, and for each that an earlier run made; it
	// may be nil.
	Done func(round int, k bench.Kind, contestant string, o bench.Outcome, before bool)
}

// Outcomes are what the rounds gave: Outcomes[kind][contestant][round].
type Outcomes map[bench.Kind]map[string][]bench.Outcome

// Run measures what State does not have yet. When ctx ends, what was finished stays.
func (c Contest) Run(ctx context.Context) (Outcomes, error) {
	if c.Rounds < 1 {
		return nil, fmt.Errorf("%w: Rounds is %d, want at least 1", bench.ErrInvalid, c.Rounds)
	}
	if err := os.MkdirAll(c.State, 0o750); err != nil {
		return nil, fmt.Errorf("bench: folder of the rounds: %w", err)
	}
	all := Outcomes{}
	for _, k := range c.Kinds {
		all[k] = map[string][]bench.Outcome{}
	}
	for round := range c.Rounds {
		for _, k := range c.Kinds {
			for _, who := range c.Contestants {
				if !slices.Contains(who.Kinds, k) {
					continue
				}
				o, before, err := c.one(ctx, round, k, who)
				if err != nil {
					return nil, fmt.Errorf("round %d, %s: %w", round+1, who.Name, err)
				}
				all[k][who.Name] = append(all[k][who.Name], o)
				if c.Done != nil {
					c.Done(round, k, who.Name, o, before)
				}
			}
		}
	}
	return all, nil
}

// one returns what an earlier run measured, or measures.
func (c Contest) one(ctx context.Context, round int, k bench.Kind, who Contestant) (o bench.Outcome, before bool, err error) {
	path := filepath.Join(c.State, fmt.Sprintf("%03d-%s-%s.json", round+1, k, who.Name))
	text, err := os.ReadFile(path)
	if err == nil && json.Unmarshal(text, &o) == nil {
		return o, true, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return o, false, fmt.Errorf("bench: read a finished round: %w", err)
	}
	a := c.Assignment
	a.Kind = k
	if o, err = who.Process.Measure(ctx, a, who.Optional...); err != nil {
		return o, false, err
	}
	if text, err = json.Marshal(o); err != nil {
		return o, false, fmt.Errorf("bench: keep a round: %w", err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil { // half a file is measured again
		return o, false, fmt.Errorf("bench: keep a round: %w", err)
	}
	return o, false, nil
}
