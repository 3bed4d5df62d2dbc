package actor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/kit/bus"
)

// step looks, plans and does one action. over is true when it ended the task.
func (t *task) step(ctx context.Context) (end ending, over bool, err error) {
	n := len(t.steps) + 1
	ctx, span := t.tracer.Start(ctx, "step", trace.WithAttributes(attribute.Int("step", n)))
	defer span.End()
	if t.view == nil {
		if err := t.look(ctx, t.afterwards()); err != nil {
			return ending{}, false, err
		}
	}
	t.config.Hook.at(AfterLook, n, 0)
	t.arrive(ctx)
	if end, over := t.stuck(); over {
		return end, true, nil
	}
	may := t.now()
	entry, err := t.plan(ctx, n, may)
	if end, over := t.atLoss(may, err); over {
		return end, true, nil
	}
	if err != nil {
		return ending{}, false, err
	}
	return t.carryOut(ctx, entry, false)
}

// plan lets the planner say the action of a step. What it was told is noted, with the adapter that
// had the last word.
func (t *task) plan(ctx context.Context, n int, may Constraint) (contracts.JournalEntry, error) {
	ctx, span := t.tracer.Start(ctx, "plan")
	defer span.End()
	started := time.Now().UTC()
	state := t.prompt()
	d, asked, err := t.consult(ctx, state, may)
	if err != nil {
		return contracts.JournalEntry{}, err
	}
	t.config.Hook.at(AfterPlan, n, 0)
	if err := may.Check(state, d.Action); err != nil { // a planner is not trusted with this
		return contracts.JournalEntry{}, fmt.Errorf("%w: %s: %w", ErrNoPlan, d.Action, err)
	}
	who, judged := t.ports.Planner.Identity(), t.config.Policy.Judge(state, d.Action)
	if len(asked) > 0 {
		who.Adapter = asked[len(asked)-1].Version
	}
	event := contracts.TaskStep{
		TaskID: t.state.TaskID, SessionID: t.state.SessionID, Step: n,
		Frame: t.view.Frame, Title: t.view.Screen.Title, Elements: len(t.view.Screen.Elements),
		Action: d.Action, Class: judged.Class.String(), Rule: judged.Rule, Words: judged.Words, Adapters: asked, Confidence: d.Confidence,
		Started: started, Planned: time.Now().UTC(),
	}
	err = t.record.prompted(Prompted{
		Step: n, State: state, Action: d.Action.String(), Text: d.Text, Confidence: d.Confidence,
		Planner: who.Planner, Model: who.Model, Adapter: who.Adapter, Frame: t.view.Frame, Moving: t.view.Moving, Windows: t.view.Windows, Time: event.Planned,
	})
	return contracts.JournalEntry{
		TaskID: t.state.TaskID, Step: n, Phase: contracts.PhaseIntent,
		Action: d.Action, Class: event.Class, Event: &event,
	}, err
}

// decide asks the planner, and offers it the picture if it has eyes of its own.
func (t *task) decide(ctx context.Context, state prompt.State, may Constraint) (Decision, error) {
	sighted, ok := t.ports.Planner.(Sighted)
	if !ok {
		return t.ports.Planner.Plan(ctx, state, may)
	}
	frame := t.view.Frame
	return sighted.PlanSeeing(ctx, state, may, func(ctx context.Context) ([]byte, error) {
		return t.ports.Frames.Get(ctx, frame.Image)
	})
}

// carryOut does a planned action, unless the policy forbids it, or a person has
// to approve it and does not. approved says that one already has.
func (t *task) carryOut(ctx context.Context, entry contracts.JournalEntry, approved bool) (end ending, over bool, err error) {
	t.config.Hook.at(AfterNote, entry.Step, 0)
	if err := t.journal.put(ctx, entry); err != nil {
		return ending{}, false, err
	}
	t.config.Hook.at(AfterIntent, entry.Step, 0)
	if !approved {
		what, ok, err := t.permit(ctx, entry)
		if err != nil {
			return ending{}, false, err
		}
		if !ok {
			return t.settle(ctx, entry, what)
		}
	}
	t.config.Hook.at(AfterPermit, entry.Step, 0)
	if !entry.Action.Ends() {
		entry.Phase = contracts.PhaseActing
		if err := t.journal.put(ctx, entry); err != nil {
			return ending{}, false, err
		}
		t.config.Hook.at(AfterActing, entry.Step, 0)
	}
	acting, span := t.tracer.Start(ctx, "act", trace.WithAttributes(attribute.String("verb", string(entry.Action.Verb))))
	what, err := t.act(acting, entry)
	span.End()
	return t.acted(ctx, entry, what, err)
}

// acted settles a step after its action was done or not. A step that a stop cut
// short is settled, too; one cut short by the end of the process is left in
// doubt for the next.
func (t *task) acted(ctx context.Context, entry contracts.JournalEntry, what outcome, err error) (end ending, over bool, _ error) {
	if err != nil {
		stop, ok := errors.AsType[*stopped](context.Cause(ctx))
		if !ok {
			return ending{}, false, err
		}
		what = outcome{what: contracts.OutcomeError, result: stop.Error()}
	}
	t.config.Hook.at(AfterAct, entry.Step, 0)
	end, over, settleErr := t.settle(ctx, entry, what)
	return end, over, errors.Join(err, settleErr)
}

// outcome is what an action did.
type outcome struct {
	what   contracts.Outcome
	result string
	effect effect        // zero where the screen was not looked at for it
	landed *screen.Point // nil where that is not known
}

// settle writes down what came of a step, and tells of it.
func (t *task) settle(ctx context.Context, entry contracts.JournalEntry, what outcome) (end ending, over bool, err error) {
	// It has happened: that is written down although the task may just have been stopped.
	ctx, cancel := linger(ctx)
	defer cancel()
	event := *entry.Event
	event.Outcome, event.Result, event.Ended = what.what, what.result, time.Now().UTC()
	event.Effect, event.Region, event.Landed = what.effect.what, what.effect.box(), what.landed
	entry.Event, entry.Phase = &event, contracts.PhaseDone
	if err := t.journal.put(ctx, entry); err != nil {
		return ending{}, false, err
	}
	t.config.Hook.at(AfterDone, entry.Step, 0)
	if err := t.tell(ctx, entry); err != nil {
		return ending{}, false, err
	}
	end, over = t.over()
	return end, over, nil
}

// stepEvent is a step's event with what the planner was told, which journal and
// session.json leave out: it is in PromptsFile. Training learns from it.
func (t *task) stepEvent(entry contracts.JournalEntry) contracts.TaskStep {
	event := *entry.Event
	noted, ok := t.record.prompt(entry.Step)
	if !ok {
		return event
	}
	event.State = &noted.State
	if body, err := json.Marshal(event); err == nil && len(body) > contracts.MaxEventBytes {
		t.log.Warn("the step's event would be too large: it leaves out what the planner was told", "step", entry.Step, "bytes", len(body))
		event.State = nil
	}
	return event
}

// tell publishes the event of a step that is over.
func (t *task) tell(ctx context.Context, entry contracts.JournalEntry) error {
	err := t.bus.Publish(ctx, contracts.SubjectTask(contracts.VerbStep, entry.TaskID), t.stepEvent(entry),
		bus.WithID(fmt.Sprintf("%s.%s.%d", entry.TaskID, contracts.VerbStep, entry.Step)), bus.WithTask(entry.TaskID))
	if err != nil {
		return err
	}
	t.config.Hook.at(AfterPublished, entry.Step, 0)
	entry.Phase = contracts.PhasePublished
	if err := t.journal.put(ctx, entry); err != nil {
		return err
	}
	t.config.Hook.at(AfterTold, entry.Step, 0)
	t.steps = append(t.steps, *entry.Event)
	t.record.session.Steps = t.steps
	t.state.Verb, t.state.Steps = contracts.VerbStep, len(t.steps)
	err = errors.Join(t.record.save(), t.tasks.put(ctx, t.state))
	t.config.Hook.at(AfterSaved, entry.Step, 0)
	return err
}
