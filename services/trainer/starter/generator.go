package starter

import (
	"math/rand/v2"
	"slices"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/trainer"
)

// Generator draws episodes. The same seed gives the same episodes.
type Generator struct {
	words
	families []family
	total    int
}

// family is one kind of task with its share of the episodes.
type family struct {
	name   string
	weight int
	make   func(*Generator) *episode
}

// New returns a generator for the seed.
func New(seed uint64) *Generator {
	return newGenerator(rand.New(rand.NewPCG(seed, 0x5744a9f1)))
}

// newGenerator returns a generator that draws with rng.
func newGenerator(rng *rand.Rand) *Generator {
	g := &Generator{
		words: newWords(rng),
		families: []family{
			{"press", 5, (*Generator).press},
			{"menu", 2, (*Generator).menu},
			{"form", 4, (*Generator).form},
			{"check", 2, (*Generator).check},
			{"open", 1, (*Generator).open},
			{"write", 16, (*Generator).write},
			{"sum", 6, (*Generator).sum},
			{"find", 5, (*Generator).find},
			{"picture", 5, (*Generator).picture},
			{"read", 2, (*Generator).read},
			{"spin", 8, (*Generator).spin},
			{"nth", 8, (*Generator).nth},
			{"missing", 1, (*Generator).missing},
		},
	}
	for _, f := range g.families {
		g.total += f.weight
	}
	return g
}

// Episode draws a task and returns its steps in order, the last of which ends it.
func (g *Generator) Episode() []trainer.Example {
	n := g.rng.IntN(g.total)
	for _, f := range g.families {
		if n -= f.weight; n < 0 {
			e := f.make(g)
			for i := range e.steps {
				e.steps[i].Kind = f.name
			}
			return e.steps
		}
	}
	return nil // not reached: n is below the sum of the weights
}

// episode grows step by step.
type episode struct {
	task  string
	done  []prompt.Done
	steps []trainer.Example
}

// step says that a is right on the screen s and what came of it.
func (e *episode) step(s screen.Screen, a action.Action, result string) {
	e.steps = append(e.steps, trainer.Example{
		State: prompt.State{Task: e.task, Screen: s, Done: slices.Clip(e.done)},
		Right: a,
	})
	e.done = append(e.done, prompt.Done{Action: a.String(), Result: result})
}

// end says that a is right on the screen s and ends the task.
func (e *episode) end(s screen.Screen, a action.Action) { e.step(s, a, "") }

// Actions in short.

func say(verb action.Verb, text string) action.Action {
	return action.Action{Verb: verb, Text: text}
}

// on is an action on the i-th element of a screen.
func on(verb action.Verb, s screen.Screen, i int) action.Action {
	return action.Action{Verb: verb, Target: s.Targets()[i]}
}

var finished = action.Action{Verb: action.Done}
