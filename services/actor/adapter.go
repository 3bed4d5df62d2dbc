package actor

import (
	"context"
	"errors"

	"github.com/grokputer/grokputer/contracts"
)

// ErrNoAdapter means that the adapter that a task asked for cannot be had, or that there is
// none at all to plan with. The message says why.
var ErrNoAdapter = errors.New("there is no adapter to plan with")

// Adapter is a LoRA adapter whose files are on this machine, or the weighted sum of several.
type Adapter struct {
	Version string // contracts.VersionNone for the base model alone; a stack as contracts.Stack writes it
	Folder  string // in PEFT's layout
	SHA256  string // of the weights file, in hex; empty accepts any
	// Parts are those of a stack, which has no folder of its own.
	Parts []Part
}

// Part is an adapter with its weight in a stack.
type Part struct {
	Adapter Adapter
	Weight  float64
}

// Adapters says which adapter a role's requests of a task are made with.
type Adapters interface {
	// Choose returns the versions of q's role for a task, best first; none means the base model
	// alone, or the planner's adapter for any other role. q names a version, or none for the
	// champion with what serves when it cannot be loaded. Its errors are ErrNoAdapter or ctx's.
	Choose(ctx context.Context, q contracts.AdapterQuery) ([]contracts.Adapter, error)
	// Fetch has the files of a version on this machine, each checked by its hash.
	Fetch(ctx context.Context, a contracts.Adapter) (Adapter, error)
}

// Adaptable is a Planner whose adapter can be changed between two requests.
type Adaptable interface {
	Planner
	// Attach has Plan use the adapter from now on. When it fails, what was attached
	// before stays. One that was attached a few adapters ago comes back without being read again.
	Attach(ctx context.Context, a Adapter) error
	// Attached is what Plan uses; its Version is empty before anything was attached.
	Attached() Adapter
}

// adaptable is the planner, if its adapter is for this task to say.
func (t *task) adaptable() (Adaptable, bool) {
	planner, ok := t.ports.Planner.(Adaptable)
	return planner, ok && t.ports.Adapters != nil
}
