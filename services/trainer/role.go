package trainer

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/grokputer/grokputer/contracts"
)

// errRole means that no version of that role can be trained.
var errRole = errors.New("this role is not trained")

// readRole is the role that a request means: the planner when it names none.
func readRole(role contracts.Role) (contracts.Role, error) {
	switch role = cmp.Or(role, contracts.RolePlanner); {
	case role == contracts.RoleReader:
		return role, fmt.Errorf("%w: the reader is no language model, and nothing here can train it; "+
			"what it misread can be had for whoever can: grokputer train export --role reader", errRole)
	case !role.Plans():
		return role, fmt.Errorf("%w: %q is none of %v", errRole, role, contracts.PlanningRoles())
	default:
		return role, nil
	}
}

// roleAsked reads a request about a role: nothing, or JSON.
func roleAsked(body []byte) (contracts.Role, error) {
	var q contracts.TrainingQuery
	if len(body) > 0 {
		if err := json.Unmarshal(body, &q); err != nil {
			return "", fmt.Errorf("the query cannot be read: %w", err)
		}
	}
	return readRole(q.Role)
}

// lessonOf reports whether the i-th step of a session teaches a role: every step teaches the
// planner, what follows a step in vain the recovery, and the action what was a question of
// which element: where the planner was unsure, or the person names another one for the same verb.
func lessonOf(role contracts.Role, steps []contracts.BundleStep, i int) bool {
	switch step := steps[i]; role {
	case contracts.RoleRecovery:
		if i == 0 {
			return false
		}
		return contracts.RoleAfter(steps[i-1].Outcome) == contracts.RoleRecovery
	case contracts.RoleAction:
		named := len(step.Action.Targets())
		if named == 0 {
			return false
		}
		if step.Corrected != nil {
			return step.Corrected.Verb == step.Action.Verb
		}
		n := len(step.Adapters)
		return n > 0 && step.Adapters[n-1].Role == contracts.RoleAction ||
			contracts.Unsure(named, len(step.State.Visible().Elements), step.Confidence)
	default:
		return true
	}
}
