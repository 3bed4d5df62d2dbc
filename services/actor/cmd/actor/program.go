package main

import (
	"context"

	"github.com/grokputer/grokputer/kit/standalone"
	"github.com/grokputer/grokputer/kit/unit"
	"github.com/grokputer/grokputer/services/actor/cmd/safety"
)

// program are the settings.
type program struct {
	standalone.Settings `embed:""`

	Desktop string            `help:"Name of this desktop: tasks for it say so." default:"main" placeholder:"NAME"`
	Folders map[string]string `help:"Folders in which the agent may look for files and save pictures, by the name that it uses; none when not given." mapsep:";" placeholder:"NAME=FOLDER;..."`
	Apps    map[string]string `help:"Applications that the agent may open: name and aliases, and the program with its arguments; a text editor, a calculator, a terminal and a file manager when not given." mapsep:";" placeholder:"NAME|ALIAS=PROGRAM ARGUMENT;..."`

	Typing string `help:"How text gets to a program: keys; clipboard, for programs that ignore changes of the keyboard; or auto, which pastes only what keys cannot give." enum:"auto,keys,clipboard" default:"auto" placeholder:"NAME"`

	Planner planner         `embed:""`
	Safety  safety.Settings `embed:""`
}

// Name implements standalone.Program.
func (p *program) Name() string { return "actor" }

// Description implements standalone.Program.
func (p *program) Description() string {
	return "The hands of Grokputer: carries out tasks on a desktop."
}

// Unit implements standalone.Program.
func (p *program) Unit(_ context.Context, env unit.Env, later func(func())) (unit.Unit, error) {
	u, err := p.unit(env.Bus, env.Blobs, env.Log)
	if err != nil {
		return nil, err
	}
	later(u.close)
	return u, nil
}
