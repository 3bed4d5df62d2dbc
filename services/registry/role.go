package registry

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/grokputer/grokputer/contracts"
)

// roleOf is the role that a query means.
func roleOf(q contracts.AdapterQuery) contracts.Role { return cmp.Or(q.Role, contracts.RolePlanner) }

// readRole is the role that a request names: the planner when it names none.
func readRole(role contracts.Role) (contracts.Role, error) {
	switch role = cmp.Or(role, contracts.RolePlanner); {
	case role == contracts.RoleReader:
		return role, fmt.Errorf("%w: the reader has no versions, for it is no language model", errRole)
	case !role.Plans():
		return role, fmt.Errorf("%w: %q is none of the roles %v", errRole, role, contracts.PlanningRoles())
	default:
		return role, nil
	}
}

// errRole means that a request names no role that has versions.
var errRole = errors.New("there are no adapters of that role")

// eachRole does something for every role that has versions, although one fails.
func eachRole(ctx context.Context, do func(context.Context, contracts.Role) error) error {
	var all error
	for _, role := range contracts.PlanningRoles() {
		if err := do(ctx, role); err != nil {
			all = errors.Join(all, fmt.Errorf("the role %s: %w", role, err))
		}
	}
	return all
}

// promoteIt is the command with which a person promotes a version.
func promoteIt(role contracts.Role, version string) string {
	command := "grokputer adapters promote " + version
	if role != contracts.RolePlanner {
		command += " --role " + string(role)
	}
	return command
}
