package perfect_test

import (
	"errors"
	"testing"

	"github.com/grokputer/grokputer/cmd/grokputer/bench/miniwob"
	"github.com/grokputer/grokputer/cmd/grokputer/bench/miniwob/perfect"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
)

func element(kind screen.Kind, text string, x, y int) screen.Element {
	return screen.Element{Kind: kind, Text: text, Box: screen.Box{X: x, Y: y, W: 60, H: 20}}
}

// tall is an element that is higher than wide.
func tall(e screen.Element) screen.Element {
	e.Box.H = 2 * e.Box.W
	return e
}

// play asks for actions until the last, on a screen that never changes.
func play(t *testing.T, task, goal string, elements ...screen.Element) []string {
	t.Helper()
	p := &perfect.Planner{}
	p.Begin(task)
	state := prompt.State{Task: goal, Screen: screen.Screen{Elements: elements}}
	for range 20 {
		a, err := p.Next(state)
		if errors.Is(err, perfect.ErrNoPlan) && len(state.Done) > 0 {
			break // the screen never changes, so that a plan can come to its end
		}
		if err != nil {
			t.Fatalf("%s: %v", task, err)
		}
		state.Done = append(state.Done, prompt.Done{Action: a.String()})
		if a.Verb == action.Done {
			break
		}
	}
	var said []string
	for _, d := range state.Done {
		said = append(said, d.Action)
	}
	return said
}

func TestPlans(t *testing.T) {
	t.Parallel()
	submit := element(screen.Button, "Submit", 0, 200)
	for _, c := range []struct {
		task, goal string
		screen     []screen.Element
		want       []string
	}{
		{
			"login-user", `Enter the username "ann" and the password "k3" into the text fields and press login.`,
			[]screen.Element{element(screen.Text, "Username", 0, 0), element(screen.Field, "", 0, 20), element(screen.Field, "", 0, 60), element(screen.Button, "Login", 0, 90)},
			[]string{`click field "" #1`, `type "ann"`, `click field "" #2`, `type "k3"`, `click button "Login"`, "done"},
		},
		{
			"click-checkboxes", "Select a, Bc and click Submit.",
			[]screen.Element{element(screen.Check, "a", 0, 0), element(screen.Check, "d", 0, 20), element(screen.Check, "Bc", 0, 40), submit},
			[]string{`click check "a"`, `click check "Bc"`, `click button "Submit"`, "done"},
		},
		{
			"click-checkboxes", "Select nothing and click Submit.", []screen.Element{element(screen.Check, "a", 0, 0), submit},
			[]string{`click button "Submit"`, "done"},
		},
		{
			"read-table", "Enter the value of Color into the text field and press Submit.",
			[]screen.Element{element(screen.Text, "Color", 0, 0), element(screen.Text, "red", 100, 0), element(screen.Text, "Year", 0, 20), element(screen.Field, "", 0, 60), submit},
			[]string{`click field ""`, `type "red"`, `click button "Submit"`, "done"},
		},
		{
			"find-word", `Find the 3rd word in the paragraph, type that into the textbox and press "Submit".`,
			[]screen.Element{element(screen.Text, "One two.", 0, 0), element(screen.Text, "Three. four", 0, 20), element(screen.Field, "", 0, 60), submit},
			[]string{`click field ""`, `type "Three"`, `click button "Submit"`, "done"},
		},
		{
			"use-spinner", "Select -2 with the spinner and hit Submit.",
			[]screen.Element{element(screen.Field, "0", 0, 100), element(screen.Icon, "", 60, 92), element(screen.Icon, "", 60, 106), submit},
			[]string{`click icon "" #2`, `click icon "" #2`, `click button "Submit"`, "done"},
		},
		{
			"email-inbox-delete", "Find the email by Ann and click the trash icon to delete it.",
			[]screen.Element{
				element(screen.Text, "Bob", 0, 0), element(screen.Icon, "star", 100, 20), element(screen.Icon, "trash", 200, 20),
				element(screen.Text, "Ann", 0, 100), element(screen.Icon, "star", 100, 120), element(screen.Icon, "trash", 200, 120),
			},
			[]string{`click icon "trash" #2`},
		},
		{
			"email-inbox-delete", "Find the email by Ann and click the trash icon to delete it.",
			[]screen.Element{element(screen.Icon, "back", 0, 0), element(screen.Icon, "trash", 200, 0), element(screen.Text, "Ann", 0, 100)},
			[]string{`click text "Ann"`, `click icon "trash"`},
		},
		{
			"email-inbox-delete", "Find the email by Ann and click the trash icon to delete it.", []screen.Element{element(screen.Text, "Bob", 0, 0)},
			[]string{`hover text "Bob"`, "scroll down 1", "scroll down 1", "scroll down 1"},
		},
		{
			"navigate-tree", `Navigate through the file tree. Find and click on the folder or file named "Ann".`,
			[]screen.Element{
				tall(element(screen.Icon, "", 0, 0)), tall(element(screen.Icon, "", 60, 0)), element(screen.Text, "Bob", 130, 0),
				element(screen.Icon, "", 0, 130), element(screen.Icon, "", 60, 130), element(screen.Text, "Carl", 130, 130),
			},
			[]string{`click text "Carl"`},
		},
		{
			"choose-list", "Select Ann from the list and click Submit.",
			[]screen.Element{element(screen.Button, "Bob v", 0, 0), submit},
			[]string{`click button "Bob v"`, `type "Ann"`, "key enter", `click button "Submit"`, "done"},
		},
		{
			"click-test", "Click the button.", []screen.Element{element(screen.Text, "Click", 0, 0), element(screen.Text, "Me!", 0, 30)},
			[]string{`click text "Click"`, "done"},
		},
	} {
		said := play(t, c.task, c.goal, c.screen...)
		for i, want := range c.want {
			if i >= len(said) || said[i] != want {
				t.Errorf("%s: said %q, want %q", c.task, said, c.want)
				break
			}
		}
	}
}

// Every development task has a plan, and no other.
func TestPlansAreForDevelopmentAlone(t *testing.T) {
	t.Parallel()
	tasks := append(miniwob.Development(), "click-shape")
	for i, task := range tasks {
		p := &perfect.Planner{}
		p.Begin(task)
		_, err := p.Next(prompt.State{Task: "something else"})
		if !errors.Is(err, perfect.ErrNoPlan) {
			t.Errorf("%s: the error on an empty screen is %v", task, err)
		}
		none := err != nil && err.Error() == `no perfect plan for the task "`+task+`"`
		if none != (i == len(tasks)-1) {
			t.Errorf("%s: %v", task, err)
		}
	}
}

// checkRight: what is right is what the plan says for the very state at which a plan parts, and
// no other fault has any.
func checkRight(t *testing.T, got perfect.Parting, turns []perfect.Turn) {
	t.Helper()
	if got.Fault != perfect.FaultPlan {
		if got.Turn != 0 || got.Right.Verb != "" {
			t.Errorf("the fault of the %s has something right: %+v", got.Fault, got)
		}
		return
	}
	p := &perfect.Planner{}
	p.Begin("click-button-sequence")
	if want, err := p.Next(turns[got.Turn].State); err != nil || got.Right.String() != want.String() {
		t.Errorf("at turn %d %s is right, want %s, %v", got.Turn, got.Right, want, err)
	}
}

func TestBlame(t *testing.T) {
	t.Parallel()
	one, two := element(screen.Button, "ONE", 0, 0), element(screen.Button, "TWO", 0, 50)
	turn := func(did string, done int, elements ...screen.Element) perfect.Turn {
		a, err := action.Parse(did)
		if err != nil {
			t.Fatal(err)
		}
		return perfect.Turn{Action: a, State: prompt.State{Done: make([]prompt.Done, done), Screen: screen.Screen{Elements: elements}}}
	}
	right := turn(`click button "ONE"`, 0, one, two)
	for _, c := range []struct {
		turns []perfect.Turn
		want  perfect.Fault
	}{
		{[]perfect.Turn{turn("wait 1", 0, two)}, perfect.FaultEyes},
		{[]perfect.Turn{right, turn("wait 1", 1, one, two)}, perfect.FaultPlan},
		{[]perfect.Turn{{State: right.State, Undone: true}}, perfect.FaultPlan},
		{[]perfect.Turn{turn("wait 1", 0, one, two), turn("wait 1", 1, one)}, perfect.FaultPlan},
		{[]perfect.Turn{turn("wait 1", 0, two), turn("wait 1", 1, one, two)}, perfect.FaultEyes},
		{[]perfect.Turn{right, turn(`click button "TWO"`, 1, one, two)}, perfect.FaultHands},
	} {
		got := perfect.Part("click-button-sequence", c.turns)
		if got.Fault != c.want {
			t.Errorf("%v: %q, want %q", c.turns, got.Fault, c.want)
		}
		checkRight(t, got, c.turns)
	}
	boxes := []screen.Element{element(screen.Check, "x", 0, 0), element(screen.Check, "y", 0, 50), element(screen.Button, "Submit", 0, 100)}
	check := func(did string, done ...string) perfect.Turn {
		turn := turn(did, 0, boxes...)
		turn.State.Task = "Select x, y and click Submit."
		for _, d := range done {
			turn.State.Done = append(turn.State.Done, prompt.Done{Action: d})
		}
		return turn
	}
	// Boxes may be checked in any order, and what is right is what is left.
	const first, second = `click check "y"`, `click check "x"`
	if got := perfect.Part("click-checkboxes", []perfect.Turn{check(first), check(second, first), check(`click button "Submit"`, first, second)}); got.Fault != perfect.FaultHands {
		t.Errorf("boxes in another order: %+v", got)
	}
	if got := perfect.Part("click-checkboxes", []perfect.Turn{check(first), check(first, first)}); got.Turn != 1 || got.Right.String() != second {
		t.Errorf("a box twice: %+v", got)
	}
	if got := perfect.Blame("click-shape", nil); got != "" {
		t.Errorf("a task without a plan: %q", got)
	}
}
