package job

import (
	"errors"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/lm/train"
	"github.com/grokputer/grokputer/services/trainer"
)

// mixture are examples by letters: a lesson, a variant of one, a good, a bad and a replayed
// step; a capital is held out, and x is a lesson whose wrong action is not on the screen.
func mixture(letters string) []trainer.Example {
	button := func(text string) screen.Element { return screen.Element{Kind: screen.Button, Text: text} }
	state := prompt.State{Task: "t", Screen: screen.Screen{Elements: []screen.Element{button("A"), button("B")}}}
	click := func(text string) action.Action {
		return action.Action{Verb: action.Click, Target: screen.Target{Kind: screen.Button, Text: text}}
	}
	wrong, gone := click("A"), click("C")
	kinds := map[string]trainer.Example{
		"l": {Kind: trainer.KindLesson, State: state, Right: click("B"), Wrong: &wrong},
		"v": {Kind: trainer.KindLesson, State: state, Right: click("B"), Wrong: &wrong, Varied: true},
		"x": {Kind: trainer.KindLesson, State: state, Right: click("B"), Wrong: &gone},
		"g": {Kind: trainer.KindGood, State: state, Right: click("B")},
		"b": {Kind: trainer.KindBad, State: state, Wrong: &wrong},
		"r": {Kind: "press", State: state, Right: click("B")},
	}
	var examples []trainer.Example
	for letter := range strings.SplitSeq(letters, "") {
		e := kinds[strings.ToLower(letter)]
		e.HeldOut = strings.ToUpper(letter) == letter
		examples = append(examples, e)
	}
	return examples
}

func TestMix(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		method   contracts.TrainingMethod
		examples string
		want     string // of each: s SFT, p pair, + and - judged, h held out
	}{
		{contracts.MethodSFT, "lvgbrLGRB", "s,s,s,.,s,h,h,h,."},
		{contracts.MethodDPO, "lvxgbrG", "p,p,s,s,.,s,h"},
		{contracts.MethodKTO, "lvxgbrG", "+-,+-,+,+,-,s,h"},
		{contracts.MethodAuto, "lvvvvgbrG", "sp,s,s,s,sp,s+,-,s,h"},
		{contracts.MethodAuto, "lgr", "sp,s,s"},
		{contracts.MethodAuto, "gggbb", "s+,s+,s,-,-"},
		{contracts.MethodAuto, "lbb", "sp,.,."}, // nothing right to set against what is wrong
		{contracts.MethodAuto, "gr", "s,s"},
		{"", "gb", "s,."}, // an assignment of before there were methods
	} {
		examples := mixture(c.examples)
		m, err := mixOf(c.method, examples)
		if err != nil {
			t.Errorf("%s of %s: %v", c.method, c.examples, err)
			continue
		}
		var got []string
		for _, e := range examples {
			u, s := m.of(e), ""
			for _, f := range []struct {
				set  bool
				name string
			}{{u.heldOut, "h"}, {u.sft, "s"}, {u.pair, "p"}, {u.desirable, "+"}, {u.undesirable, "-"}} {
				if f.set {
					s += f.name
				}
			}
			if s == "" {
				s = "."
			}
			got = append(got, s)
		}
		if joined := strings.Join(got, ","); joined != c.want {
			t.Errorf("%s of %s: %s, want %s", c.method, c.examples, joined, c.want)
		}
	}
	for method, letters := range map[contracts.TrainingMethod]string{contracts.MethodDPO: "gbrL", contracts.MethodKTO: "grB"} {
		if _, err := mixOf(method, mixture(letters)); !errors.Is(err, trainer.ErrUntrainable) || !strings.Contains(err.Error(), "use auto") {
			t.Errorf("%s of %s: %v", method, letters, err)
		}
	}
}

func TestEvened(t *testing.T) {
	t.Parallel()
	judged := func(right, wrong int) (list []train.Rated) {
		for i := range right + wrong {
			list = append(list, train.Rated{Desirable: i < right})
		}
		return list
	}
	for _, c := range []struct {
		right, wrong           int
		desirable, undesirable float64
	}{{0, 0, 1, 1}, {3, 0, 1, 1}, {0, 3, 1, 1}, {2, 2, 1, 1}, {1, 4, 4, 1}, {4, 1, 1, 4}} {
		if d, u := evened(judged(c.right, c.wrong)); d != c.desirable || u != c.undesirable {
			t.Errorf("%d right and %d wrong weigh %g and %g", c.right, c.wrong, d, u)
		}
	}
}
