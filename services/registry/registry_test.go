package registry_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/services/registry"
)

func TestAVersionIsPromotedAndTakenBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	starter := starterFolder(t, "one")
	w.run(options(func(o *registry.Options) { o.Starter = starter }))
	if list := w.states("starter champion"); list.Aliases.Champion != "starter" || list.Adapters[0].BaseModel != "tiny" {
		t.Errorf("%+v", list)
	}
	w.publish(w.version(1))
	event := w.decided(contracts.AdapterVerbPromoted, 2)
	if event.Version != "lora-v1" || event.Champion != "lora-v1" || event.Previous != "starter" || event.By != "auto" || event.Why == "" {
		t.Errorf("%+v", event)
	}
	w.states("starter previous", "lora-v1 champion")
	resolved, err := ask[contracts.AdapterResolved](w, contracts.SubjectRegistryResolve, `{"task_id": "t"}`)
	if err != nil || resolved.Adapter.Version != "lora-v1" || len(resolved.Fallback) != 1 || resolved.Fallback[0].Version != "starter" {
		t.Errorf("%+v, %v", resolved, err)
	}
	now, err := ask[contracts.Aliases](w, contracts.SubjectRegistryRollback, `{"by": "me", "why": "it is worse"}`)
	if err != nil || now.Champion != "starter" || now.Previous != "" {
		t.Errorf("%+v, %v", now, err)
	}
	if event := w.decided(contracts.AdapterVerbRolledBack, 1); event.Version != "lora-v1" || event.Champion != "starter" || event.By != "me" {
		t.Errorf("%+v", event)
	}
	list := w.states("starter champion", "lora-v1 rolledback")
	if list.Adapters[1].Why != "it is worse" {
		t.Errorf("%+v", list.Adapters[1])
	}
	// The version's event comes once more, as after a restart: the decision stands.
	w.publish(w.version(1))
	w.publish(w.version(2))
	w.states("starter previous", "lora-v1 rolledback", "lora-v2 champion")
	if _, err := ask[contracts.Aliases](w, contracts.SubjectRegistryPromote, "lora-v1"); err != nil {
		t.Error(err)
	}
	w.states("starter published", "lora-v1 champion", "lora-v2 previous")
}

func TestRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run(options(nil))
	w.publish(w.version(1))
	w.states("lora-v1 champion")
	for _, c := range []struct{ subject, body, want string }{
		{contracts.SubjectRegistryGet, "lora-v7", "404 there is no such adapter: planner lora-v7 (there are lora-v1)"},
		{contracts.SubjectRegistryGet, `{"version": 7}`, "400"},
		{contracts.SubjectRegistryGet, "a.b", "400"},
		{contracts.SubjectRegistryResolve, "lora-v7", "404"},
		{contracts.SubjectRegistryPromote, "lora-v7", "404"},
		{contracts.SubjectRegistryRollback, "", "409"},
		{contracts.SubjectRegistryRollback, "lora-v7", "409"},
		{contracts.SubjectRegistryList, "{", "400"},
	} {
		if _, err := ask[json.RawMessage](w, c.subject, c.body); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s %q: %v, want %s", c.subject, c.body, err, c.want)
		}
	}
	a, err := ask[contracts.Adapter](w, contracts.SubjectRegistryGet, "lora-v1")
	if err != nil || a.Version != "lora-v1" {
		t.Errorf("%+v, %v", a, err)
	}
	if a, err = ask[contracts.Adapter](w, contracts.SubjectRegistryGet, ""); err != nil || a.Version != "lora-v1" {
		t.Errorf("%+v, %v", a, err)
	}
	none, err := ask[contracts.AdapterResolved](w, contracts.SubjectRegistryResolve, "none")
	if err != nil || none.Adapter != nil || len(none.Fallback) != 0 {
		t.Errorf("%+v, %v", none, err)
	}
	if again, err := ask[contracts.Aliases](w, contracts.SubjectRegistryPromote, "lora-v1"); err != nil || again.Champion != "lora-v1" {
		t.Errorf("%+v, %v", again, err)
	}
}

func TestNotPromotedByItself(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		auto bool
		loss float64
		want string
	}{
		"a person decides":   {false, 0.1, "wait for a person"},
		"worse than parent":  {true, 0.3, "0.3000 is worse than its parent's, 0.2000"},
		"better than parent": {true, 0.1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			starter := starterFolder(t, "one")
			w.run(options(func(o *registry.Options) { o.AutoPromote, o.Starter = c.auto, starter }))
			v := w.version(1)
			v.HeldOutLoss, v.ParentLoss = c.loss, 0.2
			w.publish(v)
			if c.want == "" {
				w.states("starter previous", "lora-v1 champion")
				return
			}
			list := w.states("starter champion", "lora-v1 published")
			for list.Adapters[1].Why == "" { // it is on record before it is decided about
				list = w.list()
			}
			if why := list.Adapters[1].Why; !strings.Contains(why, c.want) || !strings.Contains(why, "grokputer adapters promote lora-v1") {
				t.Errorf("why: %s", why)
			}
			if _, err := ask[contracts.Aliases](w, contracts.SubjectRegistryPromote, "lora-v1"); err != nil {
				t.Error(err)
			}
			w.states("starter previous", "lora-v1 champion")
		})
	}
}

// A version that did not pass its gate does not serve by itself, and does when a person
// wants it.
func TestRejectedByTheGate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run(options(nil))
	w.publish(w.version(1))
	w.states("lora-v1 champion")
	v := w.version(2)
	v.Gate, v.GateWhy = contracts.GateRejected, "it did not pass the gate: it is worse"
	w.publish(v)
	if event := w.decided(contracts.AdapterVerbRejected, 1); event.Version != "lora-v2" || event.Why != v.GateWhy || event.Champion != "lora-v1" {
		t.Errorf("%+v", event)
	}
	if list := w.states("lora-v1 champion", "lora-v2 rejected"); list.Adapters[1].Why != v.GateWhy {
		t.Errorf("why: %s", list.Adapters[1].Why)
	}
	if _, err := ask[contracts.AdapterResolved](w, contracts.SubjectRegistryResolve, "lora-v2"); err != nil {
		t.Errorf("a task that names it: %v", err)
	}
	if _, err := ask[contracts.Aliases](w, contracts.SubjectRegistryPromote, "lora-v2"); err != nil {
		t.Error(err)
	}
	w.states("lora-v1 previous", "lora-v2 champion")
}

func TestAnOlderVersionDoesNotReplaceANewer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run(options(nil))
	w.publish(w.version(2))
	w.states("lora-v2 champion")
	late := w.version(1)
	late.Time = late.Time.Add(time.Second)
	w.publish(late)
	w.states("lora-v2 champion", "lora-v1 published")
}
