package actor

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/png"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/screen"
)

const (
	// quiet is how long the screen must stay the same for a wait to end early.
	quiet = time.Second
	// listed is how many of the files that find found stand in a step's event.
	listed = 50
)

// act does an action and looks what came of it. What the planner can react to
// is an outcome; an error ends the task.
func (t *task) act(ctx context.Context, entry contracts.JournalEntry) (outcome, error) {
	a := entry.Action
	switch {
	case a.Input():
		return t.input(ctx, entry)
	case a.Ends():
		return outcome{what: contracts.OutcomeResult, result: a.Text}, nil
	}
	switch a.Verb {
	case action.Open:
		return t.open(ctx, a.Text)
	case action.Wait:
		before := *t.view
		most := time.Duration(a.N) * time.Second
		return t.compare(ctx, before, a, Look{Still: min(quiet, most), Most: most})
	case action.Find:
		return t.find(ctx, a.Text)
	case action.Screenshot:
		return t.screenshot(ctx, a.Text)
	default:
		return outcome{}, fmt.Errorf("nobody knows how to %s", a.Verb)
	}
}

// wrong is the outcome of an action that could not be done, unless the task was
// stopped or there is nothing left to act on.
func wrong(ctx context.Context, err error) (outcome, error) {
	if ctx.Err() != nil || errors.Is(err, ErrNoDisplay) {
		return outcome{}, err
	}
	if errors.Is(err, ErrForbidden) {
		return outcome{what: contracts.OutcomeForbidden, result: err.Error()}, nil
	}
	return outcome{what: contracts.OutcomeError, result: err.Error()}, nil
}

// input does an action of the hands.
func (t *task) input(ctx context.Context, entry contracts.JournalEntry) (outcome, error) {
	in, err := t.aim(entry)
	if err != nil {
		return wrong(ctx, err)
	}
	before := *t.view
	if err := t.aligned(ctx, in.Frame); err != nil {
		return t.misaligned(ctx, err)
	}
	t.config.Hook.at(AfterAim, entry.Step, 0)
	if err := t.send(ctx, in, entry); err != nil {
		return wrong(ctx, err)
	}
	landed := t.landed(ctx, in)
	t.config.Hook.at(AfterInput, entry.Step, 0)
	what, err := t.compare(ctx, before, entry.Action, t.afterwards())
	what.landed = landed
	return what, err
}

// landed reads where the pointer is right after a click: it tells a plan that was wrong from
// a pointer that went astray. Nothing but that depends on it.
func (t *task) landed(ctx context.Context, in Input) *screen.Point {
	switch in.Verb {
	case action.Click, action.DoubleClick, action.RightClick:
	default:
		return nil
	}
	t.inputs.Lock()
	defer t.inputs.Unlock()
	at, err := t.ports.Hands.Pointer(ctx)
	if err != nil {
		t.log.Debug("it is not known where the pointer is after a click", "err", err)
		return nil
	}
	return &screen.Point{X: at.X, Y: at.Y}
}

// mark names a step's input in the ledger of the hands.
func mark(entry contracts.JournalEntry) string {
	return fmt.Sprintf("%s.%d", entry.TaskID, entry.Step)
}

// aim turns an action into input: its targets become places on the screen.
func (t *task) aim(entry contracts.JournalEntry) (Input, error) {
	a := entry.Action
	in := Input{Mark: mark(entry), Verb: a.Verb, Frame: t.view.Frame, Text: a.Text, Keys: a.Keys, Down: a.Down, N: a.N}
	var places []Point
	visible := t.prompt().Visible()
	for _, target := range a.Targets() {
		element, err := visible.Find(target)
		if err != nil {
			return in, err
		}
		places = append(places, t.view.pointer(element))
	}
	switch {
	case len(places) > 0:
		in.At = places[0]
		in.To = places[len(places)-1]
		t.at = &in.To
	case t.at != nil: // the wheel turns where the pointer was sent last
		in.At = *t.at
	default:
		in.At = t.view.middle()
	}
	return in, nil
}

// send gives input to the hands and journals each of its strokes.
func (t *task) send(ctx context.Context, in Input, entry contracts.JournalEntry) error {
	t.inputs.Lock()
	defer t.inputs.Unlock()
	if err := t.forbidden(ctx, entry, in); err != nil { // windows may have moved since it was planned
		return err
	}
	in, err := t.reveal(ctx, in)
	if err != nil {
		return err
	}
	if in.Secret {
		t.hideTyped(entry)
	}
	err = t.ports.Hands.Do(ctx, in, func(n int) error {
		t.config.Hook.at(AfterSent, entry.Step, n)
		if entry.Action.Verb == action.Type {
			entry.Typed = n
			if err := t.journal.put(ctx, entry); err != nil {
				return err
			}
		}
		t.config.Hook.at(AfterStroke, entry.Step, n)
		return nil
	})
	if err == nil {
		return nil
	}
	err = unsaid(in, err)
	releasing, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTimeout)
	defer cancel()
	if failure := t.ports.Hands.Release(releasing); !errors.Is(failure, ErrNoDisplay) {
		err = errors.Join(err, failure)
	}
	return err
}

// compare looks again and says how much of the screen an action has changed.
func (t *task) compare(ctx context.Context, before View, done action.Action, how Look) (outcome, error) {
	if err := t.look(ctx, how); err != nil {
		return outcome{}, err
	}
	what := outcome{what: contracts.OutcomeChanged, effect: t.changed(ctx, before, *t.view, writes(done))}
	if what.effect.what == contracts.EffectNothing {
		what.what = contracts.OutcomeUnchanged
	}
	return what, nil
}

// writes reports whether an action may add a letter, or take one away.
func writes(a action.Action) bool {
	if a.Verb != action.Key || len(a.Keys) == 0 || isShortcut(a) {
		return a.Verb == action.Type
	}
	key := a.Keys[len(a.Keys)-1]
	return len(key) == 1 || slices.Contains([]string{"space", "enter", "backspace", "delete"}, key)
}

// open starts an application and waits until the screen shows something of it.
func (t *task) open(ctx context.Context, name string) (outcome, error) {
	before := *t.view
	if err := t.ports.Apps.Open(ctx, name); err != nil {
		return wrong(ctx, err)
	}
	for deadline := time.Now().Add(t.config.OpenMost); ; {
		what, err := t.compare(ctx, before, action.Action{Verb: action.Open}, t.afterwards())
		if err != nil || what.what == contracts.OutcomeChanged || time.Now().After(deadline) {
			return what, err
		}
	}
}

// find counts and lists files.
func (t *task) find(ctx context.Context, pattern string) (outcome, error) {
	files, err := t.ports.Vault.Find(ctx, pattern)
	if err != nil {
		return wrong(ctx, err)
	}
	result := fmt.Sprintf("%d files", len(files))
	if len(files) == 1 {
		result = "1 file"
	}
	if len(files) > 0 {
		result += ": " + strings.Join(files[:min(listed, len(files))], ", ")
	}
	if len(files) > listed {
		result += ", …"
	}
	return outcome{what: contracts.OutcomeResult, result: result}, nil
}

// screenshot saves the screen as it is now.
func (t *task) screenshot(ctx context.Context, name string) (outcome, error) {
	if err := t.look(ctx, Look{}); err != nil {
		return outcome{}, err
	}
	picture, err := t.ports.Frames.Get(ctx, t.view.Frame.Image)
	if err != nil {
		return wrong(ctx, fmt.Errorf("fetch the picture of the screen: %w", err))
	}
	if _, err := png.DecodeConfig(bytes.NewReader(picture)); err != nil {
		return wrong(ctx, fmt.Errorf("the picture of the screen is no PNG: %w", err))
	}
	if !strings.EqualFold(path.Ext(name), ".png") {
		name += ".png"
	}
	saved, err := t.ports.Vault.Save(ctx, name, picture)
	if err != nil {
		return wrong(ctx, err)
	}
	return outcome{what: contracts.OutcomeResult, result: saved}, nil
}

// told is what the planner is told of a step that is over: nothing when the
// screen shows it or in a dry run, which goes on as if it did, else what the action gave or why it did not work.
func told(step contracts.TaskStep) string {
	switch step.Outcome {
	case contracts.OutcomeUnchanged:
		return "no effect"
	case contracts.OutcomeResult:
		if step.Action.Verb == action.Find {
			count, _, _ := strings.Cut(step.Result, ":")
			return count
		}
		return step.Result
	case contracts.OutcomeError, contracts.OutcomeRefused, contracts.OutcomeForbidden:
		return step.Result
	default:
		return ""
	}
}
