package actor

import (
	"fmt"
	"time"

	"github.com/grokputer/grokputer/contracts"
)

// Config is how the actor works. DefaultConfig is a complete one.
type Config struct {
	// Desktop is the name of the desktop that this actor serves.
	Desktop string
	// Policy decides what waits for a person.
	Policy Policy
	// ApprovalTimeout is how long an action waits for an answer; none is a no.
	ApprovalTimeout time.Duration
	// MaxSteps is how many actions a task may take.
	MaxSteps int
	// TaskTimeout is how long a task may take from its start, waits included.
	TaskTimeout time.Duration
	// Still is how long the screen must not change after an action before it is
	// looked at, and StillMost how long that is waited for.
	Still, StillMost time.Duration
	// OpenMost is how long the window of an opened application is waited for.
	OpenMost time.Duration
	// MinFreeBytes is the disk space below which tasks are rejected.
	MinFreeBytes uint64
	// LeaseTTL is how long after a crash the desktop stays reserved.
	LeaseTTL time.Duration
	// Version is told to who asks the micro service; a semantic version.
	Version string
	// Hook is called at the moments of each step; nil outside of tests.
	Hook Hook
}

// DefaultConfig returns the settings that the documentation gives.
func DefaultConfig() Config {
	return Config{
		Desktop:         contracts.DefaultDesktop,
		Policy:          Policy{Line: Send},
		ApprovalTimeout: 5 * time.Minute,
		MaxSteps:        25,
		TaskTimeout:     15 * time.Minute,
		Still:           400 * time.Millisecond,
		StillMost:       5 * time.Second,
		OpenMost:        15 * time.Second,
		MinFreeBytes:    2 << 30,
		LeaseTTL:        5 * time.Second,
		Version:         "0.0.0",
	}
}

// Validate names the field that is wrong, and its value.
func (c Config) Validate() error {
	if !contracts.ValidToken(c.Desktop) {
		return fmt.Errorf("desktop is %q, want letters, digits, - and _", c.Desktop)
	}
	if err := c.Policy.Validate(); err != nil {
		return err
	}
	if c.MaxSteps < 1 {
		return fmt.Errorf("max steps is %d, want 1 or more", c.MaxSteps)
	}
	for _, d := range []struct {
		name  string
		value time.Duration
		least time.Duration
	}{
		{"approval timeout", c.ApprovalTimeout, time.Millisecond},
		{"task timeout", c.TaskTimeout, time.Millisecond},
		{"still", c.Still, 0},
		{"still most", c.StillMost, c.Still},
		{"open most", c.OpenMost, 0},
		{"lease ttl", c.LeaseTTL, time.Second},
	} {
		if d.value < d.least {
			return fmt.Errorf("%s is %s, want %s or more", d.name, d.value, d.least)
		}
	}
	return nil
}

// Moment is a point in a step at which a test may end the process.
type Moment string

// The moments, in the order in which a step passes them. A step that types passes
// AfterSent and AfterStroke for each character, one that a person must approve waits
// between AfterIntent and AfterPermit. The last two are those of a task.
const (
	AfterLook      Moment = "look"      // the screen was looked at
	AfterPlan      Moment = "plan"      // the planner has said what to do
	AfterNote      Moment = "note"      // what it was told is noted
	AfterIntent    Moment = "intent"    // the intent is journaled
	AfterPermit    Moment = "permit"    // the policy allows it, and the audit says so
	AfterActing    Moment = "acting"    // that it is about to be done is journaled
	AfterAim       Moment = "aim"       // the monitors and the pointer were checked
	AfterSent      Moment = "sent"      // one stroke reached the desktop, nothing of that is journaled
	AfterStroke    Moment = "stroke"    // it is journaled
	AfterInput     Moment = "input"     // all strokes have reached the desktop, nobody has looked since
	AfterAct       Moment = "act"       // the screen was looked at, nothing of that is journaled
	AfterDone      Moment = "done"      // the outcome is journaled, its event not published
	AfterPublished Moment = "published" // its event is published, that it is not journaled
	AfterTold      Moment = "told"      // it is journaled
	AfterSaved     Moment = "saved"     // the session's record and the task's state are stored
	AfterEnd       Moment = "end"       // the task's end is in the record, its event not published
	AfterEnded     Moment = "ended"     // its event is published, the task's state is not stored
)

// Moments returns every moment in order.
func Moments() []Moment {
	return []Moment{
		AfterLook, AfterPlan, AfterNote, AfterIntent, AfterPermit, AfterActing, AfterAim, AfterSent, AfterStroke, AfterInput,
		AfterAct, AfterDone, AfterPublished, AfterTold, AfterSaved, AfterEnd, AfterEnded,
	}
}

// Hook is told of the moments of each step; stroke counts within AfterStroke.
type Hook func(m Moment, step, stroke int)

func (h Hook) at(m Moment, step, stroke int) {
	if h != nil {
		h(m, step, stroke)
	}
}
