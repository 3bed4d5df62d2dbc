package rollout

import (
	"context"
	"fmt"

	"github.com/grokputer/grokputer/services/registry/experiment"
	"github.com/grokputer/grokputer/services/registry/experiment/simulation"
)

const (
	// Horizon is the number of sessions over which is summed what a person loses: a month of ten a
	// day, until the next version comes.
	Horizon = 300
	// HorizonBase is the champion's mean, in stars: so that there is a bell a star above it.
	HorizonBase = 3.5
)

// Cost is what the ways to bring one version into use come to.
type Cost struct {
	Stars string `json:"stars"` // the distribution
	// Effect is by how many stars the challenger is truly better.
	Effect float64 `json:"effect"`
	// Note says what else is the case; empty where all is rated, and a session has succeeded
	// when it is worth four or five stars.
	Note string `json:"note,omitempty"`

	Trial  simulation.Loss `json:"trial"`
	Canary simulation.Loss `json:"canary"`
	AB     simulation.Loss `json:"ab"`
	Direct simulation.Loss `json:"direct"`

	w simulation.World
}

// effects are the true differences in stars.
func effects() []float64 { return []float64{-1, -0.5, 0, 0.25, 0.5, 1} }

// costs are the cases, not yet run.
func costs() []Cost {
	var all []Cost
	add := func(f family, note string, change func(*simulation.World)) {
		for _, effect := range effects() {
			w := simulation.Still(f.stars(HorizonBase), f.stars(HorizonBase+effect))
			change(&w)
			all = append(all, Cost{Stars: f.name, Effect: effect, Note: note, w: w})
		}
	}
	for _, f := range families() {
		add(f, "", func(*simulation.World) {})
	}
	bell := families()[0]
	add(bell, "40 % unrated", func(w *simulation.World) { w.Silence = [5]float64{0.4, 0.4, 0.4, 0.4, 0.4} })
	add(bell, "70 % succeed in both arms, whatever the stars", func(w *simulation.World) { w.Success = &[2]float64{0.7, 0.7} })
	return all
}

// run fills a case.
func (c Cost) run(ctx context.Context, runs int, seed uint64) (_ Cost, err error) {
	for _, way := range []struct {
		into *simulation.Loss
		rule func() simulation.Rule
	}{
		{&c.Trial, by(experiment.Trial())}, {&c.Canary, by(experiment.Canary())}, {&c.AB, by(experiment.AB())},
		{&c.Direct, func() simulation.Rule { return simulation.Direct{} }},
	} {
		if *way.into, err = simulation.Lose(ctx, c.w, way.rule, Horizon, runs, seed); err != nil {
			return c, err
		}
	}
	return c, nil
}

func (c Cost) String() string {
	return fmt.Sprintf("%+.2f stars %-44s lost: trial %.0f, canary %.0f, direct %.0f", c.Effect, c.Note, c.Trial.Stars, c.Canary.Stars, c.Direct.Stars)
}
