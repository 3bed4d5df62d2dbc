package rollout

import (
	"github.com/grokputer/grokputer/services/registry/experiment"
	"github.com/grokputer/grokputer/services/registry/experiment/simulation"
)

// Base is the champion's mean rating, in stars: that at which a training begins.
const Base = 3.8

// trial is a world, a rule and the outcome that is hoped for.
type trial struct {
	name string
	w    simulation.World
	rule func() simulation.Rule
	want experiment.Outcome // Hold where there is no difference
}

// family is a named family of distributions, by their means.
type family struct {
	name  string
	stars func(mean float64) simulation.Stars
}

func families() []family {
	return []family{{"bell", simulation.Bell}, {"u", simulation.U}, {"binary", simulation.Binary}}
}

// by is the rule of a plan.
func by(p experiment.Plan) func() simulation.Rule {
	return func() simulation.Rule { return experiment.NewAnalysis(p) }
}

// main are the trials of a family with the default plan.
func (f family) main() [3]trial {
	canary := by(experiment.Canary())
	return [3]trial{
		{"no difference", simulation.Alike(f.stars(Base)), canary, experiment.Hold},
		{"one star worse", simulation.Still(f.stars(Base), f.stars(Base-1)), canary, experiment.Rollback},
		{"half a star better", simulation.Still(f.stars(Base), f.stars(Base+0.5)), canary, experiment.Promote},
	}
}

// others are the trials that show what else can happen to ratings.
func others() []trial {
	bell := simulation.Bell
	better, worse, same := simulation.Still(bell(Base), bell(Base+0.5)), simulation.Still(bell(Base), bell(Base-1)), simulation.Alike(bell(Base))
	canary, ab := by(experiment.Canary()), by(experiment.AB())
	z := func() simulation.Rule { return simulation.NewZTest(experiment.Canary().Share) }
	trials := []trial{
		{"A/B from the start: no difference", same, ab, experiment.Hold},
		{"A/B from the start: one star worse", worse, ab, experiment.Rollback},
		{"A/B from the start: half a star better", better, ab, experiment.Promote},
		{"mean falls from 4.3 to 3.3: no difference", drifting(4.3, 3.3, bell), canary, experiment.Hold},
		{"mean rises from 3.3 to 4.3, binary: no difference", drifting(3.3, 4.3, simulation.Binary), canary, experiment.Hold},
		{"all rated 1: no difference", flooded(same, 0, Limit()), canary, experiment.Hold},
		{"all rated 1 from session 300 on: no difference", flooded(same, 300, Limit()), canary, experiment.Hold},
		{"sessions 30 to 80 rated 1: one star worse", flooded(worse, 30, 80), canary, experiment.Rollback},
		{"sessions 30 to 80 rated 1: half a star better", flooded(better, 30, 80), canary, experiment.Promote},
	}
	for _, s := range []struct {
		name    string
		silence [5]float64
	}{
		{"40 % unrated", [5]float64{0.4, 0.4, 0.4, 0.4, 0.4}},
		{"10 to 60 % unrated, more when good", [5]float64{0.1, 0.2, 0.2, 0.4, 0.6}},
	} {
		trials = append(trials,
			trial{s.name + ": no difference", silent(same, s.silence), canary, experiment.Hold},
			trial{s.name + ": one star worse", silent(worse, s.silence), canary, experiment.Rollback},
			trial{s.name + ": half a star better", silent(better, s.silence), canary, experiment.Promote},
		)
	}
	return append(trials,
		trial{"same mean, bell against binary: no difference", succeeding(simulation.Still(bell(Base), simulation.Binary(Base)), 0.7), canary, experiment.Hold},
		trial{"half a star better, 70 % succeed in both arms", succeeding(better, 0.7), canary, experiment.Promote},
		trial{"same stars, 90 and 70 % succeed", succeeding(same, 0.9), canary, experiment.Rollback},
		trial{"half a star better, 90 and 70 % succeed", succeeding(better, 0.9), canary, experiment.Rollback},
		trial{"z-test after every session: no difference", same, z, experiment.Hold},
	)
}

// Limit is the number of sessions after which an experiment ends undecided.
func Limit() int { return experiment.Canary().MaxSessions }

// drifting is a world without a difference whose mean changes in a hundred small steps.
func drifting(from, to float64, stars func(mean float64) simulation.Stars) simulation.World {
	var all []simulation.Stars
	for i := range 101 {
		all = append(all, stars(from+(to-from)*float64(i)/100))
	}
	return simulation.Alike(all...)
}

func flooded(w simulation.World, from, to int) simulation.World {
	w.FloodFrom, w.FloodTo = from, to
	return w
}

func silent(w simulation.World, silence [5]float64) simulation.World {
	w.Silence = silence
	return w
}

// succeeding has a share of the champion's tasks succeed, and 70 % of the challenger's.
func succeeding(w simulation.World, champion float64) simulation.World {
	w.Success = &[2]float64{champion, 0.7}
	return w
}
