package tests

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
)

// What a crash could leave behind is found: a loop that ended lawfully is damaged in one way after
// the other.
func TestUnlawfulIsFound(t *testing.T) {
	t.Parallel()
	l := newLoop(t, newLearned(t))
	l.finish(&prey{units: []string{"trainer"}}, &prey{units: []string{"registry"}})
	experiment := damaged(l, contracts.BucketAliases, string(contracts.RolePlanner), func(*contracts.Aliases) {}).Experiment
	for _, damage := range []struct {
		want string
		do   func()
	}{
		{"lora-v2 was published 2 times", func() { again(l, contracts.StreamAdapters, "adapter.published.planner.lora-v2") }},
		{"events tell of", func() { again(l, contracts.StreamAdapters, "adapter.promoted.planner.lora-v1") }},
		{"2 events of its beginning", func() { again(l, contracts.StreamTraining, "training.started.auto-5") }},
		{"lora-v2 is rejected on record", func() {
			damaged(l, contracts.BucketAdapters, "planner.lora-v2", func(a *contracts.Adapter) { a.State = contracts.AdapterRejected })
		}},
		{"is left in the phase upload", func() {
			damaged(l, contracts.BucketJobs, "auto-5", func(j *contracts.JobState) { j.Phase = contracts.JobUpload })
		}},
		{"adapters/lora-v9/weights is of no version", func() { l.mustPut("adapters/lora-v9/weights") }},
		{"datasets/other is of no version", func() { l.mustPut("datasets/other") }},
		{"lora-v1 is removed, and adapter_model.safetensors is left", func() { l.mustPut("adapters/lora-v1/adapter_model.safetensors") }},
		{"lora-v2: ", func() { l.mustPut("adapters/lora-v2/adapter_model.safetensors") }},
		{"the trainer's folder still has [auto-5]", func() {
			if err := os.Mkdir(filepath.Join(l.data, "trainer", "auto-5"), 0o700); err != nil {
				t.Fatal(err)
			}
		}},
		{"is decided with", func() {
			damaged(l, contracts.BucketExperiments, "planner."+experiment, func(c *map[string]any) { (*c)["decision"] = map[string]any{"outcome": "ended"} })
		}},
		{"has 2 ends and 2 ratings", func() {
			damaged(l, contracts.BucketExperiments, l.aSeat(), func(s *seat) { s.Known = append(s.Known, s.Known...) })
		}},
		{"the aliases name lora-v7", func() {
			damaged(l, contracts.BucketAliases, string(contracts.RolePlanner), func(a *contracts.Aliases) { a.Champion = "lora-v7" })
		}},
		{"dead letters", func() {
			subject := contracts.SubjectDeadLetter(contracts.StreamTasks, contracts.DurableRegistryTasks)
			if err := l.bus.Publish(t.Context(), subject, contracts.DeadLetter{}); err != nil {
				t.Fatal(err)
			}
		}},
		{"still held: [trainer]", func() {
			l.lease /= 10 // it would be waited for
			lease, err := l.bus.Lease(t.Context(), "trainer", bus.MinLease)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { lease.GiveBack(t.Context()) })
		}},
	} {
		before, err := l.lawful()
		if err != nil {
			t.Fatal(err)
		}
		damage.do()
		after, err := l.lawful()
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(strings.Join(before, "\n"), damage.want) || !strings.Contains(strings.Join(after, "\n"), damage.want) {
			t.Errorf("%q is not found, or was before, in %q", damage.want, after)
		}
	}
}

// again stores the first event on a subject once more, with another id.
func again(l *loop, stream, subject string) {
	l.t.Helper()
	if err := l.bus.Publish(l.ctx, subject, json.RawMessage(waitFor(l.t, l.bus, stream, subject).Data)); err != nil {
		l.t.Fatal(err)
	}
}

// damaged changes the value of a key.
func damaged[T any](l *loop, bucket, key string, change func(*T)) *T {
	l.t.Helper()
	v, err := stored[T](l, bucket, key)
	if err != nil || v == nil {
		l.t.Fatalf("%s of %s: %v, %v", key, bucket, v, err)
	}
	before, err := json.Marshal(v)
	if err != nil {
		l.t.Fatal(err)
	}
	change(v)
	body, err := json.Marshal(v)
	if err != nil {
		l.t.Fatal(err)
	}
	if string(body) == string(before) {
		return v
	}
	kv, err := l.bus.KV(l.ctx, bucket)
	if err == nil {
		_, err = kv.Put(l.ctx, key, body)
	}
	if err != nil {
		l.t.Fatal(err)
	}
	return v
}

func (l *loop) mustPut(key string) {
	l.t.Helper()
	if _, err := l.blobs.Put(l.ctx, key, []byte("damage"), ""); err != nil {
		l.t.Fatal(err)
	}
}

// aSeat is the key of a task of which everything is known.
func (l *loop) aSeat() (found string) {
	l.t.Helper()
	err := l.each(contracts.BucketExperiments, "planner.*.*", func(key string, body []byte) error {
		var s seat
		err := json.Unmarshal(body, &s)
		if len(s.Known) == 2 {
			found = key
		}
		return err
	})
	if err != nil || found == "" {
		l.t.Fatalf("no task of which everything is known: %v", err)
	}
	return found
}
