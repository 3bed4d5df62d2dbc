package experiment

// StarsScale is how many stars are 1 on the scale that is tested on: one star is 0, five are 1.
const StarsScale = 4

// Analysis is the running test of one experiment. It is fed with what becomes known of
// each session, in the order in which it becomes known, and each at most once.
type Analysis struct {
	plan    Plan
	wide    bool
	outcome Outcome

	stars                    sequence
	better, worse, tolerable wealth

	success        sequence
	sound, failing wealth
}

// NewAnalysis returns the test before the first session. The plan has to be valid.
func NewAnalysis(p Plan) *Analysis {
	return &Analysis{
		plan: p, outcome: Hold,
		better: newWealth(0), worse: newWealth(0), tolerable: newWealth(-p.WidenLoss / StarsScale),
		sound: newWealth(-p.SuccessLoss), failing: newWealth(0),
	}
}

// Stars takes the rating of a session, 1 to 5. share is the challenger's when the session was
// assigned.
func (a *Analysis) Stars(arm Arm, share float64, stars int) {
	if a.outcome != Hold {
		return
	}
	in := a.stars.next(arm, share, starsValue(stars))
	a.better.bet(in.d, in.least)
	a.tolerable.bet(in.d, in.least)
	in = in.against()
	a.worse.bet(in.d, in.least)
	// Stars alone widen. Would success do so too, later shares could tell the arm of a
	// session whose rating is still to come.
	a.wide = a.wide || a.tolerable.exceeds(a.plan.Levels.Tolerable)
	a.decide()
}

// Success takes whether a session did its task.
func (a *Analysis) Success(arm Arm, share float64, ok bool) {
	if a.outcome != Hold {
		return
	}
	in := a.success.next(arm, share, successValue(ok))
	a.sound.bet(in.d, in.least)
	in = in.against()
	a.failing.bet(in.d, in.least)
	a.decide()
}

// decide rolls back when stars or success are shown to be worse, and promotes when the
// stars are shown to be better and a loss of successes is excluded.
func (a *Analysis) decide() {
	l := a.plan.Levels
	switch {
	case a.worse.exceeds(l.Worse), a.failing.exceeds(l.Failing):
		a.outcome = Rollback
	case a.better.exceeds(l.Better) && a.sound.exceeds(l.Sound):
		a.outcome = Promote
	}
}

// Share is the challenger's share of the sessions that are assigned from now on.
func (a *Analysis) Share() float64 {
	if a.wide {
		return a.plan.Widened
	}
	return a.plan.Share
}

// Outcome is Promote, Rollback, or Hold while nothing is decided. It does not change
// once it is one of the first two.
func (a *Analysis) Outcome() Outcome { return a.outcome }

func starsValue(stars int) float64 { return float64(stars-1) / StarsScale }

func successValue(ok bool) float64 {
	if ok {
		return 1
	}
	return 0
}
