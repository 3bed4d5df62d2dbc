package registry

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/services/registry/experiment"
)

// experiments is the bucket of the comparisons and their sessions.
type experiments struct{ kv jetstream.KeyValue }

// comparison is an experiment as it is stored, with the plan that it began with.
type comparison struct {
	contracts.Experiment

	Plan experiment.Plan `json:"plan"`
}

// sitting is what is known of a task that an experiment assigned.
type sitting struct {
	Arm   experiment.Arm `json:"arm"`
	Share float64        `json:"share"`
	// Known is in the order in which it became known.
	Known []experiment.Observation `json:"known"`
}

// get returns an experiment, ErrNoExperiment if it is not on record.
func (x experiments) get(ctx context.Context, role contracts.Role, id string) (c comparison, revision uint64, err error) {
	key, err := keyOf(role, id)
	if err != nil {
		return c, 0, fmt.Errorf("%w: %w", ErrNoExperiment, err)
	}
	if revision, err = load(ctx, x.kv, key, &c); err != nil {
		return c, 0, fmt.Errorf("read the experiment %s: %w", id, err)
	}
	if revision == 0 {
		return c, 0, fmt.Errorf("%w: %s", ErrNoExperiment, id)
	}
	return c, revision, nil
}

// create records an experiment unless it is on record.
func (x experiments) create(ctx context.Context, c comparison) error {
	body, err := json.Marshal(c)
	if err == nil {
		_, err = x.kv.Create(ctx, string(c.Role)+"."+c.ID, body)
	}
	if err != nil && !errors.Is(err, jetstream.ErrKeyExists) {
		return fmt.Errorf("record the experiment %s: %w", c.ID, err)
	}
	return nil
}

// update changes an experiment, whoever else does so meanwhile. change reports whether there is
// anything to write.
func (x experiments) update(ctx context.Context, role contracts.Role, id string, change func(*comparison) bool) error {
	for {
		c, revision, err := x.get(ctx, role, id)
		if err != nil {
			return err
		}
		if !change(&c) {
			return nil
		}
		body, err := json.Marshal(c)
		if err == nil {
			_, err = x.kv.Update(ctx, string(role)+"."+id, body, revision)
		}
		if !stale(err) {
			if err != nil {
				return fmt.Errorf("change the experiment %s: %w", id, err)
			}
			return nil
		}
	}
}

// list returns the experiments of a role, the oldest first.
func (x experiments) list(ctx context.Context, role contracts.Role) ([]contracts.Experiment, error) {
	list := []contracts.Experiment{}
	err := x.each(ctx, string(role)+".*", func(_ string, body []byte) error {
		var e contracts.Experiment
		err := json.Unmarshal(body, &e)
		list = append(list, e)
		return err
	})
	slices.SortFunc(list, func(a, b contracts.Experiment) int {
		return cmp.Or(a.Started.Compare(b.Started), strings.Compare(a.ID, b.ID))
	})
	return list, err
}

// seat returns what is known of a task, and records it as assigned if nothing is.
func (x experiments) seat(ctx context.Context, role contracts.Role, id, task string, fresh sitting) (sitting, error) {
	body, err := json.Marshal(fresh)
	if err == nil {
		_, err = x.kv.Create(ctx, sittingKey(role, id, task), body)
	}
	if errors.Is(err, jetstream.ErrKeyExists) {
		s, _, err := x.sitting(ctx, role, id, task)
		return s, err
	}
	if err != nil {
		return fresh, fmt.Errorf("record the arm of the task %s: %w", task, err)
	}
	return fresh, nil
}

// sitting returns what is known of a task; the revision is 0 when the experiment did not assign it.
func (x experiments) sitting(ctx context.Context, role contracts.Role, id, task string) (s sitting, revision uint64, err error) {
	if revision, err = load(ctx, x.kv, sittingKey(role, id, task), &s); err != nil {
		return s, 0, fmt.Errorf("read what is known of the task %s: %w", task, err)
	}
	return s, revision, nil
}

// learn adds to what is known of a task, whoever else does so meanwhile. assigned is
// false, and nothing is written, when the experiment did not assign the task.
func (x experiments) learn(ctx context.Context, role contracts.Role, id, task string, o experiment.Observation) (assigned bool, err error) {
	for {
		s, revision, err := x.sitting(ctx, role, id, task)
		if err != nil || revision == 0 {
			return false, err
		}
		if slices.ContainsFunc(s.Known, func(k experiment.Observation) bool { return k.Time.Equal(o.Time) && k.Stars == o.Stars }) {
			return true, nil // the event came again
		}
		o.Experiment, o.Session, o.Arm, o.Share = id, task, s.Arm, s.Share
		s.Known = append(s.Known, o)
		body, err := json.Marshal(s)
		if err == nil {
			_, err = x.kv.Update(ctx, sittingKey(role, id, task), body, revision)
		}
		if !stale(err) {
			if err != nil {
				return true, fmt.Errorf("record what is known of the task %s: %w", task, err)
			}
			return true, nil
		}
	}
}

// observations is all that is known of the sessions of an experiment.
func (x experiments) observations(ctx context.Context, role contracts.Role, id string) ([]experiment.Observation, error) {
	var all []experiment.Observation
	err := x.each(ctx, sittingKey(role, id, "*"), func(_ string, body []byte) error {
		var s sitting
		err := json.Unmarshal(body, &s)
		all = append(all, s.Known...)
		return err
	})
	return all, err
}

// each visits the values whose keys match a pattern.
func (x experiments) each(ctx context.Context, pattern string, visit func(key string, body []byte) error) (err error) {
	w, err := x.kv.Watch(ctx, pattern, jetstream.IgnoreDeletes())
	if err != nil {
		return fmt.Errorf("look through the experiments: %w", err)
	}
	defer func() { err = errors.Join(err, w.Stop()) }()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case entry := <-w.Updates():
			if entry == nil { // all that was there has come
				return nil
			}
			if err := visit(entry.Key(), entry.Value()); err != nil {
				return fmt.Errorf("read %s: %w", entry.Key(), err)
			}
		}
	}
}

func sittingKey(role contracts.Role, id, task string) string {
	return string(role) + "." + id + "." + task
}
