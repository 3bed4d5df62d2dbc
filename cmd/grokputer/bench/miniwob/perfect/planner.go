// Package perfect plans the development tasks of MiniWoB++ by what is known of
// them. It sees nothing but the goal and the elements that the observer found,
// so what it scores is the most that a planner can reach with these eyes and
// hands. It is for the bench alone: nothing that plans or trains may use it
// (tests/imports_test.go).
package perfect

import (
	"errors"
	"fmt"
	"sync"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
)

// ErrNoPlan means that there is no plan for a task, or that what the plan needs
// was not seen.
var ErrNoPlan = errors.New("no perfect plan")

// Planner says the next action of the task at hand. It is safe for concurrent use.
type Planner struct {
	mu    sync.Mutex
	task  string
	asked prompt.State
}

// Begin says which task is next.
func (p *Planner) Begin(task string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.task, p.asked = task, prompt.State{}
}

// Asked is the state that Next was asked with last.
func (p *Planner) Asked() prompt.State {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked
}

// Next says the next action.
func (p *Planner) Next(state prompt.State) (action.Action, error) {
	p.mu.Lock()
	task := p.task
	p.asked = state
	p.mu.Unlock()
	plan, ok := plans()[task]
	if !ok {
		return action.Action{}, fmt.Errorf("%w for the task %q", ErrNoPlan, task)
	}
	return plan(look(state))
}
