package private

import (
	"strings"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/kit/secrets"
)

// Hidden is what a step says with placeholders for all that is private.
type Hidden struct {
	State   prompt.State
	Actions []action.Action
	// Counts is how many different values of each kind were replaced.
	Counts map[Kind]int
	// Broken is true when an action types a part of a private value: with the
	// placeholder in the rest of the step nobody could tell what to type.
	Broken bool
}

// Typed returns the password that an action types: what goes into a field for one.
func Typed(s prompt.State, a action.Action) (password string, ok bool) {
	text := strings.TrimSpace(a.Text)
	return text, a.Verb == action.Type && len(text) > 1 && len(secrets.In(text)) == 0 && forPassword(s.Screen)
}

// Hide replaces what is private in what the planner was told and in actions on that
// screen. Passwords are those that other steps of the session typed (see Typed): they may
// stand in what was done so far. Elements that the model does not see are left out, and texts are cut to what it
// sees. An action that could be done on the screen can be done on the new one, and means
// the same.
func Hide(s prompt.State, passwords []string, actions ...action.Action) Hidden {
	c := newCloak()
	for _, password := range Passwords(s.Task) {
		c.add(Password, password)
	}
	said := []string{prompt.Render(s)}
	for _, a := range actions {
		said = append(said, a.String())
	}
	all := strings.Join(said, "\n")
	for _, password := range passwords {
		if strings.Contains(all, password) || strings.Contains(all, screen.Escape(password)) {
			c.add(Password, password)
		}
	}
	for _, a := range actions {
		if password, ok := Typed(s, a); ok {
			c.add(Password, password)
		}
	}
	visible := s.Visible()
	c.learn(s.Task)
	c.learn(visible.Title)
	for _, e := range visible.Elements {
		c.learn(e.Text)
		c.learn(e.Caption)
	}
	for _, d := range s.Done {
		c.learn(d.Action)
		c.learn(d.Result)
	}
	for _, a := range actions {
		c.learn(a.Text)
	}
	if len(c.values) == 0 {
		s.Screen = cut(visible)
		return Hidden{State: s, Actions: actions}
	}
	return c.step(s, visible, actions)
}

// step puts the placeholders into a step.
func (c *cloak) step(s prompt.State, visible screen.Screen, actions []action.Action) Hidden {
	before := visible.Targets()
	now := screen.Screen{Title: c.hide(visible.Title), Elements: make([]screen.Element, 0, len(visible.Elements))}
	for _, e := range visible.Elements {
		e.Text, e.Caption = c.hide(e.Text), c.hide(e.Caption)
		now.Elements = append(now.Elements, e)
	}
	now = cut(now)
	names := map[screen.Target]screen.Target{}
	for i, target := range now.Targets() {
		names[before[i]] = target
	}
	h := Hidden{State: prompt.State{Task: c.hide(s.Task), Screen: now}, Counts: c.counts}
	for _, d := range s.Done {
		h.State.Done = append(h.State.Done, prompt.Done{Action: c.hide(d.Action), Result: c.hide(d.Result)})
	}
	for _, a := range actions {
		says := a.Verb == action.Type || a.Verb == action.Answer
		h.Broken = h.Broken || says && c.partly(a.Text) && !strings.Contains(prompt.Render(h.State), screen.Escape(a.Text))
		a.Text, a.Target, a.To = c.hide(a.Text), c.target(names, a.Target), c.target(names, a.To)
		h.Actions = append(h.Actions, a)
	}
	return h
}

// target is the new name of an element, which is found by the old one: what it says
// may be cut, and its number may be another.
func (c *cloak) target(names map[screen.Target]screen.Target, t screen.Target) screen.Target {
	if now, ok := names[t]; ok {
		return now
	}
	t.Text = c.hide(t.Text)
	return t
}

// cut has each element say what the model sees of it.
func cut(s screen.Screen) screen.Screen {
	elements := make([]screen.Element, 0, len(s.Elements))
	for _, e := range s.Elements {
		e.Text = e.Label()
		elements = append(elements, e)
	}
	s.Elements = elements
	return s
}
