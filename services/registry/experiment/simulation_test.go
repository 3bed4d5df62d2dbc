package experiment_test

import (
	"testing"

	"github.com/grokputer/grokputer/services/registry/experiment"
	"github.com/grokputer/grokputer/services/registry/experiment/simulation"
)

const (
	runs  = 500
	limit = 1000
	base  = 3.8
)

// play has a plan decide experiments of a world.
func play(t *testing.T, w simulation.World, p experiment.Plan) simulation.Result {
	t.Helper()
	rule := func() simulation.Rule { return experiment.NewAnalysis(p) }
	result, err := simulation.Run(t.Context(), w, rule, limit, runs, 1)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// alike are worlds in which the versions do not differ in their means.
func alike() map[string]simulation.World {
	flood := simulation.Alike(simulation.Bell(base))
	flood.FloodTo = limit
	middle := simulation.Alike(simulation.Bell(base))
	middle.FloodFrom, middle.FloodTo = 200, limit
	silent := simulation.Alike(simulation.U(base))
	silent.Silence = [5]float64{0.4, 0.4, 0.4, 0.4, 0.4}
	shy := simulation.Alike(simulation.Binary(base))
	shy.Silence = [5]float64{0.1, 0.2, 0.2, 0.4, 0.6}
	shapes := simulation.Still(simulation.Bell(base), simulation.Binary(base))
	shapes.Success = &[2]float64{0.7, 0.7}
	return map[string]simulation.World{
		"binary":                      simulation.Alike(simulation.Binary(base)),
		"u":                           simulation.Alike(simulation.U(base)),
		"bell":                        simulation.Alike(simulation.Bell(base)),
		"bell that falls by a star":   simulation.Alike(simulation.Bell(4.3), simulation.Bell(4.05), simulation.Bell(3.8), simulation.Bell(3.55), simulation.Bell(3.3)),
		"binary that rises by a star": simulation.Alike(simulation.Binary(3.3), simulation.Binary(3.55), simulation.Binary(3.8), simulation.Binary(4.05), simulation.Binary(4.3)),
		"one star for everything":     flood,
		"one star from the middle on": middle,
		"40 % unrated":                silent,
		"good ones unrated":           shy,
		"equal means, other shapes":   shapes,
	}
}

func TestWithoutADifferenceAtMostOneOfTwentyIsDecided(t *testing.T) {
	t.Parallel()
	for plan, p := range map[string]experiment.Plan{"canary": experiment.Canary(), "a/b": experiment.AB()} {
		for name, w := range alike() {
			t.Run(plan+", "+name, func(t *testing.T) {
				t.Parallel()
				r := play(t, w, p)
				if r.Decided() > p.Levels.Alpha() {
					t.Errorf("%d promoted and %d rolled back of %d, want at most %.0f %%", r.Promoted, r.RolledBack, r.Runs, 100*p.Levels.Alpha())
				}
				if r.Undecided == 0 {
					t.Error("nothing was held")
				}
			})
		}
	}
}

// The same experiments, decided by a test that is no good for looking again and again:
// if this passed the limit above, the limit would say nothing.
func TestLookingAtAZTestIsFoundOut(t *testing.T) {
	t.Parallel()
	rule := func() simulation.Rule { return simulation.NewZTest(experiment.Canary().Share) }
	for _, stars := range []simulation.Stars{simulation.Binary(base), simulation.U(base), simulation.Bell(base)} {
		r, err := simulation.Run(t.Context(), simulation.Alike(stars), rule, limit, runs, 1)
		if err != nil {
			t.Fatal(err)
		}
		if r.Decided() < 0.25 {
			t.Errorf("it decided %.1f %%, want far more than it says", 100*r.Decided())
		}
	}
}

func TestDifferencesAreFoundSoon(t *testing.T) {
	t.Parallel()
	shy := [5]float64{0.1, 0.2, 0.2, 0.4, 0.6}
	for name, c := range map[string]struct {
		challenger simulation.Stars
		silence    [5]float64
		want       experiment.Outcome
		within     int // sessions of the challenger's arm, in the median
	}{
		"a star worse":                         {simulation.Bell(base - 1), [5]float64{}, experiment.Rollback, 20},
		"half a star better":                   {simulation.Bell(base + 0.5), [5]float64{}, experiment.Promote, 80},
		"a star worse, good ones unrated":      {simulation.Bell(base - 1), shy, experiment.Rollback, 20},
		"half a star better, the same unrated": {simulation.Bell(base + 0.5), shy, experiment.Promote, 160},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := simulation.Still(simulation.Bell(base), c.challenger)
			w.Silence = c.silence
			r := play(t, w, experiment.Canary())
			if median, ok := r.Quantile(c.want, 0.5); !ok || median > c.within {
				t.Errorf("the median is %d (%t), want at most %d", median, ok, c.within)
			}
			if wrong := r.Promoted + r.RolledBack; c.want == experiment.Promote && wrong-r.Promoted > runs/40 ||
				c.want == experiment.Rollback && wrong-r.RolledBack > runs/40 {
				t.Errorf("%d promoted and %d rolled back of %d, wanted %s", r.Promoted, r.RolledBack, r.Runs, c.want)
			}
		})
	}
}

func TestSuccessDecidesByItself(t *testing.T) {
	t.Parallel()
	// It gets better stars and does fewer tasks: that is no better version.
	w := simulation.Still(simulation.Bell(base), simulation.Bell(base+0.5))
	w.Success = &[2]float64{0.9, 0.6}
	if r := play(t, w, experiment.Canary()); r.Promoted > runs/20 || r.RolledBack < runs*9/10 {
		t.Errorf("%d promoted and %d rolled back of %d, want nearly all rolled back", r.Promoted, r.RolledBack, r.Runs)
	}
	// Nobody rates, and it fails.
	w = simulation.Alike(simulation.Bell(base))
	w.Silence = [5]float64{1, 1, 1, 1, 1}
	w.Success = &[2]float64{0.9, 0.5}
	if r := play(t, w, experiment.Canary()); r.RolledBack < runs*9/10 {
		t.Errorf("%d rolled back of %d, want nearly all", r.RolledBack, r.Runs)
	}
	// Nobody rates: better successes alone promote nothing.
	w.Success = &[2]float64{0.5, 0.9}
	if r := play(t, w, experiment.Canary()); r.Promoted > 0 {
		t.Errorf("%d promoted of %d, want none without ratings", r.Promoted, r.Runs)
	}
}

// What a trial is for: it costs one person less than a canary where the new version is better, and less
// than using it at once where it is worse.
func TestATrialCostsLess(t *testing.T) {
	t.Parallel()
	lose := func(f func(float64) simulation.Stars, effect float64, rule func() simulation.Rule) simulation.Loss {
		loss, err := simulation.Lose(t.Context(), simulation.Still(f(3.5), f(3.5+effect)), rule, 300, 300, 1)
		if err != nil {
			t.Fatal(err)
		}
		return loss
	}
	trial := func() simulation.Rule { return experiment.NewAnalysis(experiment.Trial()) }
	canary := func() simulation.Rule { return experiment.NewAnalysis(experiment.Canary()) }
	for name, f := range map[string]func(float64) simulation.Stars{"bell": simulation.Bell, "u": simulation.U, "binary": simulation.Binary} {
		for _, effect := range []float64{0.25, 0.5, 1} {
			if tried, slow := lose(f, effect, trial), lose(f, effect, canary); tried.Stars > 0.7*slow.Stars || tried.Promoted < 3*tried.Runs/5 {
				t.Errorf("%s %+.2f: a trial costs %.1f stars and promotes %d, a canary costs %.1f", name, effect, tried.Stars, tried.Promoted, slow.Stars)
			}
		}
		for effect, most := range map[float64]float64{-0.5: 0.3, -1: 0.1} {
			if tried, direct := lose(f, effect, trial), lose(f, effect, func() simulation.Rule { return simulation.Direct{} }); tried.Stars > 0.4*direct.Stars ||
				float64(tried.Promoted) > most*float64(tried.Runs) {
				t.Errorf("%s %+.2f: a trial costs %.1f stars and promotes %d, direct costs %.1f", name, effect, tried.Stars, tried.Promoted, direct.Stars)
			}
		}
	}
}

// Ratings at random, or one star for everything, hide a version that does a third fewer tasks from nothing but
// the stars: how often it is promoted all the same.
func TestPoisonedRatingsDoNotHideFailures(t *testing.T) {
	t.Parallel()
	for rating, stars := range map[string]simulation.Stars{"at random": {0.2, 0.2, 0.2, 0.2, 0.2}, "all one": {1}} {
		for plan, c := range map[string]struct {
			p    experiment.Plan
			most float64 // share of the runs in which it is promoted
		}{
			"canary": {experiment.Canary(), 0.01}, "a/b": {experiment.AB(), 0.01}, "trial": {experiment.Trial(), 0.1},
		} {
			t.Run(plan+", "+rating, func(t *testing.T) {
				t.Parallel()
				w := simulation.Alike(stars)
				w.Success = &[2]float64{0.9, 0.6}
				if r := play(t, w, c.p); float64(r.Promoted) > c.most*float64(r.Runs) {
					t.Errorf("%d of %d are promoted, want at most %.0f %%", r.Promoted, r.Runs, 100*c.most)
				}
				// Nor is one taken back that does as many.
				w.Success = &[2]float64{0.9, 0.9}
				if r := play(t, w, c.p); float64(r.RolledBack) > c.p.Levels.Alpha()*float64(r.Runs) {
					t.Errorf("%d of %d are rolled back, though nothing is worse", r.RolledBack, r.Runs)
				}
			})
		}
	}
}
