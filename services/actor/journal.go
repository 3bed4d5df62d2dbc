package actor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/grokputer/grokputer/contracts"
)

// journal is the record of each step that survives a crash.
type journal struct {
	kv  jetstream.KeyValue
	log *slog.Logger
}

func journalKey(taskID string, step int) string { return taskID + "." + strconv.Itoa(step) }

// put writes an entry, replacing an earlier one of the same step.
func (j journal) put(ctx context.Context, e contracts.JournalEntry) error {
	e.Time = time.Now().UTC()
	body, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	return keep(ctx, j.log, "write the journal", func(ctx context.Context) error {
		_, err := j.kv.Put(ctx, journalKey(e.TaskID, e.Step), body)
		return err
	})
}

// read returns a task's entries in the order of its steps.
func (j journal) read(ctx context.Context, taskID string) ([]contracts.JournalEntry, error) {
	var entries []contracts.JournalEntry
	for step := 1; ; step++ {
		var found jetstream.KeyValueEntry
		err := keep(ctx, j.log, "read the journal", func(ctx context.Context) error {
			var err error
			found, err = j.kv.Get(ctx, journalKey(taskID, step))
			if errors.Is(err, jetstream.ErrKeyNotFound) {
				return nil
			}
			return err
		})
		if err != nil || found == nil {
			return entries, err
		}
		var e contracts.JournalEntry
		if err := json.Unmarshal(found.Value(), &e); err != nil {
			return nil, fmt.Errorf("read step %d of task %s from the journal: %w", step, taskID, err)
		}
		entries = append(entries, e)
	}
}
