package job_test

import (
	"path/filepath"
	"testing"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/lm"
	"github.com/grokputer/grokputer/lm/chat"
	"github.com/grokputer/grokputer/services/trainer"
)

// preferences has corrected steps, and steps that were right and wrong.
func preferences(t *testing.T, a trainer.Assignment) {
	t.Helper()
	click := func(text string) action.Action {
		return action.Action{Verb: action.Click, Target: screen.Target{Kind: screen.Button, Text: text}}
	}
	right, wrong := click("A"), click("B")
	var examples []trainer.Example
	for _, task := range []string{"one", "two", "three", "four"} {
		state := prompt.State{Task: task, Screen: screen.Screen{Elements: []screen.Element{{Kind: screen.Button, Text: "A"}, {Kind: screen.Button, Text: "B"}}}}
		examples = append(
			examples,
			trainer.Example{Kind: trainer.KindLesson, State: state, Right: right, Wrong: &wrong},
			trainer.Example{Kind: trainer.KindGood, State: state, Right: right},
			trainer.Example{Kind: trainer.KindBad, State: state, Wrong: &wrong},
		)
	}
	held := examples[0]
	held.HeldOut = true
	if err := trainer.WriteExamples(filepath.Join(a.Folder, trainer.DatasetFile), append(examples, held)); err != nil {
		t.Fatal(err)
	}
}

// margin is by how much an adapter likes the right action better than the wrong one, in nats.
func margin(t *testing.T, a trainer.Assignment, folder, sha256 string) float64 {
	t.Helper()
	engine, err := lm.Open(t.Context(), a.Model, lm.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	name := ""
	if folder != "" {
		name = "trained"
		if _, err := engine.LoadAdapter(name, folder, sha256); err != nil {
			t.Fatal(err)
		}
	}
	state := prompt.State{Task: "one", Screen: screen.Screen{Elements: []screen.Element{{Kind: screen.Button, Text: "A"}, {Kind: screen.Button, Text: "B"}}}}
	messages := []chat.Message{{Role: "system", Content: prompt.System}, {Role: "user", Content: prompt.Render(state)}}
	scores, err := engine.Score(t.Context(), messages, []string{`click button "A"`, `click button "B"`}, name)
	if err != nil {
		t.Fatal(err)
	}
	return scores[0] - scores[1]
}

// With each method the planner comes to like what was right better than what was wrong, and
// with pairs also when it begins from a parent, to which it is held.
func TestMethods(t *testing.T) {
	t.Parallel()
	for method, want := range map[contracts.TrainingMethod]trainer.Planned{
		contracts.MethodSFT:  {Supervised: 8},
		contracts.MethodDPO:  {Supervised: 4, Pairs: 4},
		contracts.MethodKTO:  {Judged: 16},
		contracts.MethodAuto: {Supervised: 8, Pairs: 4, Judged: 8},
	} {
		t.Run(string(method), func(t *testing.T) {
			t.Parallel()
			a := assignment(t)
			a.Recipe.Method, a.Recipe.MinSteps = method, 16
			preferences(t, a)
			trained, updates := run(t, a)
			plan := updates[0].(trainer.Planned)
			if plan.Supervised != want.Supervised || plan.Pairs != want.Pairs || plan.Judged != want.Judged || plan.Dropped != 0 {
				t.Errorf("planned %+v", plan)
			}
			before := margin(t, a, "", "")
			after := margin(t, a, filepath.Join(a.Folder, trainer.AdapterFolder), trained.SHA256)
			if after <= before {
				t.Errorf("what was right is better by %g, before by %g", after, before)
			}
			child := assignment(t)
			child.Recipe = a.Recipe
			child.Parent, child.ParentFolder, child.ParentSHA256 = "lora-v1", filepath.Join(a.Folder, trainer.AdapterFolder), trained.SHA256
			preferences(t, child)
			again, _ := run(t, child)
			if further := margin(t, child, filepath.Join(child.Folder, trainer.AdapterFolder), again.SHA256); further <= before {
				t.Errorf("after a second training it is better by %g, before the first by %g", further, before)
			}
		})
	}
}
