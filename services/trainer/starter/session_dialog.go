package starter

import (
	"slices"
	"strconv"
	"strings"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/screen"
)

// yad is a dialog that is open when the task begins.
func (g *Generator) yad(args ...string) Session {
	return Session{Program: slices.Concat([]string{
		"yad", "--title=" + g.window(), "--width=" + strconv.Itoa(260+g.rng.IntN(300)), "--borders=" + strconv.Itoa(4+g.rng.IntN(14)),
	}, args)}
}

// caption without what yad would take for markup, a separator or a mnemonic.
func (g *Generator) plainCaption() string { return strings.TrimRight(g.caption(), ".…") }

// captions are n different ones.
func (g *Generator) captions(n int) []string {
	var all []string
	for len(all) < n {
		c := g.plainCaption()
		if !slices.ContainsFunc(all, func(other string) bool { return strings.EqualFold(other, c) }) {
			all = append(all, c)
		}
	}
	return all
}

// answers are a dialog's buttons: the first is the one that ends it well.
func (g *Generator) answers() (args []string, right string) {
	right = pick(g.rng, "OK", "OK", "Save", "Apply", "Done", "Continue", "Accept", g.plainCaption())
	args = []string{"--button=" + right + ":0", "--button=" + pick(g.rng, "Cancel", "Close", "Back", "Later") + ":1"}
	if g.chance(0.4) {
		slices.Reverse(args)
	}
	return args, right
}

// formDialog: fields, numbers, choices and check boxes of a form are filled in.
func (g *Generator) formDialog() Session {
	buttons, right := g.answers()
	labels := g.captions(2 + g.rng.IntN(4))
	var args, values, parts, said []string
	var moves []Move
	for i, label := range labels {
		asked := g.chance(0.7) || i == 0
		switch {
		case i > 0 && g.chance(0.3):
			on := g.chance(0.3)
			args, values = append(args, "--field="+label+":CHK"), append(values, yadBool(on))
			if asked {
				parts = append(parts, g.ticking(true)+" "+g.called(el(screen.Check, label)))
				moves, on = append(moves, tick(label)), true
			}
			said = append(said, yadBool(on))
		case i > 0 && g.chance(0.25):
			choices := g.captions(3)
			chosen := choices[0]
			args, values = append(args, "--field="+label+":CB"), append(values, strings.Join(choices, "!"))
			if asked {
				chosen = choices[1+g.rng.IntN(2)]
				parts = append(parts, pick(g.rng, "choose "+g.quoted(chosen)+" for "+label, "select "+g.quoted(chosen)+" as "+label, "set "+label+" to "+g.quoted(chosen)))
				moves = append(moves, click(choices[0], screen.Button, screen.Field, screen.Menu, screen.Text), click(chosen, screen.Menu, screen.Text, screen.Button))
			}
			said = append(said, chosen)
		case i > 0 && g.chance(0.2):
			n, start := 1+g.rng.IntN(400), 1+g.rng.IntN(9)
			args, values = append(args, "--field="+label+":NUM"), append(values, strconv.Itoa(start)+"!0..500!1")
			if !asked {
				n = start
			} else {
				parts = append(parts, pick(g.rng, "set "+label+" to ", "change "+label+" to ", "make "+label+" ")+strconv.Itoa(n))
				written := fill(label, strconv.Itoa(n))
				moves = append(moves, written[0], keys("ctrl", "a"), written[1]) // in the place of the number that stands there
			}
			said = append(said, strconv.Itoa(n))
		default:
			args, values = append(args, "--field="+label), append(values, "")
			value := ""
			if asked {
				value = pick(g.rng, g.word(), g.name(), g.phrase(1, 3), strconv.Itoa(g.rng.IntN(10000)))
				parts = append(parts, pick(g.rng, "enter "+g.quoted(value)+" for "+label, "put "+g.quoted(value)+" into "+label,
					"type "+g.quoted(value)+" into the "+label+" field", "fill in "+g.quoted(value)+" as "+label))
				moves = append(moves, fill(label, value)...)
			}
			said = append(said, value)
		}
	}
	s := g.yad(slices.Concat([]string{"--form"}, args, buttons, []string{"--"}, values)...)
	s.Task = g.ask(strings.Join(parts, pick(g.rng, ", ", " and ", ", then ")) + pick(g.rng, " and click ", ", then press ", " and press ") + g.called(el(screen.Button, right)))
	s.Moves = slices.Concat(moves, []Move{click(right, pressable()...), end()})
	s.Effects = []Effect{{What: DialogSaid, Want: strings.Join(said, "|") + "|"}}
	return s
}

// checkDialog: of some boxes, a part of them checked already, a few have to be,
// or have not to be.
func (g *Generator) checkDialog() Session {
	buttons, right := g.answers()
	labels := g.captions(3 + g.rng.IntN(4))
	args, values := make([]string, len(labels)), make([]string, len(labels))
	states := make([]bool, len(labels))
	on := g.chance(0.8)
	for i, label := range labels {
		states[i] = g.chance(0.3) == on
		args[i], values[i] = "--field="+label+":CHK", yadBool(states[i])
	}
	var moves []Move
	var wanted []string
	for _, i := range g.rng.Perm(len(labels))[:1+g.rng.IntN(3)] {
		wanted, states[i] = append(wanted, labels[i]), on
		if on {
			moves = append(moves, tick(labels[i]))
		} else {
			moves = append(moves, untick(labels[i]))
		}
	}
	said := make([]string, len(states))
	for i, state := range states {
		said[i] = yadBool(state)
	}
	verb := g.ticking(on)
	if on && g.chance(0.4) {
		verb = pick(g.rng, "mark", "choose", "make sure that these are ticked:")
	}
	s := g.yad(slices.Concat([]string{"--form"}, args, buttons, []string{"--"}, values)...)
	s.Task = g.ask(verb + " " + strings.Join(wanted, ", ") + pick(g.rng, " and click ", ", then press ", " and press ") + g.called(el(screen.Button, right)))
	s.Moves = slices.Concat(moves, []Move{click(right, pressable()...), end()})
	s.Effects = []Effect{{What: DialogSaid, Want: strings.Join(said, "|") + "|"}}
	return s
}

// yadBool is how yad writes whether a box is checked.
func yadBool(on bool) string { return strings.ToUpper(strconv.FormatBool(on)) }

// questionDialog: one of two or three buttons answers a question.
func (g *Generator) questionDialog() Session {
	buttons := slices.Clone(pick(g.rng, []string{"Yes", "No"}, []string{"Keep", "Drop"}, []string{"Save", "Ignore", "Cancel"}, []string{"Allow", "Block"}, g.captions(2), g.captions(3)))
	question := title(g.phrase(3, 7)) + "?"
	args := []string{"--text=" + question}
	if g.chance(0.5) {
		args = append(args, "--image=dialog-question")
	}
	const first = 10 // apart from the status of a dialog that was closed
	for i, b := range buttons {
		args = append(args, "--button="+b+":"+strconv.Itoa(first+i))
	}
	i := g.rng.IntN(len(buttons))
	s := g.yad(args...)
	s.Task = g.ask(pick(g.rng, "answer the question with "+g.quoted(buttons[i]), "say "+g.quoted(buttons[i])+" to the question",
		"click "+g.called(el(screen.Button, buttons[i])), "the dialog asks something: choose "+g.quoted(buttons[i])))
	s.Moves = []Move{click(buttons[i], pressable()...), end()}
	s.Effects = []Effect{{What: DialogEnded, Want: strconv.Itoa(first + i)}}
	return s
}

// entryDialog: one text is asked for. Its field has the focus.
func (g *Generator) entryDialog() Session {
	buttons, right := g.answers()
	value, label := pick(g.rng, g.phrase(1, 3), g.name(), g.secret()), title(g.phrase(2, 5))+":"
	args := []string{"--entry", "--text=" + label}
	if g.chance(0.3) {
		args = append(args, "--hide-text")
	}
	s := g.yad(append(args, buttons...)...)
	s.Task = g.ask(pick(g.rng, "enter ", "type ", "put in ", "fill in ") + g.quoted(value) + pick(g.rng, " and press ", " and click ", ", then click ") + g.called(el(screen.Button, right)))
	s.Moves = []Move{
		{Do: action.Action{Verb: action.Click}, At: Aim{Kinds: []screen.Kind{screen.Field}}, Unless: Focused},
		do(action.Type, value), click(right, pressable()...), end(),
	}
	s.Effects = []Effect{{What: DialogSaid, Want: value}}
	return s
}
