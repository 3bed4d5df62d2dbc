package scripted_test

import (
	"testing"

	"github.com/grokputer/grokputer/services/actor"
	"github.com/grokputer/grokputer/services/actor/actortest"
	"github.com/grokputer/grokputer/services/actor/scripted"
)

func planner(_ *testing.T, say []string) actor.Planner { return scripted.New(scripted.List(say...)) }

func TestPlanner(t *testing.T) {
	t.Parallel()
	actortest.Planner(t, planner)
}

// What the function says is what is planned.
func TestSays(t *testing.T) {
	t.Parallel()
	for _, s := range actortest.States() {
		d, err := planner(t, []string{s.Say}).Plan(t.Context(), s.State, actortest.May())
		if err != nil || d.Action.String() != s.Say || d.Text != s.Say || d.Confidence != 1 {
			t.Errorf("planned %+v, %v; want %s", d, err, s.Say)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	actortest.Refusals(t, planner)
}

func TestListEnds(t *testing.T) {
	t.Parallel()
	p := planner(t, []string{"done"})
	state := actortest.States()[0].State
	if _, err := p.Plan(t.Context(), state, actortest.May()); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Plan(t.Context(), state, actortest.May()); err == nil {
		t.Error("the list went on after its end")
	}
}
