package experiment

// StarsScale is how many stars are 1 on the scale that is tested on: one star is 0, five are 1.
const StarsScale = 4

// Analysis is the running test of one experiment. It is fed with what becomes known of
// each session, in the order in which it becomes known, and each at most once.
type Analysis struct {
	plan    Plan
	wide    bool
	outcome Outcome
	// committed is what decided when the plan's Commit did, and not the test.
	committed            *verdict
	champion, challenger score

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
	s := a.score(arm)
	s.rated, s.stars = s.rated+1, s.stars+stars
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
	s := a.score(arm)
	s.judged++
	if ok {
		s.succeeded++
	}
	in := a.success.next(arm, share, successValue(ok))
	a.sound.bet(in.d, in.least)
	in = in.against()
	a.failing.bet(in.d, in.least)
	a.decide()
}

// decide rolls back when stars or success are shown to be worse, and promotes when the
// stars are shown to be better and a loss of successes is excluded. What is not shown when a
// trial is over is decided by what was seen.
func (a *Analysis) decide() {
	l := a.plan.Levels
	switch {
	case a.worse.exceeds(l.Worse), a.failing.exceeds(l.Failing):
		a.outcome = Rollback
	case a.better.exceeds(l.Better) && a.sound.exceeds(l.Sound):
		a.outcome = Promote
	case a.plan.Commit != nil && a.plan.Commit.due(a.champion, a.challenger):
		a.commit()
	}
}

// expire ends what is undecided at the plan's last session or moment: the champion stays, unless
// the plan has a better version stay and enough is known of both.
func (a *Analysis) expire() {
	switch {
	case a.outcome != Hold:
	case a.plan.Commit != nil && a.plan.Commit.comparable(a.champion, a.challenger):
		a.commit()
	default:
		a.outcome = Ended
	}
}

// commit has the version stay that did better.
func (a *Analysis) commit() {
	v := a.challenger.against(a.champion, a.plan.SuccessLoss)
	a.committed, a.outcome = &v, v.outcome()
}

func (a *Analysis) score(arm Arm) *score {
	if arm == Challenger {
		return &a.challenger
	}
	return &a.champion
}

// Share is the challenger's share of the sessions that are assigned from now on.
func (a *Analysis) Share() float64 {
	if a.wide {
		return a.plan.Widened
	}
	return a.plan.Share
}

// Outcome is Promote, Rollback, Ended where the plan has a Commit, or Hold while nothing is
// decided. It does not change once it is another than Hold.
func (a *Analysis) Outcome() Outcome { return a.outcome }

func starsValue(stars int) float64 { return float64(stars-1) / StarsScale }

func successValue(ok bool) float64 {
	if ok {
		return 1
	}
	return 0
}
