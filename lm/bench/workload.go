package bench

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"

	"github.com/grokputer/grokputer/lm"
	"github.com/grokputer/grokputer/lm/chat"
)

// Workload is what is measured on: made-up screens and actions as token ids, so that
// no engine's tokenizer or template is part of the measurement and all of them
// compute the same.
type Workload struct {
	Size Size   `json:"size"`
	Seed uint64 `json:"seed"`
	// Examples are trained on.
	Examples []Example `json:"examples"`
	// Prefill and Context are prompts.
	Prefill []int32 `json:"prefill"`
	Context []int32 `json:"context"`
	// Steps are steps of an agent.
	Steps []AgentStep `json:"steps"`
}

// Example is a prompt and its completion, which ends with the end of the turn.
type Example struct {
	Prompt     []int32 `json:"prompt"`
	Completion []int32 `json:"completion"`
}

// AgentStep is two prompts that begin alike; the second is what is measured.
type AgentStep struct {
	Before Prompt `json:"before"`
	After  Prompt `json:"after"`
	Shared int    `json:"shared"` // tokens that they have in common
	// Elements can be named by the action, and GBNF is the grammar of all actions in
	// llama.cpp's notation.
	Elements []string `json:"elements"`
	GBNF     string   `json:"gbnf"`
}

// Prompt is a conversation and its tokens.
type Prompt struct {
	Messages []chat.Message `json:"messages"`
	Tokens   []int32        `json:"tokens"`
}

// Build draws a workload for an engine's model. Equal arguments give equal workloads.
// The error is ErrInvalid for a size that this model's tokens cannot have.
func Build(engine *lm.Engine, size Size, seed uint64) (Workload, error) {
	if err := size.Validate(); err != nil {
		return Workload{}, err
	}
	if longest, has := max(size.Most, size.Prefill, size.Context+size.Decode, size.Screen), engine.Info().Context; longest > has {
		return Workload{}, fmt.Errorf("%w: a prompt has %d tokens, the model was made for %d", ErrInvalid, longest, has)
	}
	b := &builder{engine: engine, artist: artist{rand.New(rand.NewPCG(seed, 0))}, size: size}
	w := Workload{Size: size, Seed: seed}
	for range size.Examples {
		e, err := b.example()
		if err != nil {
			return Workload{}, err
		}
		w.Examples = append(w.Examples, e)
	}
	for range size.Steps {
		s, err := b.step()
		if err != nil {
			return Workload{}, err
		}
		w.Steps = append(w.Steps, s)
	}
	var err error
	if w.Prefill, err = b.prompt(size.Prefill); err != nil {
		return Workload{}, err
	}
	w.Context, err = b.prompt(size.Context)
	return w, err
}

// Save writes the workload as JSON.
func (w Workload) Save(path string) error {
	text, err := json.Marshal(w)
	if err != nil {
		return fmt.Errorf("bench: save the workload: %w", err)
	}
	if err := os.WriteFile(path, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("bench: save the workload: %w", err)
	}
	return nil
}

// Load reads what Save wrote.
func Load(path string) (Workload, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Workload{}, fmt.Errorf("bench: read the workload: %w", err)
	}
	var w Workload
	if err := json.Unmarshal(text, &w); err != nil {
		return Workload{}, fmt.Errorf("bench: %s is no workload: %w", path, err)
	}
	if err := w.Size.Validate(); err != nil {
		return Workload{}, fmt.Errorf("bench: %s: %w", path, err)
	}
	return w, nil
}

// Tokens counts the tokens of all examples, prompts and completions.
func (w Workload) Tokens() int {
	n := 0
	for _, e := range w.Examples {
		n += len(e.Prompt) + len(e.Completion)
	}
	return n
}
