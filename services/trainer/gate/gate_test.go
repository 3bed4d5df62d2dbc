package gate_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/services/trainer/gate"
)

func set(name gate.Name, both, gained, lost, neither int) gate.Set {
	return gate.Set{Name: name, Both: both, Gained: gained, Lost: lost, Neither: neither}
}

func TestDecide(t *testing.T) {
	t.Parallel()
	replay, regression := set(gate.Replay, 90, 2, 2, 6), set(gate.Regression, 40, 0, 0, 0)
	for name, c := range map[string]struct {
		sets []gate.Set
		want contracts.Gate
		why  string
	}{
		"better":                       {[]gate.Set{set(gate.Corrections, 10, 15, 1, 10), replay, regression}, contracts.GatePassed, "passed"},
		"better, of few":               {[]gate.Set{set(gate.Corrections, 2, 9, 0, 1), replay, regression}, contracts.GateCanary, "fewer than 30"},
		"no better":                    {[]gate.Set{set(gate.Corrections, 20, 4, 4, 12), replay, regression}, contracts.GateRejected, "not shown to be better"},
		"better by chance":             {[]gate.Set{set(gate.Corrections, 20, 4, 2, 12), replay, regression}, contracts.GateRejected, "not shown to be better"},
		"worse":                        {[]gate.Set{set(gate.Corrections, 20, 1, 9, 10), replay, regression}, contracts.GateRejected, "not shown to be better"},
		"nothing held out":             {[]gate.Set{replay, regression}, contracts.GateRejected, "nothing shows"},
		"says what it was told":        {[]gate.Set{set(gate.Corrections, 0, 0, 0, 5), set(gate.Reworded, 1, 8, 0, 1), replay, regression}, contracts.GateCanary, "fewer than 30"},
		"and nothing was left out":     {[]gate.Set{set(gate.Reworded, 1, 8, 0, 1), replay, regression}, contracts.GateCanary, "fewer than 30"},
		"but others suffer":            {[]gate.Set{set(gate.Corrections, 3, 0, 1, 1), set(gate.Reworded, 1, 8, 0, 1), replay, regression}, contracts.GateRejected, "not shown to be better"},
		"but it unlearns":              {[]gate.Set{set(gate.Reworded, 1, 8, 0, 1), set(gate.Replay, 80, 2, 8, 10), regression}, contracts.GateRejected, "of the replay set"},
		"but there is enough to show":  {[]gate.Set{set(gate.Corrections, 15, 0, 0, 15), set(gate.Reworded, 1, 8, 0, 1), replay, regression}, contracts.GateRejected, "not shown to be better"},
		"forgets":                      {[]gate.Set{set(gate.Corrections, 10, 15, 1, 10), set(gate.Replay, 80, 2, 8, 10), regression}, contracts.GateRejected, "of the replay set it may be worse"},
		"too few to say":               {[]gate.Set{set(gate.Corrections, 10, 15, 1, 10), set(gate.Replay, 12, 0, 0, 0), regression}, contracts.GateRejected, "of the replay set it may be worse"},
		"loses a README step of 40":    {[]gate.Set{set(gate.Corrections, 10, 15, 1, 10), replay, set(gate.Regression, 39, 0, 1, 0)}, contracts.GatePassed, ""},
		"loses two":                    {[]gate.Set{set(gate.Corrections, 10, 15, 1, 10), replay, set(gate.Regression, 38, 0, 2, 0)}, contracts.GateRejected, "of the regression set"},
		"unlearns what was rated well": {[]gate.Set{set(gate.Corrections, 10, 15, 1, 10), replay, regression, set(gate.Kept, 56, 0, 4, 0)}, contracts.GateRejected, "of the 60 steps that you rated well, that it did not see and that the version in use says, it may be worse"},
		"loses two of 60 of these":     {[]gate.Set{set(gate.Corrections, 10, 15, 1, 10), replay, regression, set(gate.Kept, 58, 0, 2, 9)}, contracts.GatePassed, ""},
		"seems to gain others":         {[]gate.Set{set(gate.Corrections, 10, 15, 1, 10), replay, regression, set(gate.Kept, 56, 9, 4, 0)}, contracts.GateRejected, "of the 60 steps that you rated well"},
		"loses one of a few":           {[]gate.Set{set(gate.Corrections, 10, 15, 1, 10), replay, regression, set(gate.Kept, 4, 0, 1, 0)}, contracts.GatePassed, ""},
		"loses two of a few":           {[]gate.Set{set(gate.Corrections, 10, 15, 1, 10), replay, regression, set(gate.Kept, 8, 0, 2, 0)}, contracts.GateRejected, "of the 10 steps that you rated well"},
		"no replay, no regression set": {[]gate.Set{set(gate.Corrections, 10, 15, 1, 10)}, contracts.GatePassed, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := gate.DefaultRules().Decide(c.sets...)
			if got.Outcome != c.want || !strings.Contains(got.Sentence(), c.why) {
				t.Errorf("%s: %s; want %s", got.Outcome, got.Sentence(), c.want)
			}
		})
	}
}

// The interval holds the true difference about as often as it says, to each side, also of
// few steps and of parts near 0 and 1.
func TestIntervalCovers(t *testing.T) {
	t.Parallel()
	const runs = 20_000
	rng := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct {
		n                  int
		both, gained, lost float64
	}{
		{12, 0.3, 0.3, 0.1}, {30, 0.3, 0.3, 0.1}, {30, 0.9, 0.03, 0.03}, {100, 0.9, 0.02, 0.05}, {200, 0.95, 0.01, 0.01}, {50, 0.1, 0.1, 0.1},
	} {
		below, above := 0, 0
		for range runs {
			var s gate.Set
			for range c.n {
				u := rng.Float64()
				s = s.With(u < c.both || u > 1-c.lost, u < c.both+c.gained)
			}
			low, high := s.Interval()
			if c.gained-c.lost < low {
				below++
			}
			if c.gained-c.lost > high {
				above++
			}
		}
		if most := runs * 7 / 100; below > most || above > most {
			t.Errorf("%+v: the truth lies below the interval in %.1f %% of the runs and above it in %.1f %%, want about 5 %% at most",
				c, 100*float64(below)/runs, 100*float64(above)/runs)
		}
	}
}

// How often a version that loses a part of the well-rated steps is let through: what ADR 20 says of it.
func TestDecideUnlearns(t *testing.T) {
	t.Parallel()
	const runs = 20_000
	rng := rand.New(rand.NewPCG(5, 6))
	better := set(gate.Corrections, 10, 15, 1, 10)
	for _, c := range []struct {
		n                 int
		lost, least, most float64
	}{
		{10, 0.02, 0.97, 1}, {10, 0.1, 0.7, 0.77}, {10, 0.3, 0.12, 0.18},
		{30, 0.02, 0.85, 0.91}, {30, 0.1, 0.15, 0.22},
		{60, 0.02, 0.85, 0.91}, {60, 0.05, 0.38, 0.45}, {60, 0.1, 0.03, 0.08},
		{100, 0.02, 0.97, 1}, {100, 0.05, 0.58, 0.65}, {100, 0.1, 0.04, 0.08},
	} {
		passed := 0
		for range runs {
			s := gate.Set{Name: gate.Kept}
			for range c.n {
				s = s.With(true, rng.Float64() > c.lost)
			}
			if gate.DefaultRules().Decide(better, s).Outcome != contracts.GateRejected {
				passed++
			}
		}
		if got := float64(passed) / runs; got < c.least || got > c.most {
			t.Errorf("of %d steps that lose %.0f %% it lets through %.1f %%, want %.0f to %.0f", c.n, 100*c.lost, 100*got, 100*c.least, 100*c.most)
		}
	}
}

// A candidate that is no better passes in one of twenty cases at most, and one that says
// much more of what was corrected mostly passes.
func TestDecideErrs(t *testing.T) {
	t.Parallel()
	const runs = 5_000
	rng := rand.New(rand.NewPCG(3, 4))
	share := func(gained float64) float64 {
		passed := 0
		for range runs {
			s := gate.Set{Name: gate.Corrections}
			for range 40 {
				u := rng.Float64()
				s = s.With(u > 0.9, u < gained)
			}
			if gate.DefaultRules().Decide(s).Outcome != contracts.GateRejected {
				passed++
			}
		}
		return float64(passed) / runs
	}
	if same, better := share(0.1), share(0.35); same > 0.06 || better < 0.7 {
		t.Errorf("one that is no better passes in %.1f %%, one that is much better in %.1f %%", 100*same, 100*better)
	}
}

func TestRulesValidate(t *testing.T) {
	t.Parallel()
	for _, r := range []gate.Rules{{Margin: -0.1, Enough: 1}, {Margin: 1, Enough: 1}, {Margin: 0.1}} {
		if r.Validate() == nil {
			t.Errorf("%+v is taken", r)
		}
	}
	if err := gate.DefaultRules().Validate(); err != nil {
		t.Error(err)
	}
}
