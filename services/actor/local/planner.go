// Package local plans with our own language-model engine. The model can only say
// what can be done: its answers are held to a grammar made from the screen.
package local

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/lm"
	"github.com/grokputer/grokputer/lm/chat"
	"github.com/grokputer/grokputer/lm/generate"
	"github.com/grokputer/grokputer/services/actor"
)

// DefaultMaxTokens bounds an answer when Options names no other length: a long
// paragraph to type.
const DefaultMaxTokens = 512

// Adapter is a LoRA adapter to plan with.
type Adapter struct {
	Name   string // as events and logs give it, such as starter
	Dir    string // a folder in PEFT's layout
	SHA256 string // of the weights file, in hex; empty accepts any
}

// attached is the adapter as the actor knows adapters.
func (a Adapter) attached() *actor.Adapter {
	return &actor.Adapter{Version: a.Name, Folder: a.Dir, SHA256: a.SHA256}
}

// Options say which model plans.
type Options struct {
	// Model is the path of a GGUF file, and SHA256 what it has to have; empty
	// accepts any.
	Model, SHA256 string
	// Adapter is loaded when its Name is not empty.
	Adapter Adapter
	// Engine are the engine's own settings; its SHA256 is filled in.
	Engine lm.Options
	// MaxTokens bounds an answer; DefaultMaxTokens when 0.
	MaxTokens int
	Log       *slog.Logger // silent when nil
}

// Planner plans with an engine that it opens when it is first needed. It is safe
// for concurrent use.
type Planner struct {
	options Options

	mu     sync.Mutex
	engine *lm.Engine
	shelf  shelf // what the engine has

	attached atomic.Pointer[actor.Adapter] // the one in use
}

var _ actor.Adaptable = (*Planner)(nil)

// New returns a planner. Nothing is opened yet: a model that is not there is
// told of by Ready.
func New(o Options) (*Planner, error) {
	if o.Model == "" {
		return nil, errors.New("the planner's model has no path")
	}
	if o.Adapter.Name != "" && o.Adapter.Dir == "" {
		return nil, fmt.Errorf("the planner's adapter %q has no folder", o.Adapter.Name)
	}
	if o.MaxTokens == 0 {
		o.MaxTokens = DefaultMaxTokens
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Engine.SHA256 = o.SHA256
	p := &Planner{options: o}
	p.attached.Store(o.Adapter.attached())
	return p, nil
}

// Close releases the model. A later Plan opens it again.
func (p *Planner) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.engine == nil {
		return nil
	}
	err := p.engine.Close()
	p.engine, p.shelf = nil, nil
	p.attached.Store(p.options.Adapter.attached())
	return err
}

// Identity implements actor.Planner.
func (p *Planner) Identity() actor.Identity {
	return actor.Identity{Planner: "local", Model: filepath.Base(p.options.Model), Adapter: p.attached.Load().Version}
}

// Ready implements actor.Planner: it opens the model and loads the adapter. What
// failed before is tried again: the file may be there by now.
func (p *Planner) Ready(ctx context.Context) error {
	_, err := p.opened(ctx)
	return err
}

func (p *Planner) opened(ctx context.Context) (*lm.Engine, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.engine != nil {
		return p.engine, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	o := p.options
	engine, err := lm.Open(ctx, o.Model, o.Engine)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("%w: %w (fetch it with: grokputer models pull)", actor.ErrNoModel, err)
	}
	if o.Adapter.Name != "" {
		if err := p.shelf.use(engine, *o.Adapter.attached()); err != nil {
			return nil, errors.Join(fmt.Errorf("%w: the adapter %s: %w", actor.ErrNoModel, o.Adapter.Name, err), engine.Close())
		}
	}
	o.Log.Info("model ready", "model", engine.Info().Name, "device", engine.Info().Device, "adapter", o.Adapter.Name)
	p.engine = engine
	return engine, nil
}

// Messages is the conversation that the model is given for a state.
func Messages(state prompt.State) []chat.Message {
	return []chat.Message{
		{Role: "system", Content: prompt.System},
		{Role: "user", Content: prompt.Render(state)},
	}
}

// Plan implements actor.Planner. A screen that is too long for the model's
// context is cut to its first elements, which then are all that can be named.
func (p *Planner) Plan(ctx context.Context, state prompt.State, may actor.Constraint) (actor.Decision, error) {
	engine, err := p.opened(ctx)
	if err != nil {
		return actor.Decision{}, err
	}
	for {
		d, err := p.say(ctx, engine, state, may)
		elements := state.Visible().Elements
		if !errors.Is(err, generate.ErrContext) || len(elements) == 0 {
			return d, planError(ctx, err)
		}
		state.Screen.Elements = elements[:len(elements)/2]
		p.options.Log.Info("the screen is too long for the model's context, cutting it", "elements", len(state.Screen.Elements))
	}
}

// say lets the model write one action.
func (p *Planner) say(ctx context.Context, engine *lm.Engine, state prompt.State, may actor.Constraint) (actor.Decision, error) {
	g, err := actions(state, may)
	if err != nil {
		return actor.Decision{}, fmt.Errorf("make the grammar of the screen: %w", err)
	}
	result, err := engine.Generate(ctx, Messages(state), lm.GenerateOptions{Grammar: g, MaxTokens: p.options.MaxTokens})
	if err != nil {
		return actor.Decision{}, err
	}
	if result.Finish == generate.Length {
		return actor.Decision{}, fmt.Errorf("the model did not come to an end within %d tokens", p.options.MaxTokens)
	}
	a, err := action.Parse(result.Text)
	if err != nil {
		return actor.Decision{}, err
	}
	p.options.Log.Debug("planned", "verb", a.Verb, "confidence", result.Confidence,
		"prefilled", result.Stats.Prefilled, "reused", result.Stats.Reused, "chosen", result.Stats.Chosen, "took", result.Stats.Total)
	return actor.Decision{Action: a, Confidence: result.Confidence, Text: result.Text}, may.Check(state, a)
}

// planError is the error of Plan: ctx's own, or an actor.ErrNoPlan.
func planError(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	default:
		return fmt.Errorf("%w: %w", actor.ErrNoPlan, err)
	}
}
