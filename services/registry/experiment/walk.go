package experiment

import "fmt"

// walk goes through the readings of an experiment.
type walk struct {
	plan           Plan
	analysis       *Analysis
	stars, success sequence
	onStars        *bounds
	onSuccess      *bounds
	seen           map[string]bool
	arms           map[Arm]*Tally
	sums           map[Arm]int // of stars
	looks          []Look
	decision       Decision
}

func newWalk(p Plan) *walk {
	return &walk{
		plan: p, analysis: NewAnalysis(p),
		onStars: newBounds(p.Levels.Better, p.Levels.Worse), onSuccess: newBounds(p.Levels.Sound, p.Levels.Failing),
		seen: map[string]bool{}, arms: map[Arm]*Tally{Champion: {}, Challenger: {}}, sums: map[Arm]int{},
		looks:    []Look{},
		decision: Decision{Outcome: Hold, By: Auto, Why: "nothing is shown yet"},
	}
}

// take takes a reading, and decides.
func (w *walk) take(r reading) {
	s, tally := r.session, w.arms[r.session.arm]
	if !w.seen[s.id] {
		w.seen[s.id] = true
		tally.Sessions++
	}
	if r.rating {
		tally.Rated++
		w.sums[s.arm] += s.stars
		w.onStars.bet(w.stars.next(s.arm, s.share, starsValue(s.stars)))
		w.analysis.Stars(s.arm, s.share, s.stars)
	} else {
		tally.Judged++
		if *s.success {
			tally.Succeeded++
		}
		w.onSuccess.bet(w.success.next(s.arm, s.share, successValue(*s.success)))
		w.analysis.Success(s.arm, s.share, *s.success)
	}
	look := Look{
		Time: r.at, Session: s.id, Sessions: len(w.seen),
		Stars: w.onStars.interval(StarsScale), Success: w.onSuccess.interval(1),
	}
	w.looks = append(w.looks, look)
	w.decision.Time = r.at
	w.decide(look)
}

// decide puts what is decided into words.
func (w *walk) decide(look Look) {
	switch w.decision.Outcome = w.analysis.Outcome(); {
	case w.decision.Outcome == Promote:
		w.decision.Why = fmt.Sprintf("its stars are better, by %.2f to %.2f, and it does not lose %.0f of 100 successes",
			look.Stars.Low, look.Stars.High, 100*w.plan.SuccessLoss)
	case w.decision.Outcome == Rollback && w.analysis.worse.exceeds(w.plan.Levels.Worse):
		w.decision.Why = fmt.Sprintf("its stars are worse, by %.2f to %.2f", 0-look.Stars.High, 0-look.Stars.Low)
	case w.decision.Outcome == Rollback:
		w.decision.Why = fmt.Sprintf("it does fewer of 100 tasks, by %.0f to %.0f", 0-100*look.Success.High, 0-100*look.Success.Low)
	case len(w.seen) >= w.plan.MaxSessions:
		w.decision.Outcome = Ended
		w.decision.Why = fmt.Sprintf("nothing was shown within %d sessions", w.plan.MaxSessions)
	}
}

// standing is how it stands after the last reading.
func (w *walk) standing() Standing {
	for arm, tally := range w.arms {
		if tally.Rated > 0 {
			tally.MeanStars = float64(w.sums[arm]) / float64(tally.Rated)
		}
	}
	s := Standing{Decision: w.decision, Champion: *w.arms[Champion], Challenger: *w.arms[Challenger], Looks: w.looks}
	if s.Decision.Outcome == Hold {
		s.Share = w.analysis.Share()
	}
	return s
}
