package registry_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/services/registry"
)

// versionOf is a version of a role.
func (w *world) versionOf(role contracts.Role, n int) contracts.AdapterPublished {
	w.t.Helper()
	name := contracts.Version(n)
	stored, err := w.blobs.Put(w.t.Context(), contracts.AdapterKey(role, name, "weights"), []byte(string(role)+name), "application/octet-stream")
	if err != nil {
		w.t.Fatal(err)
	}
	return contracts.AdapterPublished{
		Role: role, Version: name, SHA256: stored.SHA256, Files: []contracts.AdapterFile{{Name: "weights", Blob: stored}}, Time: time.Now().UTC(),
	}
}

// standing are a role's versions and where they stand, until they are as wanted.
func (w *world) standing(role contracts.Role, want string) {
	w.t.Helper()
	for deadline := time.Now().Add(patience); ; {
		list, err := ask[contracts.AdapterList](w, contracts.SubjectRegistryList, fmt.Sprintf(`{"role": %q}`, role))
		if err != nil {
			w.t.Fatal(err)
		}
		var got []string
		for _, a := range list.Adapters {
			got = append(got, a.Version+" "+string(a.State))
		}
		if strings.Join(got, ", ") == want {
			return
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("the versions of the %s are %q, want %q", role, got, want)
		}
	}
}

// Two roles have versions of the same names, and what is decided about one is nothing to the other.
func TestRolesAreApart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	starter := starterFolder(t, "one")
	stop := w.run(options(func(o *registry.Options) { o.Starter = starter }))
	w.publish(w.versionOf(contracts.RolePlanner, 1))
	w.states("starter previous", "lora-v1 champion")
	const recovery = `{"role": "recovery"}`
	resolved, err := ask[contracts.AdapterResolved](w, contracts.SubjectRegistryResolve, recovery)
	if err != nil || resolved.Adapter != nil || resolved.Role != contracts.RoleRecovery {
		t.Errorf("before its first version: %+v, %v", resolved, err)
	}
	w.publish(w.versionOf(contracts.RoleRecovery, 1))
	w.standing(contracts.RoleRecovery, "lora-v1 champion")
	w.publish(w.versionOf(contracts.RoleRecovery, 2))
	w.standing(contracts.RoleRecovery, "lora-v1 previous, lora-v2 champion")
	w.states("starter previous", "lora-v1 champion")
	resolved, err = ask[contracts.AdapterResolved](w, contracts.SubjectRegistryResolve, recovery)
	if err != nil || resolved.Adapter.Version != "lora-v2" || len(resolved.Fallback) != 1 || resolved.Fallback[0].Role != contracts.RoleRecovery {
		t.Errorf("%+v, %v", resolved, err)
	}
	// Of the planner.
	if _, err := ask[contracts.Aliases](w, contracts.SubjectRegistryRollback, ""); err != nil {
		t.Error(err)
	}
	w.states("starter champion", "lora-v1 rolledback")
	w.standing(contracts.RoleRecovery, "lora-v1 previous, lora-v2 champion")
	// Of the recovery: to its first, then to the planner's, and no further.
	for _, want := range []string{"lora-v1 champion, lora-v2 rolledback", "lora-v1 rolledback, lora-v2 rolledback"} {
		if _, err := ask[contracts.Aliases](w, contracts.SubjectRegistryRollback, recovery); err != nil {
			t.Error(err)
		}
		w.standing(contracts.RoleRecovery, want)
	}
	if event := w.decided(contracts.AdapterVerbRolledBack, 3); event.Role != contracts.RoleRecovery || event.Version != "lora-v1" || event.Champion != "" {
		t.Errorf("%+v", event)
	}
	if _, err := ask[contracts.Aliases](w, contracts.SubjectRegistryRollback, recovery); err == nil ||
		!strings.HasPrefix(err.Error(), "409") || !strings.Contains(err.Error(), "--role recovery") {
		t.Errorf("there is nothing to go back to: %v", err)
	}
	if resolved, err := ask[contracts.AdapterResolved](w, contracts.SubjectRegistryResolve, recovery); err != nil || resolved.Adapter != nil || len(resolved.Fallback) > 0 {
		t.Errorf("after all were taken back: %+v, %v", resolved, err)
	}
	w.states("starter champion", "lora-v1 rolledback")
	stop()
	w.run(options(func(o *registry.Options) { o.Starter = starter }))
	w.standing(contracts.RoleRecovery, "lora-v1 rolledback, lora-v2 rolledback")
}

// A task is compared for a role when the role is first asked for: other sessions say nothing
// about it.
func TestAnExperimentOfARoleKnowsTheSessionsThatUsedIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run(comparing(nil))
	w.publish(w.versionOf(contracts.RolePlanner, 1))
	w.states("lora-v1 champion")
	w.publish(w.versionOf(contracts.RoleAction, 1))
	w.standing(contracts.RoleAction, "lora-v1 champion")
	w.publish(w.versionOf(contracts.RoleAction, 2))
	w.standing(contracts.RoleAction, "lora-v1 champion, lora-v2 challenger")
	w.states("lora-v1 champion")
	for i := range 12 {
		task := fmt.Sprint("t", i)
		if i%2 == 0 { // the others never ask for it
			if _, err := ask[contracts.AdapterResolved](w, contracts.SubjectRegistryResolve, fmt.Sprintf(`{"role": "action", "task_id": %q}`, task)); err != nil {
				t.Fatal(err)
			}
		}
		w.session(task, "lora-v1", contracts.VerbCompleted, 4)
	}
	for deadline := time.Now().Add(patience); ; {
		s, err := ask[contracts.ExperimentStanding](w, contracts.SubjectRegistryExperiment, `{"role": "action"}`)
		if err != nil {
			t.Fatal(err)
		}
		if s.Champion.Rated+s.Challenger.Rated == 6 {
			break
		}
		if s.Champion.Sessions+s.Challenger.Sessions > 6 || time.Now().After(deadline) {
			t.Fatalf("%+v", s)
		}
	}
	if list, err := ask[contracts.ExperimentList](w, contracts.SubjectRegistryExperiments, ""); err != nil || len(list.Experiments) != 0 {
		t.Errorf("of the planner: %+v, %v", list, err)
	}
}

func TestFiguresOfARole(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run(options(nil))
	w.publish(w.versionOf(contracts.RolePlanner, 1))
	w.states("lora-v1 champion")
	first := w.versionOf(contracts.RoleRecovery, 1)
	first.Parent = contracts.VersionOf(contracts.RoleRecovery, contracts.RolePlanner, "lora-v1")
	w.publish(first)
	w.standing(contracts.RoleRecovery, "lora-v1 champion")
	for i := range 5 {
		task := fmt.Sprint("t", i)
		asked := []contracts.RoleVersion{{Role: contracts.RolePlanner, Version: "lora-v1"}}
		if i < 3 {
			asked = append(asked, contracts.RoleVersion{Role: contracts.RoleRecovery, Version: "lora-v1"})
		} else {
			asked = append(asked, contracts.RoleVersion{Role: contracts.RoleRecovery, Version: "lora-v1", Of: contracts.RolePlanner})
		}
		w.store(contracts.SubjectTask(contracts.VerbStarted, task), contracts.TaskStarted{TaskID: task, Planner: "local", Adapter: "lora-v1"})
		w.store(contracts.SubjectTask(contracts.VerbCompleted, task), contracts.TaskEnded{TaskID: task, Adapters: asked})
	}
	f, err := ask[contracts.Figures](w, contracts.SubjectRegistryFigures, `{"role": "recovery"}`)
	if err != nil || len(f.Versions) != 1 || f.Versions[0].Sessions != 3 || f.Versions[0].Parent != "planner:lora-v1" ||
		len(f.Weeks) != 1 || len(f.Weeks[0].Champions) != 1 {
		t.Errorf("%+v, %v", f, err)
	}
	if all := w.figures(); all.Versions[0].Sessions != 5 || len(all.Weeks[0].Champions) != 1 {
		t.Errorf("of the planner: %+v", all)
	}
	line, err := ask[contracts.AdapterLineage](w, contracts.SubjectRegistryLineage, `{"role": "recovery", "version": "lora-v1"}`)
	if err != nil || len(line.Steps) != 2 || line.Steps[1].Version != "planner:lora-v1" || line.Steps[0].Parent != "planner:lora-v1" {
		t.Errorf("%+v, %v", line, err)
	}
	if line, err = ask[contracts.AdapterLineage](w, contracts.SubjectRegistryLineage, ""); err != nil || strings.Join(line.Children, " ") != "recovery:lora-v1" {
		t.Errorf("%+v, %v", line, err)
	}
}

// threeOfEach has three versions of the planner and three of the recovery, of which the last serve.
func threeOfEach(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.run(options(nil))
	for n := range 3 {
		w.publish(w.versionOf(contracts.RolePlanner, n+1))
		w.publish(w.versionOf(contracts.RoleRecovery, n+1))
	}
	w.states("lora-v1 published", "lora-v2 previous", "lora-v3 champion")
	w.standing(contracts.RoleRecovery, "lora-v1 published, lora-v2 previous, lora-v3 champion")
	return w
}

// Files of a role are removed apart from those of another.
func TestARolesFilesAreRemovedApart(t *testing.T) {
	t.Parallel()
	w := threeOfEach(t)
	if _, err := ask[contracts.Adapter](w, contracts.SubjectRegistryProtect, `{"role": "planner", "version": "lora-v1"}`); err != nil {
		t.Fatal(err)
	}
	gone, err := ask[contracts.Collection](w, contracts.SubjectRegistryCollect, `{"role": "recovery", "keep": 0, "remove": ["lora-v1"]}`)
	if err != nil || len(gone.Versions) != 1 || gone.Versions[0].Files != 1 {
		t.Fatalf("%+v, %v", gone, err)
	}
	w.standing(contracts.RoleRecovery, "lora-v1 removed, lora-v2 previous, lora-v3 champion")
	if list := w.states("lora-v1 published", "lora-v2 previous", "lora-v3 champion"); list.Adapters[0].Protected == nil {
		t.Errorf("%+v", list.Adapters[0])
	} else if _, err := w.blobs.Get(t.Context(), list.Adapters[0].Files[0].Blob); err != nil {
		t.Errorf("the planner's file: %v", err)
	}
}

// A role's training that begins from the planner's version keeps that, and not its own of the same name.
func TestATrainingKeepsWhatItBeginsFrom(t *testing.T) {
	t.Parallel()
	w := threeOfEach(t)
	kv, err := w.bus.KV(t.Context(), contracts.BucketJobs)
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(contracts.JobState{
		JobID: "j", Role: contracts.RoleRecovery, Version: "lora-v4", Parent: "planner:lora-v1", Phase: contracts.JobTraining,
	})
	if err == nil {
		_, err = kv.Put(t.Context(), "j", body)
	}
	if err != nil {
		t.Fatal(err)
	}
	for role, want := range map[contracts.Role]int{contracts.RolePlanner: 0, contracts.RoleRecovery: 1} {
		got, err := ask[contracts.Collection](w, contracts.SubjectRegistryCollect, fmt.Sprintf(`{"role": %q, "keep": 0}`, role))
		if err != nil || len(got.Versions) != want {
			t.Errorf("of the %s would go %+v, %v", role, got.Versions, err)
		}
	}
}

func TestRolesThatHaveNoVersions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run(options(nil))
	for body, want := range map[string]string{
		`{"role": "reader"}`: "no language model", `{"role": "cook"}`: "none of the roles [planner recovery action]",
	} {
		for _, subject := range []string{
			contracts.SubjectRegistryList, contracts.SubjectRegistryResolve, contracts.SubjectRegistryRollback,
			contracts.SubjectRegistryCollect, contracts.SubjectRegistryExperiments, contracts.SubjectRegistryFigures,
		} {
			if _, err := ask[json.RawMessage](w, subject, body); err == nil || !strings.HasPrefix(err.Error(), "400") || !strings.Contains(err.Error(), want) {
				t.Errorf("%s %s: %v", subject, body, err)
			}
		}
	}
}
