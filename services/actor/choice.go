package actor

import (
	"context"
	"errors"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/prompt"
)

// role is the one that the next request is of.
func (t *task) role() contracts.Role {
	if len(t.steps) == 0 {
		return contracts.RolePlanner
	}
	return contracts.RoleAfter(t.steps[len(t.steps)-1].Outcome)
}

// consult has the planner say the action, with the adapter of the request's role, and says with which
// adapters it was asked. A choice between elements that it is not sure of is looked at again by
// the version of contracts.RoleAction, if there is one: it is told the same, may only say what has
// the same verb, and has the last word.
func (t *task) consult(ctx context.Context, state prompt.State, may Constraint) (Decision, []contracts.RoleVersion, error) {
	asked, err := t.dress(ctx, t.role())
	if err != nil {
		return Decision{}, nil, err
	}
	d, err := t.decide(ctx, state, may)
	if err != nil || !contracts.Unsure(len(d.Action.Targets()), len(state.Visible().Elements), d.Confidence) {
		return d, asked, err
	}
	planner, ok := t.adaptable()
	if !ok {
		return d, asked, nil
	}
	own, err := t.equipment(ctx, planner, contracts.RoleAction)
	if err != nil || own.of != contracts.RoleAction {
		return d, asked, err
	}
	choosing, err := t.dress(ctx, contracts.RoleAction)
	if err != nil {
		return d, asked, err
	}
	may.Verb = d.Action.Verb
	second, err := t.decide(ctx, state, may)
	if err == nil {
		err = may.Check(state, second.Action)
	}
	switch {
	case err == nil:
		return second, append(asked, choosing...), nil
	case ctx.Err() == nil && (errors.Is(err, ErrNoPlan) || errors.Is(err, ErrCannot)):
		t.log.Info("the second look has no choice, the first one counts", "err", err)
		return d, asked, nil
	default:
		return d, asked, err
	}
}
