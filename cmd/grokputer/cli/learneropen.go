package cli

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
)

// openTimeout is how long a task that a crash left behind may take to end.
const openTimeout = time.Minute

// cancelOpen ends the tasks that an earlier run left behind, which the actor would go on with:
// their pages are gone.
func cancelOpen(ctx context.Context, b *bus.Bus) error {
	var order []string
	open := map[string]bool{}
	err := b.Read(ctx, contracts.StreamTasks, nil, bus.FromStart(), func(m bus.Message) error {
		id := ""
		if m.Subject == contracts.SubjectTaskRequested() {
			if request, err := bus.Decode[contracts.TaskRequested](m); err == nil { // what is no request is rejected
				id = cmp.Or(request.ID, m.ID())
			}
		} else if verb, task, ok := contracts.ParseTaskSubject(m.Subject); ok && verb.Ends() {
			open[task] = false
		}
		if id != "" {
			order, open[id] = append(order, id), true
		}
		return nil
	})
	if err != nil {
		return err
	}
	ctx, stop := context.WithTimeoutCause(ctx, openTimeout, fmt.Errorf("a task of an earlier run did not end within %v", openTimeout))
	defer stop()
	for _, id := range order {
		if !open[id] {
			continue
		}
		request := contracts.TaskCancel{TaskID: id, Reason: "its page is gone"}
		if err := b.Publish(ctx, contracts.SubjectTaskCancel(), request, bus.WithTask(id)); err != nil {
			return err
		}
		err := b.Watch(ctx, contracts.StreamTasks, []string{contracts.SubjectTaskAll(id)}, bus.FromStart(), func(m bus.Message) error {
			if verb, _, ok := contracts.ParseTaskSubject(m.Subject); ok && verb.Ends() {
				return bus.ErrStop
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
