package contracts

import "time"

// PolicyVerdict is what became of a policy's decision about an action.
type PolicyVerdict string

// The verdicts.
const (
	PolicyAllowed   PolicyVerdict = "allowed"   // its class is below the line
	PolicyWaiting   PolicyVerdict = "waiting"   // a person is asked
	PolicyApproved  PolicyVerdict = "approved"  // the person said yes
	PolicyDenied    PolicyVerdict = "denied"    // the person said no, or nobody answered
	PolicyForbidden PolicyVerdict = "forbidden" // no input goes to that region or window
	PolicyDry       PolicyVerdict = "dry"       // a dry run: nothing is done
)

// AuditEntry is one decision about an action. Entries are only ever added.
// Subject: audit.<task_id>
type AuditEntry struct {
	TaskID    string `json:"task_id"`
	SessionID string `json:"session_id"`
	Desktop   string `json:"desktop"`
	Step      int    `json:"step" jsonschema:"minimum=1"`
	// Action is what was decided about, in the action language. Text that it types or
	// says is left out: an entry outlives the session, which a person may delete.
	Action string `json:"action"`
	// Class is how far its consequences reach, Rule the policy's rule that says so,
	// and Words what that rule went by.
	Class string `json:"class"`
	Rule  string `json:"rule"`
	Words string `json:"words,omitempty"`
	// Frame is the screen on which it was planned.
	Frame   Frame         `json:"frame,omitzero"`
	Verdict PolicyVerdict `json:"verdict" jsonschema:"enum=allowed,enum=waiting,enum=approved,enum=denied,enum=forbidden,enum=dry"`
	// By is who decided: policy, clock, or where a person answered.
	By     string    `json:"by"`
	Reason string    `json:"reason,omitempty"`
	Time   time.Time `json:"time"`
}

// Who decides, besides the places where a person answers.
const (
	ByPolicy      = "policy" // the rules alone
	ByClock       = "clock"  // nobody answered in time
	ByCommandLine = "command line"
	ByPage        = "page"
	ByHTTP        = "http"
)
