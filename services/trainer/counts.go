package trainer

import (
	"fmt"

	"github.com/grokputer/grokputer/services/trainer/internal/blame"
	"github.com/grokputer/grokputer/services/trainer/internal/private"
)

// Counts are how many of the trained examples are of each sort, how many are only
// measured with, and what was left out and why.
type Counts struct {
	Lessons int `json:"lessons"`          // corrected steps, variants included
	Varied  int `json:"varied,omitempty"` // of these, variants
	Good    int `json:"good"`
	Bad     int `json:"bad,omitempty"`
	Replay  int `json:"replay"`
	HeldOut int `json:"held_out"`
	// Measured is how many steps of its sets the gate has, besides those left out in turn.
	Measured int `json:"measured,omitempty"`

	// Faults is how many wrong steps were put down to another part than the plan.
	Faults map[blame.Fault]int `json:"faults,omitempty"`
	// Private is how many private values were replaced in the steps, by their kind.
	Private map[private.Kind]int `json:"private,omitempty"`

	OtherRole    int `json:"other_role,omitempty"`   // they are no requests of the role
	Untold       int `json:"untold,omitempty"`       // what the planner was told was not kept
	Unsure       int `json:"unsure,omitempty"`       // it is not sure enough that they were wrong
	Broken       int `json:"broken,omitempty"`       // they type a part of what is private
	Equal        int `json:"equal,omitempty"`        // another says the same
	Contradicted int `json:"contradicted,omitempty"` // a newer or a surer one says the opposite
	OverShare    int `json:"over_share,omitempty"`   // of tasks that have more than their share
}

func (c *Counts) fault(f blame.Fault) {
	if c.Faults == nil {
		c.Faults = map[blame.Fault]int{}
	}
	c.Faults[f]++
}

func (c *Counts) hidden(kind private.Kind, n int) {
	if c.Private == nil {
		c.Private = map[private.Kind]int{}
	}
	c.Private[kind] += n
}

// elsewhere says how many wrong steps teach nothing since they were not the plan's fault.
func (c *Counts) elsewhere() string {
	n := 0
	for _, count := range c.Faults {
		n += count
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("; %s put down to other parts than the plan (grokputer train status)", plural(n, "wrong step"))
}
