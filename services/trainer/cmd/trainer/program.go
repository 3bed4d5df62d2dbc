package main

import (
	"context"
	"os"
	"runtime/debug"

	"github.com/grokputer/grokputer/kit/standalone"
	"github.com/grokputer/grokputer/kit/unit"
	"github.com/grokputer/grokputer/services/trainer"
	"github.com/grokputer/grokputer/services/trainer/job"
	"github.com/grokputer/grokputer/services/trainer/settings"
	"github.com/grokputer/grokputer/services/trainer/xidle"
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
	config := p.Train.Config(p.Model, p.ModelSHA256, by)
	if display := os.Getenv("DISPLAY"); display != "" {
		config.Desk = xidle.Desk{Display: display}
	}
	return trainer.New(config, job.Process{Log: env.Log})
}
