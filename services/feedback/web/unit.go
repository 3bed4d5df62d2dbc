package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"

	"github.com/grokputer/grokputer/kit/unit"
	"github.com/grokputer/grokputer/services/feedback"
)

// Opener opens the projection in a file, or makes it.
type Opener func(ctx context.Context, path string, log *slog.Logger) (feedback.Store, error)

// databaseFile is the projection, in the data folder.
const databaseFile = "feedback.db"

// Unit is the whole service: the projection and the door.
type Unit struct {
	options feedback.Options
	door    Options
	open    Opener
}

var _ unit.Unit = (*Unit)(nil)

// NewUnit returns the service, whose projection is the file feedback.db in the data folder.
func NewUnit(o feedback.Options, door Options, open Opener) *Unit {
	if door.Listen == "" {
		door.Listen = DefaultListen
	}
	return &Unit{options: o, door: door, open: open}
}

// Name implements unit.Unit.
func (u *Unit) Name() string { return "feedback" }

// Run implements unit.Unit.
func (u *Unit) Run(ctx context.Context, env unit.Env) (err error) {
	store, err := u.open(ctx, filepath.Join(env.DataDir, databaseFile), env.Log)
	if err != nil {
		return fmt.Errorf("start: %w", err)
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	service, err := feedback.New(u.options, store, env)
	if err != nil {
		return fmt.Errorf("start: %w", err)
	}
	door := u.door
	door.DataDir, door.Log = env.DataDir, env.Log
	server, err := Open(ctx, service, door)
	if err != nil {
		return fmt.Errorf("start: %w", err)
	}
	u.door.Listen = server.listener.Addr().String() // a restart is found where it was
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var workers sync.WaitGroup
	for _, work := range []func() error{
		func() error { return service.Project(ctx, env.Ready) },
		func() error { return server.Serve(ctx) },
	} {
		workers.Go(func() {
			if err := work(); err != nil {
				cancel(err)
			}
		})
	}
	workers.Wait()
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return cause
	}
	return nil
}
