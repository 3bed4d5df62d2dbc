package main

import (
	"context"
	"runtime/debug"

	"github.com/grokputer/grokputer/kit/standalone"
	"github.com/grokputer/grokputer/kit/unit"
	"github.com/grokputer/grokputer/services/trainer"
	"github.com/grokputer/grokputer/services/trainer/job"
	"github.com/grokputer/grokputer/services/trainer/settings"
)

// program are the settings.
type program struct {
	standalone.Settings `embed:""`

	Model       string            `help:"File of the base model (GGUF)." type:"path" placeholder:"FILE"`
	ModelSHA256 string            `name:"model-sha256" env:"GROKPUTER_MODEL_SHA256" help:"What that file's sha256 has to be; any when not given." placeholder:"HEX"`
	Train       settings.Settings `embed:"" prefix:"train-"`
}

// Name implements standalone.Program.
func (p *program) Name() string { return "trainer" }

// Description implements standalone.Program.
func (p *program) Description() string {
	return "The learning of Grokputer: trains adapters on rated sessions."
}

// Unit implements standalone.Program.
func (p *program) Unit(_ context.Context, env unit.Env, _ func(func())) (unit.Unit, error) {
	by := "grokputer"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		by += " " + info.Main.Version
	}
	return trainer.New(p.Train.Config(p.Model, p.ModelSHA256, by), job.Process{Log: env.Log})
}
