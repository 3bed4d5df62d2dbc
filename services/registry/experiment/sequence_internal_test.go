package experiment

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The expectation of an increment is the effect, whatever happened before, and it lies
// between its limits: on this the whole test rests.
func TestIncrementsHaveTheEffectAsTheirMean(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 1))
	var s sequence
	for range 500 {
		share, champion, challenger := 0.05+0.9*r.Float64(), r.Float64(), r.Float64()
		asChampion, asChallenger := s, s
		c := asChampion.next(Champion, share, champion)
		h := asChallenger.next(Challenger, share, challenger)
		if mean := (1-share)*c.d + share*h.d; math.Abs(mean-(challenger-champion)) > 1e-9 {
			t.Fatalf("the mean is %g, want %g", mean, challenger-champion)
		}
		for _, in := range []increment{c, h, c.against(), h.against()} {
			if in.d < in.least-1e-9 || in.d > in.most+1e-9 || in.least > -1 || in.most < 1 {
				t.Fatalf("%+v is not within its limits", in)
			}
		}
		s = asChampion
		if r.Float64() < share {
			s = asChallenger
		}
	}
}

// The mean of the factors is 1 where the effect is what is bet against: the game is fair.
func TestBetsAreFair(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(2, 1))
	var s sequence
	for range 500 {
		share, champion, challenger := 0.05+0.9*r.Float64(), r.Float64(), r.Float64()
		lost, won := newWealth(challenger-champion), newWealth(challenger-champion)
		was := s
		in := s.next(Champion, share, champion)
		lost.bet(in.d, in.least)
		in = was.next(Challenger, share, challenger)
		won.bet(in.d, in.least)
		for i := range stakes {
			if mean := (1-share)*lost.by[i] + share*won.by[i]; math.Abs(mean-1) > 1e-9 || lost.by[i] <= 0 || won.by[i] <= 0 {
				t.Fatalf("stake %g: %g or %g, %g in the mean, want 1", stakes[i], lost.by[i], won.by[i], mean)
			}
		}
	}
}

// An interval misses the effect at any time in no more experiments than its levels allow.
func TestIntervalsHoldTheEffectAllTheTime(t *testing.T) {
	t.Parallel()
	const runs, sessions, low, high = 100, 250, 0.05, 0.05
	for _, effect := range []float64{-0.5, 0, 0.25} {
		r := rand.New(rand.NewPCG(3, 1))
		missed, width := 0, 0.0
		for range runs {
			var s sequence
			b := newBounds(low, high)
			out := false
			for range sessions {
				arm, chance := Champion, 0.6
				if r.Float64() < 0.5 {
					arm, chance = Challenger, 0.6+effect
				}
				y := 0.0
				if r.Float64() < chance {
					y = 1
				}
				b.bet(s.next(arm, 0.5, y))
				in := b.interval(1)
				out = out || in.Low > effect || in.High < effect
			}
			if out {
				missed++
			}
			in := b.interval(1)
			width += (in.High - in.Low) / runs
		}
		if missed > (low+high)*runs {
			t.Errorf("%d of %d missed the effect %g", missed, runs, effect)
		}
		if width > 0.6 {
			t.Errorf("after %d sessions an interval is %.2f wide, it says nothing", sessions, width)
		}
	}
}
