package actor

import (
	"context"
	"errors"
	"fmt"

	"github.com/grokputer/grokputer/contracts"
)

// ErrNoAdapter means that the adapter that a task asked for cannot be had, or that there is
// none at all to plan with. The message says why.
var ErrNoAdapter = errors.New("there is no adapter to plan with")

// Adapter is a LoRA adapter whose files are on this machine.
type Adapter struct {
	Version string // contracts.VersionNone for the base model alone
	Folder  string // in PEFT's layout
	SHA256  string // of the weights file, in hex; empty accepts any
}

// Adapters says which adapter a task is planned with.
type Adapters interface {
	// Choose returns the versions to plan a task with, best first; none means the base
	// model alone. version names one, empty is the champion with what serves when it
	// cannot be loaded. Its errors are ErrNoAdapter or ctx's.
	Choose(ctx context.Context, taskID, version string) ([]contracts.Adapter, error)
	// Fetch has the files of a version on this machine, each checked by its hash.
	Fetch(ctx context.Context, a contracts.Adapter) (Adapter, error)
}

// Adaptable is a Planner whose adapter can be changed between two tasks.
type Adaptable interface {
	Planner
	// Attach has Plan use the adapter from now on. When it fails, what was attached
	// before stays.
	Attach(ctx context.Context, a Adapter) error
}

// equip attaches the adapter that the task is to be planned with. A champion that
// cannot be loaded is passed over for what was in use before; a version that the
// task asks for by name is not.
func (t *task) equip(ctx context.Context) error {
	planner, ok := t.ports.Planner.(Adaptable)
	if !ok || t.ports.Adapters == nil {
		return nil
	}
	want := t.state.Adapter
	if want == "" && t.record.session.Adapter != "" { // begun before a restart: it goes on as it was
		if err := t.attach(ctx, planner, t.record.session.Adapter); err == nil || ctx.Err() != nil {
			return err
		}
	}
	err := t.attach(ctx, planner, want)
	if err == nil || ctx.Err() != nil || want != "" {
		return err
	}
	if attached := planner.Identity().Adapter; attached != "" {
		t.log.Warn("the adapter in use stays", "adapter", attached, "err", err)
		return nil
	}
	return err
}

// attach has the planner use a version, or the champion and else its fallbacks when
// version is empty.
func (t *task) attach(ctx context.Context, planner Adaptable, version string) error {
	choices, err := t.ports.Adapters.Choose(ctx, t.state.TaskID, version)
	if err != nil {
		return err
	}
	if len(choices) == 0 {
		return planner.Attach(ctx, Adapter{Version: contracts.VersionNone})
	}
	for _, choice := range choices {
		failure := t.load(ctx, planner, choice)
		if failure == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		t.log.Warn("an adapter is refused", "adapter", choice.Version, "err", failure)
		err = errors.Join(err, failure)
	}
	return fmt.Errorf("%w: %w", ErrNoAdapter, err)
}

func (t *task) load(ctx context.Context, planner Adaptable, choice contracts.Adapter) error {
	a, err := t.ports.Adapters.Fetch(ctx, choice)
	if err != nil {
		return err
	}
	return planner.Attach(ctx, a)
}
