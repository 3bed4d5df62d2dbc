package experiment_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/grokputer/grokputer/services/registry/experiment"
)

// visit is a session of a trial.
type visit struct {
	arm   experiment.Arm
	stars int // 0: nobody rated it
	done  bool
}

// visits are n sessions of an arm, of which some are done.
func visits(arm experiment.Arm, n, stars, done int) (all []visit) {
	for i := range n {
		all = append(all, visit{arm, stars, i < done})
	}
	return all
}

// mixed takes turns with the arms, as coins do in the mean.
func mixed(arms ...[]visit) (all []visit) {
	for i := 0; ; i++ {
		n := len(all)
		for _, arm := range arms {
			if i < len(arm) {
				all = append(all, arm[i])
			}
		}
		if len(all) == n {
			return all
		}
	}
}

// trial is an experiment that ends after 20 ratings, 5 of each arm, and in ten days. A session comes
// each hour, rated when it ends.
func trial() experiment.Experiment {
	e := newExperiment()
	e.Plan = experiment.Trial()
	e.Plan.Commit = &experiment.Commit{Ratings: 20, Least: 5}
	e.Plan.Settle, e.Plan.MaxTime = 0, 240*time.Hour
	return e
}

func observed(e experiment.Experiment, all []visit) (list []experiment.Observation) {
	for i, v := range all {
		o := experiment.Observation{
			Experiment: e.ID, Session: fmt.Sprintf("s%03d", i), Arm: v.arm, Share: 0.5, Success: &v.done, Time: started().Add(time.Duration(i) * time.Hour),
		}
		list = append(list, o)
		if v.stars > 0 {
			o.Stars = v.stars
			list = append(list, o)
		}
	}
	return list
}

func TestATrialKeepsTheBetterVersion(t *testing.T) {
	t.Parallel()
	const champion, challenger = experiment.Champion, experiment.Challenger
	for name, c := range map[string]struct {
		all  []visit
		days int // since the start; the trial has ten
		want experiment.Outcome
		why  string
	}{
		"a tie is the challenger's": {mixed(visits(champion, 10, 3, 7), visits(challenger, 10, 3, 7)), 2, experiment.Promote, "it is no worse than the champion (3.00 stars in the mean against 3.00, 7 of 10 tasks done against 7 of 10)"},
		"a hair better": {
			mixed(append(visits(champion, 9, 3, 7), visit{champion, 2, false}), visits(challenger, 10, 3, 7)), 2, experiment.Promote, "after 20 ratings: it is no worse",
		},
		"a hair worse": {
			mixed(visits(champion, 10, 3, 7), append(visits(challenger, 9, 3, 7), visit{challenger, 2, false})), 2, experiment.Ended, "its stars are fewer, so the champion stays (2.90 stars",
		},
		"three of 20 fewer done is chance":     {mixed(visits(champion, 10, 3, 8), visits(challenger, 10, 4, 7)), 2, experiment.Promote, "no worse"},
		"far fewer done, more stars":           {mixed(visits(champion, 10, 3, 10), visits(challenger, 10, 4, 8)), 2, experiment.Ended, "it does fewer tasks"},
		"far fewer done, fewer stars":          {mixed(visits(champion, 10, 4, 10), visits(challenger, 10, 3, 8)), 2, experiment.Ended, "its stars are fewer and it does fewer"},
		"all rated one: fewer done decides":    {mixed(visits(champion, 10, 1, 8), visits(challenger, 10, 1, 7)), 2, experiment.Ended, "it does fewer tasks"},
		"all rated one: as many done":          {mixed(visits(champion, 10, 1, 8), visits(challenger, 10, 1, 8)), 2, experiment.Promote, "no worse"},
		"a rating is missing":                  {mixed(visits(champion, 10, 3, 7), visits(challenger, 9, 3, 7)), 2, experiment.Hold, "after 20 ratings the better version stays, 19 are there"},
		"unrated sessions bring it no nearer":  {mixed(visits(champion, 30, 0, 20), visits(challenger, 30, 0, 20)), 3, experiment.Hold, "0 are there"},
		"one arm has too few":                  {mixed(visits(champion, 30, 3, 20), visits(challenger, 4, 3, 3)), 3, experiment.Hold, "once each has 5 ratings: the champion has 30, the challenger 4"},
		"time is over, nobody rated":           {mixed(visits(champion, 30, 0, 20), visits(challenger, 30, 0, 20)), 11, experiment.Ended, "nothing was shown within 10 days"},
		"time is over, one arm has too few":    {mixed(visits(champion, 10, 3, 7), visits(challenger, 4, 4, 4)), 11, experiment.Ended, "nothing was shown within 10 days"},
		"time is over, nothing came at all":    {nil, 11, experiment.Ended, "nothing was shown within 10 days"},
		"time is over, each has what it needs": {mixed(visits(champion, 6, 3, 3), visits(challenger, 5, 3, 3)), 11, experiment.Promote, "after 11 ratings: it is no worse"},
		"time is over, worse":                  {mixed(visits(champion, 6, 4, 3), visits(challenger, 5, 3, 3)), 11, experiment.Ended, "after 11 ratings: its stars are fewer"},
		"harm is shown before":                 {mixed(visits(champion, 10, 5, 10), visits(challenger, 10, 1, 10)), 2, experiment.Rollback, "its stars are worse, by"},
		"harm to success alone":                {mixed(visits(champion, 60, 0, 60), visits(challenger, 60, 0, 0)), 5, experiment.Rollback, "it does fewer of 100 tasks"},
	} {
		e := trial()
		s := evaluate(t, e, observed(e, c.all), started().Add(time.Duration(24*c.days)*time.Hour))
		if s.Decision.Outcome != c.want || s.Decision.By != experiment.Auto || !strings.Contains(s.Decision.Why, c.why) {
			t.Errorf("%s: %+v, want %s: %s", name, s.Decision, c.want, c.why)
		}
	}
}

// A gain that is shown does not wait for the end of the trial.
func TestATrialPromotesWhatIsShown(t *testing.T) {
	t.Parallel()
	e := trial()
	e.Plan.Commit.Ratings = 200
	all := observed(e, mixed(visits(experiment.Champion, 60, 1, 20), visits(experiment.Challenger, 60, 5, 60)))
	s := evaluate(t, e, all, started().Add(200*time.Hour))
	if s.Decision.Outcome != experiment.Promote || !strings.Contains(s.Decision.Why, "its stars are better, by") || s.Champion.Rated+s.Challenger.Rated > 100 {
		t.Errorf("%+v", s)
	}
}

// A trial that is over stays over: what comes after it is not looked at.
func TestATrialEndsOnce(t *testing.T) {
	t.Parallel()
	e := trial()
	tie := mixed(visits(experiment.Champion, 10, 3, 7), visits(experiment.Challenger, 10, 3, 7))
	all := observed(e, append(tie, visits(experiment.Challenger, 20, 1, 0)...))
	s := evaluate(t, e, all, started().Add(100*time.Hour))
	if s.Decision.Outcome != experiment.Promote || !s.Decision.Time.Equal(started().Add(19*time.Hour)) || s.Challenger.Rated != 10 || s.Share != 0 {
		t.Errorf("%+v", s)
	}
}

func TestAPersonEndsATrial(t *testing.T) {
	t.Parallel()
	e := trial()
	e.Override = &experiment.Decision{Outcome: experiment.Ended, By: "anna", Why: "enough", Time: started().Add(15 * time.Hour)}
	all := observed(e, mixed(visits(experiment.Champion, 10, 3, 7), visits(experiment.Challenger, 10, 4, 7)))
	if s := evaluate(t, e, all, started().Add(300*time.Hour)); s.Decision != *e.Override {
		t.Errorf("%+v", s.Decision)
	}
}
