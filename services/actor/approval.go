package actor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
)

// approve waits for a person's answer about an action, if its class asks for
// one or why is given: the reason why it must be asked for all the same. It
// returns why the action may not be done, "" when it may.
func (t *task) approve(ctx context.Context, entry contracts.JournalEntry, why string) (no string, err error) {
	var class Class
	if err := class.UnmarshalText([]byte(entry.Class)); err != nil {
		return "", err
	}
	if !t.config.Policy.NeedsApproval(class) {
		return "", nil
	}
	if err := t.audit(ctx, entry, contracts.PolicyWaiting, contracts.ByPolicy, why); err != nil {
		return "", err
	}
	answer, err := t.ask(ctx, t.request(entry, why))
	if err != nil {
		return "", err
	}
	by := cmp.Or(answer.By, "a person")
	if answer.State == contracts.ApprovalGranted {
		return "", t.audit(ctx, entry, contracts.PolicyApproved, by, answer.Reason)
	}
	no = cmp.Or(answer.Reason, "the person denied it")
	return no, t.audit(ctx, entry, contracts.PolicyDenied, by, no)
}

// request asks about a step's action, with all that a person needs to answer.
func (t *task) request(entry contracts.JournalEntry, why string) contracts.TaskApproval {
	r := contracts.TaskApproval{
		TaskID: t.state.TaskID, Step: entry.Step, State: contracts.ApprovalRequested,
		Action: entry.Action.String(), Class: entry.Class, Reason: why,
		Expires: time.Now().Add(t.config.ApprovalTimeout).UTC(),
	}
	if e := entry.Event; e != nil {
		r.Rule, r.Words = e.Rule, e.Words
		if e.Frame.Image.Key != "" {
			r.Frame = &e.Frame
		}
	}
	if noted, ok := t.record.prompt(entry.Step); ok {
		visible := noted.State.Visible()
		for _, target := range entry.Action.Targets() {
			if element, err := visible.Find(target); err == nil {
				r.Boxes = append(r.Boxes, element.Box)
			}
		}
	}
	return r
}

// ask publishes a request for approval and waits for the first answer to it that
// is stored after it. When none comes in time it denies the request itself.
func (t *task) ask(ctx context.Context, request contracts.TaskApproval) (contracts.TaskApproval, error) {
	subject := contracts.SubjectTask(contracts.VerbApproval, t.state.TaskID)
	var last uint64
	err := keep(ctx, t.log, "look at the stream", func(ctx context.Context) error {
		var err error
		last, err = t.bus.LastSequence(ctx, contracts.StreamTasks)
		return err
	})
	if err != nil {
		return request, err
	}
	t.state.Verb = contracts.VerbApproval
	if err := t.tasks.put(ctx, t.state); err != nil {
		return request, err
	}
	id := bus.NewID()
	if err := t.bus.Publish(ctx, subject, request, bus.WithID(id), bus.WithTask(t.state.TaskID)); err != nil {
		return request, err
	}
	t.log.Info("waiting for approval", "step", request.Step, "class", request.Class)
	waiting, cancel := context.WithDeadlineCause(ctx, request.Expires, errNoAnswer)
	defer cancel()
	answer, err := t.answer(waiting, last, id, request)
	if errors.Is(err, errNoAnswer) && ctx.Err() == nil {
		answer = request
		answer.State, answer.By = contracts.ApprovalDenied, contracts.ByClock
		answer.Reason = fmt.Sprintf("nobody answered within %s", t.config.ApprovalTimeout)
		return answer, t.bus.Publish(ctx, subject, answer, bus.WithID(id+".denied"), bus.WithTask(t.state.TaskID))
	}
	return answer, err
}

// errNoAnswer is the cause of a wait for approval that ran out.
var errNoAnswer = errors.New("nobody answered")

// answer reads what follows the request with this message id.
func (t *task) answer(ctx context.Context, last uint64, id string, request contracts.TaskApproval) (contracts.TaskApproval, error) {
	var answer contracts.TaskApproval
	asked := false
	subjects := []string{contracts.SubjectTask(contracts.VerbApproval, t.state.TaskID)}
	err := keepWatching(ctx, func() error {
		return t.bus.Watch(ctx, contracts.StreamTasks, subjects, bus.FromAfter(last), func(m bus.Message) error {
			if m.ID() == id {
				asked = true
				return nil
			}
			a, err := bus.Decode[contracts.TaskApproval](m)
			if err != nil || !asked || !answers(a, request) {
				return nil //nolint:nilerr // what cannot be read answers nothing
			}
			answer = a
			return bus.ErrStop
		})
	})
	return answer, err
}

// answers reports whether a grants or denies the action that was asked about.
func answers(a, request contracts.TaskApproval) bool {
	decided := a.State == contracts.ApprovalGranted || a.State == contracts.ApprovalDenied
	return decided && a.Step == request.Step && (a.Action == "" || a.Action == request.Action)
}

// keepWatching starts a watch again that failed, until ctx ends.
func keepWatching(ctx context.Context, watch func() error) error {
	for {
		err := watch()
		if err == nil || ctx.Err() != nil || errors.Is(err, bus.ErrClosed) {
			return errors.Join(err, context.Cause(ctx))
		}
		select {
		case <-ctx.Done():
		case <-time.After(tryTimeout / 10):
		}
	}
}
