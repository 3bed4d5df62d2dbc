package action

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/grokputer/grokputer/contracts/screen"
)

// ErrSyntax means that a text is not an action. The message says what was expected.
var ErrSyntax = errors.New("not an action")

// Parse reads one action. Every error is an ErrSyntax.
func Parse(s string) (Action, error) {
	a, err := parse(strings.TrimSpace(s))
	if err != nil {
		return Action{}, fmt.Errorf("%w: %w", ErrSyntax, err)
	}
	return a, nil
}

func parse(s string) (Action, error) {
	word, rest, _ := strings.Cut(s, " ")
	a := Action{Verb: Verb(word)}
	rest = strings.TrimSpace(rest)
	var err error
	switch a.Verb {
	case Click, DoubleClick, RightClick, Hover:
		a.Target, rest, err = parseTarget(rest)
	case Drag:
		a.Target, rest, err = parseTarget(rest)
		if err != nil {
			return a, err
		}
		to, ok := strings.CutPrefix(rest, "to ")
		if !ok {
			return a, fmt.Errorf(`drag needs "to" and a second element`)
		}
		a.To, rest, err = parseTarget(strings.TrimSpace(to))
	case Scroll:
		a.Down, a.N, err = parseScroll(rest)
		rest = ""
	case Key:
		a.Keys, err = parseKeys(rest)
		rest = ""
	case Wait:
		a.N, err = parseNumber(rest, DefaultWait, MaxWaitSeconds)
		rest = ""
	case Done:
	case Type, Open, Screenshot, Find, Answer, Fail, Ask:
		a.Text, rest, err = screen.Unquote(rest)
	default:
		return a, fmt.Errorf("unknown verb %q (known: %v)", word, Verbs())
	}
	if err != nil {
		return a, err
	}
	if rest != "" {
		return a, fmt.Errorf("%q is left over after %s", rest, a)
	}
	return a, nil
}

// parseTarget reads kind "text" [#n] and returns the trimmed rest.
func parseTarget(s string) (screen.Target, string, error) {
	word, rest, _ := strings.Cut(s, " ")
	t := screen.Target{Kind: screen.Kind(word)}
	if !t.Kind.Valid() {
		return t, s, fmt.Errorf("unknown kind %q (known: %v)", word, screen.Kinds())
	}
	var err error
	if t.Text, rest, err = screen.Unquote(strings.TrimSpace(rest)); err != nil {
		return t, s, err
	}
	rest = strings.TrimSpace(rest)
	number, ok := strings.CutPrefix(rest, "#")
	if !ok {
		return t, rest, nil
	}
	number, rest, _ = strings.Cut(number, " ")
	if t.N, err = strconv.Atoi(number); err != nil || t.N < 1 {
		return t, s, fmt.Errorf("#%s is not a number from 1 up", number)
	}
	return t, strings.TrimSpace(rest), nil
}

func parseScroll(s string) (down bool, n int, err error) {
	direction, rest, _ := strings.Cut(s, " ")
	if direction != "up" && direction != "down" {
		return false, 0, fmt.Errorf("scroll up or down, not %q", direction)
	}
	n, err = parseNumber(strings.TrimSpace(rest), DefaultScroll, MaxScroll)
	return direction == "down", n, err
}

// parseNumber reads an optional number between 1 and most.
func parseNumber(s string, absent, most int) (int, error) {
	if s == "" {
		return absent, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > most {
		return 0, fmt.Errorf("%q is not a number from 1 to %d", s, most)
	}
	return n, nil
}

func parseKeys(s string) ([]string, error) {
	if s == "" {
		return nil, fmt.Errorf("key needs a key, such as enter or ctrl+s")
	}
	keys := strings.Split(strings.ToLower(s), "+")
	if len(keys) > MaxKeys {
		return nil, fmt.Errorf("at most %d keys together, not %d", MaxKeys, len(keys))
	}
	last := len(keys) - 1
	for _, k := range keys[:last] {
		if !slices.Contains(Modifiers(), k) {
			return nil, fmt.Errorf("unknown modifier %q (known: %v)", k, Modifiers())
		}
	}
	if !ValidKey(keys[last]) {
		return nil, fmt.Errorf("unknown key %q (a letter, a digit, or one of %v)", keys[last], NamedKeys())
	}
	return keys, nil
}
