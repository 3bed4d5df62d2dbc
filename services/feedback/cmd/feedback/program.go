package main

import (
	"context"
	"runtime/debug"

	"github.com/grokputer/grokputer/kit/standalone"
	"github.com/grokputer/grokputer/kit/unit"
	"github.com/grokputer/grokputer/services/feedback"
	"github.com/grokputer/grokputer/services/feedback/sqlite"
	"github.com/grokputer/grokputer/services/feedback/web"
)

// program are the settings.
type program struct {
	standalone.Settings `embed:""`

	HTTP struct {
		Listen string   `env:"GROKPUTER_HTTP_LISTEN" help:"Where the pages and the API are. On other than a loopback address every request needs the token." default:"127.0.0.1:8420" placeholder:"HOST:PORT"`
		Hosts  []string `env:"GROKPUTER_HTTP_HOSTS" help:"Further names under which the server may be called." placeholder:"NAME,..."`
		Token  string   `env:"GROKPUTER_HTTP_TOKEN" help:"Token that lets in whoever presents it; made and kept in the data folder when not given." placeholder:"TEXT"`
	} `embed:"" prefix:"http-"`

	// bound is told the address of the door; for tests.
	bound func(address string)
}

// Name implements standalone.Program.
func (p *program) Name() string { return "feedback" }

// Description implements standalone.Program.
func (p *program) Description() string {
	return "The ears of Grokputer: shows what it did, and takes ratings, by HTTP and on pages."
}

// Unit implements standalone.Program.
func (p *program) Unit(context.Context, unit.Env, func(func())) (unit.Unit, error) {
	version := "0.0.0"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		version = info.Main.Version
	}
	return web.NewUnit(feedback.DefaultOptions(), web.Options{
		Listen: p.HTTP.Listen, Hosts: p.HTTP.Hosts, Token: p.HTTP.Token, Version: version, Bound: p.bound,
	}, sqlite.Open), nil
}
