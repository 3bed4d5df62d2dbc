package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/kit/bus"
)

// errNotWaiting: there is nothing to approve.
var errNotWaiting = errors.New("does not wait for an approval: `grokputer approve` lists what does")

type approveCmd struct {
	ID     string `arg:"" optional:"" help:"The task whose action is approved; without it, what waits is listed."`
	Deny   bool   `env:"-" help:"Refuse the action instead of approving it."`
	Reason string `env:"-" help:"Why, for the record." placeholder:"TEXT"`
	JSON   bool   `env:"-" help:"Print JSON for programs instead of text."`
}

// Run approves or denies the action that a task waits with, or lists what waits.
func (cmd *approveCmd) Run(ctx context.Context, c *call) error {
	b, err := c.bus(ctx)
	if err != nil {
		return err
	}
	defer b.Close()
	if cmd.ID == "" {
		return cmd.list(ctx, c, b)
	}
	if !contracts.ValidToken(cmd.ID) {
		return fmt.Errorf("%q is not the id of a task", cmd.ID)
	}
	waiting, err := pending(ctx, b, contracts.SubjectTask(contracts.VerbApproval, cmd.ID))
	if err != nil {
		return err
	}
	if len(waiting) == 0 {
		return fmt.Errorf("the task %s %w", cmd.ID, errNotWaiting)
	}
	answer, err := decide(ctx, b, waiting[0], cmd.Deny, cmd.Reason)
	if err != nil {
		return err
	}
	if cmd.JSON {
		return c.json(answer)
	}
	return c.say("%s: %s", answer.State, screen.Line(answer.Action))
}

func (cmd *approveCmd) list(ctx context.Context, c *call, b *bus.Bus) error {
	waiting, err := pending(ctx, b, contracts.SubjectTaskVerb(contracts.VerbApproval))
	if err != nil {
		return err
	}
	if cmd.JSON {
		return c.json(waiting)
	}
	if len(waiting) == 0 {
		return c.say("nothing waits for an approval")
	}
	rows := make([][]string, len(waiting))
	for i, a := range waiting {
		rows[i] = []string{a.TaskID, screen.Line(a.Action), a.Class, local(a.Expires)}
	}
	return c.table([]string{"TASK", "ACTION", "CLASS", "DENIED AT"}, rows)
}

// pending returns the approvals that were asked for and neither given, denied,
// nor overtaken by time or by the end of their task.
func pending(ctx context.Context, b *bus.Bus, subject string) ([]contracts.TaskApproval, error) {
	tasks, err := b.KV(ctx, contracts.BucketTasks)
	if err != nil {
		return nil, err
	}
	waiting := []contracts.TaskApproval{}
	err = b.Read(ctx, contracts.StreamTasks, []string{subject}, bus.FromLastPerSubject(),
		func(m bus.Message) error {
			var a contracts.TaskApproval
			if err := json.Unmarshal(m.Data, &a); err != nil {
				return fmt.Errorf("read an approval: %w", err)
			}
			if !a.Waits(time.Now()) {
				return nil
			}
			over, err := ended(ctx, tasks, a.TaskID)
			if err == nil && !over {
				waiting = append(waiting, a)
			}
			return err
		})
	return waiting, err
}

// ended reports whether a task is known to be over.
func ended(ctx context.Context, tasks jetstream.KeyValue, id string) (bool, error) {
	entry, err := tasks.Get(ctx, id)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look up the task %s: %w", id, err)
	}
	var state contracts.TaskState
	if err := json.Unmarshal(entry.Value(), &state); err != nil {
		return false, fmt.Errorf("read the state of the task %s: %w", id, err)
	}
	return state.Verb.Ends(), nil
}

// decide publishes the person's decision about one action.
func decide(ctx context.Context, b *bus.Bus, asked contracts.TaskApproval, deny bool, reason string) (contracts.TaskApproval, error) {
	asked.State, asked.Reason, asked.By = contracts.ApprovalGranted, reason, contracts.ByCommandLine
	if deny {
		asked.State = contracts.ApprovalDenied
	}
	err := b.Publish(ctx, contracts.SubjectTask(contracts.VerbApproval, asked.TaskID), asked,
		bus.WithID(asked.AnswerID()), bus.WithTask(asked.TaskID))
	return asked, err
}
