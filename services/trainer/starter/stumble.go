package starter

import (
	"slices"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/services/trainer"
)

// stumble has one of an episode's clicks come to nothing at first: then the same is
// right once more, and never the end of the task.
func (g *Generator) stumble(e *episode) {
	var clicks []int
	for i, s := range e.steps {
		if s.Right.Verb == action.Click {
			clicks = append(clicks, i)
		}
	}
	if len(clicks) == 0 {
		return
	}
	at := pick(g.rng, clicks...)
	failed := prompt.Done{Action: e.steps[at].Right.String(), Result: pick(g.rng, "no effect", "no effect", "in doubt")}
	var steps []trainer.Example
	for i, s := range e.steps {
		if i == at {
			steps = append(steps, s)
		}
		if i >= at {
			s.State.Done = slices.Insert(slices.Clone(s.State.Done), at, failed)
		}
		steps = append(steps, s)
	}
	e.steps = steps
}
