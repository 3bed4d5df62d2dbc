package trainer

import (
	"errors"
	"fmt"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/services/trainer/internal/blame"
)

// ErrNoExample means that a dataset has no example of that number.
var ErrNoExample = errors.New("there is no such example")

// Explain says which rated steps the examples of a dataset come from, in the order of their
// numbers, and how many of them are the starter's or held out.
func Explain(examples []Example) contracts.Explained {
	e := contracts.Explained{Examples: len(examples), Steps: []contracts.ExplainedStep{}}
	at := map[string]int{} // where a step stands in e.Steps
	for i, x := range examples {
		if x.HeldOut {
			e.HeldOut++
		}
		if x.Source == nil {
			if !x.HeldOut {
				e.Replay++
			}
			continue
		}
		key := fmt.Sprint(x.Source.TaskID, " ", x.Source.Step)
		known, ok := at[key]
		if !ok {
			known = len(e.Steps)
			at[key] = known
			e.Steps = append(e.Steps, explained(i+1, x))
		}
		switch {
		case x.HeldOut:
			e.Steps[known].HeldOut++
		case x.Varied:
			e.Steps[known].Variants++
		}
	}
	return e
}

// ExplainExample returns the example of that number, from 1. The error is an ErrNoExample.
func ExplainExample(examples []Example, number int) (contracts.ExplainedExample, error) {
	if number < 1 || number > len(examples) {
		return contracts.ExplainedExample{}, fmt.Errorf("%w: %d; they are numbered from 1 to %d", ErrNoExample, number, len(examples))
	}
	x := examples[number-1]
	return contracts.ExplainedExample{
		ExplainedStep: explained(number, x), Varied: x.Varied, HeldOut: x.HeldOut, State: x.State, Prompt: prompt.Render(x.State),
	}, nil
}

// explained is the step of an example, which is the first of it.
func explained(number int, x Example) contracts.ExplainedStep {
	s := contracts.ExplainedStep{Example: number, Kind: x.Kind, Task: x.State.Task, By: contracts.ByStarter}
	if x.Kind != KindBad {
		s.Right = x.Right.String()
	}
	from := x.Source
	if from == nil {
		return s
	}
	s.SessionID, s.TaskID, s.Step, s.Rating, s.Said = from.SessionID, from.TaskID, from.Step, from.Rating, from.Said.String()
	s.Adapter = from.Adapter
	s.Basis, s.Reason, s.Weight = from.Basis, from.Reason, from.Weight
	s.Rated, s.FeedbackID, s.Sequence = from.Rated, from.FeedbackID, from.Sequence
	s.By = contracts.ByUser
	if from.Basis == string(blame.BySession) {
		s.By = contracts.BySession
	}
	return s
}
