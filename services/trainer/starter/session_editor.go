package starter

import (
	"slices"
	"strings"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/screen"
)

// editorNames are what the text editor is called on the allow list.
func editorNames() []string { return []string{"text editor", "editor", "notepad", "mousepad"} }

// editing is a session in which the editor already shows a file.
func (g *Generator) editing(text string) Session {
	name := g.invented() + pick(g.rng, ".txt", ".md", ".log", "")
	return Session{Files: map[string]string{name: text}, Program: []string{"mousepad", "--disable-server", name}}
}

// inMenu opens a menu and clicks an entry of it.
func inMenu(menu, entry string) []Move {
	return []Move{click(menu, screen.Menu, screen.Text, screen.Button), click(entry, screen.Menu, screen.Check, screen.Text, screen.Link, screen.Button)}
}

// writeLines: several lines are written, each ended by the enter key.
func (g *Generator) writeLines() Session {
	name, called := g.app(editorNames()...)
	lines := make([]string, 2+g.rng.IntN(2))
	quoted := make([]string, len(lines))
	for i := range lines {
		lines[i] = g.phrase(1, 4)
		quoted[i] = `"` + lines[i] + `"`
	}
	last := len(lines) - 1
	list := strings.Join(quoted[:last], ", ") + " and " + quoted[last]
	under := strings.Join(quoted, pick(g.rng, " and below it ", " and on the next line ", ", then on a new line "))
	s := Session{Task: g.ask(pick(g.rng,
		g.opening()+" "+called+g.then()+"write the lines "+list,
		g.opening()+" "+called+g.then()+"type "+under,
		"write "+under+" in "+called,
		"make a list in "+called+" with a line each for "+list,
	))}
	s.Moves = []Move{do(action.Open, name)}
	for i, line := range lines {
		if i > 0 {
			s.Moves = append(s.Moves, keys("enter"))
		}
		s.Moves = append(s.Moves, do(action.Type, line))
	}
	s.Moves = append(s.Moves, end())
	s.Effects = []Effect{{What: EditorHolds, Want: strings.Join(lines, "\n")}}
	return s
}

// writeAndSave: a new text is saved under a name.
func (g *Generator) writeAndSave() Session {
	name, called := g.app(editorNames()...)
	text, file := g.phrase(1, 5), g.name()+pick(g.rng, ".txt", ".txt", "")
	s := Session{Task: g.ask(g.opening() + " " + called + ", " + pick(g.rng, "write ", "type ", "enter ") + g.quoted(text) +
		g.then() + pick(g.rng, "save it as ", "save the text as ", "store it under the name ", "save it under ") + g.quoted(file))}
	s.Moves = []Move{
		do(action.Open, name), do(action.Type, text), keys("ctrl", "s"), do(action.Type, file),
		click("Save", pressable()...), end(),
	}
	s.Effects = []Effect{{FileHolds, file, text}}
	return s
}

// saveAs: a file that is open is saved under another name, through the menu.
func (g *Generator) saveAs() Session {
	text, file := g.phrase(2, 6), g.name()+pick(g.rng, ".txt", ".bak", "")
	s := g.editing(text)
	s.Task = g.ask(pick(g.rng, "save this file as ", "save a copy of the text as ", "use save as to store the file under the name ",
		"save what is in the editor under the new name ") + g.quoted(file))
	s.Moves = inMenu("File", "Save As...")
	if strings.Contains(s.Program[len(s.Program)-1], ".") { // the ending of the old name is not selected with it, so all of it is
		s.Moves = append(s.Moves, keys("ctrl", "a"))
	}
	s.Moves = append(s.Moves, do(action.Type, file), click("Save", pressable()...), end())
	s.Effects = []Effect{{FileHolds, file, text}}
	return s
}

// writeAndUndo: a text that was open is added to, and that is taken back.
func (g *Generator) writeAndUndo() Session {
	text, more := g.phrase(2, 6), g.word()
	s := g.editing(text)
	undo := []Move{keys("ctrl", "z")}
	how := pick(g.rng, "undo it", "take it back", "undo that")
	if g.chance(0.5) {
		undo, how = inMenu("Edit", "Undo"), pick(g.rng, "undo it with the Edit menu", "choose Undo in the Edit menu", "use Undo from the edit menu")
	}
	s.Task = g.ask(pick(g.rng, "type ", "write ", "add ") + g.quoted(more) + g.then() + how)
	s.Moves = slices.Concat([]Move{do(action.Type, more)}, undo, []Move{end()})
	s.Effects = []Effect{{What: EditorHolds, Want: text}}
	return s
}

// replaceWord: a word of a text is replaced wherever it stands.
func (g *Generator) replaceWord() Session {
	old, fresh := g.invented()+"k", g.word()
	words := strings.Fields(g.phrase(4, 9))
	for range 1 + g.rng.IntN(3) {
		words = slices.Insert(words, g.rng.IntN(len(words)), old)
	}
	text := strings.Join(words, " ")
	s := g.editing(text)
	a, b := g.quoted(old), g.quoted(fresh)
	s.Task = g.ask(pick(g.rng, "replace "+a+" with "+b+" everywhere", "replace every "+a+" by "+b, "change all "+a+" to "+b,
		"use find and replace to turn "+a+" into "+b+" in the whole text", "put "+b+" in the place of "+a+" wherever it stands"))
	s.Moves = slices.Concat(inMenu("Search", "Find and Replace..."), fill("Search for:", old), fill("Replace with:", fresh), []Move{
		tick("Replace all in:"), click("Replace All", screen.Button), click("Close", screen.Button), end(),
	})
	s.Effects = []Effect{{What: EditorHolds, Want: strings.ReplaceAll(text, old, fresh)}}
	return s
}

// copyAll: all of a text is selected, and copied or cut out.
func (g *Generator) copyAll() Session {
	text := g.phrase(2, 7)
	s := g.editing(text)
	s.Effects = []Effect{{What: Copied, Want: text}}
	switch g.rng.IntN(3) {
	case 0: // the key for copying is not asked for: it changes nothing that is to be seen
		s.Task = g.ask(pick(g.rng, "select all the text and cut it out with ctrl+x", "cut out the whole text with the keys ctrl+a and ctrl+x",
			"press ctrl+a, then ctrl+x"))
		s.Moves = []Move{keys("ctrl", "a"), keys("ctrl", "x"), end()}
		return s
	case 1:
		s.Task = g.ask(pick(g.rng, "select all the text and copy it with the Edit menu", "select everything, then choose Copy in the Edit menu"))
		s.Moves = slices.Concat([]Move{keys("ctrl", "a")}, inMenu("Edit", "Copy"), []Move{end()})
	default:
		s.Task = g.ask(pick(g.rng, "use the Edit menu to select all the text, then copy it with the same menu",
			"choose Select All in the Edit menu and then Copy in the Edit menu"))
		s.Moves = slices.Concat(inMenu("Edit", "Select All"), inMenu("Edit", "Copy"), []Move{end()})
	}
	return s
}

// searchWord: a word is looked for with the editor's own search.
func (g *Generator) searchWord() Session {
	word := g.invented() + "n"
	text := g.phrase(2, 4) + " " + word + " " + g.phrase(1, 4)
	s := g.editing(text)
	what := g.quoted(word)
	open := []Move{keys("ctrl", "f")}
	s.Task = g.ask(pick(g.rng, "find "+what+" in the text", "search the text for "+what, "look for "+what+" in the editor"))
	if g.chance(0.5) {
		open = inMenu("Search", "Find")
		s.Task = g.ask(pick(g.rng, "use Find in the Search menu to look for "+what, "open the search menu, choose Find and look for "+what))
	}
	s.Moves = slices.Concat(open, []Move{do(action.Type, word), keys("enter"), end()})
	s.Effects = []Effect{{What: Selected, Want: word}}
	return s
}

// upperCase: a menu within a menu.
func (g *Generator) upperCase() Session {
	text := g.phrase(2, 6)
	s := g.editing(text)
	entry, want := "To Uppercase", strings.ToUpper(text)
	asked := pick(g.rng, "upper case", "capital letters", "uppercase")
	s.Task = g.ask(pick(g.rng, "select all the text and convert it to "+asked+" with the Edit menu",
		"turn the whole text into "+asked+": select it, then Edit, Convert, "+entry,
		"select everything, then choose Convert and "+entry+" in the Edit menu"))
	s.Moves = slices.Concat([]Move{keys("ctrl", "a")}, inMenu("Edit", "Convert"), []Move{click(entry, screen.Menu, screen.Text, screen.Button), end()})
	s.Effects = []Effect{{What: EditorHolds, Want: want}}
	return s
}
