package job

import (
	"context"

	"github.com/grokputer/grokputer/lm"
	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/services/trainer"
	"github.com/grokputer/grokputer/services/trainer/internal/ask"
)

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
		var err error
		if right[i], err = ask.Says(ctx, r.engine, name, e.State, e.Right); err != nil {
			return nil, err
		}
	}
	return right, nil
}
