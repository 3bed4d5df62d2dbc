package actor_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/services/actor"
)

// Each step's event says what the planner was told; session.json does not.
func TestStepsSayWhatThePlannerWasTold(t *testing.T) {
	t.Parallel()
	h := build(t, editor(), `click button "Bold"`, "done")
	h.start()
	h.ask(`{"task": "make it bold", "id": "t"}`)
	end := h.completed()
	for i, s := range h.steps() {
		if s.State == nil || s.State.Task != "make it bold" || len(s.State.Screen.Elements) == 0 || len(s.State.Done) != i {
			t.Errorf("step %d was planned on %+v", s.Step, s.State)
		}
	}
	for _, s := range h.session(end.SessionID).Steps {
		if s.State != nil {
			t.Errorf("session.json repeats what the planner was told before step %d", s.Step)
		}
	}
}

func TestARatingStandsInTheSession(t *testing.T) {
	t.Parallel()
	h := build(t, editor(), "done")
	h.start()
	h.ask(`{"task": "do", "id": "t", "session": "s"}`)
	h.completed()
	now := time.Now().UTC().Truncate(time.Second)
	rate := func(task, session string, rating int, at time.Time) {
		t.Helper()
		err := h.bus.Publish(t.Context(), contracts.SubjectFeedbackSubmitted(task), contracts.FeedbackSubmitted{
			ID: bus.NewID(), TaskID: task, SessionID: session, Rating: rating, Time: at,
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	rate("other", "s", 5, now)           // a session of that name on another machine
	rate("gone", "nothing-here", 5, now) // deleted
	rate("t", "../s", 1, now)            // leads out of the logs
	rate("t", "s", 2, now)
	rate("t", "s", 1, now.Add(-time.Hour)) // came late
	rate("t", "s", 4, now.Add(time.Hour))
	for deadline := time.Now().Add(limit); ; {
		m := h.session("s").Metadata
		if m.UserRating != nil && *m.UserRating == 4 && m.RatingID != "" && m.RatedAt.Equal(now.Add(time.Hour)) {
			break
		}
		if m.UserRating != nil && *m.UserRating != 2 && *m.UserRating != 4 || time.Now().After(deadline) {
			t.Fatalf("the metadata is %+v", m)
		}
	}
	if files, err := filepath.Glob(filepath.Join(h.dataDir, "*.json")); err != nil || len(files) > 0 {
		t.Errorf("written outside of the logs: %v, %v", files, err)
	}
	var reason string
	err := h.bus.Watch(t.Context(), contracts.StreamDeadLetters, nil, bus.FromStart(), func(m bus.Message) error {
		letter, err := bus.Decode[contracts.DeadLetter](m)
		reason = letter.Reason
		if err != nil {
			return err
		}
		return bus.ErrStop
	})
	if err != nil || !strings.Contains(reason, "../s") {
		t.Errorf("the dead letter says %q, %v", reason, err)
	}
	if actor.SessionFile != "session.json" {
		t.Error("the file is called otherwise")
	}
}
