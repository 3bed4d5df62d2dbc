package contracts

import "slices"

// Role is what an adapter is for: which of the agent's requests are made with it. Each role
// has versions, a champion and experiments of its own, and where it has no champion the
// planner's adapter serves.
type Role string

// The roles.
const (
	RolePlanner  Role = "planner"  // what to do next
	RoleRecovery Role = "recovery" // what to do next, after a step that came to nothing (Outcome.InVain)
	RoleAction   Role = "action"   // which element is meant, where the first answer was unsure (Unsure)
	RoleReader   Role = "reader"   // what stands on the screen: no language model reads it, so it has no versions
)

// Roles returns every role, in order.
func Roles() []Role { return []Role{RolePlanner, RoleRecovery, RoleAction, RoleReader} }

// PlanningRoles returns the roles that have versions: those of the language model.
func PlanningRoles() []Role { return []Role{RolePlanner, RoleRecovery, RoleAction} }

// Valid reports whether r is a known role.
func (r Role) Valid() bool { return slices.Contains(Roles(), r) }

// Plans reports whether r has versions: it is a role of the language model.
func (r Role) Plans() bool { return slices.Contains(PlanningRoles(), r) }

// RoleVersion is a version that was asked in a role.
type RoleVersion struct {
	// Role is the one that the request was of, also where the planner's version served.
	Role    Role   `json:"role" jsonschema:"enum=planner,enum=recovery,enum=action"`
	Version string `json:"version,omitempty"`
	// Of is the role that the version is of where it is another: the planner.
	Of Role `json:"of,omitempty" jsonschema:"enum=planner"`
}

// String is role:version, without the role for the planner's own, and with what it stood in for.
func (a RoleVersion) String() string {
	if a.Of != "" {
		return VersionOf(RolePlanner, a.Of, a.Version) + ", for the " + string(a.Role)
	}
	return VersionOf(RolePlanner, a.Role, a.Version)
}

// Asked are the adapters that the requests of some steps were made with, each once, in order.
func Asked(steps ...[]RoleVersion) []RoleVersion {
	var all []RoleVersion
	for _, step := range steps {
		for _, a := range step {
			if !slices.Contains(all, a) {
				all = append(all, a)
			}
		}
	}
	return all
}

// Own is the version of the role that was asked first; empty when none of its own was.
func Own(asked []RoleVersion, role Role) string {
	for _, a := range asked {
		if a.Role == role && a.Of == "" {
			return a.Version
		}
	}
	return ""
}

// InVain reports whether nothing came of a step as far as anyone knows: the next one recovers
// from it.
func (o Outcome) InVain() bool {
	return o == OutcomeUnchanged || o == OutcomeError || o == OutcomeForbidden
}

// RoleAfter is the role of the request that follows a step with that outcome; empty is the
// outcome before the first step.
func RoleAfter(o Outcome) Role {
	if o.InVain() {
		return RoleRecovery
	}
	return RolePlanner
}

// Sure is the confidence from which a planner's choice of an element is taken at its word.
const Sure = 0.6

// Unsure reports whether a choice between elements is looked at again: what was said names one
// of several, and its confidence is known and below Sure.
func Unsure(named, elements int, confidence float64) bool {
	return named > 0 && elements > 1 && confidence > 0 && confidence < Sure
}
