package trainer_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/services/trainer"
)

// want asks for a training of a role.
func (w *world) want(role contracts.Role) {
	w.t.Helper()
	id := "want-" + string(role)
	if err := w.bus.Publish(w.t.Context(), contracts.SubjectTrainingRequested(), contracts.TrainingRequested{ID: id, Role: role}, bus.WithID(id)); err != nil {
		w.t.Fatal(err)
	}
}

// A role's first version begins from the planner's, is trained on the role's own steps alone, and has a
// name and a place of its own.
func TestATrainingForARole(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	weights, err := w.blobs.Put(t.Context(), "adapters/lora-v1/adapter_model.safetensors", []byte("planner"), "")
	if err != nil {
		t.Fatal(err)
	}
	w.champion.Store(&contracts.Adapter{AdapterPublished: contracts.AdapterPublished{
		Role: contracts.RolePlanner, Version: "lora-v1", SHA256: weights.SHA256,
		Files: []contracts.AdapterFile{{Name: "adapter_model.safetensors", Blob: weights}},
	}})
	w.config.Rules.Failures = 100
	f := &fake{}
	w.run(f)
	w.rate("first", 1, true) // no request of the recovery
	w.inVain = true
	w.rate("second", 1, true)
	for w.status().Rated < 2 {
		continue
	}
	w.want(contracts.RoleRecovery)
	published := decode[contracts.AdapterPublished](t, w.until(contracts.StreamAdapters, "adapter.published.*.*"))
	if published.Role != contracts.RoleRecovery || published.Version != "lora-v1" || published.Parent != "planner:lora-v1" ||
		!slices.Equal(published.Tasks, []string{"second"}) {
		t.Errorf("%+v", published)
	}
	if key := published.Files[0].Blob.Key; !strings.HasPrefix(key, "adapters/recovery/lora-v1/") {
		t.Errorf("its file lies at %s", key)
	}
	if a := f.last.Load(); a.Champion != "planner:lora-v1" || a.ChampionSHA256 != weights.SHA256 || a.Parent != a.Champion {
		t.Errorf("it is to be better than %q, and begins from %q", a.Champion, a.Parent)
	}
	started := decode[contracts.TrainingStarted](t, w.until(contracts.StreamTraining, "training.started.*"))
	if job := w.untilRecorded(contracts.JobCompleted); job.For() != contracts.RoleRecovery || started.Role != job.Role {
		t.Errorf("%+v: %+v", started, job)
	}
	// The planner's counters know nothing of it.
	if s := w.status(); s.Rated != 2 || s.Role != contracts.RolePlanner {
		t.Errorf("%+v", s)
	}
}

func TestRolesThatCannotBeTrained(t *testing.T) {
	t.Parallel()
	for role, want := range map[contracts.Role]string{
		contracts.RoleReader: "the reader is no language model", "cook": "none of [planner recovery action]",
		contracts.RoleAction: "nothing teaches the role action: of 1 step",
	} {
		t.Run(string(role), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			f := &fake{}
			w.run(f)
			w.rate("t", 5, false)
			for w.status().Rated < 1 {
				continue
			}
			w.want(role)
			if failed := w.untilFailed(); !strings.Contains(failed.Reason, want) || f.runs.Load() != 0 {
				t.Errorf("%q, want %q", failed.Reason, want)
			}
			if role != contracts.RoleAction {
				reply, err := w.bus.Conn().Request(contracts.SubjectTrainerDataset, fmt.Appendf(nil, `{"role": %q}`, role), patience)
				if err != nil || reply.Header.Get("Nats-Service-Error-Code") != contracts.MicroBadRequest || !strings.Contains(reply.Header.Get("Nats-Service-Error"), want) {
					t.Errorf("%v, %v", reply, err)
				}
			}
		})
	}
}

// Only the roles that are set are trained by themselves, each by what is new to it.
func TestRolesThatAreTrainedByThemselves(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.inVain = true
	w.config.Roles = []contracts.Role{contracts.RolePlanner, contracts.RoleRecovery, contracts.RoleAction}
	w.config.When.Idle = 0
	w.run(&fake{})
	w.fail(true)
	for _, role := range w.config.Roles {
		subject := contracts.SubjectAdapter(contracts.AdapterVerbPublished, role, "lora-v1")
		if a := decode[contracts.AdapterPublished](t, w.until(contracts.StreamAdapters, subject)); len(a.Tasks) != 5 {
			t.Errorf("%+v", a)
		}
	}
	w.untilRecorded(contracts.JobCompleted)
	for _, role := range w.config.Roles {
		reply, err := w.bus.Conn().Request(contracts.SubjectTrainerStatus, fmt.Appendf(nil, `{"role": %q}`, role), patience)
		if err != nil {
			t.Fatal(err)
		}
		var s contracts.TrainingStatus
		if err := json.Unmarshal(reply.Data, &s); err != nil || s.Due || s.Rated != 0 || s.Role != role {
			t.Errorf("%s: %s, %v", role, reply.Data, err)
		}
	}
	if n := count(w.events(contracts.StreamAdapters), "adapter.published."); n != 3 {
		t.Errorf("%d versions", n)
	}
}

func TestConfigOfRoles(t *testing.T) {
	t.Parallel()
	c := trainer.DefaultConfig()
	c.Roles = append(c.Roles, contracts.RoleReader)
	if err := c.Validate(); err == nil || !strings.Contains(err.Error(), `"reader" is not trained`) {
		t.Errorf("%v", err)
	}
}
