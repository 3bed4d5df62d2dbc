package trainer

import (
	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/services/trainer/internal/blame"
	"github.com/grokputer/grokputer/services/trainer/internal/private"
)

// session is a rated session and where its rating stands in the FEEDBACK stream.
type session struct {
	contracts.Bundle

	sequence uint64
	role     contracts.Role // that is to learn from it
}

// steps are the examples that sessions give, by their kind, in the order in which
// the sessions were rated.
type steps struct {
	lessons, good, bad []Example
}

// add takes the steps of a session that teach its role, without what is private in them, and
// counts why others do not. Steps that are only likely to be wrong need a weight of least.
func (s *steps) add(from session, least float64, c *Counts) {
	passwords := typed(from)
	for i, v := range blame.Session(from.Bundle) {
		step := from.Steps[i]
		switch {
		case !lessonOf(from.role, from.Steps, i):
			c.OtherRole++
			continue
		case v.Judgement == blame.Unjudged:
			continue
		case !v.Teaches():
			c.fault(v.Fault)
			continue
		case step.State.Task == "": // what the planner was told was not kept
			c.Untold++
			continue
		case v.Judgement == blame.Wrong && step.Corrected == nil && v.Weight < least:
			c.Unsure++
			continue
		}
		e, ok := exampleOf(from, step, v, passwords, c)
		if !ok {
			continue
		}
		switch e.Kind {
		case KindLesson:
			s.lessons = append(s.lessons, e)
		case KindGood:
			s.good = append(s.good, e)
		default:
			s.bad = append(s.bad, e)
		}
	}
}

// exampleOf is the example that a judged step gives; ok is false when there is none
// once what is private is taken out.
func exampleOf(from session, step contracts.BundleStep, v blame.Verdict, passwords []string, c *Counts) (e Example, ok bool) {
	actions := []action.Action{step.Action}
	if step.Corrected != nil {
		actions = append(actions, *step.Corrected)
	}
	hidden := private.Hide(step.State, passwords, actions...)
	if hidden.Broken {
		c.Broken++
		return Example{}, false
	}
	for kind, n := range hidden.Counts {
		c.hidden(kind, n)
	}
	said := hidden.Actions[0]
	e = Example{
		State: hidden.State,
		Source: &Source{
			SessionID: from.SessionID, TaskID: from.TaskID, Step: step.Step, Rating: from.Rating, Said: said,
			FeedbackID: from.FeedbackID, Sequence: from.sequence, Rated: from.Rated,
			Basis: string(v.Basis), Reason: v.Reason, Weight: v.Weight,
		},
	}
	if n := len(step.Adapters); n > 0 {
		e.Source.Adapter = step.Adapters[n-1]
	}
	switch {
	case step.Corrected != nil:
		e.Kind, e.Right, e.Wrong = KindLesson, hidden.Actions[1], &said
	case v.Judgement == blame.Right:
		e.Kind, e.Right = KindGood, said
	default:
		e.Kind, e.Wrong = KindBad, &said
	}
	return e, e.Wrong == nil || e.Right.String() != e.Wrong.String()
}

// typed are the passwords that the session typed, or should have.
func typed(from session) (passwords []string) {
	for _, step := range from.Steps {
		actions := []action.Action{step.Action}
		if step.Corrected != nil {
			actions = append(actions, *step.Corrected)
		}
		for _, a := range actions {
			if password, ok := private.Typed(step.State, a); ok {
				passwords = append(passwords, password)
			}
		}
	}
	return passwords
}
