package trainer

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
)

func parse(t *testing.T, s string) action.Action {
	t.Helper()
	a, err := action.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func panel(kinds ...string) screen.Screen {
	s := screen.Screen{Title: "Panel"}
	for _, k := range kinds {
		kind, text, _ := strings.Cut(k, " ")
		s.Elements = append(s.Elements, screen.Element{Kind: screen.Kind(kind), Text: text})
	}
	return s
}

// Whatever is varied, the right action can be done on the screen, labels stay
// before their fields, and the words that the action repeats are there.
func TestVariantsMeanTheSame(t *testing.T) {
	t.Parallel()
	v := variation{rand.New(rand.NewPCG(1, 2))}
	for _, c := range []struct {
		task, right string
		screen      screen.Screen
	}{
		{"get me the usual", `click button "Espresso"`, panel("button Tea", "button Espresso", "button Milk", "link Help", "link About")},
		{"type marzipan into the name field", `type "marzipan"`, panel("text Name", "field ", "button OK", "button Cancel")},
		{"close the second one", `click button "Close" #2`, panel("button Close", "button Close", "button Open")},
		{`say "good day to you"`, `type "good day to you"`, panel("field ", "button Send")},
	} {
		e := Example{State: prompt.State{Task: c.task, Screen: c.screen}, Right: parse(t, c.right)}
		original := prompt.Render(e.State)
		orders, tasks := map[string]bool{}, map[string]bool{}
		for range 200 {
			variant := v.of(e)
			if err := variant.State.Check(variant.Right); err != nil {
				t.Fatalf("%s: %v on\n%s", c.right, err, prompt.Render(variant.State))
			}
			for word := range strings.FieldsSeq(strings.Trim(e.Right.Text, `"`)) {
				if !strings.Contains(variant.State.Task, word) {
					t.Fatalf("%q does not say %q", variant.State.Task, word)
				}
			}
			i := slices.IndexFunc(variant.State.Screen.Elements, func(e screen.Element) bool { return e.Kind == screen.Text })
			if i >= 0 && variant.State.Screen.Elements[i+1].Kind != screen.Field {
				t.Fatalf("the label has left its field:\n%s", prompt.Render(variant.State))
			}
			tasks[variant.State.Task] = true
			orders[prompt.Render(variant.State)] = true
		}
		if prompt.Render(e.State) != original {
			t.Error("the example itself was changed")
		}
		if len(tasks) < 5 || len(orders) < 10 {
			t.Errorf("%q: only %d tasks and %d screens", c.task, len(tasks), len(orders))
		}
	}
}

func TestVariantsOfNumberedTargetsKeepTheOrder(t *testing.T) {
	t.Parallel()
	v := variation{rand.New(rand.NewPCG(1, 2))}
	s := panel("button Close", "button Open", "button Close")
	e := Example{State: prompt.State{Task: "close it", Screen: s}, Right: parse(t, `click button "Close" #2`)}
	for range 50 {
		if got := v.of(e).State.Screen.Elements; !slices.Equal(got, s.Elements) {
			t.Fatalf("the order is %v", got)
		}
	}
}

func step(t *testing.T, n int, said string, o contracts.Outcome) contracts.BundleStep {
	t.Helper()
	return contracts.BundleStep{
		Step: n, State: prompt.State{Task: "do", Screen: panel("button A", "button B", "button C", "button D")},
		Action: parse(t, said), Outcome: o,
	}
}

func bundle(task string, rating int, outcome contracts.Verb, steps ...contracts.BundleStep) contracts.Bundle {
	return contracts.Bundle{TaskID: task, SessionID: "session_" + task, Rating: rating, Outcome: outcome, Steps: steps}
}

func TestStepsOf(t *testing.T) {
	t.Parallel()
	b := parse(t, `click button "B"`)
	corrected := step(t, 1, `click button "A"`, contracts.OutcomeChanged)
	corrected.Corrected = &b
	wrong := step(t, 2, `click button "A"`, contracts.OutcomeChanged)
	wrong.Verdict = contracts.VerdictWrong
	right := step(t, 3, `click button "C"`, contracts.OutcomeUnchanged)
	right.Verdict = contracts.VerdictRight
	plain, noEffect := step(t, 4, "done", contracts.OutcomeResult), step(t, 5, "done", contracts.OutcomeUnchanged)
	unknown := plain
	unknown.State = prompt.State{}
	all := []contracts.BundleStep{corrected, wrong, right, plain, noEffect, unknown}
	for name, c := range map[string]struct {
		bundle        contracts.Bundle
		lessons, good []int
	}{
		"rated low":              {bundle("a", 1, contracts.VerbCompleted, all...), []int{1}, []int{3}},
		"rated well":             {bundle("a", 4, contracts.VerbCompleted, all...), []int{1}, []int{3, 4}},
		"rated well, but failed": {bundle("a", 5, contracts.VerbFailed, all...), []int{1}, []int{3}},
	} {
		lessons, good := stepsOf(c.bundle)
		numbers := func(examples []Example) (n []int) {
			for _, e := range examples {
				n = append(n, e.Source.Step)
			}
			return n
		}
		if !slices.Equal(numbers(lessons), c.lessons) || !slices.Equal(numbers(good), c.good) {
			t.Errorf("%s: lessons %v, good %v", name, numbers(lessons), numbers(good))
		}
	}
}

func TestAssemble(t *testing.T) {
	t.Parallel()
	r := DefaultConfig().Recipe
	b := parse(t, `click button "B"`)
	var bundles []contracts.Bundle
	for _, task := range []string{"a", "b"} {
		s := step(t, 1, `click button "A"`, contracts.OutcomeChanged)
		s.State.Task, s.Corrected = "the thing of "+task+" please", &b
		bundles = append(bundles, bundle(task, 1, contracts.VerbCompleted, s))
	}
	good := step(t, 1, "done", contracts.OutcomeResult)
	for range 10 {
		bundles = append(bundles, bundle("c", 5, contracts.VerbCompleted, good))
	}
	replay := make([]Example, 200)
	for i := range replay {
		replay[i] = Example{Kind: "press", State: prompt.State{Task: strings.Repeat("x", i+1)}, Right: action.Action{Verb: action.Done}}
	}
	if few, many := r.variants(5), r.variants(400); few != 60 || many != minVariants {
		t.Errorf("5 lessons get %d variants each, 400 get %d", few, many)
	}
	d := assemble(r, bundles, replay, false)
	count := map[string]int{}
	trained := map[string]bool{}
	for _, e := range d.Examples {
		if e.HeldOut {
			count["held out"]++
			continue
		}
		count[e.Kind]++
		trained[prompt.Render(e.State)] = true
	}
	for _, e := range d.Examples {
		if e.HeldOut && trained[prompt.Render(e.State)] && e.Kind != KindGood {
			t.Errorf("held out and trained on: %q", e.State.Task)
		}
	}
	if count[KindLesson] != d.Lessons || count[KindGood] != d.Good || count["press"] != d.Replay || count["held out"] != d.HeldOut {
		t.Errorf("counted %v, told %+v", count, d.Counts)
	}
	if d.Lessons < 2*8 || d.Good != 9 || d.Replay < r.MinReplay*8/10 || d.HeldOut < 4 {
		t.Errorf("%+v", d.Counts)
	}
	if !slices.Equal(d.Tasks, []string{"a", "b", "c"}) || !slices.Equal(d.Sessions, []string{"session_a", "session_b", "session_c"}) {
		t.Errorf("tasks %v, sessions %v", d.Tasks, d.Sessions)
	}
	again := assemble(r, bundles, replay, false)
	if len(again.Examples) != len(d.Examples) || prompt.Render(again.Examples[7].State) != prompt.Render(d.Examples[7].State) {
		t.Error("the same sessions gave another dataset")
	}
	if full := assemble(r, bundles, replay, true); full.Replay != 180 {
		t.Errorf("all of the starter's steps are %d, want 180 and 20 held out", full.Replay)
	}
}
