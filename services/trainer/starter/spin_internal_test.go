package starter

import (
	"strconv"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/screen"
)

// Each click of a spinner brings the number nearer, and what is pressed after the last
// one is pressed at the number that was asked for.
func TestSpinGoesTheRightWay(t *testing.T) {
	t.Parallel()
	g := New(5)
	ups, downs, ends := 0, 0, 0
	for range 400 {
		for _, s := range g.spin().steps {
			var have int
			elements := s.State.Screen.Elements
			for i, e := range elements {
				if e.Kind == screen.Button && e.Text == "▲" {
					have, _ = strconv.Atoi(elements[i-1].Text)
				}
			}
			switch s.Right.Target.Text {
			case "▲":
				ups++
				if !asked(s.State.Task, func(n int) bool { return n > have }) {
					t.Errorf("%q at %d: up", s.State.Task, have)
				}
			case "▼":
				downs++
				if !asked(s.State.Task, func(n int) bool { return n < have }) {
					t.Errorf("%q at %d: down", s.State.Task, have)
				}
			}
			if s.Right.Verb == action.Done {
				ends++
			}
		}
	}
	if min(ups, downs, ends) < 50 {
		t.Errorf("%d up, %d down, %d ends", ups, downs, ends)
	}
}

// asked reports whether one of a task's numbers is as it should be.
func asked(task string, is func(n int) bool) bool {
	for _, w := range strings.FieldsFunc(task, func(r rune) bool { return r != '-' && (r < '0' || r > '9') }) {
		if n, err := strconv.Atoi(w); err == nil && is(n) {
			return true
		}
	}
	return false
}
