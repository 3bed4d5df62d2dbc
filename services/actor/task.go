package actor

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
)

// task is the task that has the desktop.
type task struct {
	*service
	log     *slog.Logger
	state   contracts.TaskState
	record  *record
	steps   []contracts.TaskStep // all that are over, in order
	doubt   *contracts.JournalEntry
	view    *View // what the screen looked like last; nil before the first look
	fetched fetched
	places  places
	at      *Point
	hide    Hide // what must not be seen of it
	pins    contracts.Pins
	outfit  outfit
}

// deadline is the end of the task's time.
func (t *task) deadline(now time.Time) time.Time {
	if t.state.Verb != contracts.VerbAccepted {
		now = t.state.Started
	}
	return now.Add(t.config.TaskTimeout)
}

// work does one step after the other until one ends the task.
func (t *task) work(ctx context.Context) (ending, error) {
	if err := ctx.Err(); err != nil {
		return ending{}, err
	}
	if err := t.equip(ctx); err != nil {
		return ending{}, err
	}
	defer t.undress(ctx)
	if t.state.Verb == contracts.VerbAccepted {
		if err := t.start(ctx); err != nil {
			return ending{}, err
		}
	}
	if t.doubt != nil {
		if end, over, err := t.settleDoubt(ctx, *t.doubt); err != nil || over {
			return end, err
		}
	} else if end, over := t.over(); over {
		return end, nil
	}
	for len(t.steps) < t.config.MaxSteps {
		if end, over, err := t.step(ctx); err != nil || over {
			return end, err
		}
	}
	return failed(contracts.ReasonSteps, "the task was not done after %d steps", t.config.MaxSteps), nil
}

// start tells that the work begins.
func (t *task) start(ctx context.Context) error {
	who := t.ports.Planner.Identity()
	t.state.Verb, t.state.Started = contracts.VerbStarted, time.Now().UTC()
	t.record.start(t.state, who)
	if err := t.record.save(); err != nil {
		return err
	}
	err := t.publish(ctx, contracts.VerbStarted, t.state.TaskID, contracts.TaskStarted{
		TaskID: t.state.TaskID, SessionID: t.state.SessionID,
		Planner: who.Planner, Model: who.Model, Adapter: who.Adapter, Time: t.state.Started,
	})
	if err != nil {
		return err
	}
	return t.tasks.put(ctx, t.state)
}

// over reports whether the last step ended the task: the agent said so, a person
// did not allow it, or the agent insists on what it may not do.
func (t *task) over() (ending, bool) {
	if len(t.steps) == 0 {
		return ending{}, false
	}
	last := t.steps[len(t.steps)-1]
	if last.Outcome == contracts.OutcomeRefused {
		if last.Result == inDoubtRefused {
			return failed(contracts.ReasonInDoubt, "%s", last.Result), true
		}
		return failed(contracts.ReasonDenied, "%s was not approved: %s", last.Action, last.Result), true
	}
	switch last.Action.Verb {
	case action.Done:
		return ending{Verb: contracts.VerbCompleted}, true
	case action.Answer:
		return ending{Verb: contracts.VerbCompleted, Answer: last.Action.Text}, true
	case action.Fail:
		return failed(contracts.ReasonGaveUp, "%s", last.Action.Text), true
	case action.Ask:
		return failed(contracts.ReasonAsked, "%s", last.Action.Text), true
	}
	if len(t.steps) < 2 {
		return ending{}, false
	}
	before := t.steps[len(t.steps)-2]
	if before.Action.String() != last.Action.String() || before.Outcome != last.Outcome {
		return ending{}, false
	}
	switch last.Outcome {
	case contracts.OutcomeForbidden:
		return failed(contracts.ReasonDenied, "%s was planned twice, but %s", last.Action, last.Result), true
	case contracts.OutcomeDry:
		return failed(contracts.ReasonNoEffect, "%s was planned twice, for a dry run changes nothing", last.Action), true
	default:
		return ending{}, false
	}
}

// prompt is what the planner is told.
func (t *task) prompt() prompt.State {
	state := prompt.State{Task: t.state.Task, Screen: t.view.Screen}
	for _, step := range t.steps {
		state.Done = append(state.Done, prompt.Done{Action: step.Action.String(), Result: told(step)})
	}
	return state
}

// may is what can be done at all, besides what a screen offers.
func (t *task) may() Constraint {
	return Constraint{Apps: t.ports.Apps.Names(), Folders: t.ports.Vault.Folders()}
}

// look brings the view up to date.
func (t *task) look(ctx context.Context, how Look) error {
	how.TaskID, how.Hide = t.state.TaskID, t.hide
	view, err := t.ports.Eyes.Look(ctx, how)
	if errors.Is(err, ErrBlind) && ctx.Err() == nil { // an observer that was just starting, or one lost answer
		view, err = t.ports.Eyes.Look(ctx, how)
	}
	if err != nil {
		return err
	}
	if how.Most == 0 && t.view != nil { // nobody waited to see what moves
		view.Moving = t.view.Moving
	}
	t.view = &view
	t.hid(view)
	return nil
}

// afterwards is how to look after an action.
func (t *task) afterwards() Look { return Look{Still: t.config.Still, Most: t.config.StillMost} }

// end writes the end into the session's record, from where nothing takes it
// back. A disk that is full costs the record, not the end.
func (t *task) end(e ending) {
	t.record.end(e, t.steps, t.view, time.Now())
	if err := t.record.save(); err != nil {
		t.log.Error("the session's log is not complete", "err", err)
	}
}

// close tells of the end that the record holds.
func (t *task) close(ctx context.Context) error {
	ended := t.record.event(t.state)
	verb := t.record.session.Outcome
	t.config.Hook.at(AfterEnd, ended.Steps, 0)
	if err := t.publish(ctx, verb, t.state.TaskID, ended); err != nil {
		return err
	}
	t.config.Hook.at(AfterEnded, ended.Steps, 0)
	t.state.Verb, t.state.Steps = verb, ended.Steps
	if err := t.tasks.put(ctx, t.state); err != nil {
		return err
	}
	t.log.Info("task ended", "outcome", string(verb), "code", string(ended.Code), "steps", ended.Steps)
	return nil
}
