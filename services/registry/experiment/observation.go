package experiment

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Observation is what became known of a session at some time. A session has as many as
// there were events: the end of its task, its rating, a changed rating, each delivered any
// number of times.
type Observation struct {
	// Experiment is the one that assigned the session.
	Experiment string `json:"experiment"`
	Session    string `json:"session"`
	Arm        Arm    `json:"arm"`
	// Share is the challenger's when the session was assigned. It stays when the canary
	// widens.
	Share float64 `json:"share"`
	// Stars are 1 to 5, or 0 while there is no rating.
	Stars int `json:"stars,omitempty"`
	// Success is nil while it is not known.
	Success *bool `json:"success,omitempty"`
	// Time is when it became known here, such as that at which the event was stored: nothing
	// may be put before what has been looked at.
	Time time.Time `json:"time"`
}

// Validate says what of an observation cannot be.
func (o Observation) Validate() error {
	switch {
	case o.Session == "":
		return errors.New("observation: it names no session")
	case o.Arm != Champion && o.Arm != Challenger:
		return fmt.Errorf("observation of %s: the arm is %q, want %s or %s", o.Session, o.Arm, Champion, Challenger)
	case !(o.Share > 0 && o.Share < 1):
		return fmt.Errorf("observation of %s: the share is %g, want a number between 0 and 1", o.Session, o.Share)
	case o.Stars < 0 || o.Stars > 5:
		return fmt.Errorf("observation of %s: it has %d stars, want 1 to 5, or 0 for none", o.Session, o.Stars)
	case o.Time.IsZero():
		return fmt.Errorf("observation of %s: it has no time", o.Session)
	}
	return nil
}

// session is what counts of all observations of a session.
type session struct {
	id      string
	arm     Arm
	share   float64
	stars   int
	rated   time.Time // when first
	success *bool
	ended   time.Time
}

// sessions puts observations together: the first arm, share and success of a session count,
// and its rating as it stands when settle has passed since the first. A rating that changes
// later does not count: it would bet again on a coin that has fallen, and who has seen
// which version it was is no longer blind.
func sessions(observations []Observation, settle time.Duration) []session {
	ordered := slices.SortedFunc(slices.Values(observations), before)
	at := map[string]int{}
	var all []session
	for _, o := range ordered {
		i, seen := at[o.Session]
		if !seen {
			i = len(all)
			at[o.Session] = i
			all = append(all, session{id: o.Session, arm: o.Arm, share: o.Share})
		}
		s := &all[i]
		if o.Success != nil && s.success == nil {
			s.success, s.ended = o.Success, o.Time
		}
		if o.Stars == 0 {
			continue
		}
		if s.stars == 0 {
			s.rated = o.Time
		}
		if !o.Time.After(s.rated.Add(settle)) {
			s.stars = o.Stars
		}
	}
	return all
}

// before orders observations by time. Those of the same time have an order too, so that
// the order in which they were read makes no difference.
func before(a, b Observation) int {
	return cmp.Or(
		a.Time.Compare(b.Time), strings.Compare(a.Session, b.Session), cmp.Compare(a.Stars, b.Stars),
		strings.Compare(string(a.Arm), string(b.Arm)), cmp.Compare(a.Share, b.Share),
		cmp.Compare(known(a.Success), known(b.Success)),
	)
}

// known is 0 for an unknown success, 1 for a failure and 2 for a success.
func known(success *bool) int {
	switch {
	case success == nil:
		return 0
	case *success:
		return 2
	default:
		return 1
	}
}
