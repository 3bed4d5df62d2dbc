// Package unit runs services: each alone from its own command, or all together
// in one process. The same value runs in both.
package unit

import (
	"context"
	"errors"
	"log/slog"

	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/grokputer/grokputer/kit/blob"
	"github.com/grokputer/grokputer/kit/bus"
)

var (
	// ErrPanic tells that a unit panicked.
	ErrPanic = errors.New("the unit panicked")
	// ErrStuck tells that a unit did not end when it was told to.
	ErrStuck = errors.New("the unit does not end")
	// ErrGaveUp tells that a unit failed too often in a row.
	ErrGaveUp = errors.New("the unit keeps failing")
)

// Unit is one service.
type Unit interface {
	// Name is a short, lower-case name for logs.
	Name() string
	// Run calls env.Ready when the unit serves, and returns nil soon after
	// ctx ends. An error before that has it run again; nil says that it is done.
	Run(ctx context.Context, env Env) error
}

// Env is what a unit finds.
type Env struct {
	Bus    *bus.Bus
	Blobs  *blob.Store
	Log    *slog.Logger
	Tracer trace.Tracer
	// DataDir is where files of our own go; it is absolute.
	DataDir string
	// Ready is called by a unit as often as it likes; the Env given to the
	// Run function has it called once, when every unit is ready.
	Ready func()
}

func (e Env) withDefaults() Env {
	if e.Log == nil {
		e.Log = slog.New(slog.DiscardHandler)
	}
	if e.Tracer == nil {
		e.Tracer = noop.NewTracerProvider().Tracer("")
	}
	if e.Ready == nil {
		e.Ready = func() {}
	}
	return e
}
