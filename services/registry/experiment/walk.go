package experiment

import (
	"fmt"
	"time"
)

// walk goes through the readings of an experiment.
type walk struct {
	plan           Plan
	analysis       *Analysis
	stars, success sequence
	onStars        *bounds
	onSuccess      *bounds
	seen           map[string]bool
	sessions       map[Arm]int
	looks          []Look
	decision       Decision
}

func newWalk(p Plan) *walk {
	w := &walk{
		plan: p, analysis: NewAnalysis(p),
		onStars: newBounds(p.Levels.Better, p.Levels.Worse), onSuccess: newBounds(p.Levels.Sound, p.Levels.Failing),
		seen: map[string]bool{}, sessions: map[Arm]int{}, looks: []Look{},
		decision: Decision{Outcome: Hold, By: Auto},
	}
	w.hold()
	return w
}

// take takes a reading, and decides.
func (w *walk) take(r reading) {
	s := r.session
	if !w.seen[s.id] {
		w.seen[s.id] = true
		w.sessions[s.arm]++
	}
	if r.rating {
		w.onStars.bet(w.stars.next(s.arm, s.share, starsValue(s.stars)))
		w.analysis.Stars(s.arm, s.share, s.stars)
	} else {
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
	case w.analysis.committed != nil:
		w.decision.Why = w.analysis.committed.why(w.analysis.challenger, w.analysis.champion)
	case w.decision.Outcome == Promote:
		w.decision.Why = fmt.Sprintf("its stars are better, by %.2f to %.2f, and it does not lose %.0f of 100 successes",
			look.Stars.Low, look.Stars.High, 100*w.plan.SuccessLoss)
	case w.decision.Outcome == Rollback && w.analysis.worse.exceeds(w.plan.Levels.Worse):
		w.decision.Why = fmt.Sprintf("its stars are worse, by %.2f to %.2f", 0-look.Stars.High, 0-look.Stars.Low)
	case w.decision.Outcome == Rollback:
		w.decision.Why = fmt.Sprintf("it does fewer of 100 tasks, by %.0f to %.0f", 0-100*look.Success.High, 0-100*look.Success.Low)
	case len(w.seen) >= w.plan.MaxSessions:
		w.expire(fmt.Sprintf("nothing was shown within %d sessions", w.plan.MaxSessions), w.decision.Time)
	default:
		w.hold()
	}
}

// hold says what an undecided experiment waits for.
func (w *walk) hold() {
	w.decision.Why = "nothing is shown yet"
	if c := w.plan.Commit; c != nil {
		w.decision.Why += "; " + c.waiting(w.analysis.champion, w.analysis.challenger)
	}
}

// expire ends an undecided experiment at one of its limits.
func (w *walk) expire(why string, at time.Time) {
	w.analysis.expire()
	if v := w.analysis.committed; v != nil {
		why = v.why(w.analysis.challenger, w.analysis.champion)
	}
	w.decision = Decision{Outcome: w.analysis.Outcome(), By: Auto, Why: why, Time: at}
}

// standing is how it stands after the last reading.
func (w *walk) standing() Standing {
	s := Standing{Decision: w.decision, Champion: w.tally(Champion), Challenger: w.tally(Challenger), Looks: w.looks}
	if s.Decision.Outcome == Hold {
		s.Share = w.analysis.Share()
	}
	return s
}

func (w *walk) tally(arm Arm) Tally {
	s := w.analysis.score(arm)
	return Tally{Sessions: w.sessions[arm], Rated: s.rated, MeanStars: s.mean(), Judged: s.judged, Succeeded: s.succeeded}
}
