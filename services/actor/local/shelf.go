package local

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/lm"
	"github.com/grokputer/grokputer/services/actor"
)

// shelved is how many adapters the engine keeps: what each role of a task is asked with, and
// what the next task needs, without reading it again.
const shelved = 6

// shelf are the names of the adapters that the engine has, the last used one last.
type shelf []string

// Attach implements actor.Adaptable. The adapter is merged with nothing: the next Plan
// uses it, and the model stays as it is.
func (p *Planner) Attach(ctx context.Context, a actor.Adapter) error {
	engine, err := p.opened(ctx)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	before := p.attached.Load()
	if err := p.shelf.use(engine, a); err != nil {
		return err
	}
	p.attached.Store(&a)
	if before.Version != a.Version {
		p.options.Log.Info("adapter attached", "adapter", a.Version)
	}
	return nil
}

// Attached implements actor.Adaptable.
func (p *Planner) Attached() actor.Adapter { return *p.attached.Load() }

// use has the engine use an adapter, which it loads unless it has it: what a version or a stack
// is never changes.
func (s *shelf) use(engine *lm.Engine, a actor.Adapter) error {
	if a.Version == contracts.VersionNone || a.Version == "" {
		return engine.Use(lm.NoAdapter)
	}
	name := nameOf(a)
	if !slices.Contains(*s, name) {
		if err := load(engine, name, a); err != nil {
			return err
		}
	}
	if err := engine.Use(name); err != nil {
		return err
	}
	*s = append(slices.DeleteFunc(*s, func(n string) bool { return n == name }), name)
	for len(*s) > shelved {
		engine.RemoveAdapter((*s)[0])
		*s = (*s)[1:]
	}
	return nil
}

// nameOf tells adapters apart that are called the same: versions of two roles.
func nameOf(a actor.Adapter) string {
	if len(a.Parts) == 0 {
		return a.Version + "@" + a.SHA256 + "@" + a.Folder
	}
	names := make([]string, len(a.Parts))
	for i, p := range a.Parts {
		names[i] = fmt.Sprintf("%g*%s", p.Weight, nameOf(p.Adapter))
	}
	return strings.Join(names, "+")
}

// load reads an adapter, or the parts of a stack, which the engine then keeps as their sum alone.
func load(engine *lm.Engine, name string, a actor.Adapter) error {
	if len(a.Parts) == 0 {
		_, err := engine.LoadAdapter(name, a.Folder, a.SHA256)
		return err
	}
	parts := make([]lm.Part, len(a.Parts))
	for i, p := range a.Parts {
		part := fmt.Sprintf("%s#%d", name, i)
		defer engine.RemoveAdapter(part)
		if err := load(engine, part, p.Adapter); err != nil {
			return err
		}
		parts[i] = lm.Part{Adapter: part, Weight: float32(p.Weight)}
	}
	return engine.AddStack(name, parts...)
}
