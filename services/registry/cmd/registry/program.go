package main

import (
	"time"

	"context"

	"github.com/grokputer/grokputer/kit/standalone"
	"github.com/grokputer/grokputer/kit/unit"
	"github.com/grokputer/grokputer/services/registry"
)

// program are the settings.
type program struct {
	standalone.Settings `embed:""`

	Registry struct {
		AutoPromote  bool          `help:"Use a new version by itself, unless it does worse than its parent on what neither was trained on." default:"true" negatable:""`
		Rollout      string        `help:"How a new version comes into use: direct, at once; trial, after half of the tasks went to it until there were some ratings, and it did no worse than the one in use; canary, after it was shown to be better on a tenth of the tasks, then on half; ab, on half from the start." enum:"direct,trial,canary,ab" default:"trial" placeholder:"NAME"`
		TrialRatings int           `help:"How many ratings, of both versions together, a trial takes; a quarter of them at least of each." default:"40" placeholder:"N"`
		Settle       time.Duration `help:"How long a rating can be changed before it counts in a comparison." default:"10m" placeholder:"TIME"`
		Starter      string        `help:"Folder of the adapter that the agent starts with; none when empty." placeholder:"FOLDER"`
	} `embed:"" prefix:"registry-"`
}

// Name implements standalone.Program.
func (p *program) Name() string { return "registry" }

// Description implements standalone.Program.
func (p *program) Description() string {
	return "The memory of Grokputer: knows every adapter version, and which is in use."
}

// Unit implements standalone.Program.
func (p *program) Unit(context.Context, unit.Env, func(func())) (unit.Unit, error) {
	o := registry.DefaultOptions()
	o.AutoPromote, o.Starter = p.Registry.AutoPromote, p.Registry.Starter
	var err error
	if o.Plan, err = (registry.Rollout{
		Way: p.Registry.Rollout, Settle: p.Registry.Settle, TrialRatings: p.Registry.TrialRatings,
	}).Plan(); err != nil {
		return nil, err
	}
	return registry.New(o)
}
