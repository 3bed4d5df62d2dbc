package starter_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/trainer/starter"
)

// Every right action must be sayable: it parses back, and its target stands on
// the screen that the model sees.
func TestEpisodesAreDoable(t *testing.T) {
	t.Parallel()
	g := starter.New(1)
	kinds := map[string]int{}
	for range 3000 {
		steps := g.Episode()
		for i, e := range steps {
			kinds[e.Kind]++
			parsed, err := action.Parse(e.Right.String())
			if err != nil || parsed.String() != e.Right.String() {
				t.Fatalf("%s: %s does not parse back: %v", e.Kind, e.Right, err)
			}
			for _, target := range e.Right.Targets() {
				if _, err := e.State.Visible().Find(target); err != nil {
					t.Fatalf("%s: %v\n%+v", e.Kind, err, e.State)
				}
			}
			goesOn := e.Kind == "spin" || e.Kind == "nth" // not all of their steps are shown
			if last := i == len(steps)-1; e.Right.Ends() != last && (!last || !goesOn) {
				t.Fatalf("%s: %s is step %d of %d", e.Kind, e.Right, i+1, len(steps))
			}
		}
	}
	if len(kinds) != 13 {
		t.Errorf("kinds drawn: %v", kinds)
	}
}

func TestSameSeedSameEpisodes(t *testing.T) {
	t.Parallel()
	a, b := starter.New(7), starter.New(7)
	for range 50 {
		if diff := cmp.Diff(a.Episode(), b.Episode()); diff != "" {
			t.Fatal(diff)
		}
	}
}

// What did not work is done again or otherwise: it never ends a task.
func TestFailureIsNoEnd(t *testing.T) {
	t.Parallel()
	g := starter.New(5)
	results := map[string]int{}
	for range 3000 {
		for _, e := range g.Episode() {
			if len(e.State.Done) == 0 {
				continue
			}
			result, _, _ := strings.Cut(e.State.Done[len(e.State.Done)-1].Result, ":")
			if !slices.Contains([]string{"no effect", "in doubt", "no window has the focus"}, result) {
				continue
			}
			results[result]++
			if e.Right.Ends() {
				t.Fatalf("%s after %q on %+v", e.Right, result, e.State)
			}
			if result == "no window has the focus" && e.State.Screen.Title == "" && e.Right.Verb != action.Open {
				t.Fatalf("%s on a screen without a window", e.Right)
			}
		}
	}
	if len(results) != 3 {
		t.Errorf("results of actions that did not work: %v", results)
	}
}

// What a screen shows of its elements is true to what was done on it.
func TestStatesFollowTheActions(t *testing.T) {
	t.Parallel()
	g := starter.New(6)
	seen := map[string]int{}
	for range 5000 {
		steps := g.Episode()
		for i, e := range steps {
			focused := 0
			for _, element := range e.State.Screen.Elements {
				if element.Focused {
					focused++
				}
				if element.Caption != "" {
					seen["caption"]++
				}
			}
			if focused > 1 {
				t.Fatalf("%d elements have the focus: %+v", focused, e.State.Screen)
			}
			seen["focus"] += focused
			if e.Right.Verb != action.Click || i == len(steps)-1 || steps[i+1].State.Done[i].Result != "" {
				continue
			}
			was, err := e.State.Screen.Find(e.Right.Target)
			if err != nil {
				t.Fatal(err)
			}
			if e.Kind == "form" && was.Focused {
				t.Fatalf("a field that has the focus is clicked: %+v", e.State)
			}
			is, err := steps[i+1].State.Screen.Find(e.Right.Target)
			if e.Kind != "check" || was.Kind != screen.Check && was.Kind != screen.Radio || err != nil {
				continue
			}
			if is.Checked == was.Checked {
				seen["unseen"]++
			} else {
				seen["checked"]++
			}
		}
	}
	if seen["caption"] == 0 || seen["focus"] == 0 || seen["checked"] < 4*seen["unseen"] {
		t.Errorf("states: %v", seen)
	}
}
