package web_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/services/trainer/starter/web"
)

const drawn = 3000

func TestSameNumberSamePage(t *testing.T) {
	t.Parallel()
	for i := range uint64(200) {
		if diff := cmp.Diff(web.Draw(7, i, 2), web.Draw(7, i, 2)); diff != "" {
			t.Fatal(diff)
		}
	}
	if web.Draw(7, 1, 2).HTML == web.Draw(8, 1, 2).HTML {
		t.Error("another seed draws the same page")
	}
}

// Whatever a goal or a trouble names is a control of the page, just once.
func TestGoalsNameControls(t *testing.T) {
	t.Parallel()
	control := regexp.MustCompile(`data-t=(\w+)`)
	reached := map[string]int{}
	for i := range uint64(drawn) {
		s := web.Draw(1, i, 1+int(i%2))
		reached[s.Family]++
		if s.Task == "" || strings.Count(s.HTML, web.ScriptMark) != 1 {
			t.Fatalf("%s %d: task %q", s.Family, i, s.Task)
		}
		var there []string
		for _, m := range control.FindAllStringSubmatch(s.HTML, -1) {
			if slices.Contains(there, m[1]) {
				t.Fatalf("%s %d: two controls are %s", s.Family, i, m[1])
			}
			there = append(there, m[1])
		}
		var named []string
		for _, g := range s.Goals {
			named = append(named, g.At, g.Up, g.Down)
		}
		if s.Trouble != nil {
			named = append(named, s.Trouble.Slip)
			if s.Trouble.Goal >= len(s.Goals) || s.Trouble.Result == "" && s.Trouble.Slip == "" {
				t.Fatalf("%s %d: trouble %+v", s.Family, i, s.Trouble)
			}
		}
		for _, id := range named {
			if id != "" && !slices.Contains(there, id) {
				t.Fatalf("%s %d: %s is named and not on the page\n%s", s.Family, i, id, s.HTML)
			}
		}
		if !s.End.Ends() {
			t.Fatalf("%s %d: %s does not end it", s.Family, i, s.End)
		}
	}
	for _, name := range web.Families() {
		if reached[name] == 0 {
			t.Errorf("%s was not drawn in %d", name, drawn)
		}
	}
}

func TestDrawOnly(t *testing.T) {
	t.Parallel()
	for i := range uint64(50) {
		if f := web.Draw(1, i, 2, "tree", "word").Family; f != "tree" && f != "word" {
			t.Errorf("drew %s", f)
		}
	}
}

// ideal is a page that does what it is told: every right step brings it on.
func ideal(t *testing.T, s web.Session) (steps int) {
	t.Helper()
	page := web.State{}
	for _, g := range s.Goals {
		page.Controls = append(page.Controls, web.Control{ID: g.At, Shown: true, In: true, Free: true})
		for _, id := range []string{g.Up, g.Down} {
			page.Controls = append(page.Controls, web.Control{ID: id, Shown: true, In: true, Free: true})
		}
	}
	at := func(id string) *web.Control {
		return &page.Controls[slices.IndexFunc(page.Controls, func(c web.Control) bool { return c.ID == id })]
	}
	var last *web.Step
	for steps = 1; steps < 60; steps++ {
		next := s.Next(page, last)
		if next.Goal == len(s.Goals) {
			return steps
		}
		g := s.Goals[next.Goal]
		c := at(g.At)
		switch {
		case next.Option != "":
			c.Value = next.Option
		case next.Action.Verb == action.Type:
			c.Value = next.Action.Text
		case next.Action.Verb == action.Key:
			c.Enters++
		default:
			c.Clicks++
			c.Checked = g.Want == web.Check
			c.Focused = g.Want == web.Fill || g.Want == web.Focus
			c.Expanded = true
		}
		last = &next
	}
	return steps
}

func TestNextComesToTheEnd(t *testing.T) {
	t.Parallel()
	for i := range uint64(drawn) {
		s := web.Draw(2, i, 2)
		if s.Family == "spinner" {
			continue // its numbers are tried in a real browser
		}
		if steps := ideal(t, s); steps >= 60 {
			t.Fatalf("%s %d: %q goes on for ever: %+v", s.Family, i, s.Task, s.Goals)
		}
	}
}

func TestNextNumber(t *testing.T) {
	t.Parallel()
	s := web.Session{Goals: []web.Goal{{Want: web.Number, At: "n", Text: "-2", Up: "u", Down: "d"}}, End: action.Action{Verb: action.Done}}
	page := func(value string) web.State {
		c := func(id string) web.Control {
			return web.Control{ID: id, Shown: true, In: true, Free: true, Value: value}
		}
		return web.State{Controls: []web.Control{c("n"), c("u"), c("d")}}
	}
	for value, want := range map[string]string{"0": "d", "-1": "d", "-3": "u", "-10": "u", "-2": ""} {
		if got := s.Next(page(value), nil).At; got != want {
			t.Errorf("at %s, %q is next, want %q", value, got, want)
		}
	}
}

// What is out of view is scrolled to; what was not focused is clicked before text is typed.
func TestNextScrollsAndFocuses(t *testing.T) {
	t.Parallel()
	s := web.Session{Goals: []web.Goal{{Want: web.Fill, At: "f", Text: "foo"}}, End: action.Action{Verb: action.Done}}
	next := func(c web.Control, last *web.Step) string {
		c.ID, c.Shown = "f", true
		step := s.Next(web.State{Controls: []web.Control{c}}, last)
		return string(step.Action.Verb) + " " + step.At
	}
	if got := next(web.Control{Below: true}, nil); got != "scroll " {
		t.Errorf("below the edge: %s", got)
	}
	if got := next(web.Control{In: true}, nil); got != "click f" {
		t.Errorf("without the focus: %s", got)
	}
	if got := next(web.Control{In: true, Focused: true}, nil); got != "type " {
		t.Errorf("with the focus: %s", got)
	}
	if got := next(web.Control{In: true, Value: "bar"}, nil); got != "click f" {
		t.Errorf("full, without the focus: %s", got)
	}
	if got := next(web.Control{In: true, Focused: true, Value: "bar"}, nil); got != "key " {
		t.Errorf("full: %s", got)
	}
}
