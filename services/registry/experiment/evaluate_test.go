package experiment_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grokputer/grokputer/services/registry/experiment"
)

func started() time.Time { return time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC) }

func newExperiment() experiment.Experiment {
	return experiment.Experiment{ID: "e1", Champion: "lora-v7", Challenger: "lora-v8", Plan: experiment.Canary(), Started: started()}
}

// day draws a session each hour, rated half an hour after its end, one in four not at all.
func day(e experiment.Experiment, n int, challenger int, seed uint64) []experiment.Observation {
	r := rand.New(rand.NewPCG(seed, 1))
	var all []experiment.Observation
	for i := range n {
		o := experiment.Observation{
			Experiment: e.ID, Session: fmt.Sprint("s", i), Share: 0.5, Success: new(r.Float64() < 0.7), Time: started().Add(time.Duration(i) * time.Hour),
		}
		o.Arm = experiment.Assign(e.ID, o.Session, o.Share)
		all = append(all, o)
		if r.Float64() < 0.25 {
			continue
		}
		o.Stars = 3 + r.IntN(2)
		if o.Arm == experiment.Challenger {
			o.Stars += challenger
		}
		o.Time = o.Time.Add(30 * time.Minute)
		all = append(all, o)
	}
	return all
}

func evaluate(t *testing.T, e experiment.Experiment, all []experiment.Observation, now time.Time) experiment.Standing {
	t.Helper()
	s, err := e.Evaluate(all, now)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestNoDataHolds(t *testing.T) {
	t.Parallel()
	s := evaluate(t, newExperiment(), nil, started().Add(time.Hour))
	if s.Decision.Outcome != experiment.Hold || s.Share != 0.1 || len(s.Looks) != 0 {
		t.Errorf("%+v", s)
	}
}

func TestWhatIsDecidedFollowsFromTheLooks(t *testing.T) {
	t.Parallel()
	e := newExperiment()
	now := started().Add(1000 * time.Hour)
	for challenger, want := range map[int]experiment.Outcome{-2: experiment.Rollback, 1: experiment.Promote} {
		s := evaluate(t, e, day(e, 300, challenger, 1), now)
		if s.Decision.Outcome != want || s.Decision.By != experiment.Auto || s.Share != 0 {
			t.Fatalf("%+d stars: %+v, want %s", challenger, s.Decision, want)
		}
		for i, look := range s.Looks {
			due := experiment.Hold
			switch {
			case look.Stars.High <= 0 || look.Success.High <= 0:
				due = experiment.Rollback
			case look.Stars.Low >= 0 && look.Success.Low >= -e.Plan.SuccessLoss:
				due = experiment.Promote
			}
			if last := i == len(s.Looks)-1; last != (due != experiment.Hold) {
				t.Errorf("%+d stars: look %d of %d has %s: %+v", challenger, i+1, len(s.Looks), due, look)
			}
		}
		if last := s.Looks[len(s.Looks)-1]; !last.Time.Equal(s.Decision.Time) || last.Sessions != s.Champion.Sessions+s.Challenger.Sessions {
			t.Errorf("the last look is %+v, the decision of %s", last, s.Decision.Time)
		}
	}
}

func TestOrderAndDuplicatesMakeNoDifference(t *testing.T) {
	t.Parallel()
	e := newExperiment()
	all := day(e, 60, 0, 2)
	now := started().Add(100 * time.Hour)
	want := evaluate(t, e, all, now)
	again := slices.Concat(all, all, all[:40])
	rand.New(rand.NewPCG(3, 1)).Shuffle(len(again), func(i, j int) { again[i], again[j] = again[j], again[i] })
	if got := evaluate(t, e, again, now); !reflect.DeepEqual(got, want) {
		t.Errorf("shuffled and twice:\n%+v, want\n%+v", got.Decision, want.Decision)
	}
	if n := want.Champion.Sessions + want.Challenger.Sessions; n != 60 {
		t.Errorf("%d sessions are counted, want 60", n)
	}
	if rated := want.Champion.Rated + want.Challenger.Rated; rated >= 60 || rated < 30 {
		t.Errorf("%d are rated, want about three of four", rated)
	}
}

// What is looked at earlier is what was known then: later data does not change it.
func TestLaterDataDoesNotChangeEarlierLooks(t *testing.T) {
	t.Parallel()
	e := newExperiment()
	all := day(e, 60, 0, 4)
	last := evaluate(t, e, all, started().Add(100*time.Hour))
	for _, hours := range []int{5, 20, 59} {
		now := started().Add(time.Duration(hours) * time.Hour)
		early := evaluate(t, e, all, now)
		if n := len(early.Looks); n == 0 || !reflect.DeepEqual(early.Looks, last.Looks[:n]) {
			t.Errorf("after %d hours the looks are others", hours)
		}
	}
}

func TestARatingCountsAsItStandsWhenItHasSettled(t *testing.T) {
	t.Parallel()
	e := newExperiment()
	rated := func(stars int, after time.Duration) experiment.Observation {
		return experiment.Observation{
			Experiment: "e1", Session: "s1", Arm: experiment.Challenger, Share: 0.1, Stars: stars, Time: started().Add(after),
		}
	}
	for name, c := range map[string]struct {
		all  []experiment.Observation
		now  time.Duration
		want float64 // 0: not rated
	}{
		"not settled":          {[]experiment.Observation{rated(2, time.Hour)}, time.Hour + 9*time.Minute, 0},
		"settled":              {[]experiment.Observation{rated(2, time.Hour)}, time.Hour + 10*time.Minute, 2},
		"changed at once":      {[]experiment.Observation{rated(2, time.Hour), rated(5, time.Hour+time.Minute)}, 2 * time.Hour, 5},
		"changed much later":   {[]experiment.Observation{rated(2, time.Hour), rated(5, 3*time.Hour)}, 4 * time.Hour, 2},
		"the older comes late": {[]experiment.Observation{rated(5, time.Hour+time.Minute), rated(2, time.Hour)}, 2 * time.Hour, 5},
	} {
		s := evaluate(t, e, c.all, started().Add(c.now))
		if s.Challenger.MeanStars != c.want {
			t.Errorf("%s: %g stars, want %g", name, s.Challenger.MeanStars, c.want)
		}
	}
}

func TestTheLimitsEndIt(t *testing.T) {
	t.Parallel()
	e := newExperiment()
	e.Plan.MaxSessions = 40
	all := day(e, 60, 0, 5)
	s := evaluate(t, e, all, started().Add(100*time.Hour))
	if s.Decision.Outcome != experiment.Ended || s.Champion.Sessions+s.Challenger.Sessions != 40 || s.Share != 0 {
		t.Errorf("at the limit of sessions: %+v", s.Decision)
	}
	e.Plan.MaxTime = 48 * time.Hour
	e.Plan.MaxSessions = 1000
	s = evaluate(t, e, all, started().Add(47*time.Hour))
	if s.Decision.Outcome != experiment.Hold {
		t.Errorf("before the limit of time: %+v", s.Decision)
	}
	s = evaluate(t, e, all, started().Add(400*time.Hour))
	if s.Decision.Outcome != experiment.Ended || !s.Decision.Time.Equal(started().Add(48*time.Hour)) || s.Share != 0 {
		t.Errorf("at the limit of time: %+v", s.Decision)
	}
	if n := s.Champion.Sessions + s.Challenger.Sessions; n != 49 { // one an hour, that at the limit too
		t.Errorf("%d sessions counted until the limit of time", n)
	}
}

func TestAPersonDecides(t *testing.T) {
	t.Parallel()
	e := newExperiment()
	e.Override = &experiment.Decision{Outcome: experiment.Promote, By: "anna", Why: "it is for the demonstration", Time: started().Add(10 * time.Hour)}
	if err := e.Validate(); err != nil {
		t.Fatal(err)
	}
	all := day(e, 300, -2, 1)
	if s := evaluate(t, e, all, started().Add(400*time.Hour)); s.Decision != *e.Override || s.Share != 0 {
		t.Errorf("%+v, want %+v", s.Decision, *e.Override)
	}
	if s := evaluate(t, e, all, started().Add(9*time.Hour)); s.Decision.Outcome != experiment.Hold {
		t.Errorf("before anyone decided: %+v", s.Decision)
	}
	e.Override.Time = started().Add(300 * time.Hour)
	if s := evaluate(t, e, all, started().Add(400*time.Hour)); s.Decision.Outcome != experiment.Rollback || s.Decision.By != experiment.Auto {
		t.Errorf("the data was first: %+v", s.Decision)
	}
}

func TestANewCandidateStartsAnew(t *testing.T) {
	t.Parallel()
	old := newExperiment()
	all := day(old, 300, -2, 1)
	now := started().Add(400 * time.Hour)
	fresh := old
	fresh.ID, fresh.Challenger = "e2", "lora-v9"
	if s := evaluate(t, fresh, all, now); len(s.Looks) != 0 || s.Decision.Outcome != experiment.Hold {
		t.Errorf("what was seen of %s counts for %s: %+v", old.Challenger, fresh.Challenger, s.Decision)
	}
}

func TestAStandingIsJSON(t *testing.T) {
	t.Parallel()
	e := newExperiment()
	s := evaluate(t, e, day(e, 60, 0, 6), started().Add(100*time.Hour))
	body, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var back experiment.Standing
	if err := json.Unmarshal(body, &back); err != nil || !reflect.DeepEqual(back, s) {
		t.Errorf("it comes back as another one: %v", err)
	}
}

func TestWhatCannotBeIsNamed(t *testing.T) {
	t.Parallel()
	for part, change := range map[string]func(*experiment.Experiment, *experiment.Observation){
		"share":        func(e *experiment.Experiment, _ *experiment.Observation) { e.Plan.Share = 0 },
		"widened":      func(e *experiment.Experiment, _ *experiment.Observation) { e.Plan.Widened = 0.05 },
		"levels.sound": func(e *experiment.Experiment, _ *experiment.Observation) { e.Plan.Levels.Sound = 1 },
		"same version": func(e *experiment.Experiment, _ *experiment.Observation) { e.Challenger = e.Champion },
		"override": func(e *experiment.Experiment, _ *experiment.Observation) {
			e.Override = &experiment.Decision{By: "anna"}
		},
		"max_sessions": func(e *experiment.Experiment, _ *experiment.Observation) { e.Plan.MaxSessions = 0 },
		"commit.least": func(e *experiment.Experiment, _ *experiment.Observation) {
			e.Plan.Commit = &experiment.Commit{Ratings: 40}
		},
		"commit.ratings": func(e *experiment.Experiment, _ *experiment.Observation) {
			e.Plan.Commit = &experiment.Commit{Ratings: 19, Least: 10}
		},
		"6 stars":    func(_ *experiment.Experiment, o *experiment.Observation) { o.Stars = 6 },
		"the arm":    func(_ *experiment.Experiment, o *experiment.Observation) { o.Arm = "left" },
		"no session": func(_ *experiment.Experiment, o *experiment.Observation) { o.Session = "" },
	} {
		e := newExperiment()
		o := experiment.Observation{Experiment: "e1", Session: "s1", Arm: experiment.Champion, Share: 0.1, Time: started()}
		change(&e, &o)
		if _, err := e.Evaluate([]experiment.Observation{o}, started()); err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%s: %v", part, err)
		}
	}
}
