package actor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
)

// Results of steps that a crash left in doubt.
const (
	inDoubt        = "in doubt"
	inDoubtRefused = "a crash left it in doubt whether this was done, and repeating it was not approved"
)

// resume puts a task together from what an earlier process wrote down. For a new
// task that is nothing.
func (s *service) resume(ctx context.Context, state contracts.TaskState) (*task, error) {
	rec, err := openRecord(LogDir(s.dataDir), state)
	if err != nil {
		return nil, err
	}
	t := &task{service: s, log: s.log.With("task", state.TaskID), state: state, record: rec}
	entries, err := s.journal.read(ctx, state.TaskID)
	if err != nil {
		return nil, err
	}
	for i, entry := range entries {
		if entry.Event == nil {
			return nil, fmt.Errorf("step %d in the journal has no event", entry.Step)
		}
		switch last := i == len(entries)-1; {
		case entry.Phase == contracts.PhasePublished:
			t.steps = append(t.steps, *entry.Event)
		case entry.Phase == contracts.PhaseDone:
			if err := t.tell(ctx, entry); err != nil {
				return nil, err
			}
		case entry.Phase == contracts.PhaseActing && last:
			t.doubt = &entry
		case entry.Phase == contracts.PhaseIntent && last: // nothing was done: it is planned anew
		default:
			return nil, fmt.Errorf("step %d in the journal is in phase %q, and another follows", entry.Step, entry.Phase)
		}
	}
	rec.session.Steps = append([]contracts.TaskStep{}, t.steps...)
	t.hideAgain()
	return t, nil
}

// settleDoubt finds out what came of a step that a crash interrupted, and goes
// on from there: nothing is done twice.
func (t *task) settleDoubt(ctx context.Context, entry contracts.JournalEntry) (end ending, over bool, err error) {
	t.doubt = nil
	a := entry.Action
	switch {
	case a.Verb == action.Open:
		return t.leaveInDoubt(ctx, entry, inDoubt)
	case !a.Input(): // looking, waiting and saving can be done again
		return ending{}, false, nil
	}
	in, err := t.reveal(ctx, Input{Mark: mark(entry), Verb: a.Verb, Text: a.Text})
	if err != nil { // how long it is cannot be known
		return t.leaveInDoubt(ctx, entry, fmt.Sprintf("%s: %s", inDoubt, err))
	}
	sent, known, err := t.ports.Hands.Sent(ctx, in.Mark)
	if err != nil {
		return ending{}, false, err
	}
	if !known && entry.Typed == in.Strokes() && a.Verb == action.Type {
		sent, known = entry.Typed, true // each was journaled after it was sent
	}
	t.log.Info("a step was in doubt", "step", entry.Step, "known", known, "sent", sent, "of", in.Strokes())
	switch {
	case known && sent == 0:
		return ending{}, false, nil
	case known && sent == in.Strokes():
		what, err := t.afterCrash(ctx, entry)
		return t.acted(ctx, entry, what, err)
	case a.Verb == action.Type && known:
		return t.typeRest(ctx, entry, in, sent)
	case a.Verb == action.Type:
		return t.leaveInDoubt(ctx, entry, fmt.Sprintf("%s: %d to %d of %d characters were typed", inDoubt, entry.Typed, entry.Typed+1, in.Strokes()))
	default:
		return t.leaveInDoubt(ctx, entry, inDoubt)
	}
}

// typeRest goes on with a text after the characters that were sent, in the same
// window; when that has lost the focus, the planner is told how far it came.
func (t *task) typeRest(ctx context.Context, entry contracts.JournalEntry, in Input, sent int) (end ending, over bool, err error) {
	in.From = sent
	err = t.send(ctx, in, entry)
	switch {
	case errors.Is(err, ErrFocusMoved), errors.Is(err, ErrNoFocus):
		return t.leaveInDoubt(ctx, entry, fmt.Sprintf("%s: %d of %d characters were typed", inDoubt, sent, in.Strokes()))
	case err != nil:
		what, err := wrong(ctx, err)
		return t.acted(ctx, entry, what, err)
	}
	what, err := t.afterCrash(ctx, entry)
	return t.acted(ctx, entry, what, err)
}

// afterCrash judges a step by the screen that was noted before it.
func (t *task) afterCrash(ctx context.Context, entry contracts.JournalEntry) (outcome, error) {
	noted, ok := t.record.prompt(entry.Step)
	if !ok {
		return outcome{what: contracts.OutcomeChanged}, t.look(ctx, t.afterwards())
	}
	return t.compare(ctx, noted.view(), entry.Action, t.afterwards())
}

// leaveInDoubt closes a step of which it cannot be known whether it was done.
// What has consequences is repeated only when a person approves; everything else
// is planned anew, by a planner that is told of the doubt.
func (t *task) leaveInDoubt(ctx context.Context, entry contracts.JournalEntry, result string) (end ending, over bool, err error) {
	var class Class
	if err := class.UnmarshalText([]byte(entry.Class)); err != nil {
		return ending{}, false, err
	}
	if !t.config.Policy.NeedsApproval(class) {
		return t.settle(ctx, entry, outcome{what: contracts.OutcomeError, result: result})
	}
	no, err := t.approve(ctx, entry, "a crash left it in doubt whether this was done: approve to do it again")
	if err != nil {
		return ending{}, false, err
	}
	if no != "" {
		return t.settle(ctx, entry, outcome{what: contracts.OutcomeRefused, result: inDoubtRefused})
	}
	if end, over, err := t.settle(ctx, entry, outcome{what: contracts.OutcomeError, result: result}); err != nil || over {
		return end, over, err
	}
	return t.repeat(ctx, entry)
}

// repeat does an action again, as a step of its own, if the screen still offers it.
func (t *task) repeat(ctx context.Context, entry contracts.JournalEntry) (end ending, over bool, err error) {
	if err := t.look(ctx, t.afterwards()); err != nil {
		return ending{}, false, err
	}
	state := t.prompt()
	if gone := t.may().Check(state, entry.Action); gone != nil {
		return ending{}, false, nil //nolint:nilerr // the planner finds another way
	}
	event := *entry.Event
	event.Step = len(t.steps) + 1
	event.Frame, event.Title, event.Elements = t.view.Frame, t.view.Screen.Title, len(t.view.Screen.Elements)
	event.Started = time.Now().UTC()
	event.Planned = event.Started
	err = t.record.prompted(Prompted{
		Step: event.Step, State: state, Action: entry.Action.String(), Confidence: event.Confidence,
		Planner: "crash recovery", Frame: event.Frame, Moving: t.view.Moving, Windows: t.view.Windows, Time: event.Planned,
	})
	if err != nil {
		return ending{}, false, err
	}
	return t.carryOut(ctx, contracts.JournalEntry{
		TaskID: entry.TaskID, Step: event.Step, Phase: contracts.PhaseIntent,
		Action: entry.Action, Class: entry.Class, Event: &event,
	}, true)
}
