package starter

import "github.com/grokputer/grokputer/contracts/screen"

// opening is a way to ask for a program.
func (g *Generator) opening() string {
	return pick(g.rng, "open", "start", "launch", "run", "bring up", "open up", "fire up")
}

// program names a program and says how people ask for it. Which programs there
// are is the operator's list: the model only has to take the name over.
func (g *Generator) program(usual ...string) (name, called string) {
	name = pick(g.rng, usual...)
	if g.chance(0.2) {
		name = g.phrase(1, 2)
	}
	switch g.rng.IntN(5) {
	case 0:
		return name, name
	case 1:
		return name, "the " + name + pick(g.rng, " app", " program", " application")
	case 2:
		return name, pick(g.rng, "a ", "my ") + name
	default:
		return name, "the " + name
	}
}

// open: a program is started and nothing more.
func (g *Generator) open() *episode {
	name, called := g.program("text editor", "calculator", "notepad", "editor", "terminal", "file manager", "browser", "settings", "music player")
	e := &episode{task: g.ask(g.opening() + " " + called)}
	after := screen.Screen{Title: g.window(), Elements: g.clutter(2 + g.rng.IntN(12))}
	g.opens(e, g.desktop(), name)
	if g.chance(0.15) {
		g.interrupt(e)
	}
	e.end(after, finished)
	return e
}
