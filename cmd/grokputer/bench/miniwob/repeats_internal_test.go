package miniwob

import (
	"testing"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
)

// A click counts when it is the step before once more, on what was seen then.
func TestRepeats(t *testing.T) {
	t.Parallel()
	step := func(did, seen string) contracts.TaskStep {
		a, err := action.Parse(did)
		if err != nil {
			t.Fatal(err)
		}
		return contracts.TaskStep{Action: a, State: &prompt.State{Screen: screen.Screen{Elements: []screen.Element{{Kind: screen.Field, Text: seen}}}}}
	}
	const click, other = `click button "A"`, `click button "B"`
	steps := []contracts.TaskStep{
		step(click, "0"), step(click, "0"), step(click, "0"), // two
		step(click, "1"), step(other, "1"), step(click, "1"), // what changes something, and another one in between, do not count
		step("wait 1", "1"), step("wait 1", "1"), // nor does waiting
	}
	steps = append(steps, step(click, "1"), contracts.TaskStep{Action: steps[0].Action}) // nor what is not known
	if got := repeats(steps); got != 2 {
		t.Errorf("%d clicks were repeated, want 2", got)
	}
}
