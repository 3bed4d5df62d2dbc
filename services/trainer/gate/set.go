package gate

import "math"

// Name is what a set of steps is for.
type Name string

// The sets.
const (
	Corrections Name = "corrections" // steps that the person corrected, of tasks that were not learned from
	Reworded    Name = "reworded"    // corrected steps that were learned from, in other words and another order
	Replay      Name = "replay"      // steps of the starter
	Regression  Name = "regression"  // steps of the README's kinds of tasks
	Kept        Name = "kept"        // steps of sessions that the person rated well, which were not learned from
)

// Set is how the two do on the same steps, each of which is one of four.
type Set struct {
	Name Name `json:"name"`
	// Both and Neither say the right action, Gained are those of which only the candidate
	// does, and Lost those of which only the champion does.
	Both    int `json:"both"`
	Gained  int `json:"gained"`
	Lost    int `json:"lost"`
	Neither int `json:"neither"`
}

// With is the set with one more step, at which they are right or not.
func (s Set) With(champion, candidate bool) Set {
	switch {
	case champion && candidate:
		s.Both++
	case candidate:
		s.Gained++
	case champion:
		s.Lost++
	default:
		s.Neither++
	}
	return s
}

// known is the set without the steps at which the champion is wrong.
func (s Set) known() Set { return Set{Name: s.Name, Both: s.Both, Lost: s.Lost} }

// N is how many steps there are.
func (s Set) N() int { return s.Both + s.Gained + s.Lost + s.Neither }

// Champion is the champion's part of right steps, 0 to 1; 0 without any steps.
func (s Set) Champion() float64 { return s.part(s.Both + s.Lost) }

// Candidate is the candidate's part of right steps.
func (s Set) Candidate() float64 { return s.part(s.Both + s.Gained) }

// Difference is how much better the candidate is, -1 to 1.
func (s Set) Difference() float64 { return s.part(s.Gained - s.Lost) }

func (s Set) part(n int) float64 {
	if s.N() == 0 {
		return 0
	}
	return float64(n) / float64(s.N())
}

// z95 is the standard normal quantile of 95 %: an interval to both sides of it holds 90 %.
const z95 = 1.6448536269514722

// Interval holds the true difference with 90 %: it lies below the interval with 5 %, and
// above with 5 %. Without any steps it is -1 to 1. It is the adjusted Wald interval for
// paired proportions (Bonett and Price 2012, Journal of Educational and Behavioral
// Statistics 37, equation 7): one step is added to the gained and one to the lost.
func (s Set) Interval() (low, high float64) { return s.IntervalAt(z95) }

// IntervalAt is Interval for another quantile z of the standard normal distribution: the true
// difference lies below it, and above it, with the part that lies beyond z.
func (s Set) IntervalAt(z float64) (low, high float64) {
	if s.N() == 0 {
		return -1, 1
	}
	n := float64(s.N() + 2)
	gained, lost := float64(s.Gained+1)/n, float64(s.Lost+1)/n
	d := gained - lost
	half := z * math.Sqrt((gained+lost-d*d)/n)
	return max(-1, d-half), min(1, d+half)
}
