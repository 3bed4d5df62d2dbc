package tests

import (
	"regexp"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/contracts"
)

// named is what an element's line begins with: its name.
var named = regexp.MustCompile(`^[a-z]+ "(?:[^"\\]|\\.)*"(?: #\d+)?`)

// names are those of the elements of a kind, from the top.
func (s seen) names(kind string) []string {
	var names []string
	for _, line := range s.elements {
		if strings.HasPrefix(line, kind+" ") {
			names = append(names, named.FindString(line))
		}
	}
	return names
}

// What each step says that it changed is what a person would say, on a real screen
// with carets that blink and a spinner that turns.
func TestEffectsOnARealScreen(t *testing.T) {
	t.Parallel()
	steps := []struct {
		say  func(seen) string
		want contracts.Effect
	}{
		{func(s seen) string { return "click " + s.names("field")[0] }, contracts.EffectFocus},
		{func(seen) string { return `type "hello"` }, contracts.EffectRegion},
		{func(seen) string { return "wait 3" }, contracts.EffectNothing},
		{func(s seen) string { return "click " + s.names("field")[1] }, contracts.EffectFocus},
		{func(seen) string { return "key tab" }, contracts.EffectRegion}, // it selects the text
		{func(seen) string { return "key f9" }, contracts.EffectNothing},
		{func(seen) string { return `click button "Change"` }, contracts.EffectRegion},
		{func(seen) string { return `click button "Dialog"` }, contracts.EffectWindow},
		{func(seen) string { return "key escape" }, contracts.EffectWindow},
		{func(seen) string { return "done" }, ""},
	}
	h := newHome(t, scripted(t, func(s seen) string {
		if len(s.names("field")) < 2 {
			return `fail "the fields are not seen"`
		}
		return steps[len(s.done)].say(s)
	})...)
	up := h.up()
	form := h.desk().script("form.py", "")
	publish(t, h.connect(), `{"task": "look", "id": "t", "session": "s"}`)
	events := ended(t, h.bus(), "t")
	if end := events[len(events)-1]; verb(end.Subject) != contracts.VerbCompleted {
		t.Errorf("the task ended with %s", end.Data)
	}
	for i, s := range h.session("s").Steps {
		t.Logf("%s: %s %s %+v", s.Action, s.Outcome, s.Effect, s.Region)
		if i < len(steps) && s.Effect != steps[i].want {
			t.Errorf("step %d, %s, changed %q, want %q", i+1, s.Action, s.Effect, steps[i].want)
		}
	}
	form.close()
	up.interrupt()
}
