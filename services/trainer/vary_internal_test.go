package trainer

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

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
