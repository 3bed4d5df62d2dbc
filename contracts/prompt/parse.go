package prompt

import (
	"errors"
	"fmt"
	"strings"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/screen"
)

// ErrPrompt means that a text is not one that Render writes. The message says where.
var ErrPrompt = errors.New("not the planner's prompt")

const (
	taskPrefix   = "Task: "
	screenPrefix = "Screen "
	donePrefix   = "Done so far:"
	nothing      = " nothing"
)

// Parse reads what Render wrote: rendering the state gives the same text. What a prompt
// does not say, such as where an element is, is not there. Every error is an ErrPrompt.
func Parse(text string) (State, error) {
	s, err := parse(text)
	if err != nil {
		return State{}, fmt.Errorf("%w: %w", ErrPrompt, err)
	}
	if Render(s) != text {
		return State{}, fmt.Errorf("%w: equal elements are numbered in another way, or there are more than %d of them or %d actions", ErrPrompt, MaxElements, MaxDone)
	}
	return s, nil
}

func parse(text string) (s State, err error) {
	lines := strings.Split(text, "\n")
	if len(lines) < 3 {
		return s, fmt.Errorf("it has %d lines, at least 3 are needed", len(lines))
	}
	var ok bool
	if s.Task, ok = strings.CutPrefix(lines[0], taskPrefix); !ok {
		return s, fmt.Errorf("its first line does not begin with %q", taskPrefix)
	}
	title, ok := strings.CutPrefix(lines[1], screenPrefix)
	if !ok {
		return s, fmt.Errorf("its second line does not begin with %q", screenPrefix)
	}
	if s.Screen.Title, title, err = screen.Unquote(title); err != nil || title != ":" {
		return s, errors.Join(errors.New("its second line is not a title in quotes and a colon"), err)
	}
	for i, line := range lines[2:] {
		if first, ok := strings.CutPrefix(line, donePrefix); ok {
			s.Done, err = parseDone(first, lines[2+i+1:])
			return s, err
		}
		e, err := parseElement(line)
		if err != nil {
			return s, fmt.Errorf("its line %d is no element: %w", 2+i+1, err)
		}
		s.Screen.Elements = append(s.Screen.Elements, e)
	}
	return s, fmt.Errorf("no line begins with %q", donePrefix)
}

// parseElement reads an element's name and its state.
func parseElement(line string) (e screen.Element, err error) {
	kind, rest, _ := strings.Cut(line, " ")
	if e.Kind = screen.Kind(kind); !e.Kind.Valid() {
		return e, fmt.Errorf("unknown kind %q (known: %v)", kind, screen.Kinds())
	}
	if e.Text, rest, err = screen.Unquote(rest); err != nil {
		return e, err
	}
	if number, ok := strings.CutPrefix(rest, " #"); ok { // it follows from the others
		rest = strings.TrimLeft(number, "0123456789")
	}
	if caption, ok := strings.CutPrefix(rest, " for "); ok {
		if e.Caption, rest, err = screen.Unquote(caption); err != nil {
			return e, err
		}
	}
	rest, e.Checked = strings.CutPrefix(rest, " checked")
	rest, e.Focused = strings.CutPrefix(rest, " focused")
	if rest != "" {
		return e, fmt.Errorf("%q is left over", rest)
	}
	return e, nil
}

// parseDone reads the actions that were done: first is what stands behind the heading.
func parseDone(first string, lines []string) (done []Done, err error) {
	switch {
	case first == nothing && len(lines) == 0:
		return nil, nil
	case first != "" || len(lines) == 0:
		return nil, fmt.Errorf("behind %q there is neither%s nor an action a line", donePrefix, nothing)
	}
	for _, line := range lines {
		done = append(done, parseAction(line))
	}
	return done, nil
}

// parseAction divides what was done from what came of it.
func parseAction(line string) Done {
	const arrow = " -> "
	for at := 0; ; at += len(arrow) {
		next := strings.Index(line[at:], arrow)
		if next < 0 {
			return Done{Action: line}
		}
		at += next
		if _, err := action.Parse(line[:at]); err == nil && line[at+len(arrow):] != "" {
			return Done{Action: line[:at], Result: line[at+len(arrow):]}
		}
	}
}
