package tests

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
)

// record is what is stored of a loop, all of it.
type record struct {
	events   map[string][]bus.Message // by stream, in order
	jobs     map[string]contracts.JobState
	versions map[string]contracts.Adapter // by name
	history  []decision                   // of the aliases
	// experiments are the comparisons by id, seats the tasks that they assigned by experiment and task.
	experiments map[string]contracts.Experiment
	seats       map[string]seat
	objects     map[string]int64 // size by key
	folders     []string         // of jobs, on the trainer's disk
	wrong       []string
}

// decision is a state that the aliases had.
type decision struct {
	contracts.Aliases

	revision uint64
}

// seat is what is stored of a task that an experiment assigned.
type seat struct {
	Arm   string `json:"arm"`
	Known []struct {
		Experiment string `json:"experiment"`
		Session    string `json:"session"`
		Stars      int    `json:"stars"`
		Success    *bool  `json:"success"`
	} `json:"known"`
}

func (r *record) sayf(format string, a ...any) { r.wrong = append(r.wrong, fmt.Sprintf(format, a...)) }

// read reads all that is stored.
func (l *loop) read() (*record, error) {
	r := &record{
		events: map[string][]bus.Message{}, jobs: map[string]contracts.JobState{}, versions: map[string]contracts.Adapter{},
		experiments: map[string]contracts.Experiment{}, seats: map[string]seat{}, objects: map[string]int64{},
	}
	for _, stream := range []string{contracts.StreamTraining, contracts.StreamAdapters, contracts.StreamDeadLetters} {
		err := l.bus.Read(l.ctx, stream, nil, bus.FromStart(), func(m bus.Message) error {
			r.events[stream] = append(r.events[stream], m)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	for bucket, keep := range map[string]func(key string, body []byte) error{
		contracts.BucketJobs:     keepIn(r.jobs, func(key string) string { return key }),
		contracts.BucketAdapters: keepIn(r.versions, func(key string) string { _, version, _ := strings.Cut(key, "."); return version }),
		contracts.BucketExperiments: func(key string, body []byte) error {
			_, id, _ := strings.Cut(key, ".")
			if strings.Contains(id, ".") {
				return keepIn(r.seats, func(string) string { return id })(key, body)
			}
			return keepIn(r.experiments, func(string) string { return id })(key, body)
		},
	} {
		if err := l.each(bucket, ">", keep); err != nil {
			return nil, err
		}
	}
	if err := l.untilFree(); err != nil {
		r.sayf("%v", err)
	}
	if err := l.readHistory(r); err != nil {
		return nil, err
	}
	return r, l.readFiles(r)
}

func keepIn[T any](all map[string]T, name func(key string) string) func(string, []byte) error {
	return func(key string, body []byte) error {
		var v T
		err := json.Unmarshal(body, &v)
		all[name(key)] = v
		return err
	}
}

// untilFree waits until nobody holds a lease: that of a killed process runs out.
func (l *loop) untilFree() error {
	ctx, cancel := context.WithTimeout(l.ctx, 5*l.lease)
	defer cancel()
	kv, err := l.bus.KV(ctx, contracts.BucketLeases)
	if err != nil {
		return err
	}
	w, err := kv.WatchAll(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = w.Stop() }()
	held, all := map[string]bool{}, false
	for {
		select {
		case <-ctx.Done():
			return fmt.Errorf("still held: %v", slices.Collect(maps.Keys(held)))
		case entry := <-w.Updates():
			switch {
			case entry == nil:
				all = true
			case entry.Operation() == jetstream.KeyValuePut:
				held[entry.Key()] = true
			default:
				delete(held, entry.Key())
			}
			if all && len(held) == 0 {
				return nil
			}
		}
	}
}

func (l *loop) readHistory(r *record) error {
	kv, err := l.bus.KV(l.ctx, contracts.BucketAliases)
	if err != nil {
		return err
	}
	history, err := kv.History(l.ctx, string(contracts.RolePlanner))
	if err != nil {
		return err
	}
	for _, entry := range history {
		d := decision{revision: entry.Revision()}
		if err := json.Unmarshal(entry.Value(), &d.Aliases); err != nil {
			return err
		}
		r.history = append(r.history, d)
	}
	return nil
}

func (l *loop) readFiles(r *record) error {
	for _, prefix := range []string{"adapters/", "datasets/"} {
		list, err := l.blobs.List(l.ctx, prefix)
		if err != nil {
			return err
		}
		for _, o := range list {
			r.objects[o.Key] = o.Size
		}
	}
	entries, err := os.ReadDir(filepath.Join(l.data, "trainer"))
	for _, e := range entries {
		r.folders = append(r.folders, e.Name())
	}
	return err
}

// tell are the events of a stream on a subject.
func (r *record) tell(stream, subject string) (found []bus.Message) {
	for _, m := range r.events[stream] {
		if contracts.MatchSubject(subject, m.Subject) {
			found = append(found, m)
		}
	}
	return found
}

// now are the aliases as they stand.
func (r *record) now() contracts.Aliases {
	if len(r.history) == 0 {
		return contracts.Aliases{}
	}
	return r.history[len(r.history)-1].Aliases
}
