package shadow

import (
	"cmp"
	"slices"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/services/trainer/internal/blame"
)

// Step is a judged step of a rated session.
type Step struct {
	SessionID string
	Step      int
	Rated     time.Time
	// State is exactly what the planner was told, and Said what was done then.
	State prompt.State
	Said  action.Action
	// Right is true for a step that was right. Else it was the plan's fault, and Corrected is
	// what would have been right, nil when nobody said.
	Right     bool
	Corrected *action.Action

	own bool // the person spoke of this very step
}

// Judged says what became of the steps of rated sessions.
type Judged struct {
	// Steps are those to measure with, the newest sessions first.
	Steps []Step `json:"-"`
	// Unjudged are those of which nothing is known, or not enough; Others were not the
	// plan's fault; Untold are those of which is not kept what the planner was told; Repeated
	// are those that say again, or the opposite of, what is known of the same action there.
	Unjudged int `json:"unjudged,omitempty"`
	Others   int `json:"others_fault,omitempty"`
	Untold   int `json:"untold,omitempty"`
	Repeated int `json:"repeated,omitempty"`
}

// Judge picks the steps of rated sessions that a version can be measured with. The blame is
// laid as for a training; a step of which the person said nothing is taken to be wrong only
// when that is at least so sure, 0 to 1. Of what was done on the same screen for the same
// task more than once, what the person said of the step itself counts before stars, and the
// newest before the older.
func Judge(sessions []contracts.Bundle, least float64) Judged {
	var j Judged
	for _, b := range sessions {
		for i, v := range blame.Session(b) {
			j.add(b, b.Steps[i], v, least)
		}
	}
	slices.SortStableFunc(j.Steps, func(a, b Step) int {
		return cmp.Or(before(a.own, b.own), b.Rated.Compare(a.Rated), cmp.Compare(a.Step, b.Step))
	})
	known := map[string]bool{}
	j.Steps = slices.DeleteFunc(j.Steps, func(s Step) bool {
		key := s.Said.String() + "\n" + prompt.Render(s.State)
		again := known[key]
		known[key] = true
		if again {
			j.Repeated++
		}
		return again
	})
	slices.SortStableFunc(j.Steps, func(a, b Step) int { return b.Rated.Compare(a.Rated) })
	return j
}

func (j *Judged) add(b contracts.Bundle, step contracts.BundleStep, v blame.Verdict, least float64) {
	corrected := step.Corrected
	switch {
	case v.Judgement == blame.Unjudged, v.Judgement == blame.Wrong && corrected == nil && v.Weight < least:
		j.Unjudged++
		return
	case !v.Teaches():
		j.Others++
		return
	case step.State.Task == "":
		j.Untold++
		return
	case corrected != nil && corrected.String() == step.Action.String():
		j.Unjudged++ // wrong, and the same would have been right: it says nothing
		return
	}
	own := v.Basis == blame.ByCorrection || v.Basis == blame.ByMark || v.Basis == blame.ByApproval
	j.Steps = append(j.Steps, Step{
		SessionID: b.SessionID, Step: step.Step, Rated: b.Rated, State: step.State, Said: step.Action,
		Right: v.Judgement == blame.Right, Corrected: corrected, own: own,
	})
}

// before orders true before false.
func before(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	default:
		return 1
	}
}

// longest is the length in bytes of the longest action that an answer is compared with.
func (s Step) longest() int {
	n := len(s.Said.String())
	if s.Corrected != nil {
		n = max(n, len(s.Corrected.String()))
	}
	return n
}
