package gate

import (
	"errors"
	"fmt"
	"strings"

	"github.com/grokputer/grokputer/contracts"
)

// Rules say what a candidate has to show. DefaultRules are those of the documentation.
type Rules struct {
	// Margin is how much worse a candidate may be at most where it must not be worse, 0 to 1.
	Margin float64 `json:"margin"`
	// Enough is how many held-out corrections allow more than a canary.
	Enough int `json:"enough"`
}

// DefaultRules returns the rules that the documentation gives.
func DefaultRules() Rules { return Rules{Margin: 0.1, Enough: 30} }

// Validate names the field that is wrong, and its value.
func (r Rules) Validate() error {
	var err error
	if !(r.Margin >= 0 && r.Margin < 1) {
		err = errors.Join(err, fmt.Errorf("the margin is %g, want 0 or more and less than 1", r.Margin))
	}
	if r.Enough < 1 {
		err = errors.Join(err, fmt.Errorf("enough corrections are %d, want 1 or more", r.Enough))
	}
	return err
}

// Verdict is an outcome with its reasons.
type Verdict struct {
	Outcome contracts.Gate `json:"outcome"`
	// Why has a sentence for each set.
	Why []string `json:"why"`
}

// Decide judges a candidate. A set that is missing counts as one without steps: where
// nothing was measured nothing is shown, and the candidate is rejected for corrections and
// let pass for the others.
func (r Rules) Decide(sets ...Set) Verdict {
	byName := map[Name]Set{}
	for _, s := range sets {
		byName[s.Name] = s
	}
	v := Verdict{Outcome: contracts.GatePassed}
	reject := func(why string) { v.Outcome, v.Why = contracts.GateRejected, append(v.Why, why) }
	accept := func(why string) { v.Why = append(v.Why, why) }

	corrections, reworded := byName[Corrections], byName[Reworded]
	low, high := corrections.Interval()
	again, most := reworded.Interval()
	few := corrections.N() < r.Enough
	switch {
	case low > 0:
		accept(fmt.Sprintf("on %s it is better: %s", steps(corrections), compared(corrections, low, high)))
	case few && corrections.Lost <= corrections.Gained && again > 0:
		// What it was told once it has to do next time, be it of no use for other tasks.
		accept(fmt.Sprintf("on %s it is better: %s; on %s it is no worse, and not shown to be better",
			steps(reworded), compared(reworded, again, most), steps(corrections)))
	case corrections.N() == 0:
		reject("no corrected step was left to measure with, and it does not say what it was told in other words: nothing shows that it is better")
	default:
		reject(fmt.Sprintf("on %s it is not shown to be better: %s", steps(corrections), compared(corrections, low, high)))
	}
	for _, name := range []Name{Replay, Regression, Kept} {
		s := byName[name]
		if name == Kept {
			s = s.known()
		}
		low, high := s.Interval()
		switch {
		case s.N() == 0:
			accept(none(name))
		case r.unlearned(s):
			reject(fmt.Sprintf("%s it may be worse by more than %.0f %%: %s", among(s), 100*r.Margin, compared(s, low, high)))
		case low < -r.Margin:
			accept(fmt.Sprintf("%s it is not shown to be worse, and they are too few to say that it is not: %s", among(s), compared(s, low, high)))
		default:
			accept(fmt.Sprintf("%s it is not worse by more than %.0f %%: %s", among(s), 100*r.Margin, compared(s, low, high)))
		}
	}
	if v.Outcome == contracts.GatePassed && few {
		v.Outcome = contracts.GateCanary
		accept(fmt.Sprintf("%d corrections of other tasks are fewer than %d: no more than a canary", corrections.N(), r.Enough))
	}
	return v
}

// unlearned reports whether a set on which the candidate must not be worse speaks against it. Of
// fewer than 22 steps the interval reaches below the margin even when none is lost. The other sets
// have more, but the first steps that a person rates well are few: there a single lost one,
// which any two trainings can differ by, does not count.
func (r Rules) unlearned(s Set) bool {
	low, _ := s.Interval()
	return low < -r.Margin && (s.Name != Kept || s.Lost-s.Gained > 1)
}

// among says on which steps the two were compared.
func among(s Set) string {
	if s.Name != Kept {
		return "on " + steps(s)
	}
	if s.N() == 1 {
		return "of the one step that you rated well, that it did not see and that the version in use says,"
	}
	return fmt.Sprintf("of the %d steps that you rated well, that it did not see and that the version in use says,", s.N())
}

// none says that nothing was compared.
func none(name Name) string {
	if name == Kept {
		return "no step that you rated well, that it did not see and that the version in use says was measured"
	}
	return fmt.Sprintf("no step of the %s set was measured", name)
}

// steps says how many steps of which set there are.
func steps(s Set) string {
	noun := "steps"
	if s.N() == 1 {
		noun = "step"
	}
	return fmt.Sprintf("%d %s of the %s set", s.N(), noun, s.Name)
}

// compared says how the two do.
func compared(s Set, low, high float64) string {
	return fmt.Sprintf("%.0f %% right instead of %.0f %%, a difference of %+.1f points (90 %% interval %+.1f to %+.1f)",
		100*s.Candidate(), 100*s.Champion(), 100*s.Difference(), 100*low, 100*high)
}

// Sentence is the verdict in one sentence: what speaks against it, or that it passed.
func (v Verdict) Sentence() string {
	switch v.Outcome {
	case contracts.GatePassed:
		return "it passed the gate"
	case contracts.GateCanary:
		return "it passed the gate for a canary: " + v.Why[len(v.Why)-1]
	default:
		return "it did not pass the gate: " + strings.Join(v.Why, "; ")
	}
}
