package starter

import (
	"slices"
	"strings"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/screen"
)

// managing is a session in the file manager with a few files and folders. It is
// open already, or it is opened first.
func (g *Generator) managing() (s Session, opening string, folders, files []string) {
	s.Files = map[string]string{}
	taken := map[string]bool{}
	fresh := func() string {
		for {
			name := pick(g.rng, g.word(), title(g.word()), g.name())
			if !taken[strings.ToLower(name)] {
				taken[strings.ToLower(name)] = true
				return name
			}
		}
	}
	for range 2 + g.rng.IntN(4) {
		folders = append(folders, fresh())
		s.Files[folders[len(folders)-1]+"/"] = ""
	}
	for range 1 + g.rng.IntN(4) {
		files = append(files, fresh()+pick(g.rng, ".txt", ".txt", ".md", ".log", ".csv"))
		s.Files[files[len(files)-1]] = g.word()
	}
	if g.chance(0.5) {
		s.Program = []string{"pcmanfm"}
		return s, "", folders, files
	}
	name, called := g.app("file manager", "file manager", "files")
	s.Moves = []Move{do(action.Open, name)}
	return s, g.opening() + " " + called + g.then(), folders, files
}

// entryOf is a file or folder as the file manager shows it: its name below a picture.
func entryOf(verb action.Verb, name string) Move {
	return Move{Do: action.Action{Verb: verb}, At: Aim{Kinds: []screen.Kind{screen.Text, screen.Icon, screen.Link, screen.Button}, Text: name}}
}

// openFolder: a double click opens a folder.
func (g *Generator) openFolder() Session {
	s, opening, folders, _ := g.managing()
	name := pick(g.rng, folders...)
	called := pick(g.rng, g.quoted(name), "the folder "+g.quoted(name), "the "+name+" folder")
	s.Task = g.ask(opening + pick(g.rng, "open "+called, "go into "+called, "double-click "+called, "look into "+called))
	s.Moves = append(s.Moves, entryOf(action.DoubleClick, name), end())
	s.Effects = []Effect{{What: TitleSays, Want: name}}
	return s
}

// newFolder: a folder is made by its key.
func (g *Generator) newFolder() Session {
	s, opening, _, _ := g.managing()
	name := g.word() + " " + g.invented()
	s.Task = g.ask(opening + pick(g.rng, "make a new folder called ", "create a folder named ", "make a folder ", "add a new folder with the name ") + g.quoted(name))
	s.Moves = append(s.Moves, keys("ctrl", "shift", "n"), do(action.Type, name), click("OK", screen.Button), end())
	s.Effects = []Effect{{What: FolderThere, Name: name}}
	return s
}

// renameFile: a file or folder gets another name, by its key or its menu.
func (g *Generator) renameFile() Session {
	s, opening, folders, files := g.managing()
	old, fresh := pick(g.rng, folders...), g.word()+g.invented()
	effects := []Effect{{What: FolderThere, Name: fresh}}
	file := g.chance(0.5)
	if file {
		old = pick(g.rng, files...)
		fresh += ".txt"
		effects = []Effect{{FileHolds, fresh, s.Files[old]}}
	}
	s.Effects = slices.Concat(effects, []Effect{{What: NothingThere, Name: old}})
	s.Task = g.ask(opening + pick(g.rng, "rename "+g.quoted(old)+" to "+g.quoted(fresh), "give "+g.quoted(old)+" the name "+g.quoted(fresh),
		"change the name of "+g.quoted(old)+" to "+g.quoted(fresh)))
	how := []Move{entryOf(action.Click, old), keys("f2")}
	if g.chance(0.5) {
		s.Task += pick(g.rng, " with the right mouse button", " using its context menu", " by its right-click menu")
		how = []Move{entryOf(action.RightClick, old), click("Rename...", screen.Menu, screen.Text)}
	}
	if file { // its ending is not selected with its name, so all of it is
		how = append(how, keys("ctrl", "a"))
	}
	s.Moves = slices.Concat(s.Moves, how, []Move{do(action.Type, fresh), click("OK", screen.Button), end()})
	return s
}

// trashFile: a file or folder is moved to the trash, by its key or its menu.
func (g *Generator) trashFile() Session {
	s, opening, folders, files := g.managing()
	name := pick(g.rng, slices.Concat(folders, files)...)
	s.Task = g.ask(opening + pick(g.rng, "delete "+g.quoted(name), "move "+g.quoted(name)+" to the trash", "throw "+g.quoted(name)+" away",
		"put "+g.quoted(name)+" into the trash can"))
	how := []Move{entryOf(action.Click, name), keys("delete")}
	if g.chance(0.4) {
		s.Task += pick(g.rng, " with the right mouse button", " using its context menu", " by its right-click menu")
		how = []Move{entryOf(action.RightClick, name), click("Move to Trash", screen.Menu, screen.Text)}
	}
	s.Moves = slices.Concat(s.Moves, how, []Move{click("Yes", screen.Button), end()})
	s.Effects = []Effect{{What: NothingThere, Name: name}}
	return s
}
