package cli_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/blob"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/kit/kittest"
	"github.com/grokputer/grokputer/kit/unit"
	versions "github.com/grokputer/grokputer/services/registry"
	"github.com/grokputer/grokputer/services/registry/experiment"
)

// comparing runs a registry that compares new versions on half of the tasks, with
// two versions on record, and returns the flags with which the program finds it.
func comparing(t *testing.T) (*bus.Bus, []string) {
	t.Helper()
	b, flags := server(t)
	store := kittest.Blobs(t)
	plan := experiment.AB()
	plan.Settle = 0
	o := versions.DefaultOptions()
	o.Plan, o.Look = &plan, 10*time.Millisecond
	r, err := versions.New(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- unit.Run(ctx, unit.Env{Bus: b, Blobs: store, Ready: func() { close(ready) }}, r) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	<-ready
	for n, state := range []contracts.AdapterState{contracts.AdapterChampion, contracts.AdapterChallenger} {
		publishVersion(t, b, store, contracts.Version(n+1))
		kittest.Await(t, string(state), func() bool {
			return strings.Contains(ok(t, append(flags, "adapters")...), " "+string(state)+" ")
		})
	}
	return b, flags
}

func publishVersion(t *testing.T, b *bus.Bus, store *blob.Store, version string) {
	t.Helper()
	file, err := store.Put(t.Context(), "adapters/"+version+"/weights", []byte(version), "application/octet-stream")
	if err != nil {
		t.Fatal(err)
	}
	publish(t, b, contracts.SubjectAdapter(contracts.AdapterVerbPublished, contracts.RolePlanner, version), contracts.AdapterPublished{
		Role: contracts.RolePlanner, Version: version, SHA256: file.SHA256, Time: time.Now(),
		Files: []contracts.AdapterFile{{Name: "weights", Blob: file}},
	})
}

func TestExperimentsAreShown(t *testing.T) {
	t.Parallel()
	b, flags := comparing(t)
	if out := ok(t, append(flags, "experiments")...); !strings.Contains(out, "runs") || !strings.Contains(out, "50 % of the tasks") {
		t.Errorf("the list is\n%s", out)
	}
	if out := ok(t, append(flags, "experiments", "show")...); !strings.Contains(out, "lora-v2: 0 sessions") || strings.Contains(out, "STARS") {
		t.Errorf("without a session it shows\n%s", out)
	}
	if out := ok(t, append(flags, "adapters")...); !strings.Contains(out, "some with lora-v2 to compare them") {
		t.Errorf("the versions are\n%s", out)
	}
	for i := range 60 {
		task := fmt.Sprint("t", i)
		reply, err := b.Conn().Request(contracts.SubjectRegistryResolve, []byte(`{"task_id": "`+task+`"}`), time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		stars := 5
		if got := decode[contracts.AdapterResolved](t, string(reply.Data)); got.Adapter.Version == "lora-v2" {
			stars = 1
		}
		publish(t, b, contracts.SubjectTask(contracts.VerbCompleted, task), contracts.TaskEnded{TaskID: task})
		publish(t, b, contracts.SubjectFeedbackSubmitted(task), contracts.FeedbackSubmitted{
			ID: task, TaskID: task, SessionID: task, Rating: stars, Outcome: contracts.VerbCompleted,
		})
	}
	kittest.Await(t, "the rollback", func() bool {
		return strings.Contains(ok(t, append(flags, "experiments")...), "its stars are worse")
	})
	out := ok(t, append(flags, "experiments", "show", "--rows", "5")...)
	t.Logf("\n%s", out)
	for _, want := range []string{"rollback, by auto", "lora-v2: ", "1.00 stars in the mean", "STARS", "=|"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	if rows := strings.Count(out, "|"); rows > 10 {
		t.Errorf("it has %d drawings, want 5 rows of 2 at most:\n%s", rows, out)
	}
	s := decode[contracts.ExperimentStanding](t, ok(t, append(flags, "experiments", "show", "--json")...))
	if last := s.Looks[len(s.Looks)-1]; s.Experiment.Decision == nil || last.Stars.High > 0 {
		t.Errorf("%+v", s)
	}
}

func TestAPersonComparesAndTakesBack(t *testing.T) {
	t.Parallel()
	_, flags := comparing(t)
	if out := ok(t, append(flags, "adapters", "rollback", "lora-v2", "--why", "no")...); !strings.Contains(out, "planned with lora-v1") || strings.Contains(out, "lora-v2") {
		t.Errorf("it says\n%s", out)
	}
	if out := ok(t, append(flags, "experiments")...); !strings.Contains(out, "rollback") || !strings.Contains(out, "the command line: no") {
		t.Errorf("the list is\n%s", out)
	}
	if out := ok(t, append(flags, "adapters", "canary", "lora-v2")...); !strings.Contains(out, "some with lora-v2") {
		t.Errorf("it says\n%s", out)
	}
	fails(t, 1, "is the champion itself", append(flags, "adapters", "canary", "lora-v1")...)
	fails(t, 1, "there are lora-v1, lora-v2", append(flags, "adapters", "canary", "lora-v9")...)
	fails(t, 1, "`grokputer experiments` lists", append(flags, "experiments", "show", "lora-v9-x")...)
	fails(t, 1, "rows: 0", append(flags, "experiments", "show", "--rows", "0")...)
}
