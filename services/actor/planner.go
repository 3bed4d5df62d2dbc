package actor

import (
	"context"
	"errors"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
)

var (
	// ErrNoModel means that the planner's model is not there or cannot be loaded. The
	// message says how to get it.
	ErrNoModel = errors.New("the planner's model cannot be loaded")
	// ErrNoPlan means that the planner gave no action that can be done on this screen.
	ErrNoPlan = errors.New("the planner gave no usable action")
)

// Planner says the next action. A Planner is called by one task at a time.
type Planner interface {
	// Identity says who plans. It is asked when a task starts.
	Identity() Identity
	// Ready reports whether Plan can work, and loads what it needs. Its error is
	// an ErrNoModel with a sentence for the user.
	Ready(ctx context.Context) error
	// Plan returns the next action: one that Constraint.Check accepts on this
	// state. Errors are ErrNoPlan, ErrNoModel or ctx's.
	Plan(ctx context.Context, state prompt.State, may Constraint) (Decision, error)
}

// Sighted is a Planner that also looks at the picture of the screen.
type Sighted interface {
	Planner
	// PlanSeeing is Plan with the picture, a PNG, which it fetches if it wants it.
	PlanSeeing(ctx context.Context, state prompt.State, may Constraint, picture Picture) (Decision, error)
}

// Picture fetches the picture of the screen at hand.
type Picture func(ctx context.Context) ([]byte, error)

// Identity is which planner, model and adapter decide.
type Identity struct {
	Planner string // local, openai, ...
	Model   string // the model's name, may be empty
	Adapter string // the adapter's name and version, empty for none
}

// Decision is what a planner says, and how sure it is.
type Decision struct {
	Action action.Action
	// Confidence is the probability of the action among all that could be said
	// on the screen, 0 to 1; 0 when the planner cannot tell.
	Confidence float64
	// Text is the answer as the planner wrote it.
	Text string
}
