package actor

import (
	"slices"
	"strings"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
)

// Policy judges an action's consequences by its verb, the words on its target
// and the window it goes to. What the model says about an action plays no part.
type Policy struct {
	// Line is the class from which on an action waits for a person's approval.
	Line Class
}

// NeedsApproval reports whether an action of this class waits for a person.
func (p Policy) NeedsApproval(c Class) bool { return c >= p.Line }

// Class judges an action on the state's screen.
func (p Policy) Class(state prompt.State, a action.Action) Class {
	switch a.Verb {
	case action.Click, action.DoubleClick:
		return max(Edit, targetClass(a.Target), confirmClass(state.Screen, a.Target.Text))
	case action.Drag:
		return max(Edit, targetClass(a.To))
	case action.Type:
		return typeClass(state.Screen, a.Text)
	case action.Key:
		return keyClass(state.Screen, a.Keys)
	case action.Screenshot:
		return Edit
	default: // looking, waiting, opening an allowed application, and ending
		return Read
	}
}

// targetClass judges what is written on an element. On what is made to be
// pressed every word counts; on other elements only a short label is read as a
// caption, because a reader may take a button for plain text.
func targetClass(t screen.Target) Class {
	const caption = 4 // words
	label := words(t.Text)
	switch t.Kind {
	case screen.Button, screen.Menu, screen.Icon:
		return wordsClass(label)
	case screen.Link, screen.Tab, screen.Text, screen.Image:
		if len(label) <= caption {
			return wordsClass(label)
		}
	}
	return Read
}

// confirmClass judges an answer such as OK or Yes by the question: the window's
// title and every text on the screen that asks something.
func confirmClass(s screen.Screen, answer string) Class {
	if !containsAny(words(answer), confirmations()) {
		return Read
	}
	class := wordsClass(words(s.Title))
	for _, e := range s.Elements {
		if strings.Contains(e.Text, "?") {
			class = max(class, wordsClass(words(e.Text)))
		}
	}
	return class
}

// typeClass judges typed text: it edits, but a line end typed where lines are
// carried out or sent off is as good as the enter key.
func typeClass(s screen.Screen, text string) Class {
	if !strings.Contains(text, "\n") || !sendsLines(s.Title) {
		return Edit
	}
	if wordsClass(words(text)) == Critical || containsAny(words(text), commands()) {
		return Critical
	}
	return Send
}

func keyClass(s screen.Screen, keys []string) Class {
	if len(keys) == 0 {
		return Read
	}
	key, held := keys[len(keys)-1], keys[:len(keys)-1]
	ctrl, alt := slices.Contains(held, "ctrl"), slices.Contains(held, "alt")
	switch {
	case ctrl && alt && slices.Contains([]string{"delete", "backspace", "f1", "f2", "f3", "f4", "f5", "f6"}, key):
		return Critical // ends the session, or leaves it for a console
	case key == "enter" && (ctrl || sendsLines(s.Title)):
		return max(Send, confirmClass(s, "ok"))
	case key == "enter", key == "space", key == "y":
		return max(Edit, confirmClass(s, "ok"))
	case key == "delete" && containsAny(words(s.Title), fileWindows()):
		return Critical
	case key == "p" && ctrl: // print
		return Send
	case slices.Contains(movements(), key) && !ctrl && !alt:
		return Read
	}
	return Edit
}

// sendsLines reports whether the enter key in a window of this title carries
// out a command or sends what was written.
func sendsLines(title string) bool {
	return containsAny(words(title), lineWindows()) || prompted(title)
}

// prompted recognises the user@host: title that shells give their terminal.
func prompted(title string) bool {
	user, rest, ok := strings.Cut(title, "@")
	host, _, colon := strings.Cut(rest, ":")
	return ok && colon && user != "" && host != "" && !strings.ContainsAny(user+host, " \t")
}
