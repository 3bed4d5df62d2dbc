package actor

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
)

// now is what may be said on the screen at hand: not what has come to nothing on
// it, and not that the task is done when the last that was tried did not work.
func (t *task) now() Constraint {
	may := t.may()
	may.Unfinished, _ = t.unfinished()
	if from, to, ok := t.loop(); ok {
		for _, step := range t.steps[from : to+1] {
			if tried(step) && !may.Refuses(step.Action) {
				may.Not = append(may.Not, step.Action)
			}
		}
	}
	return may
}

// stuck reports whether the task ends because nothing helps: the agent has gone
// round in a circle, was made to find another way, and that has shown nothing new
// either.
func (t *task) stuck() (ending, bool) {
	_, to, ok := t.loop()
	if !ok || !slices.ContainsFunc(t.steps[to+1:], tried) {
		return ending{}, false
	}
	return failed(t.inVain(), "nothing new came of what was tried: %s", t.attempts()), true
}

// atLoss reports whether the task ends because the planner has said nothing but
// what it may not say.
func (t *task) atLoss(may Constraint, err error) (ending, bool) {
	if !errors.Is(err, ErrNoPlan) || may.Ends() && len(may.Not) == 0 {
		return ending{}, false
	}
	t.log.Info("the planner has no other plan", "err", err)
	if len(may.Not) > 0 {
		return failed(t.inVain(), "nothing new came of what was tried: %s, and the planner has no other plan", t.attempts()), true
	}
	why, code := t.unfinished()
	return failed(code, "%s, and the planner has no other plan", why), true
}

// loop returns two steps that did the same on the same screen, although nothing
// new had come since the first of them. What is looked for lies after the last
// step that showed something new, and begins with it: going round once more is
// the loop.
func (t *task) loop() (from, to int, ok bool) {
	start := 0
	for i := range t.steps {
		if t.news(i) {
			start = i
		}
	}
	for to = start + 1; to < len(t.steps); to++ {
		for from = start; from < to; from++ {
			a, b := t.steps[from], t.steps[to]
			if tried(a) && tried(b) && a.Action.String() == b.Action.String() && t.places.numbers[from] == t.places.numbers[to] {
				return from, to, true
			}
		}
	}
	return 0, 0, false
}

// news reports whether a step has shown a screen, or given a result, for the
// first time.
func (t *task) news(i int) bool {
	if step := t.steps[i]; step.Outcome == contracts.OutcomeResult {
		return !slices.ContainsFunc(t.steps[:i], func(s contracts.TaskStep) bool {
			again := s.Action.String() == step.Action.String() && s.Outcome == contracts.OutcomeResult
			return again && (s.Result == step.Result || step.Action.Verb == action.Screenshot) // each is a file of its own
		})
	}
	return !slices.Contains(t.places.numbers[:i+1], t.places.numbers[i+1])
}

// tried reports whether a step was tried out: not one that a crash left in doubt,
// which may be done again, and not one of a dry run, which goes on as if it had been
// done.
func tried(s contracts.TaskStep) bool {
	inDoubt := s.Outcome == contracts.OutcomeError && strings.HasPrefix(s.Result, inDoubt)
	return s.Outcome != contracts.OutcomeDry && !inDoubt
}

// inVain is why a task ends of which nothing has come.
func (t *task) inVain() contracts.Reason {
	switch t.steps[len(t.steps)-1].Outcome {
	case contracts.OutcomeError:
		return contracts.ReasonHands
	case contracts.OutcomeForbidden:
		return contracts.ReasonDenied
	default:
		return contracts.ReasonNoEffect
	}
}

// attempts lists what was tried since the last news, each with what came of it.
func (t *task) attempts() string {
	from, _, _ := t.loop()
	var order []string
	times, last := map[string]int{}, map[string]string{}
	for _, step := range t.steps[from:] {
		name := step.Action.String()
		if times[name]++; times[name] == 1 {
			order = append(order, name)
		}
		last[name] = told(step)
	}
	for i, name := range order {
		var notes []string
		if n := times[name]; n > 1 {
			notes = append(notes, fmt.Sprintf("%d times", n))
		}
		if last[name] != "" {
			notes = append(notes, last[name])
		}
		if len(notes) > 0 {
			order[i] = fmt.Sprintf("%s (%s)", name, strings.Join(notes, ", "))
		}
	}
	return strings.Join(order, ", ")
}
