package trainer

import (
	"math/rand/v2"
	"slices"
	"strings"
	"unicode"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
)

// variation makes other examples of the same lesson: the task in slightly other
// words, the screen with its controls in another order and some of the rest
// gone. One corrected step alone would teach the place of a button, not its
// name. The word operations are those of EDA (Wei and Zou 2019, "Easy Data
// Augmentation"), kept to deletion, which never changes what is asked for into
// something else.
type variation struct{ rng *rand.Rand }

const (
	dropWord    = 0.35 // chance that a task loses a word
	dropElement = 0.25 // chance that an element that does not matter is left out
)

// of returns a variant of an example. Two variants can be equal.
func (v variation) of(e Example) Example {
	e.Varied = true
	e.State.Task = v.rephrase(e.State.Task, e.Right)
	said := []action.Action{e.Right}
	if e.Wrong != nil {
		said = append(said, *e.Wrong)
	}
	e.State.Screen.Elements = v.rearrange(e.State, said)
	return e
}

// frames are what people put around a request.
var frames = [][2]string{
	{"", ""},
	{"please ", ""},
	{"", " please"},
	{"can you ", "?"},
	{"could you ", "?"},
	{"hey, ", ""},
	{"ok, ", ""},
	{"", " now"},
	{"I want you to ", ""},
	{"now ", ""},
}

// rephrase puts a task into slightly other words. Words that the action repeats,
// and whatever stands in quotes, stay.
func (v variation) rephrase(task string, right action.Action) string {
	words := strings.Fields(task)
	if len(words) > 2 && v.rng.Float64() < dropWord && !strings.ContainsAny(task, `"'“”«»`) {
		if i := v.rng.IntN(len(words)); !repeats(right, words[i]) {
			words = slices.Delete(words, i, i+1)
		}
	}
	said := strings.Join(words, " ")
	frame := frames[v.rng.IntN(len(frames))]
	if frame[0] != "" && len(words) > 0 {
		said = lowered(said)
	}
	if frame[1] != "" {
		said = strings.TrimRight(said, ".!? ")
	}
	return frame[0] + said + frame[1]
}

// repeats reports whether the action says a word of the task.
func repeats(a action.Action, word string) bool {
	bare := strings.ToLower(strings.TrimFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }))
	return bare == "" || strings.Contains(strings.ToLower(a.String()), bare)
}

// lowered begins a sentence in lower case, unless its first word is a name or "I".
func lowered(s string) string {
	first, _, _ := strings.Cut(s, " ")
	if len(first) < 2 || strings.ToLower(first[1:]) != first[1:] {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// rearrange returns the screen's elements with those that can change places in
// another order, and without some that do not matter. The actions mean the same on it.
func (v variation) rearrange(s prompt.State, said []action.Action) []screen.Element {
	elements := slices.Clone(s.Visible().Elements)
	for _, a := range said {
		if slices.ContainsFunc(a.Targets(), func(t screen.Target) bool { return t.N > 0 }) {
			return elements // its number says where it stands
		}
	}
	names := s.Visible().Targets()
	v.exchange(elements, names)
	kept := elements[:0]
	for _, e := range elements {
		if movable(e) && !matters(e, s.Task, said) && v.rng.Float64() < dropElement {
			continue
		}
		kept = append(kept, e)
	}
	return kept
}

// exchange has the elements of each kind change places with one another, where
// each is the only one of its name.
func (v variation) exchange(elements []screen.Element, names []screen.Target) {
	places := map[screen.Kind][]int{}
	for i, e := range elements {
		if movable(e) && names[i].N == 0 {
			places[e.Kind] = append(places[e.Kind], i)
		}
	}
	for _, kind := range screen.Kinds() { // not the map's order: the same seed gives the same variants
		at := places[kind]
		v.rng.Shuffle(len(at), func(i, j int) {
			elements[at[i]], elements[at[j]] = elements[at[j]], elements[at[i]]
		})
	}
}

// movable elements say by themselves what they are; a text can be the label of
// what stands beside it, and a field without one is known by its place.
func movable(e screen.Element) bool {
	switch e.Kind {
	case screen.Button, screen.Link, screen.Tab, screen.Icon, screen.Menu:
		return e.Text != ""
	default:
		return false
	}
}

// matters reports whether the task or an action speaks of the element.
func matters(e screen.Element, task string, said []action.Action) bool {
	label := strings.ToLower(e.Label())
	return strings.Contains(strings.ToLower(task), label) ||
		slices.ContainsFunc(said, func(a action.Action) bool { return strings.Contains(strings.ToLower(a.String()), label) })
}
