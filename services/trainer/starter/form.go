package starter

import (
	"strings"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/screen"
)

// entry is one labelled field of a form with what goes into it.
type entry struct{ label, value string }

// form: labelled fields are filled in and, mostly, a button is pressed.
func (g *Generator) form() *episode {
	entries := []entry{{"Username", g.name()}, {"Password", g.secret()}}
	request := pick(g.rng,
		"log in as %0 with password %1", "sign in with user %0 and password %1",
		"log in with the name %0 and the password %1",
	)
	button := pick(g.rng, "Log in", "Login", "Sign in", "Submit", "OK", "Continue")
	if g.chance(0.6) {
		entries, request = g.fields()
		button = g.caption()
		if g.chance(0.5) {
			button = pick(g.rng, "Submit", "OK", "Save", "Send", "Apply", "Search", "Next")
		}
	}
	submit := g.chance(0.7)
	if submit && !strings.HasPrefix(request, "log") && !strings.HasPrefix(request, "sign") {
		request += pick(g.rng, " and press ", ", then click ", " and click ") + g.called(el(screen.Button, button))
	} else if !submit && (strings.HasPrefix(request, "log") || strings.HasPrefix(request, "sign")) {
		submit = true
	}
	for i, en := range entries {
		request = strings.ReplaceAll(request, "%"+string(rune('0'+i)), g.quoted(en.value))
	}

	above, below := g.clutter(g.rng.IntN(3)), g.clutter(g.rng.IntN(3))
	heading := g.window()
	filled, focus := make([]string, len(entries)), -1
	captioned := g.chance(0.7) // the eyes have seen which caption is whose
	page := func() (s screen.Screen, fields []int, pressed int) {
		s = screen.Screen{Title: heading}
		s.Elements = append(s.Elements, above...)
		for i, en := range entries {
			s.Elements = append(s.Elements, el(screen.Text, en.label))
			fields = append(fields, len(s.Elements))
			field := el(screen.Field, filled[i])
			if field.Focused = i == focus; captioned {
				field.Caption = en.label
			}
			s.Elements = append(s.Elements, field)
		}
		pressed = len(s.Elements)
		s.Elements = append(s.Elements, el(screen.Button, button))
		s.Elements = append(s.Elements, below...)
		return s, fields, pressed
	}

	e := &episode{task: g.ask(request)}
	for i, en := range entries {
		s, fields, _ := page()
		e.step(s, on(action.Click, s, fields[i]), "")
		focus = i
		s, _, _ = page()
		e.step(s, say(action.Type, en.value), "")
		filled[i] = en.value
		if strings.Contains(strings.ToLower(en.label), "password") {
			filled[i] = strings.Repeat("•", len(en.value))
		}
	}
	s, _, pressed := page()
	if submit {
		e.step(s, on(action.Click, s, pressed), "")
		s = screen.Screen{Title: g.window(), Elements: g.clutter(g.rng.IntN(6))}
	}
	e.end(s, finished)
	return e
}

// fields draws a form with one to three fields and a request with %n for each value.
func (g *Generator) fields() ([]entry, string) {
	n := 1 + g.rng.IntN(3)
	entries := make([]entry, n)
	parts := make([]string, n)
	for i := range entries {
		entries[i] = entry{title(g.word()), g.phrase(1, 3)}
		mark := "%" + string(rune('0'+i))
		label := entries[i].label
		if g.chance(0.4) {
			label = strings.ToLower(label)
		}
		if g.chance(0.3) {
			entries[i].label += ":"
		}
		parts[i] = pick(g.rng,
			mark+" into "+label, mark+" in the "+label+" field", mark+" for "+label,
		)
	}
	return entries, pick(g.rng, "enter ", "type ", "put ", "fill in ") + strings.Join(parts, pick(g.rng, " and ", ", "))
}

// quoted is a value as people write it into a request.
func (g *Generator) quoted(s string) string {
	if g.chance(0.6) {
		return `"` + s + `"`
	}
	return s
}
