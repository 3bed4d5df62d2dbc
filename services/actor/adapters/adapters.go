// Package adapters has the actor plan with what the registry says: it asks which
// version is in use, and keeps the files of the last few on this machine.
package adapters

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/blob"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/services/actor"
)

const (
	// askTimeout bounds the wait for the registry's answer.
	askTimeout = 2 * time.Second
	// defaultPatience is Options.Patience when that is 0, startPause the time between
	// two attempts meanwhile.
	defaultPatience = 5 * time.Second
	startPause      = 100 * time.Millisecond
	// kept is how many versions stay on this machine.
	kept = contracts.MaxStack + 4 // a stack, and what each role needs beside it
	// lastFile remembers the registry's last answer about the planner's champion.
	lastFile = "last.json"
)

// Options are what Adapters need.
type Options struct {
	Bus   *bus.Bus
	Blobs *blob.Store
	// Folder is where the files of the versions are kept.
	Folder string
	// Patience is how long a registry that is not there yet is waited for; 0 is 5 s.
	Patience time.Duration
	Log      *slog.Logger // silent when nil
}

// Adapters are those that the registry knows. They are used by one task at a time.
type Adapters struct{ options Options }

var _ actor.Adapters = (*Adapters)(nil)

// New returns the registry's adapters.
func New(o Options) (*Adapters, error) {
	if o.Bus == nil || o.Blobs == nil || !filepath.IsAbs(o.Folder) {
		return nil, fmt.Errorf("adapters: they need a bus, a blob store and an absolute folder, not %q", o.Folder)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Patience == 0 {
		o.Patience = defaultPatience
	}
	return &Adapters{options: o}, nil
}

// Choose implements actor.Adapters. A registry that is away is stood in for by its
// last answer about the planner.
func (a *Adapters) Choose(ctx context.Context, q contracts.AdapterQuery) ([]contracts.Adapter, error) {
	resolved, err := a.ask(ctx, q)
	if _, answered := errors.AsType[*refusal](err); answered {
		return nil, fmt.Errorf("%w: %w", actor.ErrNoAdapter, err)
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	switch {
	case err != nil && q.Role != contracts.RolePlanner: // which has the planner's adapter meanwhile
		return nil, fmt.Errorf("%w: %w", actor.ErrNoAdapter, err)
	case err != nil:
		if resolved, err = a.remembered(q.Version, err); err != nil {
			return nil, err
		}
	case q.Version == "" && q.Role == contracts.RolePlanner:
		a.remember(resolved)
	}
	if resolved.Adapter == nil {
		return nil, nil
	}
	return append([]contracts.Adapter{*resolved.Adapter}, resolved.Fallback...), nil
}

// refusal is an error that the registry answered with.
type refusal struct{ text string }

func (r *refusal) Error() string { return r.text }

// ask asks the registry, and waits a little for one that is starting.
func (a *Adapters) ask(ctx context.Context, q contracts.AdapterQuery) (resolved contracts.AdapterResolved, err error) {
	body, err := json.Marshal(q)
	if err != nil {
		return resolved, fmt.Errorf("ask the registry: %w", err)
	}
	patience := a.options.Patience
	if q.Role != contracts.RolePlanner {
		patience = 0 // the planner's was asked for before
	}
	for deadline := time.Now().Add(patience); ; {
		reply, err := a.request(ctx, body)
		if errors.Is(err, nats.ErrNoResponders) && time.Now().Before(deadline) {
			select {
			case <-ctx.Done():
				return resolved, ctx.Err()
			case <-time.After(startPause):
				continue
			}
		}
		if err != nil {
			return resolved, fmt.Errorf("ask the registry: %w", err)
		}
		if reply.Header.Get(micro.ErrorCodeHeader) != "" {
			return resolved, &refusal{reply.Header.Get(micro.ErrorHeader)}
		}
		if err := json.Unmarshal(reply.Data, &resolved); err != nil {
			return resolved, fmt.Errorf("ask the registry: %w", err)
		}
		return resolved, nil
	}
}

func (a *Adapters) request(ctx context.Context, body []byte) (*nats.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	msg := nats.NewMsg(contracts.SubjectRegistryResolve)
	msg.Data = body
	bus.Inject(ctx, msg.Header)
	return a.options.Bus.Conn().RequestMsgWithContext(ctx, msg)
}

// remember keeps the registry's answer about the champion.
func (a *Adapters) remember(resolved contracts.AdapterResolved) {
	body, err := json.Marshal(resolved)
	if err == nil {
		err = os.MkdirAll(a.options.Folder, 0o700)
	}
	path := filepath.Join(a.options.Folder, lastFile)
	if err == nil {
		err = os.WriteFile(path+".part", body, 0o600)
	}
	if err == nil {
		err = os.Rename(path+".part", path)
	}
	if err != nil {
		a.options.Log.Warn("the registry's answer is not remembered", "err", err)
	}
}

// remembered is the registry's last answer, if it serves for a version.
func (a *Adapters) remembered(version string, cause error) (resolved contracts.AdapterResolved, err error) {
	body, err := os.ReadFile(filepath.Join(a.options.Folder, lastFile))
	if err == nil {
		err = json.Unmarshal(body, &resolved)
	}
	if err != nil {
		return resolved, fmt.Errorf("%w: %w, and no answer of it is remembered", actor.ErrNoAdapter, cause)
	}
	switch {
	case version == "":
	case version == contracts.VersionNone:
		return contracts.AdapterResolved{}, nil
	case resolved.Adapter != nil && resolved.Adapter.Version == version:
		resolved.Fallback = nil
	default:
		return resolved, fmt.Errorf("%w: %s was asked for, and %w", actor.ErrNoAdapter, version, cause)
	}
	a.options.Log.Warn("the registry does not answer, its last answer serves", "err", cause)
	return resolved, nil
}
