package pages

import (
	"image"
	"slices"
	"strings"
	"unicode"

	"github.com/grokputer/grokputer/cmd/grokputer/bench/miniwob/spelling"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/observer/icon"
	"github.com/grokputer/grokputer/services/trainer/starter/web"
)

// plausible are the kinds that the eyes may take a control for, the likeliest first.
// What was taken for another is not named: it would teach that anything goes.
func plausible(kind string) []screen.Kind {
	switch kind {
	case "button":
		return []screen.Kind{screen.Button, screen.Icon, screen.Link, screen.Tab, screen.Menu, screen.Text}
	case "link":
		return []screen.Kind{screen.Link, screen.Text, screen.Button}
	case "tab":
		return []screen.Kind{screen.Tab, screen.Button, screen.Link, screen.Text, screen.Menu}
	case "field":
		return []screen.Kind{screen.Field}
	case "check":
		return []screen.Kind{screen.Check, screen.Text}
	case "radio":
		return []screen.Kind{screen.Radio, screen.Text}
	case "list", "drop":
		return []screen.Kind{screen.Menu, screen.Field, screen.Button, screen.Text}
	case "icon":
		return []screen.Kind{screen.Icon, screen.Button, screen.Image, screen.Text}
	default: // an item of a tree or a list
		return []screen.Kind{screen.Text, screen.Link, screen.Button, screen.Menu, screen.Icon, screen.Check, screen.Tab}
	}
}

// misread is which part of a name may be read wrongly, and joined how many letters
// of a symbol beside it may be read into it.
const misread, joined = 0.34, 4

// called reports whether an element's text can be a control's name.
func called(seen, name string) bool {
	seen, name = plain(seen), plain(name)
	if strings.Contains(seen, name) && len(seen) <= len(name)+joined {
		return true
	}
	return float64(spelling.Distance(seen, name)) <= misread*float64(len(name))
}

// plain is a text in lower case with single spaces, without dots at its end.
func plain(s string) string {
	return strings.ToLower(strings.TrimRight(strings.Join(strings.Fields(s), " "), ".… "))
}

// find is the element that a control was seen as, by its place in the elements. why
// says what is wrong when it is -1.
func find(c web.Control, elements []screen.Element) (i int, why string) {
	// Not at its edge, where a click might go to what is beside it.
	box := image.Rect(int(c.Left)+1, int(c.Top)+1, int(c.Right), int(c.Bottom))
	kinds := plausible(c.Kind)
	symbol := c.Kind == "icon" || c.Kind == "check" || c.Kind == "radio"
	best, why := -1, "nothing seen there"
	for k, e := range elements {
		x, y := e.Box.Center()
		if !image.Pt(x, y).In(box) {
			continue
		}
		switch {
		case !slices.Contains(kinds, e.Kind):
			why = "seen as " + string(e.Kind)
			continue
		case c.Kind == "field" || c.Kind == "list" || c.Kind == "drop" || c.Name == "":
		case symbol && e.Kind != screen.Text && (e.Text == "" || drawn(c.Name, e.Text)):
		case !called(e.Text, c.Name):
			why = "name misread"
			continue
		}
		if best < 0 || slices.Index(kinds, e.Kind) < slices.Index(kinds, elements[best].Kind) {
			best = k
		}
	}
	if best >= 0 {
		return best, ""
	}
	return -1, why
}

// drawn reports whether a control that says a sign, such as "+", may be called by what its
// picture shows, such as "add".
func drawn(sign, name string) bool {
	return strings.IndexFunc(sign, unicode.IsLetter) < 0 && slices.Contains(icon.Names(), name)
}

// option is the entry of an open list that says a text, by its place in the elements;
// -1 unless just one does.
func option(text string, list web.Control, elements []screen.Element) int {
	box := image.Rect(int(list.Left), int(list.Top), int(list.Right)+1, int(list.Bottom)+1)
	found := -1
	for i, e := range elements {
		x, y := e.Box.Center()
		if plain(e.Text) != plain(text) || image.Pt(x, y).In(box) {
			continue
		}
		if found >= 0 {
			return -1
		}
		found = i
	}
	return found
}

// stands reports whether the eyes have read a text, word for word.
func stands(text string, elements []screen.Element) bool {
	var all []string
	for _, e := range elements {
		all = append(all, words(e.Text)...)
	}
	return strings.Contains(" "+strings.Join(all, " ")+" ", " "+strings.Join(words(text), " ")+" ")
}

// words are the words of a text without marks around them.
func words(s string) []string {
	fields := strings.Fields(s)
	for i := range fields {
		fields[i] = strings.Trim(fields[i], ".,:;!?")
	}
	return fields
}
