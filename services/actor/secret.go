package actor

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/kit/secrets"
)

// reveal puts the secrets that its text asks for into an input, just before it is
// typed or counted. Nothing else of the actor ever has them.
func (s *service) reveal(ctx context.Context, in Input) (Input, error) {
	if in.Verb != action.Type || in.Secret || len(secrets.In(in.Text)) == 0 {
		return in, nil
	}
	text, err := secrets.Reveal(ctx, s.ports.Secrets, in.Text)
	if err != nil {
		return in, err
	}
	in.Text, in.Secret = text, true
	return in, nil
}

// hideTyped has the next looks hide what a step is about to type: the names, and
// all that changes from now on.
func (t *task) hideTyped(entry contracts.JournalEntry) {
	for _, name := range secrets.In(entry.Action.Text) {
		if !slices.Contains(t.hide.Secrets, name) {
			t.hide.Secrets = append(t.hide.Secrets, name)
		}
	}
	if t.hide.Since != nil {
		return // it was typed before, and not looked at since
	}
	switch {
	case t.view != nil:
		t.hide.Since = &t.view.Frame.Image
	case entry.Event != nil:
		t.hide.Since = &entry.Event.Frame.Image
	}
}

// hideAgain has a task that goes on after a restart hide what it hid before.
func (t *task) hideAgain() {
	t.hide.Areas = t.record.session.Hidden
	for _, step := range t.steps {
		if step.Action.Verb == action.Type {
			for _, name := range secrets.In(step.Action.Text) {
				if !slices.Contains(t.hide.Secrets, name) {
					t.hide.Secrets = append(t.hide.Secrets, name)
				}
			}
		}
	}
	if t.doubt != nil && t.doubt.Action.Verb == action.Type && len(secrets.In(t.doubt.Action.Text)) > 0 {
		t.hideTyped(*t.doubt)
	}
}

// hid notes what the eyes have hidden.
func (t *task) hid(v View) {
	t.hide.Areas, t.hide.Since = v.Hidden, nil
	t.record.session.Hidden = v.Hidden
}

// unsaid is an error of the hands without a character of a secret.
func unsaid(in Input, err error) error {
	if in.Secret && errors.Is(err, ErrCannotType) {
		return fmt.Errorf("%w: one of the secret's is not on this keyboard, or Caps Lock is on", ErrCannotType)
	}
	return err
}

// unnamedSecret applies to a secret that the task does not name: somebody else,
// such as a page, wants it.
func unnamedSecret(s scene) (string, bool) {
	if s.action.Verb != action.Type {
		return "", false
	}
	asked := secrets.In(s.state.Task)
	for _, name := range secrets.In(s.action.Text) {
		if !slices.Contains(asked, name) {
			return name, true
		}
	}
	return "", false
}

// namedSecret applies to a secret that the task names.
func namedSecret(s scene) (string, bool) {
	if names := secrets.In(s.action.Text); s.action.Verb == action.Type && len(names) > 0 {
		return names[0], true
	}
	return "", false
}
