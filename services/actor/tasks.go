package actor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/grokputer/grokputer/contracts"
)

// tasks is where each task stands.
type tasks struct {
	kv  jetstream.KeyValue
	log *slog.Logger
}

// create stores the state of a new task. One that is there already stays.
func (t tasks) create(ctx context.Context, s contracts.TaskState) error {
	body, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("store the task: %w", err)
	}
	return keep(ctx, t.log, "store the task", func(ctx context.Context) error {
		_, err := t.kv.Create(ctx, s.TaskID, body)
		if errors.Is(err, jetstream.ErrKeyExists) {
			return nil
		}
		return err
	})
}

// put replaces the state of a task.
func (t tasks) put(ctx context.Context, s contracts.TaskState) error {
	s.Updated = time.Now().UTC()
	body, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("store the task: %w", err)
	}
	return keep(ctx, t.log, "store the task", func(ctx context.Context) error {
		_, err := t.kv.Put(ctx, s.TaskID, body)
		return err
	})
}

// get returns the state of a task; ok is false when it is not known.
func (t tasks) get(ctx context.Context, id string) (s contracts.TaskState, ok bool, err error) {
	var found jetstream.KeyValueEntry
	err = keep(ctx, t.log, "look the task up", func(ctx context.Context) error {
		var err error
		found, err = t.kv.Get(ctx, id)
		if errors.Is(err, jetstream.ErrKeyNotFound) {
			return nil
		}
		return err
	})
	if err != nil || found == nil {
		return s, false, err
	}
	if err := json.Unmarshal(found.Value(), &s); err != nil {
		return s, false, fmt.Errorf("look task %s up: %w", id, err)
	}
	return s, true, nil
}

// unfinished returns the states of a desktop's tasks that have not ended.
func (t tasks) unfinished(ctx context.Context, desktop string) ([]contracts.TaskState, error) {
	var states []contracts.TaskState
	watcher, err := t.kv.WatchAll(ctx, jetstream.IgnoreDeletes())
	if err != nil {
		return nil, fmt.Errorf("list the tasks: %w", err)
	}
	defer func() { _ = watcher.Stop() }() // nothing more is read from it
	for {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case entry := <-watcher.Updates():
			if entry == nil { // all that was stored has been seen
				return states, nil
			}
			var s contracts.TaskState
			if err := json.Unmarshal(entry.Value(), &s); err != nil {
				t.log.Warn("a stored task cannot be read", "task", entry.Key(), "err", err)
				continue
			}
			if s.Desktop == desktop && !s.Verb.Ends() {
				states = append(states, s)
			}
		}
	}
}
