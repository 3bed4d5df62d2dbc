package local_test

import (
	"fmt"
	"math"
	"os"
	"testing"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/lm"
	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/lmtest"
	"github.com/grokputer/grokputer/services/actor"
	"github.com/grokputer/grokputer/services/actor/local"
)

// sureness is how sure the planner is of its answer with an adapter.
func sureness(t *testing.T, p *local.Planner, a actor.Adapter) float64 {
	t.Helper()
	if err := p.Attach(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	if got := p.Attached(); got.Version != a.Version || p.Identity().Adapter != a.Version {
		t.Errorf("%s is attached, not %s", got.Version, a.Version)
	}
	d, err := p.Plan(t.Context(), prompt.State{Task: "x", Screen: screen.Screen{Elements: []screen.Element{
		{Kind: screen.Button, Text: "A"}, {Kind: screen.Button, Text: "B"}, {Kind: screen.Field},
	}}}, actor.Constraint{Verb: "click"})
	if err != nil {
		t.Fatal(err)
	}
	return d.Confidence
}

func TestAttachAStack(t *testing.T) {
	t.Parallel()
	model := lmtest.TinyModel(t, 48)
	p := open(t, local.Options{Model: model, MaxTokens: 24, Engine: lm.Options{Precision: compute.Float32}})
	one, again, two := adapterOf(t, model, "lora-v1", 1), adapterOf(t, model, "lora-v2", 1), adapterOf(t, model, "lora-v3", 2)
	stack := func(parts ...actor.Part) actor.Adapter {
		name := contracts.Stack{}
		for _, part := range parts {
			name = append(name, contracts.StackPart{Version: part.Adapter.Version, Weight: part.Weight})
		}
		return actor.Adapter{Version: name.String(), Parts: parts}
	}
	alone, other := sureness(t, p, one), sureness(t, p, two)
	for _, c := range []struct {
		what string
		a    actor.Adapter
		want float64
	}{
		{"one part", stack(actor.Part{Adapter: one, Weight: 1}), alone},
		{"halves of the same", stack(actor.Part{Adapter: one, Weight: 0.5}, actor.Part{Adapter: again, Weight: 0.5}), alone},
		{"one taken away", stack(actor.Part{Adapter: one, Weight: 1}, actor.Part{Adapter: two, Weight: 1}, actor.Part{Adapter: again, Weight: -1}), other},
	} {
		if got := sureness(t, p, c.a); math.Abs(got-c.want) > 1e-5 {
			t.Errorf("%s: it is %g sure, want %g", c.what, got, c.want)
		}
	}
	mixed := sureness(t, p, stack(actor.Part{Adapter: one, Weight: 0.3}, actor.Part{Adapter: two, Weight: 0.7}))
	if math.Abs(mixed-alone) < 1e-5 || math.Abs(mixed-other) < 1e-5 {
		t.Errorf("a stack of two is %g sure, they are %g and %g", mixed, alone, other)
	}
	gone := one
	gone.SHA256 = "00"
	before := p.Attached()
	if err := p.Attach(t.Context(), stack(actor.Part{Adapter: two, Weight: 1}, actor.Part{Adapter: gone, Weight: 1})); err == nil || p.Attached().Version != before.Version {
		t.Errorf("a part with another hash: %v, %s is attached", err, p.Attached().Version)
	}
}

// What was attached comes back without being read again, and versions of two roles that are called
// the same are told apart.
func TestTheShelf(t *testing.T) {
	t.Parallel()
	model := lmtest.TinyModel(t, 48)
	p := open(t, local.Options{Model: model, MaxTokens: 24, Engine: lm.Options{Precision: compute.Float32}})
	planner, recovery := adapterOf(t, model, "lora-v1", 1), adapterOf(t, model, "lora-v1", 2)
	first, second := sureness(t, p, planner), sureness(t, p, recovery)
	if math.Abs(first-second) < 1e-5 {
		t.Errorf("two versions of one name are the same: %g, %g", first, second)
	}
	for _, a := range []actor.Adapter{planner, recovery} {
		if err := os.RemoveAll(a.Folder); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if a, b := sureness(t, p, planner), sureness(t, p, recovery); math.Abs(a-first) > same || math.Abs(b-second) > same {
			t.Errorf("from the shelf they are %g and %g sure, and were %g and %g", a, b, first, second)
		}
	}
	for n := range 6 {
		sureness(t, p, adapterOf(t, model, fmt.Sprint("lora-v", n+2), uint64(n)))
	}
	if err := p.Attach(t.Context(), planner); err == nil {
		t.Error("the shelf is endless")
	}
}
