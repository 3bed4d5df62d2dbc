package starter

import (
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
)

// Session is a task for real programs, with the moves that are right and what
// must be so after them. Recording it shows what the screen looks like at each move.
type Session struct {
	Kind string
	// Task is what a person would ask for.
	Task string
	// Files are what the home folder holds before: the text of each by its path;
	// a path that ends with a slash is a folder.
	Files map[string]string
	// Vault are files in the folders that the agent may look into, by their paths
	// from the name that it knows a folder by: vault/a/b.pdf.
	Vault []string
	// Program is open before the task begins, with its arguments; nil for none.
	Program []string
	Moves   []Move
	Effects []Effect
}

// Move is one action of a session.
type Move struct {
	// Do is the action. What it is done on is found on the screen that is then seen.
	Do action.Action
	// At says what the action is done on as a person sees it; the zero Aim for nothing.
	At Aim
	// Unless leaves the move out when the element is so already.
	Unless Already
	// Quiet says that nothing of what the action does is to be seen. It is never
	// a session's last but one: what has no effect does not end a task.
	Quiet bool
}

// Aim says what an action is done on by what it says, not by how it was read.
type Aim struct {
	// Kinds are what it may be taken for. No kinds make the zero Aim.
	Kinds []screen.Kind
	// Text is what it says.
	Text string
	// Beside is the text that stands on its left. Then Text plays no part.
	Beside string
}

// Already is a state of an element that makes a move needless.
type Already string

// The states.
const (
	Focused   Already = "focused" // what is typed goes there
	Checked   Already = "checked"
	Unchecked Already = "unchecked"
)

// Effect is something that must be so after a session.
type Effect struct {
	What EffectKind
	Name string
	Want string
}

// EffectKind is where an effect is looked for, and what Name and Want mean there.
type EffectKind string

// The kinds of effects.
const (
	EditorHolds     EffectKind = "editor holds"     // Want is the whole text in the editor
	CalculatorShows EffectKind = "calculator shows" // Want is the number on the display
	FileHolds       EffectKind = "file holds"       // Name is a path below the home folder, Want all that it holds
	FolderThere     EffectKind = "folder there"     // Name is a path below the home folder
	NothingThere    EffectKind = "nothing there"    // Name is a path below the home folder
	CommandRan      EffectKind = "command ran"      // Want is the last line of the shell's history
	DialogSaid      EffectKind = "dialog said"      // Want is what the opened program has printed, without the last line end
	DialogEnded     EffectKind = "dialog ended"     // Want is the exit status of the opened program
	SettingIs       EffectKind = "setting is"       // Name is group/key of the settings of GTK programs, Want its value
	ConfigHolds     EffectKind = "config holds"     // Name is a path below the home folder, Want a line of it
	Copied          EffectKind = "copied"           // Want is the text on the clipboard
	Selected        EffectKind = "selected"         // Want is the text that is selected in the editor
	TitleSays       EffectKind = "title says"       // Want is the title of the window that has the focus
)

// sessionFamily is the sessions of one kind.
type sessionFamily []func(*Generator) Session

// sessionFamilies are the kinds of sessions by their names.
func sessionFamilies() map[string]sessionFamily {
	return map[string]sessionFamily{
		"editor": {
			(*Generator).writeLines, (*Generator).writeLines, (*Generator).writeAndSave, (*Generator).writeAndSave,
			(*Generator).writeAndUndo, (*Generator).replaceWord, (*Generator).replaceWord, (*Generator).saveAs,
			(*Generator).copyAll, (*Generator).searchWord, (*Generator).upperCase,
		},
		"calculator": {(*Generator).pressKeys},
		"terminal":   {(*Generator).command},
		"files": {
			(*Generator).openFolder, (*Generator).newFolder, (*Generator).renameFile, (*Generator).trashFile,
		},
		"dialog": {
			(*Generator).formDialog, (*Generator).formDialog, (*Generator).formDialog, (*Generator).checkDialog,
			(*Generator).checkDialog, (*Generator).questionDialog, (*Generator).entryDialog,
		},
		"settings": {
			(*Generator).editorPreferences, (*Generator).editorPreferences, (*Generator).editorView, (*Generator).appearance,
		},
	}
}

// SessionKinds returns the kinds of sessions, in order. Those of generated
// episodes that name nothing on the screen are among them.
func SessionKinds() []string {
	return slices.Sorted(slices.Values(append(slices.Collect(maps.Keys(sessionFamilies())), episodeKinds()...)))
}

// episodeKinds are the kinds of episodes that are sessions, too: they need
// programs and folders, and name nothing on the screen.
func episodeKinds() []string { return []string{"write", "sum", "find", "picture", "open"} }

// DrawSession returns the n-th session of a kind. The same seed gives the same.
func DrawSession(kind string, seed uint64, n int) (Session, error) {
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%s %d", kind, n) // a hash takes everything
	g := newGenerator(rand.New(rand.NewPCG(seed, h.Sum64())))
	if families := sessionFamilies()[kind]; families != nil {
		s := pick(g.rng, families...)(g)
		s.Kind = kind
		return s, nil
	}
	if slices.Contains(episodeKinds(), kind) {
		return g.fromEpisode(kind), nil
	}
	return Session{}, fmt.Errorf("there is no kind of session %q (known: %v)", kind, SessionKinds())
}

// fromEpisode is an episode of the kind that names nothing on the screen and in
// which every action works at once, as it does on the real programs.
func (g *Generator) fromEpisode(kind string) Session {
	i := slices.IndexFunc(g.families, func(f family) bool { return f.name == kind })
	for {
		e := g.families[i].make(g)
		s := Session{Kind: kind, Task: e.task}
		for _, step := range e.steps {
			s.Moves = append(s.Moves, Move{Do: step.Right})
			switch step.Right.Verb {
			case action.Type:
				if kind == "write" {
					s.Effects = []Effect{{What: EditorHolds, Want: step.Right.Text}}
				}
			case action.Find:
				s.Vault = g.vault(step.Right.Text)
			}
		}
		aims := slices.ContainsFunc(s.Moves, func(m Move) bool { return len(m.Do.Targets()) > 0 })
		if !aims && !slices.ContainsFunc(e.done, func(d prompt.Done) bool { return stumbled(d.Result) }) {
			return s
		}
	}
}

// vault are files of which some fit a pattern such as vault/**/*.pdf.
func (g *Generator) vault(pattern string) []string {
	folder, _, _ := strings.Cut(pattern, "/")
	places := []string{folder, folder + "/" + g.word(), folder + "/" + g.word() + "/" + g.word()}
	files := make([]string, g.rng.IntN(pick(g.rng, 4, 12, 40)))
	for i := range files {
		files[i] = pick(g.rng, places...) + "/" + g.word() + strconv.Itoa(i) + pick(g.rng, path.Ext(pattern), path.Ext(pattern), ".txt", ".bin", ".old")
	}
	return files
}

// Moves in short.

func do(verb action.Verb, text string) Move { return Move{Do: say(verb, text)} }

func keys(keys ...string) Move { return Move{Do: action.Action{Verb: action.Key, Keys: keys}} }

func end() Move { return Move{Do: finished} }

func click(text string, kinds ...screen.Kind) Move {
	return Move{Do: action.Action{Verb: action.Click}, At: Aim{Kinds: kinds, Text: text}}
}

// pressable is what a button, an entry of a menu or a tab may be taken for.
func pressable() []screen.Kind {
	return []screen.Kind{screen.Button, screen.Menu, screen.Tab, screen.Text, screen.Link, screen.Icon}
}

// fill clicks the field beside a caption, unless it has the focus, and types into it.
func fill(caption, text string) []Move {
	return []Move{
		{Do: action.Action{Verb: action.Click}, At: Aim{Kinds: []screen.Kind{screen.Field}, Beside: caption}, Unless: Focused},
		do(action.Type, text),
	}
}

// tick clicks a check box unless it is checked.
func tick(text string) Move {
	m := click(text, screen.Check)
	m.Unless = Checked
	return m
}

// untick clicks a check box if it is checked.
func untick(text string) Move {
	m := click(text, screen.Check)
	m.Unless = Unchecked
	return m
}

// ticking is how people ask for a box to be checked, or not to be.
func (g *Generator) ticking(on bool) string {
	if on {
		return pick(g.rng, "tick", "check", "switch on", "turn on", "enable", "activate")
	}
	return pick(g.rng, "untick", "uncheck", "switch off", "turn off", "disable", "clear")
}

// app names a program of the allow list and says how people ask for it.
func (g *Generator) app(names ...string) (name, called string) {
	name = pick(g.rng, names...)
	return name, pick(g.rng, "the "+name, "the "+name, name, "the "+name+" program")
}

// then joins the parts of a request.
func (g *Generator) then() string { return pick(g.rng, " and ", " and then ", ", then ") }
