// Package scripted is a planner without a model: a function, or a list, says
// the actions. Tests use it, and so does whoever records traces of known tasks.
package scripted

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/services/actor"
)

// Next says the action for a state.
type Next func(prompt.State) (action.Action, error)

// Planner says what a function says. Like any planner it refuses what cannot be
// done on the screen.
type Planner struct {
	next Next
}

// New returns a planner that asks next.
func New(next Next) *Planner { return &Planner{next: next} }

// List returns a function that says these actions one after the other, each as
// Parse reads it, whatever the screen shows, and fails when they are used up.
func List(actions ...string) Next {
	var mu sync.Mutex
	said := 0
	return func(prompt.State) (action.Action, error) {
		mu.Lock()
		defer mu.Unlock()
		if said == len(actions) {
			return action.Action{}, errors.New("the list of actions is used up")
		}
		said++
		return action.Parse(actions[said-1])
	}
}

// Identity implements actor.Planner.
func (p *Planner) Identity() actor.Identity { return actor.Identity{Planner: "scripted"} }

// Ready implements actor.Planner.
func (p *Planner) Ready(ctx context.Context) error { return ctx.Err() }

// Plan implements actor.Planner. The confidence is 1.
func (p *Planner) Plan(ctx context.Context, state prompt.State, may actor.Constraint) (actor.Decision, error) {
	if err := ctx.Err(); err != nil {
		return actor.Decision{}, err
	}
	a, err := p.next(state)
	if err != nil {
		return actor.Decision{}, fmt.Errorf("%w: %w", actor.ErrNoPlan, err)
	}
	if err := may.Check(state, a); err != nil {
		return actor.Decision{}, fmt.Errorf("%w: %s: %w", actor.ErrNoPlan, a, err)
	}
	return actor.Decision{Action: a, Confidence: 1, Text: a.String()}, nil
}
