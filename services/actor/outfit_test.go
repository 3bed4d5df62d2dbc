package actor_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/services/actor"
	"github.com/grokputer/grokputer/services/actor/scripted"
)

// askedOf are the adapters of each step, as role=version, /planner for one of the planner's.
func askedOf(steps []contracts.TaskStep) string {
	var all []string
	for _, step := range steps {
		var asked []string
		for _, a := range step.Adapters {
			text := string(a.Role) + "=" + a.Version
			if a.Of != "" {
				text += "/" + string(a.Of)
			}
			asked = append(asked, text)
		}
		all = append(all, strings.Join(asked, " "))
	}
	return strings.Join(all, " > ")
}

// Each request is made with the adapter of its role, and of the planner where that has none.
func TestEachRequestHasItsRolesAdapter(t *testing.T) {
	t.Parallel()
	inVain, works := `click text "a label"`, `click field "" #2`
	only := func(role contracts.Role, versions ...string) map[contracts.Role][]string {
		return map[contracts.Role][]string{role: versions}
	}
	for name, c := range map[string]struct {
		others  map[contracts.Role][]string
		broken  []string
		refuses []string
		sure    float64
		asked   string // for the task
		actions []string
		steps   string
		plans   string // each request's adapter, with the verb that was given
	}{
		"no role has a version of its own": {
			actions: []string{inVain, works, "done"}, sure: 0.3,
			steps: "planner=lora-v3 > recovery=lora-v3/planner > planner=lora-v3",
			plans: "lora-v3 > lora-v3 > lora-v3",
		},
		"a step in vain is followed by the recovery's": {
			others: only(contracts.RoleRecovery, "lora-v1"), actions: []string{inVain, inVain, works, "done"},
			steps: "planner=lora-v3 > recovery=lora-v1 > recovery=lora-v1 > planner=lora-v3",
			plans: "lora-v3 > lora-v1 > lora-v1 > lora-v3",
		},
		"a recovery's version that is damaged": {
			others: only(contracts.RoleRecovery, "lora-v1"), broken: []string{"lora-v1"}, actions: []string{inVain, works, "done"},
			steps: "planner=lora-v3 > recovery=lora-v3/planner > planner=lora-v3",
			plans: "lora-v3 > lora-v3 > lora-v3",
		},
		"one for another base, with one that serves": {
			others: only(contracts.RoleRecovery, "lora-v2", "lora-v1"), refuses: []string{"lora-v2"}, actions: []string{inVain, works, "done"},
			steps: "planner=lora-v3 > recovery=lora-v1 > planner=lora-v3",
			plans: "lora-v3 > lora-v1 > lora-v3",
		},
		"an unsure choice is looked at again": {
			others: only(contracts.RoleAction, "lora-v7"), sure: 0.3, actions: []string{`click field "" #1`, works, "done"},
			steps: "planner=lora-v3 action=lora-v7 > planner=lora-v3",
			plans: "lora-v3 > lora-v7 click > lora-v3",
		},
		"the second look says something else than was asked for": {
			others: only(contracts.RoleAction, "lora-v7"), sure: 0.3, actions: []string{works, "done", "done"},
			steps: "planner=lora-v3 > planner=lora-v3",
			plans: "lora-v3 > lora-v7 click > lora-v3",
		},
		"a sure choice is not": {
			others: only(contracts.RoleAction, "lora-v7"), sure: 0.9, actions: []string{works, "done"},
			steps: "planner=lora-v3 > planner=lora-v3", plans: "lora-v3 > lora-v3",
		},
		"what the task asks for serves for every role": {
			others: only(contracts.RoleRecovery, "lora-v1"), asked: "lora-v2", actions: []string{inVain, works, "done"},
			steps: "planner=lora-v2 > recovery=lora-v2/planner > planner=lora-v2", plans: "lora-v2 > lora-v2 > lora-v2",
		},
		"a stack, and a version of another role": {
			others: only(contracts.RoleRecovery, "lora-v1"), asked: "lora-v3*0.7+lora-v2*0.3,recovery:lora-v1", actions: []string{inVain, works, "done"},
			steps: "planner=lora-v3*0.7+lora-v2*0.3 > recovery=lora-v1 > planner=lora-v3*0.7+lora-v2*0.3",
			plans: "lora-v3*0.7+lora-v2*0.3 > lora-v1 > lora-v3*0.7+lora-v2*0.3",
		},
		"the base model for one role": {
			others: only(contracts.RoleRecovery, "lora-v1"), asked: "recovery:none", actions: []string{inVain, works, "done"},
			steps: "planner=lora-v3 > recovery=none > planner=lora-v3", plans: "lora-v3 > none > lora-v3",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := build(t, fields())
			p := &adaptable{Planner: scripted.New(scripted.List(c.actions...)), refuses: c.refuses, sure: c.sure}
			h.planner = p
			h.adapters = &shelf{versions: []string{"lora-v3", "lora-v2"}, others: c.others, broken: c.broken}
			h.start()
			h.ask(`{"task": "do", "id": "t", "adapter": "` + c.asked + `"}`)
			end := h.completed()
			if got := askedOf(h.steps()); got != c.steps {
				t.Errorf("the steps were asked of %s\nwant %s", got, c.steps)
			}
			if got := strings.Join(p.asked, " > "); got != c.plans {
				t.Errorf("planned with %s\nwant %s", got, c.plans)
			}
			if p.Attached().Version != strings.Split(c.plans, " ")[0] {
				t.Errorf("%s stays attached", p.Attached().Version)
			}
			var all [][]contracts.RoleVersion
			for _, step := range h.steps() {
				all = append(all, step.Adapters)
			}
			if !slices.Equal(end.Adapters, contracts.Asked(all...)) {
				t.Errorf("the end names %v", end.Adapters)
			}
		})
	}
}

// The second look has the last word, and the journal says whose it was.
func TestTheSecondLookHasTheLastWord(t *testing.T) {
	t.Parallel()
	h := build(t, fields())
	h.planner = &adaptable{Planner: scripted.New(scripted.List(`click field "" #1`, `click field "" #2`, "done")), sure: 0.3}
	h.adapters = &shelf{versions: []string{"lora-v3"}, others: map[contracts.Role][]string{contracts.RoleAction: {"lora-v7"}}}
	h.start()
	h.ask("do")
	end := h.completed()
	steps := h.session(end.SessionID).Steps
	if len(steps) != 2 || steps[0].Action.String() != `click field "" #2` || steps[0].Confidence != 1 {
		t.Errorf("%+v", steps)
	}
}

func TestWhatATaskAsksForHasToBeThere(t *testing.T) {
	t.Parallel()
	for _, asked := range []string{"recovery:lora-v9", "lora-v3*0.5+lora-v9*0.5", "action:lora-v7*0.5", "lora-v3,recovery:lora-v1"} {
		t.Run(asked, func(t *testing.T) {
			t.Parallel()
			h := build(t, fields())
			h.planner = &adaptable{Planner: scripted.New(scripted.List("done")), attached: actor.Adapter{Version: "lora-v3"}}
			h.adapters = &shelf{
				versions: []string{"lora-v3"}, broken: []string{"lora-v1", "lora-v7"},
				others: map[contracts.Role][]string{contracts.RoleRecovery: {"lora-v1"}, contracts.RoleAction: {"lora-v7"}},
			}
			h.start()
			h.ask(`{"task": "do", "id": "t", "adapter": "` + asked + `"}`)
			if verb, end := h.ended("t"); verb != contracts.VerbFailed || end.Code != contracts.ReasonNoAdapter {
				t.Errorf("the task was %s: %s: %s", verb, end.Code, end.Reason)
			}
		})
	}
}

// A task that goes on after a restart has the adapters that it had, whatever is in use by now.
func TestAResumedTaskKeepsTheAdaptersOfItsRoles(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before contracts.RoleVersion
		want   string
	}{
		"a version of its own": {contracts.RoleVersion{Role: contracts.RoleRecovery, Version: "lora-v1"}, "recovery=lora-v1"},
		"the planner's": {
			contracts.RoleVersion{Role: contracts.RoleRecovery, Version: "lora-v3", Of: contracts.RolePlanner}, "recovery=lora-v3/planner",
		},
		"one that is gone": {contracts.RoleVersion{Role: contracts.RoleRecovery, Version: "lora-v0"}, "recovery=lora-v2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := build(t, fields())
			h.put(contracts.BucketTasks, "t", contracts.TaskState{
				TaskID: "t", SessionID: "s", Desktop: "main", Task: "x", Verb: contracts.VerbStep, Started: time.Now(),
			})
			for i, asked := range []contracts.RoleVersion{{Role: contracts.RolePlanner, Version: "lora-v3"}, c.before} {
				a := action.Action{Verb: action.Wait, N: i + 1}
				h.put(contracts.BucketJournal, fmt.Sprint("t.", i+1), contracts.JournalEntry{
					TaskID: "t", Step: i + 1, Phase: contracts.PhasePublished, Action: a, Class: "read",
					Event: &contracts.TaskStep{
						TaskID: "t", SessionID: "s", Step: i + 1, Action: a, Class: "read",
						Outcome: contracts.OutcomeUnchanged, Adapters: []contracts.RoleVersion{asked},
					},
				})
			}
			h.planner = &adaptable{Planner: scripted.New(scripted.List(`fail "x"`))}
			h.adapters = &shelf{versions: []string{"lora-v3"}, others: map[contracts.Role][]string{contracts.RoleRecovery: {"lora-v2", "lora-v1"}}}
			h.start()
			_, end := h.ended("t")
			steps := h.session(end.SessionID).Steps
			if got := askedOf(steps[2:]); len(steps) != 3 || got != c.want {
				t.Errorf("it goes on with %q, want %q", got, c.want)
			}
		})
	}
}
