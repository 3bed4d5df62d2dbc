package bench

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/trainer"
	"github.com/grokputer/grokputer/services/trainer/starter"
)

// Recorder has generated tasks carried out on real programs by the actions that
// are known to be right, and keeps what the planner would have been shown. Its
// Next is the planner of the house that it works with.
type Recorder struct {
	Runner Runner
	// Apps are the names that open takes.
	Apps []string

	mu       sync.Mutex
	script   []action.Action
	recorded []trainer.Example
}

// errScriptEnd means that the actions of the task are used up.
var errScriptEnd = errors.New("the script has no further action")

// Next says the next action of the task at hand.
func (r *Recorder) Next(state prompt.State) (action.Action, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	done := len(r.recorded)
	if done == len(r.script) {
		return action.Action{}, errScriptEnd
	}
	right := r.script[done]
	if right.Verb == action.Answer && done > 0 && r.script[done-1].Verb == action.Find {
		// how many there are is seen only now
		right.Text, _, _ = strings.Cut(state.Done[len(state.Done)-1].Result, " ")
	}
	r.recorded = append(r.recorded, trainer.Example{State: state, Right: right})
	return right, nil
}

// Record carries out n tasks of each of the kinds that need no more than the
// programs and folders at hand, and returns their steps.
func (r *Recorder) Record(ctx context.Context, kinds []string, n int) ([]trainer.Example, error) {
	var all []trainer.Example
	g := starter.New(r.Runner.Seed)
	left := map[string]int{}
	for _, kind := range kinds {
		left[kind] = n
	}
	for len(left) > 0 {
		steps := g.Episode()
		kind := steps[0].Kind
		if left[kind] == 0 || !r.doable(steps) {
			continue
		}
		examples, err := r.one(ctx, steps)
		if err != nil {
			return nil, err
		}
		if len(examples) == 0 {
			continue // what was seen does not bear the right action out
		}
		all = append(all, examples...)
		if left[kind]--; left[kind] == 0 {
			delete(left, kind)
		}
	}
	return all, nil
}

// doable reports whether the steps name nothing but programs and folders that are there.
func (r *Recorder) doable(steps []trainer.Example) bool {
	for _, s := range steps {
		switch a := s.Right; a.Verb {
		case action.Open:
			if !slices.Contains(r.Apps, a.Text) {
				return false
			}
		case action.Find, action.Screenshot:
			folder, _, _ := strings.Cut(a.Text, "/")
			if _, ok := r.Runner.Place.Folders[folder]; !ok || path.Ext(a.Text) == "" {
				return false
			}
		case action.Type, action.Answer, action.Done:
		default:
			return false // it names an element of a made-up screen
		}
	}
	return true
}

// one carries out a task. It returns no steps when the task did not go as the script says.
func (r *Recorder) one(ctx context.Context, steps []trainer.Example) ([]trainer.Example, error) {
	r.mu.Lock()
	r.script, r.recorded = nil, nil
	for _, s := range steps {
		r.script = append(r.script, s.Right)
	}
	r.mu.Unlock()

	task := steps[0].State.Task
	result, err := r.Runner.one(ctx, Case{
		Kind: steps[0].Kind, Task: task,
		Judge: func(ctx context.Context, p Place, _ contracts.TaskEnded) (string, error) {
			if i := slices.IndexFunc(r.script, func(a action.Action) bool { return a.Verb == action.Type }); steps[0].Kind == "write" && i >= 0 {
				return judgeText(ctx, p, r.script[i].Text)
			}
			return "", nil
		},
	})
	if err != nil {
		return nil, fmt.Errorf("record %q: %w", task, err)
	}
	if result.Ending.Verb == contracts.VerbRejected {
		return nil, fmt.Errorf("record %q: the task was rejected: %s", task, result.Ending.Reason)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if result.Wrong != "" || result.Ending.Verb != contracts.VerbCompleted || len(r.recorded) != len(steps) || !borneOut(r.recorded) {
		return nil, nil
	}
	for i := range r.recorded {
		r.recorded[i].Kind = steps[0].Kind
	}
	if r.Runner.Done != nil {
		r.Runner.Done(result)
	}
	return r.recorded, nil
}

// borneOut reports whether an answer stands on the screen or in a result: one
// that does not was misread, and would teach to make things up.
func borneOut(examples []trainer.Example) bool {
	last := examples[len(examples)-1]
	if last.Right.Verb != action.Answer {
		return true
	}
	return slices.ContainsFunc(last.State.Screen.Elements, func(e screen.Element) bool { return e.Text == last.Right.Text }) ||
		slices.ContainsFunc(last.State.Done, func(d prompt.Done) bool { return strings.HasPrefix(d.Result, last.Right.Text+" ") })
}
