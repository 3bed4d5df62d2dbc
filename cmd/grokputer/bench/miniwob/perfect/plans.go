package perfect

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/screen"
)

// plan says the next action of a task.
type plan = step

// plans are the plans by task.
func plans() map[string]plan {
	return map[string]plan{
		"click-test":            sequence(clickText("Click Me!", screen.Button)),
		"click-test-2":          sequence(clickText("ONE", screen.Button)),
		"click-button-sequence": sequence(clickText("ONE", screen.Button), clickText("TWO", screen.Button)),
		"focus-text":            sequence(clickField(0)),
		"click-button":          named(`Click on the "(.*)" button\.`, screen.Button),
		"click-link":            named(`Click on the link "(.*)"\.`, screen.Link),
		"click-tab":             named(`Click on (Tab #\d)\.`, screen.Tab),
		"click-dialog":          closeDialog,
		"click-dialog-2":        dialogButton,
		"click-option":          option,
		"click-checkboxes":      checkboxes,
		"choose-list":           chooseList,
		"enter-text":            enterText,
		"enter-password":        enterPassword,
		"login-user":            login,
		"read-table":            readTable,
		"find-word":             findWord,
		"email-inbox-delete":    deleteMail,
		"use-spinner":           spinner,
		"navigate-tree":         tree,
	}
}

// submit clicks the button that ends most tasks.
func submit(v view) (action.Action, error) { return clickText("Submit", screen.Button)(v) }

// sequence are steps that do not depend on the goal.
func sequence(steps ...step) plan {
	return func(v view) (action.Action, error) { return v.steps(steps...) }
}

// named clicks what the goal names.
func named(goal string, kinds ...screen.Kind) plan {
	pattern := regexp.MustCompile(goal)
	return func(v view) (action.Action, error) {
		words, err := v.words(pattern)
		if err != nil {
			return action.Action{}, err
		}
		return v.steps(clickText(words[0], kinds...))
	}
}

// closeDialog clicks the cross in the title bar of a dialog: the topmost thing
// that says nothing or x.
func closeDialog(v view) (action.Action, error) {
	return v.steps(func(v view) (action.Action, error) {
		best := -1
		for i, e := range v.Screen.Elements {
			if !slices.Contains([]string{"", "x", "X", "×"}, e.Text) || e.Kind == screen.Field {
				continue
			}
			if best < 0 || e.Box.Y < v.Screen.Elements[best].Box.Y {
				best = i
			}
		}
		return v.click(best, "the cross of the dialog")
	})
}

func dialogButton(v view) (action.Action, error) {
	words, err := v.words(regexp.MustCompile(`labeled "(.*)"\.`))
	if err != nil {
		return action.Action{}, err
	}
	if words[0] == "x" {
		return closeDialog(v)
	}
	return v.steps(clickText(words[0], screen.Button))
}

func option(v view) (action.Action, error) {
	words, err := v.words(regexp.MustCompile(`Select (.*) and click Submit\.`))
	if err != nil {
		return action.Action{}, err
	}
	return v.steps(clickText(words[0], screen.Radio), submit)
}

func checkboxes(v view) (action.Action, error) {
	boxes, err := v.boxes()
	if err != nil {
		return action.Action{}, err
	}
	steps := make([]step, 0, len(boxes)+1)
	for _, name := range boxes {
		steps = append(steps, clickText(name, screen.Check))
	}
	return v.steps(append(steps, submit)...)
}

// boxes are the names of the boxes to check, in an order in which those that were clicked
// stand where they were clicked: any order is right.
func (v view) boxes() ([]string, error) {
	words, err := v.words(regexp.MustCompile(`Select (.*) and click Submit\.`))
	if err != nil || words[0] == "nothing" {
		return nil, err
	}
	var first []string
	rest := strings.Split(words[0], ", ")
	for _, d := range v.Done {
		i := slices.IndexFunc(rest, func(name string) bool {
			a, err := clickText(name, screen.Check)(v)
			return err == nil && a.String() == d.Action
		})
		if i < 0 {
			break // the rest is as if nothing had been done out of order
		}
		first = append(first, rest[i])
		rest = slices.Delete(rest, i, i+1)
	}
	return append(first, rest...), nil
}

// asGood reports whether an action is as good as what the plan of a task says: boxes can be
// checked in any order.
func asGood(task string, v view, a action.Action) bool {
	boxes, err := v.boxes()
	if task != "click-checkboxes" || err != nil || len(v.Done) > len(boxes) {
		return false
	}
	return slices.ContainsFunc(boxes[len(v.Done):], func(name string) bool {
		right, err := clickText(name, screen.Check)(v)
		return err == nil && right.String() == a.String()
	})
}

// chooseList opens the list above the button, which finds an entry whose
// beginning is typed.
func chooseList(v view) (action.Action, error) {
	words, err := v.words(regexp.MustCompile(`Select (.*) from the list and click Submit\.`))
	if err != nil {
		return action.Action{}, err
	}
	list := func(v view) (action.Action, error) {
		for i, e := range v.Screen.Elements {
			if plain(e.Text) != "Submit" {
				return v.click(i, "the list")
			}
		}
		return v.click(-1, "the list")
	}
	return v.steps(list, enter(words[0]), press("enter"), submit)
}

func enterText(v view) (action.Action, error) {
	words, err := v.words(regexp.MustCompile(`Enter "(.*)" into the text field and press Submit\.`))
	if err != nil {
		return action.Action{}, err
	}
	return v.steps(clickField(0), enter(words[0]), submit)
}

func enterPassword(v view) (action.Action, error) {
	words, err := v.words(regexp.MustCompile(`Enter the password "(.*)" into both text fields and press submit\.`))
	if err != nil {
		return action.Action{}, err
	}
	return v.steps(clickField(0), enter(words[0]), clickField(1), enter(words[0]), submit)
}

func login(v view) (action.Action, error) {
	words, err := v.words(regexp.MustCompile(`Enter the username "(.*)" and the password "(.*)" into the text fields and press login\.`))
	if err != nil {
		return action.Action{}, err
	}
	return v.steps(clickField(0), enter(words[0]), clickField(1), enter(words[1]),
		clickText("Login", screen.Button))
}

// readTable types what stands right of a name in a table.
func readTable(v view) (action.Action, error) {
	words, err := v.words(regexp.MustCompile(`Enter the value of (.*) into the text field and press Submit\.`))
	if err != nil {
		return action.Action{}, err
	}
	value := func(v view) (action.Action, error) {
		name := v.where(words[0], screen.Text)
		if name < 0 {
			return action.Action{}, fmt.Errorf("%w: %q was not seen", ErrNoPlan, words[0])
		}
		i := v.right(name)
		if i < 0 {
			return action.Action{}, fmt.Errorf("%w: no value beside %q was seen", ErrNoPlan, words[0])
		}
		return enter(v.Screen.Elements[i].Text)(v)
	}
	return v.steps(clickField(0), value, submit)
}

// findWord types the n-th word of the text above the field.
func findWord(v view) (action.Action, error) {
	words, err := v.words(regexp.MustCompile(`Find the (\d+)\D+ word`))
	if err != nil {
		return action.Action{}, err
	}
	n, err := strconv.Atoi(words[0])
	if err != nil {
		return action.Action{}, fmt.Errorf("%w: %w", ErrNoPlan, err)
	}
	word := func(v view) (action.Action, error) {
		var text []string
		for _, e := range v.Screen.Elements {
			if e.Kind == screen.Field {
				break
			}
			text = append(text, strings.Fields(e.Text)...)
		}
		if len(text) < n {
			return action.Action{}, fmt.Errorf("%w: only %d words were seen", ErrNoPlan, len(text))
		}
		return enter(strings.Trim(text[n-1], ".,;:!?"))(v)
	}
	return v.steps(clickField(0), word, submit)
}

// spinner clicks the arrow up or down as often as the goal says.
func spinner(v view) (action.Action, error) {
	words, err := v.words(regexp.MustCompile(`Select (-?\d+) with the spinner and hit Submit\.`))
	if err != nil {
		return action.Action{}, err
	}
	n, err := strconv.Atoi(words[0])
	if err != nil {
		return action.Action{}, fmt.Errorf("%w: %w", ErrNoPlan, err)
	}
	if len(v.Done) == max(n, -n) {
		return submit(v)
	}
	if len(v.Done) > max(n, -n) {
		return action.Action{Verb: action.Done}, nil
	}
	field := v.field(0)
	if field < 0 {
		return v.click(-1, "the spinner")
	}
	box := v.Screen.Elements[field].Box
	var arrows []int
	for i, e := range v.Screen.Elements {
		x, y := e.Box.Center()
		beside := x > box.X+box.W/2 && y > box.Y-box.H/2 && y < box.Y+box.H+box.H/2
		if beside && i != field && e.Kind != screen.Text {
			arrows = append(arrows, i)
		}
	}
	slices.SortFunc(arrows, func(i, j int) int { return v.Screen.Elements[i].Box.Y - v.Screen.Elements[j].Box.Y })
	if len(arrows) != 2 {
		return v.click(-1, "a pair of arrows at the spinner")
	}
	if n > 0 {
		return v.click(arrows[0], "the arrow up")
	}
	return v.click(arrows[1], "the arrow down")
}

// tree clicks what the goal names, and as long as it is not seen, one folder
// after the other: the symbol before a folder's name is not higher than wide, as a
// sheet of paper is.
func tree(v view) (action.Action, error) {
	words, err := v.words(regexp.MustCompile(`named "(.*)"\.`))
	if err != nil {
		return action.Action{}, err
	}
	like := v.where(words[0], screen.Text)
	if like >= 0 && plain(v.Screen.Elements[like].Text) == words[0] {
		return v.click(like, words[0])
	}
	for i, e := range v.Screen.Elements {
		mark := v.before(i)
		if e.Text == "" || e.Kind == screen.Icon || mark < 0 || v.clicked(i) {
			continue
		}
		if box := v.Screen.Elements[mark].Box; box.W >= box.H {
			return v.click(i, "a folder")
		}
	}
	return v.click(like, screen.Quote(words[0]))
}

// clicked reports whether an element of the same name was clicked before.
func (v view) clicked(i int) bool {
	said := action.Action{Verb: action.Click, Target: v.targets[i]}.String()
	for _, d := range v.Done {
		if d.Action == said {
			return true
		}
	}
	return false
}

// right is the nearest element in the row of an element, right of it; -1 for none.
func (v view) right(i int) int {
	from := v.Screen.Elements[i].Box
	best := -1
	for j, e := range v.Screen.Elements {
		if j == i || !sameRow(from, e.Box) || e.Box.X < from.X+from.W {
			continue
		}
		if best < 0 || e.Box.X < v.Screen.Elements[best].Box.X {
			best = j
		}
	}
	return best
}

// before is the nearest element left of one, at its height, whatever it was taken
// for; -1 for none.
func (v view) before(i int) int {
	best, from := -1, v.Screen.Elements[i].Box
	for j, e := range v.Screen.Elements {
		b := e.Box
		if b.X+b.W > from.X || b.Y >= from.Y+from.H || from.Y >= b.Y+b.H {
			continue
		}
		if best < 0 || b.X > v.Screen.Elements[best].Box.X {
			best = j
		}
	}
	return best
}

// sameRow reports whether the middle of one is beside the other.
func sameRow(a, b screen.Box) bool {
	_, middle := b.Center()
	return middle >= a.Y && middle < a.Y+a.H
}
