package starter

import (
	"strconv"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/screen"
)

// The word that is typed stands where the task says.
func TestNthIsThatWord(t *testing.T) {
	t.Parallel()
	g := New(6)
	for range 300 {
		e := g.nth()
		for _, s := range e.steps {
			if s.Right.Verb != action.Type {
				continue
			}
			var words []string
			for _, l := range s.State.Screen.Elements {
				if l.Kind == screen.Text {
					words = append(words, strings.Fields(l.Text)...)
				}
			}
			right := false
			for i, w := range words {
				named := i < len(ordinals) && strings.Contains(strings.ToLower(e.task), ordinals[i]+" word") ||
					strings.Contains(e.task, strconv.Itoa(i+1)+suffix(i+1)+" word") || strings.Contains(e.task, "umber "+strconv.Itoa(i+1)+" ")
				right = right || named && strings.Trim(w, ".,") == s.Right.Text
			}
			if !right {
				t.Errorf("%q: %q of %q", e.task, s.Right.Text, words)
			}
		}
	}
}
