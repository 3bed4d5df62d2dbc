package main

import (
	"context"

	"github.com/grokputer/grokputer/kit/secrets"
	"github.com/grokputer/grokputer/kit/standalone"
	"github.com/grokputer/grokputer/kit/unit"
	"github.com/grokputer/grokputer/services/observer"
	"github.com/grokputer/grokputer/services/observer/cmd/readers"
	"github.com/grokputer/grokputer/services/observer/icon"
	"github.com/grokputer/grokputer/services/observer/layout"
	"github.com/grokputer/grokputer/services/observer/x11"
	"github.com/grokputer/grokputer/services/observer/xgrab"
	"github.com/grokputer/grokputer/services/observer/xshot"
)

// program are the settings.
type program struct {
	standalone.Settings `embed:""`

	Desktop string           `help:"Name of this desktop." default:"main" placeholder:"NAME"`
	Monitor observer.Monitor `help:"Which monitor to look at: its number, counted from 0; focused, the one with the window that has the focus; or all." default:"0" placeholder:"N"`
	Secrets string           `help:"What the agent may type and nobody is to see: the same setting as the actor's." placeholder:"FILE|keyring"`
	Capture string           `help:"What takes the pictures: x11, over one connection that is kept, or kbinani, which also knows other systems." enum:"x11,kbinani" default:"x11" placeholder:"NAME"`

	Observer readers.Settings `embed:"" prefix:"observer-"`

	Storage struct {
		MaxGB float64 `name:"max-gb" help:"Space for frames, in gigabytes; the oldest go first." default:"10" placeholder:"N"`
	} `embed:"" prefix:"storage-"`
}

// Name implements standalone.Program.
func (p *program) Name() string { return "observer" }

// Description implements standalone.Program.
func (p *program) Description() string {
	return "The eyes of Grokputer: captures a desktop and reads it."
}

// Unit implements standalone.Program.
func (p *program) Unit(_ context.Context, env unit.Env, later func(func())) (unit.Unit, error) {
	reader, err := readers.Open(p.Observer.In(env.DataDir), env.Log)
	if err != nil {
		return nil, err
	}
	later(reader.Close)
	desk := x11.New("")
	later(desk.Close)
	return observer.NewUnit(
		observer.NewEyes(p.capturer(), desk, observer.Named(layout.New(), icon.Find), reader),
		observer.Options{Desktop: p.Desktop, MaxGB: p.Storage.MaxGB, Secrets: secrets.Open(p.Secrets)},
	)
}

// capturer is what takes the pictures, as set.
func (p *program) capturer() observer.Capturer {
	if p.Capture == "kbinani" {
		return xshot.New(p.Monitor)
	}
	return xgrab.New("", p.Monitor)
}
