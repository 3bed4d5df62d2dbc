package job

import (
	"context"
	"fmt"

	"github.com/grokputer/grokputer/lm"
	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/services/trainer"
	"github.com/grokputer/grokputer/services/trainer/internal/ask"
)

// longest is how many tokens an action may have.
const longest = 96

// says reports at which steps the model says exactly the right action, with an adapter or,
// when that is nil, alone. No grammar helps it.
func (r *run) says(ctx context.Context, a *lora.Adapter, steps []trainer.Example) ([]bool, error) {
	name := lm.NoAdapter
	if a != nil {
		name = "measured"
		if err := r.engine.AddAdapter(name, a); err != nil {
			return nil, err
		}
		defer r.engine.RemoveAdapter(name)
	}
	right := make([]bool, len(steps))
	for i, e := range steps {
		r.spent.rested(r.rest.wait(ctx))
		said, err := r.engine.Generate(ctx, ask.Messages(e.State), lm.GenerateOptions{Adapter: name, MaxTokens: longest})
		if err != nil {
			return nil, fmt.Errorf("measure a step of %q: %w", e.State.Task, err)
		}
		right[i] = said.Text == e.Right.String()
	}
	return right, nil
}
