package cli

import (
	"fmt"

	"github.com/grokputer/grokputer/contracts"
)

// ofRole is the flag of the commands about adapters. What the registry says of a role that has
// none is clearer than a list of words.
type ofRole struct {
	Role contracts.Role `env:"-" help:"Which adapters: of the planner, the recovery (after a step that came to nothing) or the action (which element is meant, where the planner is unsure)." default:"planner" placeholder:"ROLE"`
}

// query asks about a version of the role.
func (r ofRole) query(version, why string) contracts.AdapterQuery {
	return contracts.AdapterQuery{Role: r.Role, Version: version, Why: why}
}

// options are the flag as it is said for a role, with a space before it; empty for the planner.
func (r ofRole) options() string {
	if r.Role == "" || r.Role == contracts.RolePlanner {
		return ""
	}
	return fmt.Sprintf(" --role %s", r.Role)
}

// namedVersion is the version that a command is about, and why.
type namedVersion struct {
	ofRole

	Version string `arg:"" help:"The version, such as lora-v3."`
	Why     string `env:"-" help:"Why, for the record." placeholder:"TEXT"`
}
