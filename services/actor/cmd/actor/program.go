package main

import (
	"context"
	"fmt"
	"time"

	"github.com/grokputer/grokputer/kit/standalone"
	"github.com/grokputer/grokputer/kit/unit"
	"github.com/grokputer/grokputer/services/actor"
)

// program are the settings.
type program struct {
	standalone.Settings `embed:""`

	Desktop string            `help:"Name of this desktop: tasks for it say so." default:"main" placeholder:"NAME"`
	Folders map[string]string `help:"Folders in which the agent may look for files and save pictures, by the name that it uses; none when not given." mapsep:";" placeholder:"NAME=FOLDER;..."`
	Apps    map[string]string `help:"Applications that the agent may open: name and aliases, and the program with its arguments; a text editor, a calculator, a terminal and a file manager when not given." mapsep:";" placeholder:"NAME|ALIAS=PROGRAM ARGUMENT;..."`

	Typing string `help:"How text gets to a program: keys; clipboard, for programs that ignore changes of the keyboard; or auto, which pastes only what keys cannot give." enum:"auto,keys,clipboard" default:"auto" placeholder:"NAME"`

	Planner planner `embed:""`
	Safety  safety  `embed:""`
}

// safety are the limits of a task.
type safety struct {
	ApproveFrom     actor.Class           `help:"Actions of this class and of graver ones wait for your approval: read, edit, send or critical." default:"send" placeholder:"CLASS"`
	ApprovalTimeout time.Duration         `help:"How long an action waits for your approval; after that it is denied." default:"5m" placeholder:"TIME"`
	ForbidRegions   map[string]string     `help:"Parts of the desktop that no input goes to, by a name of yours." mapsep:";" placeholder:"NAME=X,Y,WxH;..."`
	ForbidWindows   []actor.WindowPattern `help:"Windows that no input goes to: those with such a text in their title; * stands for any text. Grokputer's own page is always one." sep:";" placeholder:"TEXT"`
	StopKey         string                `help:"Key, or keys together such as ctrl+alt+q, that stop everything when you hold them for half a second; none for no such key." default:"escape" placeholder:"KEYS"`
	Secrets         string                `help:"What {{secret:NAME}} stands for in a task: a file with NAME=VALUE lines that only you can read (mode 0600), or keyring for the system's (service grokputer)." placeholder:"FILE|keyring"`
	DryRun          bool                  `help:"Plan, judge and record every action, and do none."`
	MaxSteps        int                   `help:"How many actions one task may take." default:"25" placeholder:"N"`
	TaskTimeout     time.Duration         `help:"How long one task may take." default:"15m" placeholder:"TIME"`
}

// policy is what the agent may do by itself.
func (s safety) policy() (actor.Policy, error) {
	regions, err := actor.ParseRegions(s.ForbidRegions)
	if err != nil {
		return actor.Policy{}, fmt.Errorf("forbid-regions: %w", err)
	}
	return actor.Policy{Line: s.ApproveFrom, Regions: regions, Windows: s.ForbidWindows, DryRun: s.DryRun}, nil
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
