package trainer

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/services/trainer/internal/blame"
)

func TestFaultsByWeek(t *testing.T) {
	t.Parallel()
	now := time.Date(2027, 1, 6, 12, 0, 0, 0, time.UTC) // a Wednesday
	rated := func(id string, ago time.Duration) entry {
		return entry{FeedbackSubmitted: contracts.FeedbackSubmitted{ID: id, Time: now.Add(-ago)}}
	}
	const day = 24 * time.Hour
	ratings := []entry{rated("old", 57*day), rated("a", 8*day), rated("b", 4*day), rated("c", 3*day), rated("new", 0), rated("d", 0)}
	f := newFaults()
	wrong := func(faults ...blame.Fault) (v []blame.Verdict) {
		for _, fault := range faults {
			v = append(v, blame.Verdict{Judgement: blame.Wrong, Fault: fault})
		}
		return append(v, blame.Verdict{Judgement: blame.Right})
	}
	f.learn("old", wrong(blame.Plan), nil)
	f.learn("a", wrong(blame.Plan, blame.Eyes, blame.Eyes), nil)
	f.learn("b", wrong(blame.Handoff), nil)
	f.learn("c", wrong(blame.Pointer, blame.Waiting), nil)
	f.learn("d", wrong(), nil)
	f.learn("forgotten", wrong(blame.Plan), nil) // its session was deleted
	weeks, unread := f.weeks(ratings, now)
	want := []contracts.FaultWeek{
		{Week: "2026-W53", Sessions: 3, Plan: 1, Eyes: 2, Pointer: 1, Waiting: 1, Handoff: 1},
		{Week: "2027-W01", Sessions: 1},
	}
	if diff := cmp.Diff(want, weeks); diff != "" || unread != 1 {
		t.Errorf("%d unread, %s", unread, diff)
	}
}
