package shadow

import (
	"github.com/grokputer/grokputer/services/trainer/gate"
)

// The sets that a version is scored on.
const (
	Right     gate.Name = "right"     // steps that were right: does it do the same
	Wrong     gate.Name = "wrong"     // steps that were wrong: does it do something else
	Corrected gate.Name = "corrected" // those of them that were corrected: does it do what would have been right
)

// Score is how the candidate and the other one do on the steps of a set. The counts are of
// steps at which they do well; gate.Set calls the other one the champion.
type Score struct {
	gate.Set

	// Candidate and Against are the parts of the steps at which they do well, 0 to 1.
	Candidate float64 `json:"candidate"`
	Against   float64 `json:"against"`
	// The true difference lies between Low and High with 90 %, if the steps are as good as
	// independent (gate.Set.Interval).
	Difference float64 `json:"difference"`
	Low        float64 `json:"low"`
	High       float64 `json:"high"`
}

// Change is a step at which only one of the two does well.
type Change struct {
	SessionID string    `json:"session_id"`
	Step      int       `json:"step"`
	Set       gate.Name `json:"set"`
	// Gained is true when the candidate is the one that does.
	Gained bool `json:"gained"`
	// Seen is true when one of the two was trained on the session.
	Seen bool `json:"seen"`
}

// Report is what a version was scored.
type Report struct {
	Candidate string `json:"candidate"`
	// Against is the version that it is compared with, or Recorded.
	Against string `json:"against"`
	// Steps are how many there are to measure with, Measured how many were, Known at how many
	// of these an earlier replay had measured all that was needed, and TooLong at how many a
	// version could not be told what the agent was.
	Steps    int `json:"steps"`
	Measured int `json:"measured"`
	Known    int `json:"known"`
	TooLong  int `json:"too_long"`
	// All are the scores on all steps, New those on steps of sessions that neither of the two
	// was trained on: only these say how it does on what it was not told.
	All []Score `json:"all"`
	New []Score `json:"new"`
	// Changes are in the order of the steps.
	Changes []Change `json:"changes"`
}

// Recorded is what a candidate is compared with when no version is named: what was done
// then, whoever planned it. It did well at every right step, and at no wrong one.
const Recorded = "recorded"

// tally counts while steps are measured.
type tally struct {
	report      Report
	all, unseen map[gate.Name]gate.Set
}

func newTally(candidate, against string, steps int) *tally {
	return &tally{
		report: Report{Candidate: candidate, Against: against, Steps: steps, Changes: []Change{}},
		all:    map[gate.Name]gate.Set{}, unseen: map[gate.Name]gate.Set{},
	}
}

// add counts a step, of which is known what the two say.
func (t *tally) add(s Step, candidate, against string, seen bool) {
	t.report.Measured++
	for _, name := range []gate.Name{Right, Wrong, Corrected} {
		is, of := s.well(name, candidate)
		was, _ := s.well(name, against)
		if !of {
			continue
		}
		t.all[name] = t.all[name].With(was, is)
		if !seen {
			t.unseen[name] = t.unseen[name].With(was, is)
		}
		if was != is {
			t.report.Changes = append(t.report.Changes, Change{s.SessionID, s.Step, name, is, seen})
		}
	}
}

// well reports whether an action is what a set asks for at the step; of is false when the
// step is not of the set. said is the digest of an action.
func (s Step) well(name gate.Name, said string) (well, of bool) {
	switch name {
	case Right:
		return said == digest(s.Said.String()), s.Right
	case Wrong:
		return said != digest(s.Said.String()), !s.Right
	default:
		return s.Corrected != nil && said == digest(s.Corrected.String()), s.Corrected != nil
	}
}

// done is the report of what was counted so far.
func (t *tally) done() Report {
	t.report.All, t.report.New = scores(t.all), scores(t.unseen)
	return t.report
}

func scores(sets map[gate.Name]gate.Set) []Score {
	var list []Score
	for _, name := range []gate.Name{Right, Wrong, Corrected} {
		s := sets[name]
		s.Name = name
		low, high := s.Interval()
		list = append(list, Score{
			Set: s, Candidate: s.Candidate(), Against: s.Champion(), Difference: s.Difference(), Low: low, High: high,
		})
	}
	return list
}
