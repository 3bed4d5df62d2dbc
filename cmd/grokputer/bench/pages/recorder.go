// Package pages records sessions on our own made-up pages: they are shown in a real
// browser, read by the real eyes and worked by real pointer and keys. What is right on
// a page the page itself knows; which element of the screen that is, the eyes say.
package pages

import (
	"context"
	"fmt"
	"image"
	"slices"
	"strconv"
	"time"

	"github.com/grokputer/grokputer/cmd/grokputer/bench/stage"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/actor"
	"github.com/grokputer/grokputer/services/trainer"
	"github.com/grokputer/grokputer/services/trainer/starter/web"
)

// stepsMost bounds a session: one that needs more does not get anywhere.
const stepsMost = 30

// waitTries is how often a page is looked at again that is not yet as it should be.
const waitTries = 3

// Hands do what is right.
type Hands interface {
	Do(ctx context.Context, in actor.Input, sent func(n int) error) error
	Release(ctx context.Context) error
}

// Recorder has sessions carried out on a stage.
type Recorder struct {
	Stage *stage.Stage
	Eyes  stage.Eyes
	Hands Hands
}

// Recorded is a session as it went.
type Recorded struct {
	Number uint64            `json:"number"`
	Family string            `json:"family"`
	Steps  []trainer.Example `json:"steps"`
	// Dropped is why there are no steps, or none beyond a point; empty when all went
	// as it should.
	Dropped string  `json:"dropped,omitempty"`
	Seconds float64 `json:"seconds"`
	// Picture is the screen at the end, and Done what was done until then.
	Picture image.Image   `json:"-"`
	Done    []prompt.Done `json:"-"`
}

// run is a session under way.
type run struct {
	*Recorder

	session web.Session
	visit   *visit
	page    web.State
	picture image.Image
	screen  screen.Screen
	done    []prompt.Done
	last    *web.Step
	at      *actor.Point // where the pointer was sent last
	inputs  int
	steps   []trainer.Example
	trouble *web.Trouble // what has still to go wrong
}

// Record carries a session out. An error means that the recording cannot go on.
func (r *Recorder) Record(ctx context.Context, number uint64, s web.Session) (Recorded, error) {
	began := time.Now()
	now := &run{Recorder: r, session: s, trouble: s.Trouble}
	why, err := now.all(ctx, number)
	if err != nil {
		return Recorded{}, fmt.Errorf("page %d (%s): %w", number, s.Task, err)
	}
	return Recorded{Number: number, Family: s.Family, Steps: now.steps, Dropped: why, Seconds: time.Since(began).Seconds(), Picture: now.picture, Done: now.done}, nil
}

// all opens the page and goes on to the end of its task. why says what has ended it early.
func (r *run) all(ctx context.Context, number uint64) (why string, err error) {
	r.visit, err = stage.Show(ctx, r.Stage, func() *visit { return newVisit(number, r.session.HTML) },
		func(ctx context.Context, v *visit) (err error) {
			r.page, err = v.state(ctx)
			return err
		})
	if err != nil {
		return "", err
	}
	if err := r.order(ctx, "state"); err != nil {
		return "", err
	}
	for range stepsMost {
		over, why, err := r.step(ctx)
		if over || why != "" || err != nil {
			return why, err
		}
	}
	r.steps = nil
	return "too many steps", nil
}

// distance is how far one number is from another.
func distance(a, b string) int {
	x, _ := strconv.Atoi(a) // a page's number is one
	y, _ := strconv.Atoi(b)
	return max(x-y, y-x)
}

// order waits until nothing moves, gives the page an order, hears how it is then, and
// looks.
func (r *run) order(ctx context.Context, name string) error {
	if err := r.Eyes.Settle(ctx); err != nil {
		return err
	}
	err := r.Stage.Tell(ctx, r.visit, name, func(ctx context.Context) (err error) {
		r.page, err = r.visit.state(ctx)
		return err
	})
	if err != nil {
		return err
	}
	r.picture, r.screen, err = r.Eyes.Look(ctx, false)
	return err
}

// step records what is right now and does it.
func (r *run) step(ctx context.Context) (over bool, why string, err error) {
	next := r.session.Next(r.page, r.last)
	if t := r.trouble; t != nil && t.Slip != "" && t.Goal == next.Goal && next.At != t.Slip {
		r.trouble = nil
		slip := web.Step{Goal: next.Goal, At: t.Slip, Action: action.Action{Verb: action.Click}}
		if right, point, why := r.aim(&slip); why == "" {
			return false, "", r.do(ctx, slip, right, point)
		}
	}
	right, point, why := r.aim(&next)
	if why != "" {
		return false, why, nil
	}
	state := prompt.State{Task: r.session.Task, Screen: r.screen, Done: slices.Clip(r.done)}
	if nameable := state.Check(right) == nil; !nameable {
		return false, "beyond what the model sees", nil
	}
	if r.session.Source != "" && (right.Verb == action.Type || right.Verb == action.Answer) && !stands(r.session.Source, r.screen.Elements) {
		return false, "source misread", nil
	}
	r.steps = append(r.steps, trainer.Example{Kind: "web " + r.session.Family, State: state, Right: right})
	if right.Ends() {
		return true, "", nil
	}
	if t := r.trouble; t != nil && t.Slip == "" && t.Goal == next.Goal && t.Unfocused() == (right.Verb == action.Type) {
		r.trouble, r.last = nil, nil
		r.done = append(r.done, prompt.Done{Action: right.String(), Result: t.Result})
		if t.Unfocused() {
			return false, "", r.order(ctx, "blur")
		}
		return false, "", nil
	}
	before := r.seen()
	if err := r.do(ctx, next, right, point); err != nil {
		return false, "", err
	}
	why = r.wrong(next, before)
	for tries := 0; why != "" && tries < waitTries; tries++ { // the browser may be behind
		if err := r.order(ctx, "state"); err != nil {
			return false, "", err
		}
		why = r.wrong(next, before)
	}
	if why != "" {
		r.steps = nil // what was taken for right may not have been
		return false, why, nil
	}
	return false, "", nil
}

// view is what the page said and what was seen of it at one time.
type view struct {
	page    web.State
	picture image.Image
	screen  screen.Screen
}

func (r *run) seen() view { return view{r.page, r.picture, r.screen} }

// aim fills in the target of a step as the eyes see it, and the point that is clicked.
func (r *run) aim(s *web.Step) (a action.Action, at actor.Point, why string) {
	var i int
	elements := prompt.State{Screen: r.screen}.Visible().Elements
	switch {
	case s.Option != "":
		list := r.page.Find(r.session.Goals[s.Goal].At)
		if i = option(s.Option, list, elements); i < 0 {
			if list.Kind == "drop" { // it does not know keys
				return a, at, "option: nothing seen there"
			}
			*s = s.Typed()
			return s.Action, at, ""
		}
	case s.At != "":
		c := r.page.Find(s.At)
		switch {
		case !c.Shown:
			return a, at, "not shown"
		case !c.In || !c.Free:
			return a, at, "covered"
		}
		if i, why = find(c, elements); i < 0 {
			return a, at, c.Kind + ": " + why
		}
	default:
		return s.Action, at, ""
	}
	a = s.Action
	a.Target = r.screen.Targets()[i]
	x, y := elements[i].Box.Center()
	return a, actor.Point{X: x, Y: y}, ""
}

// do does an action and looks what came of it.
func (r *run) do(ctx context.Context, s web.Step, a action.Action, at actor.Point) error {
	r.inputs++
	in := actor.Input{Mark: fmt.Sprintf("page.%d.%d", r.visit.number, r.inputs), Verb: a.Verb, Text: a.Text, Keys: a.Keys, Down: a.Down, N: a.N, At: at}
	switch {
	case len(a.Targets()) > 0:
		r.at = &at
	case r.at != nil: // the wheel turns where the pointer was sent last
		in.At = *r.at
	default:
		size := r.picture.Bounds().Size()
		in.At = actor.Point{X: size.X / 2, Y: size.Y / 2}
	}
	if err := r.Hands.Do(ctx, in, func(int) error { return nil }); err != nil {
		return err
	}
	r.done = append(r.done, prompt.Done{Action: a.String()})
	r.last = &s
	return r.order(ctx, "state")
}

// wrong says what is wrong with what an action has led to, "" for nothing.
func (r *run) wrong(s web.Step, before view) string {
	g := r.session.Goals[s.Goal]
	was, is := before.page.Find(g.At), r.page.Find(g.At)
	switch {
	case !actor.Changed(before.screen, r.screen, before.picture, r.picture, s.Action.Verb == action.Type, 1): // the planner would be told so
		return "no effect"
	case s.Action.Verb == action.Scroll:
		if was.Top == is.Top {
			return "not scrolled"
		}
		return ""
	case g.Want == web.Number:
		if nearer := distance(is.Value, g.Text) < distance(was.Value, g.Text); !nearer {
			return "the number did not come nearer"
		}
		return ""
	case g.Want == web.Fill && s.Action.Verb == action.Click:
		if !is.Focused {
			return "the field did not get the focus"
		}
		return ""
	case g.Want == web.Fill && s.Action.Verb == action.Key:
		return ""
	case g.Want == web.Choose && s.Option == "" && s.Action.Verb != action.Key:
		return "" // the list was opened, or an entry looked for
	case !r.page.Met(g):
		return "the page is not as it should be after " + string(s.Action.Verb)
	default:
		return ""
	}
}
