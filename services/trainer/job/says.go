package job

import (
	"context"

	"github.com/grokputer/grokputer/lm"
	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/services/trainer"
	"github.com/grokputer/grokputer/services/trainer/gate"
	"github.com/grokputer/grokputer/services/trainer/internal/ask"
)

// answers are at which steps the champion and the candidate say the right action.
type answers struct {
	Champion  []bool `json:"champion"`
	Candidate []bool `json:"candidate"`
}

// with are these answers and others.
func (a answers) with(more answers) answers {
	return answers{append(a.Champion, more.Champion...), append(a.Candidate, more.Candidate...)}
}

// set counts them.
func (a answers) set(name gate.Name) gate.Set {
	set := gate.Set{Name: name}
	for i := range a.Champion {
		set = set.With(a.Champion[i], a.Candidate[i])
	}
	return set
}

// both says at which steps the champion and the candidate say the right action.
func (r *run) both(ctx context.Context, champion, candidate *lora.Adapter, steps []trainer.Example) (a answers, err error) {
	if a.Champion, err = r.says(ctx, champion, steps); err != nil {
		return answers{}, err
	}
	a.Candidate, err = r.says(ctx, candidate, steps)
	return a, err
}

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
