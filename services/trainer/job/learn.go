package job

import (
	"context"

	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/train"
	"github.com/grokputer/grokputer/services/trainer"
	"github.com/grokputer/grokputer/services/trainer/gate"
)

// fitted is an adapter that was trained, and how.
type fitted struct {
	adapter *lora.Adapter
	set     examples // that it was trained on
	recipe  trainer.Recipe
	result  train.Result
	search  *gate.Search // nil when nobody asked for one
}

// learn trains on a set, with the recipe's settings or, if there is a search, the best of
// several. The losses are of the set's held-out steps, which no search has seen.
func (r *run) learn(ctx context.Context, read []trainer.Example, set examples) (f fitted, parentLoss float64, err error) {
	f = fitted{set: set, recipe: r.Recipe}
	if f.adapter, err = r.start(r.Recipe); err != nil {
		return f, 0, final(ctx, err)
	}
	var s *search
	aside := 0
	if r.Recipe.Search > 0 {
		if s, err = r.newSearch(read); err != nil {
			return f, 0, err
		}
		f.search = &s.state.Search
		if len(s.state.Trials) == 0 {
			s = nil
		} else {
			f.set, aside = s.set, s.aside()
		}
	}
	parentLoss, plan, err := r.plan(ctx, f.adapter, f.set, set, aside)
	if err != nil {
		return f, 0, err
	}
	happened := func(e train.Event) { r.happened(e, plan) }
	if s == nil {
		if err := r.curve.open(r.Folder); err != nil {
			return f, 0, err
		}
		f.result, err = r.fit(ctx, r.Recipe, f.adapter, set, checkpointFolder, happened)
	} else {
		f, err = s.find(ctx, happened)
	}
	if err != nil {
		return f, parentLoss, err
	}
	moved, err := r.moveBack(f.recipe, f.adapter)
	if err == nil && (moved || s != nil) && len(set.HeldOut) > 0 { // else it was measured with this adapter and these steps
		f.result.HeldOutLoss, err = r.engine.Evaluate(ctx, f.adapter, set.HeldOut)
	}
	return f, parentLoss, err
}
