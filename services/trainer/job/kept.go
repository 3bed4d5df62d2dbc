package job

import (
	"slices"

	"github.com/grokputer/grokputer/services/trainer"
	"github.com/grokputer/grokputer/services/trainer/gate"
)

// kept are the right steps of newly rated sessions that leaving these out measures with. The
// champion has not learned from them: what it knows of the others it was told.
func (r *run) kept(read []trainer.Example) []trainer.Example {
	var good []trainer.Example
	for _, e := range read {
		if e.Kind == trainer.KindGood && e.Set == "" && e.Source != nil && !e.Varied && !slices.Contains(r.Known, e.Source.SessionID) {
			good = append(good, e)
		}
	}
	return trainer.Kept(good, r.Recipe.Kept)
}

// howKept says how the well-rated steps were measured with, or why none was.
func (r *run) howKept(set gate.Set, left bool) string {
	switch {
	case r.Recipe.Kept == 0:
		return "none was measured, as is set"
	case set.N() > 0 && left:
		return "each was measured with what was learned from all but its part of the sessions, and not with this version, which has seen them"
	case set.N() > 0:
		return "those of tasks that are never learned from were measured"
	case left && r.Recipe.LeaveOut == 0:
		return "none was measured: no session is left out, as is set, and this version has seen them all"
	case left:
		return "none is new"
	default:
		return "none is of a task that is never learned from"
	}
}
