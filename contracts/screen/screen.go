// Package screen is what the observer saw, in the words in which the model
// reads it: one element a line, in reading order, as kind "text".
package screen

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Kind is what an element is.
type Kind string

// The kinds, as architecture.md names them.
const (
	Button Kind = "button"
	Link   Kind = "link"
	Tab    Kind = "tab"
	Menu   Kind = "menu"
	Field  Kind = "field"
	Check  Kind = "check"
	Radio  Kind = "radio"
	Icon   Kind = "icon"
	Text   Kind = "text"
	Image  Kind = "image"
	Scroll Kind = "scrollbar"
)

// Kinds returns every kind.
func Kinds() []Kind {
	return []Kind{Button, Link, Tab, Menu, Field, Check, Radio, Icon, Text, Image, Scroll}
}

// Valid reports whether k is a known kind.
func (k Kind) Valid() bool { return slices.Contains(Kinds(), k) }

// Box is a rectangle in the frame's pixels.
type Box struct {
	X int `json:"x"`
	Y int `json:"y"`
	W int `json:"w"`
	H int `json:"h"`
}

// Center is the point that a click goes to.
func (b Box) Center() (x, y int) { return b.X + b.W/2, b.Y + b.H/2 }

// Point is a place: of the frame's pixels, or of the pointer where that is said.
type Point struct {
	X int `json:"x"`
	Y int `json:"y"`
}

// Element is one thing on the screen.
type Element struct {
	Kind Kind   `json:"kind"`
	Text string `json:"text"`
	Box  Box    `json:"box"`
	// Confidence is the reader's, 0 to 1.
	Confidence float64 `json:"confidence"`
	// Caption is the text beside a field that says what goes into it, or the one in
	// the row of an icon without words that says what it belongs to; "" when nothing
	// does. It is an element of its own, too.
	Caption string `json:"caption,omitempty"`
	// Checked is whether a check box or a radio button is on.
	Checked bool `json:"checked,omitempty"`
	// Focused is whether what is typed goes here.
	Focused bool `json:"focused,omitempty"`
	// Pictured is whether the text is what its picture shows, such as a bin for
	// "delete": a guess. Nothing was read.
	Pictured bool `json:"pictured,omitempty"`
}

// State is what the model is told of an element after its name: its caption,
// and whether it is checked and has the focus. "" is the usual.
func (e Element) State() string {
	var b strings.Builder
	if e.Caption != "" {
		b.WriteString(" for ")
		b.WriteString(Quote(cut(e.Caption)))
	}
	if e.Checked {
		b.WriteString(" checked")
	}
	if e.Focused {
		b.WriteString(" focused")
	}
	return b.String()
}

// MaxLabel is how many runes of an element's text the model sees.
const MaxLabel = 120

// Label is the element's text as the model sees it and names it: cut to
// MaxLabel runes.
func (e Element) Label() string { return cut(e.Text) }

// cut shortens a text to MaxLabel runes.
func cut(s string) string {
	if utf8.RuneCountInString(s) <= MaxLabel {
		return s
	}
	n := 0
	for i := range s {
		if n == MaxLabel {
			return s[:i] + "…"
		}
		n++
	}
	return s
}

// Screen is everything that was read on one frame.
type Screen struct {
	// Title is the title of the window that has the focus, "" when none has.
	Title string `json:"title"`
	// Elements are in reading order.
	Elements []Element `json:"elements,omitzero"`
}

// Target names an element by what it says. N numbers elements with equal kind
// and label in reading order from 1; 0 means that there is just one.
type Target struct {
	Kind Kind   `json:"kind"`
	Text string `json:"text"`
	N    int    `json:"n,omitempty"`
}

// String is the target in the action language: kind "text" or kind "text" #n.
func (t Target) String() string {
	s := string(t.Kind) + " " + Quote(t.Text)
	if t.N > 0 {
		s += " #" + strconv.Itoa(t.N)
	}
	return s
}

// Targets returns the name of each element, in the order of s.Elements.
func (s Screen) Targets() []Target {
	count := make(map[Target]int, len(s.Elements))
	for _, e := range s.Elements {
		count[Target{Kind: e.Kind, Text: e.Label()}]++
	}
	seen := make(map[Target]int, len(s.Elements))
	targets := make([]Target, len(s.Elements))
	for i, e := range s.Elements {
		t := Target{Kind: e.Kind, Text: e.Label()}
		if count[t] > 1 {
			seen[t]++
			t.N = seen[t]
		}
		targets[i] = t
	}
	return targets
}

// Find returns the element that a target names. The error says what is there
// instead when the number is wrong, and is an ErrNoElement.
func (s Screen) Find(t Target) (Element, error) {
	equal := 0
	for i, name := range s.Targets() {
		if name == t {
			return s.Elements[i], nil
		}
		if name.Kind == t.Kind && name.Text == t.Text {
			equal++
		}
	}
	if equal > 0 {
		return Element{}, fmt.Errorf("%w: %s (there are %d of them: add #1 to #%d)", ErrNoElement, t, equal, equal)
	}
	return Element{}, fmt.Errorf("%w: %s", ErrNoElement, t)
}
