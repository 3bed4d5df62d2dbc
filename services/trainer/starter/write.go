package starter

import (
	"slices"
	"strings"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/screen"
)

// write: a program that takes text is opened and the text is typed.
func (g *Generator) write() *episode {
	name, called := g.program("text editor", "text editor", "notepad", "notepad", "editor", "notes")
	text := g.text()
	asked := g.quoted(text)
	request := g.opening() + " " + called + pick(g.rng, " and ", " and then ", ", then ", ", ") +
		pick(g.rng, "type ", "type ", "write ", "write ", "enter ", "put in ", "type in ", "write down ", "key in ", "insert ",
			"type the text ", "enter the text ", "write the text ", "type the words ", "put the text ", "type the following: ") + asked
	if g.chance(0.2) {
		request = pick(g.rng, "type ", "write ", "enter ") + asked + pick(g.rng, " in ", " into ") + called
	}
	e := &episode{task: g.ask(request)}
	if !strings.HasSuffix(e.task, asked) && strings.HasSuffix(request, asked) {
		e.task = request // the full stop of a sentence would read as part of the text
	}

	empty := g.editor("")
	field := slices.IndexFunc(empty.Elements, func(x screen.Element) bool { return x.Kind == screen.Field && x.Caption == "" })
	empty.Elements[field].Focused = g.watch().focus && g.chance(0.7)
	g.opens(e, g.desktop(), name)
	if g.chance(0.15) {
		g.interrupt(e)
	}
	g.vanishes(e, name, say(action.Type, text))
	g.types(e, empty, field, text)
	full := with(empty, field, empty.Elements[field])
	full.Elements[field].Text = g.misread(text)
	if g.chance(0.6) {
		full.Title = "*" + empty.Title
	}
	e.end(full, finished)
	return e
}

// editor is the window of a program that takes text.
func (g *Generator) editor(text string) screen.Screen {
	s := screen.Screen{Title: pick(g.rng,
		"Untitled 1 - "+title(g.word()), "Untitled Document - "+title(g.word()), "untitled", "New file - "+title(g.word()), g.window(),
	)}
	if g.chance(0.8) {
		names := []string{"File", "Edit", "Search", "View", "Format", "Document", "Tools", "Window", "Help"}
		for _, m := range names {
			if g.chance(0.7) {
				s.Elements = append(s.Elements, el(screen.Menu, m))
			}
		}
	}
	for range g.rng.IntN(4) {
		s.Elements = append(s.Elements, el(pick(g.rng, screen.Button, screen.Icon, screen.Text), g.caption()))
	}
	s.Elements = append(s.Elements, el(screen.Field, text))
	for range g.rng.IntN(3) {
		s.Elements = append(s.Elements, el(screen.Text, g.caption()))
	}
	return s
}

// misread is text as a reader of pictures gives it back: mostly right.
func (g *Generator) misread(s string) string {
	if g.chance(0.7) {
		return s
	}
	return strings.NewReplacer(pick(g.rng,
		[]string{"l", "1"}, []string{"o", "0"}, []string{"rn", "m"}, []string{" ", ""}, []string{".", ""}, []string{"i", "j"}, []string{",", "."},
	)...).Replace(s)
}
