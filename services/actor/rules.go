package actor

import (
	"slices"
	"strings"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
)

// rule is one reason for a class.
type rule struct {
	name  string
	class Class
	// applies returns the words by which the rule applies to a scene.
	applies func(scene) (words string, ok bool)
}

// rules are all reasons for a class, the gravest first. What none of them names
// is of class Read.
func rules() []rule {
	return []rule{
		{"session key", Critical, sessionKey},
		{"delete key", Critical, deleteKey},
		{"grave caption", Critical, captionOf(graveWords)},
		{"grave drop", Critical, dropOn(graveWords)},
		{"grave question", Critical, answerTo(graveWords)},
		{"grave mnemonic", Critical, mnemonicOf(graveWords)},
		{"grave command", Critical, graveCommand},
		{"starts a program", Critical, startsProgram},
		{"unnamed secret", Critical, unnamedSecret},

		{"sending caption", Send, captionOf(sendingWords)},
		{"sending drop", Send, dropOn(sendingWords)},
		{"sending question", Send, answerTo(sendingWords)},
		{"sending mnemonic", Send, mnemonicOf(sendingWords)},
		{"line sent off", Send, sentLine},
		{"print key", Send, printKey},
		{"no caption", Send, noCaption},
		{"secret", Send, namedSecret},

		{"changes", Edit, changes},
	}
}

// scene is an action and what it is done on.
type scene struct {
	state  prompt.State
	action action.Action
}

func (s scene) title() caption { return read(s.state.Screen.Title) }

// clicks reports whether the action presses its target.
func (s scene) clicks() bool {
	return s.action.Verb == action.Click || s.action.Verb == action.DoubleClick
}

// key returns the key that is pressed and the modifiers that are held with it.
func (s scene) key() (key string, held []string) {
	if s.action.Verb != action.Key || len(s.action.Keys) == 0 {
		return "", nil
	}
	last := len(s.action.Keys) - 1
	return s.action.Keys[last], s.action.Keys[:last]
}

// captionWords is how many words a text has at most that may be the caption of
// something to press: a reader may take a button for plain text.
const captionWords = 6

// captionOf applies to a click on what says one of the phrases. On what is made
// to be pressed every word counts, on other elements only a short text.
func captionOf(p phrases) func(scene) (string, bool) {
	return func(s scene) (string, bool) {
		if !s.clicks() {
			return "", false
		}
		return labelled(p, s.action.Target)
	}
}

// dropOn applies to a drag onto what says one of the phrases.
func dropOn(p phrases) func(scene) (string, bool) {
	return func(s scene) (string, bool) {
		if s.action.Verb != action.Drag {
			return "", false
		}
		return labelled(p, s.action.To)
	}
}

func labelled(p phrases, t screen.Target) (string, bool) {
	label := read(t.Text)
	switch t.Kind {
	case screen.Button, screen.Menu, screen.Icon:
		return p.in(label)
	case screen.Link, screen.Tab, screen.Text, screen.Image:
		if label.len() <= captionWords {
			return p.in(label)
		}
	case screen.Field: // a button with a frame may be taken for one
		return p.is(label)
	}
	return "", false
}

// answerTo applies to an answer such as OK or Yes, by a click or a key, when the
// window's title or a text that asks something says one of the phrases.
func answerTo(p phrases) func(scene) (string, bool) {
	return func(s scene) (string, bool) {
		if !s.confirms() {
			return "", false
		}
		if words, ok := p.in(s.title()); ok {
			return words, true
		}
		for _, e := range s.state.Screen.Elements {
			if strings.ContainsAny(e.Text, "?？؟¿") {
				if words, ok := p.in(read(e.Text)); ok {
					return words, true
				}
			}
		}
		return "", false
	}
}

// confirms reports whether the action may answer a question with yes. A control
// without a caption may be a tick.
func (s scene) confirms() bool {
	if s.clicks() {
		_, yes := yesWords.in(read(s.action.Target.Text))
		return yes || s.nameless()
	}
	key, held := s.key()
	return slices.Contains([]string{"enter", "space"}, key) ||
		len(held) == 0 && slices.Contains([]string{"y", "j", "o", "s"}, key) // yes, ja, oui, sí
}

// mnemonicOf applies to alt and a letter with which a button may be pressed that
// says one of the phrases.
func mnemonicOf(p phrases) func(scene) (string, bool) {
	return func(s scene) (string, bool) {
		key, held := s.key()
		if len(key) != 1 || !slices.Contains(held, "alt") {
			return "", false
		}
		for _, e := range s.state.Screen.Elements {
			if e.Kind == screen.Button && strings.Contains(strings.ToLower(e.Text), key) {
				if words, ok := p.in(read(e.Text)); ok {
					return words, true
				}
			}
		}
		return "", false
	}
}

// sessionKey applies to keys that end the session, or leave it for a console.
func sessionKey(s scene) (string, bool) {
	key, held := s.key()
	return s.action.String(), slices.Contains(held, "ctrl") && slices.Contains(held, "alt") &&
		slices.Contains([]string{"delete", "backspace", "f1", "f2", "f3", "f4", "f5", "f6"}, key)
}

// deleteKey applies to the delete key where it deletes files or messages.
func deleteKey(s scene) (string, bool) {
	if key, _ := s.key(); key != "delete" {
		return "", false
	}
	if words, ok := fileManagers.in(s.title()); ok {
		return words, true
	}
	return mailLists.in(s.title())
}

// printKey applies to the key that prints.
func printKey(s scene) (string, bool) {
	key, held := s.key()
	return "ctrl+p", key == "p" && slices.Contains(held, "ctrl")
}

// sentLine applies to what carries out or sends off a line: the enter key or a
// line end in a terminal, a browser, mail and chat; what is pasted into a
// terminal; and ctrl+enter anywhere.
func sentLine(s scene) (string, bool) {
	key, held := s.key()
	ctrl := slices.Contains(held, "ctrl")
	pastes := key == "v" && ctrl || key == "insert" && slices.Contains(held, "shift")
	switch {
	case key == "enter" && ctrl:
		return "ctrl+enter", true
	case pastes:
		return takesCommands(s)
	case key == "enter", s.typesLine():
		return takesLines(s)
	default:
		return "", false
	}
}

func (s scene) typesLine() bool {
	return s.action.Verb == action.Type && strings.Contains(s.action.Text, "\n")
}

// takesLines returns the word of the title by which a window sends lines off.
func takesLines(s scene) (string, bool) {
	for _, p := range []phrases{browsers, messengers} {
		if words, ok := p.in(s.title()); ok {
			return words, true
		}
	}
	return takesCommands(s)
}

// takesCommands returns the word of the title by which a window is a terminal.
func takesCommands(s scene) (string, bool) {
	if words, ok := terminals.in(s.title()); ok {
		return words, true
	}
	return s.state.Screen.Title, prompted(s.state.Screen.Title)
}

// prompted recognises the user@host: title that shells give their terminal.
func prompted(title string) bool {
	user, rest, ok := strings.Cut(title, "@")
	host, _, colon := strings.Cut(rest, ":")
	return ok && colon && user != "" && host != "" && !strings.ContainsAny(user+host, " \t")
}

// graveCommand applies to a line that a window carries out and that holds a
// command, or a word, of the gravest class: typed with its line end, or standing
// at the end of a terminal when enter is pressed.
func graveCommand(s scene) (string, bool) {
	line := s.action.Text
	if key, _ := s.key(); key == "enter" {
		if _, ok := takesCommands(s); !ok {
			return "", false
		}
		line = s.lastLine()
	} else if !s.typesLine() {
		return "", false
	}
	if _, ok := takesLines(s); !ok {
		return "", false
	}
	if words, ok := graveWords.in(read(line)); ok {
		return words, true
	}
	return commandWords.in(read(line))
}

// lastLine is the last line of text on the screen.
func (s scene) lastLine() string {
	for _, e := range slices.Backward(s.state.Screen.Elements) {
		if text := strings.TrimSpace(e.Text); text != "" {
			return text[strings.LastIndex(text, "\n")+1:]
		}
	}
	return ""
}

// startsProgram applies to a double click on the name of a file that is carried
// out or installed.
func startsProgram(s scene) (string, bool) {
	if s.action.Verb != action.DoubleClick {
		return "", false
	}
	name := strings.ToLower(strings.TrimSpace(s.action.Target.Text))
	for _, ending := range []string{".exe", ".msi", ".bat", ".cmd", ".sh", ".run", ".bin", ".appimage", ".desktop", ".deb", ".rpm", ".jar", ".flatpakref"} {
		if strings.HasSuffix(name, ending) {
			return ending, true
		}
	}
	return "", false
}

// noCaption applies to a control of which nothing could be read, in a window
// where such a one is likely to send or to delete.
func noCaption(s scene) (string, bool) {
	if !s.clicks() || !s.nameless() {
		return "", false
	}
	for _, p := range []phrases{messengers, fileManagers} {
		if words, ok := p.in(s.title()); ok {
			return words, true
		}
	}
	return "", false
}

// nameless reports whether the target is made to be pressed and nothing was read of
// it. What its picture shows is a guess: it may make an action graver, never less so.
func (s scene) nameless() bool {
	t := s.action.Target
	switch t.Kind {
	case screen.Button, screen.Icon, screen.Image, screen.Link:
		e, err := s.state.Screen.Find(t)
		return read(t.Text).len() == 0 || err == nil && e.Pictured
	default:
		return false
	}
}

// changes applies to what changes something at all.
func changes(s scene) (string, bool) {
	switch s.action.Verb {
	case action.Click, action.DoubleClick, action.Drag, action.Type, action.Screenshot:
		return "", true
	case action.Key:
		key, held := s.key()
		moves := slices.Contains(movements(), key) && !slices.Contains(held, "ctrl") && !slices.Contains(held, "alt")
		return "", key != "" && !moves
	default: // looking, waiting, opening an allowed application, and ending
		return "", false
	}
}
