package figures

import (
	"time"

	"github.com/grokputer/grokputer/contracts"
)

// Session is what became of a task that a version planned.
type Session struct {
	Version string
	// Stars are 1 to 5, 0 without a rating.
	Stars int
	// Success is nil while it is not known, and for a task that a person ended.
	Success *bool
	// Time is when it ended, or else when it was last heard of.
	Time time.Time
}

// Tally counts sessions.
type Tally struct {
	Sessions          int
	Stars             Stars
	Judged, Succeeded int // of those whose success is known
}

// Add counts one more session.
func (t *Tally) Add(s Session) {
	t.Sessions++
	if s.Stars > 0 {
		t.Stars[s.Stars-contracts.MinRating]++
	}
	if s.Success != nil {
		t.Judged++
		if *s.Success {
			t.Succeeded++
		}
	}
}

// Success is the share of successes.
func (t *Tally) Success() contracts.Estimate { return Proportion(t.Succeeded, t.Judged) }
