// Package follow submits a task and tells what becomes of it.
package follow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
)

const (
	// storeTimeout is how long the bus may take to store a request.
	storeTimeout = 10 * time.Second
	// cancelTimeout is how long a cancelled task may take to end.
	cancelTimeout = 20 * time.Second
	// patience is how long nothing may happen to a task before Quiet is called.
	patience = 5 * time.Second
)

// ErrNoEnd means that a cancelled task did not end in time.
var ErrNoEnd = errors.New("the task did not end after it was cancelled; `grokputer stop` ends all input")

// ErrGone means that nobody can work on the task any more.
var ErrGone = errors.New("the task did not end: the services have")

// Event is one event of a task, as it was stored.
type Event struct {
	Verb   contracts.Verb  `json:"verb"`
	TaskID string          `json:"task_id"`
	Time   time.Time       `json:"time"`
	Body   json.RawMessage `json:"event"`
}

// Ending is how a task ended.
type Ending struct {
	Verb contracts.Verb
	contracts.TaskEnded
}

// Observer is told what happens to a task. Its functions are called by one goroutine.
type Observer struct {
	// Event is called with each event, in order. Its error ends Task.
	Event func(Event) error
	// Quiet is called when nobody has taken up the task for a while.
	Quiet func()
	// Gone is closed when nobody can work on the task any more; may be nil.
	Gone <-chan struct{}
	// Cancelling is called when the task is about to be cancelled because the
	// context ended.
	Cancelling func()
}

// Task submits a request and returns when the task has ended. An id is
// assigned if the request has none. When ctx ends, Task cancels the task and
// still waits for its end.
func Task(ctx context.Context, b *bus.Bus, request contracts.TaskRequested, o Observer) (Ending, error) {
	if request.ID == "" {
		request.ID = bus.NewID()
	}
	last, err := submit(ctx, b, request)
	if err != nil {
		return Ending{}, err
	}
	w := watch(ctx, b, request.ID, last)
	defer w.stop()
	return attend(ctx, b, request.ID, w, o)
}

// submit stores the request and returns the sequence after which its events come.
func submit(ctx context.Context, b *bus.Bus, request contracts.TaskRequested) (uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	last, err := b.LastSequence(ctx, contracts.StreamTasks)
	if err != nil {
		return 0, err
	}
	return last, b.Publish(ctx, contracts.SubjectTaskRequested(), request, bus.WithID(request.ID), bus.WithTask(request.ID))
}

// attend hands the events on until the last.
func attend(ctx context.Context, b *bus.Bus, id string, w watcher, o Observer) (Ending, error) {
	quiet := time.NewTimer(patience)
	defer quiet.Stop()
	interrupt := ctx.Done()
	var late <-chan time.Time
	for {
		select {
		case m := <-w.events:
			quiet.Stop()
			if end, last, err := hand(m, o); last || err != nil {
				return end, err
			}
		case err := <-w.ended:
			return Ending{}, err
		case <-quiet.C:
			o.Quiet()
		case <-interrupt:
			o.Cancelling()
			if err := cancelTask(ctx, b, id); err != nil {
				return Ending{}, err
			}
			interrupt, late = nil, time.After(cancelTimeout)
		case <-late:
			return Ending{}, ErrNoEnd
		case <-o.Gone:
			return Ending{}, ErrGone
		}
	}
}

// hand gives one message to the observer and reports whether it is the task's last.
func hand(m bus.Message, o Observer) (end Ending, last bool, err error) {
	verb, id, ok := contracts.ParseTaskSubject(m.Subject)
	if !ok {
		return end, false, fmt.Errorf("an event on the odd subject %s", m.Subject)
	}
	if err := o.Event(Event{Verb: verb, TaskID: id, Time: m.Time, Body: m.Data}); err != nil {
		return end, false, err
	}
	if !verb.Ends() {
		return end, false, nil
	}
	end.Verb = verb
	end.TaskEnded, err = bus.Decode[contracts.TaskEnded](m)
	return end, true, err
}

// cancelTask asks for the end of a task, although ctx has ended.
func cancelTask(ctx context.Context, b *bus.Bus, id string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancel()
	request := contracts.TaskCancel{TaskID: id, Reason: "interrupted at the terminal"}
	return b.Publish(ctx, contracts.SubjectTaskCancel(), request, bus.WithTask(id))
}
