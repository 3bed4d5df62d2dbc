package feedback_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/feedback"
)

func ExampleSuggestions() {
	for _, line := range feedback.Suggestions(prompt.State{
		Task: `log in as "anna" with password "k3f", "anna" again`,
		Screen: screen.Screen{Title: "Sign in", Elements: []screen.Element{
			{Kind: screen.Text, Text: "Username"},
			{Kind: screen.Field},
			{Kind: screen.Field},
			{Kind: screen.Icon, Text: "Help"},
			{Kind: screen.Button, Text: "Log in"},
		}},
	}) {
		fmt.Println(line)
	}
	// Output:
	// click field "" #1
	// click field "" #2
	// click icon "Help"
	// click button "Log in"
	// click text "Username"
	// doubleclick icon "Help"
	// type "anna"
	// type "k3f"
	// type ""
	// key enter
	// key tab
	// key escape
	// key ctrl+a
	// key ctrl+s
	// scroll down 3
	// scroll up 3
	// open ""
	// wait 5
	// answer ""
	// done
	// fail ""
	// ask ""
}

func TestOnlyWhatThePlannerSawIsSuggested(t *testing.T) {
	t.Parallel()
	var state prompt.State
	for i := range prompt.MaxElements + 5 {
		state.Screen.Elements = append(state.Screen.Elements, screen.Element{Kind: screen.Button, Text: fmt.Sprint("b", i)})
	}
	lines := feedback.Suggestions(state)
	if want := fmt.Sprintf(`click button "b%d"`, prompt.MaxElements-1); !slices.Contains(lines, want) {
		t.Errorf("%s is missing", want)
	}
	if hidden := fmt.Sprintf(`click button "b%d"`, prompt.MaxElements); slices.Contains(lines, hidden) {
		t.Errorf("%s names what the planner did not see", hidden)
	}
}

func TestAQuoteThatIsNotClosedSuggestsNothing(t *testing.T) {
	t.Parallel()
	for _, line := range feedback.Suggestions(prompt.State{Task: `say "hi" and "bye`}) {
		if strings.Contains(line, "bye") {
			t.Errorf("%s comes from a quote without an end", line)
		}
	}
}

// Whatever is on the screen and in the task, every suggestion can be done there, is
// canonical, and comes once, clicks first.
func FuzzSuggestions(f *testing.F) {
	f.Add(`say "hi" "there"`, "OK\nOK\nCancel") //nolint:dupword // two of one name
	f.Add(`"`, "")
	f.Add("type \"a\x00\"", "\xff\n\"\n\\\n"+strings.Repeat("ä", screen.MaxLabel+1))
	f.Fuzz(func(t *testing.T, task, texts string) {
		state := prompt.State{Task: task}
		for i, text := range strings.Split(texts, "\n") {
			kind := screen.Kinds()[i%len(screen.Kinds())]
			state.Screen.Elements = append(state.Screen.Elements, screen.Element{Kind: kind, Text: text})
		}
		clicks := true
		seen := map[string]bool{}
		for _, line := range feedback.Suggestions(state) {
			a, err := action.Parse(line)
			if err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			if a.String() != line || strings.ContainsAny(line, "\r\n") {
				t.Fatalf("%q is not canonical: %q", line, a)
			}
			valid := !strings.ContainsRune(texts, '\uFFFD') && strings.ToValidUTF8(texts, "") == texts
			if err := state.Check(a); valid && err != nil {
				t.Fatalf("%q cannot be done: %v", line, err)
			}
			if seen[line] && valid {
				t.Fatalf("%q comes twice", line)
			}
			seen[line] = true
			if a.Verb == action.Click && !clicks {
				t.Fatalf("%q comes after what is no click", line)
			}
			clicks = clicks && a.Verb == action.Click
		}
	})
}
