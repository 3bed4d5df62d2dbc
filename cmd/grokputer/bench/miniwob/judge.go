package miniwob

import (
	"fmt"
	"image"
	"slices"
	"strings"

	"github.com/grokputer/grokputer/contracts/screen"
)

// Cause is why a thing on the page was not found.
type Cause string

// The causes, in the order in which they are looked for.
const (
	CauseState  Cause = "state"  // all is right but whether it is checked
	CauseSpaces Cause = "spaces" // the text is right but for its spaces
	CauseKind   Cause = "kind"   // the text is right, at its place, but as another kind
	CauseJoined Cause = "joined" // it was taken together with something else
	CauseSplit  Cause = "split"  // only a part of it was found
	CauseText   Cause = "text"   // the kind is right, at its place, with another text
	CausePlace  Cause = "place"  // kind and text are right, elsewhere
	CauseBoth   Cause = "both"   // something else was seen there
	CauseUnseen Cause = "unseen" // nothing was seen there
)

// Verdict says whether a wanted thing was found.
type Verdict struct {
	Wanted Wanted
	Found  bool
	Cause  Cause            // empty when found
	Near   []screen.Element // what was seen there instead
}

// Judge compares what is on a page with what was seen: found is what has the
// right kind, exactly the text, a centre inside the thing, and is checked if it is. One element is one
// thing, but lines of one paragraph may be seen as one.
func Judge(wanted []Wanted, seen []screen.Element) []Verdict {
	verdicts := make([]Verdict, len(wanted))
	left := slices.Clone(seen)
	for i, w := range wanted {
		v := Verdict{Wanted: w}
		if k := slices.IndexFunc(left, w.is); k >= 0 {
			v.Found = true
			left = slices.Delete(left, k, k+1)
		} else if !inParagraph(wanted, i, seen) {
			v.Near = nearby(w, seen)
			v.Cause = cause(w, seen, v.Near)
		} else {
			v.Found = true
		}
		verdicts[i] = v
	}
	return verdicts
}

// is reports whether an element is the wanted thing.
func (w Wanted) is(e screen.Element) bool {
	return w.kind(e) && w.says(e) && w.at(e) && e.Checked == w.Checked
}

func (w Wanted) kind(e screen.Element) bool { return slices.Contains(w.Kinds, e.Kind) }

func (w Wanted) says(e screen.Element) bool { return !w.Judged || plain(e.Text) == plain(w.Text) }

// at reports whether the centre of an element, where a click goes, is inside.
func (w Wanted) at(e screen.Element) bool {
	x, y := e.Box.Center()
	return image.Pt(x, y).In(w.Box())
}

// plain is a text with single spaces.
func plain(s string) string { return strings.Join(strings.Fields(s), " ") }

// inParagraph reports whether an element is a run of several lines of one
// paragraph that has line i in it.
func inParagraph(wanted []Wanted, i int, seen []screen.Element) bool {
	paragraph := wanted[i].Paragraph
	if paragraph == 0 {
		return false
	}
	same := func(k int) bool { return k >= 0 && k < len(wanted) && wanted[k].Paragraph == paragraph }
	for first := i; same(first); first-- {
		run := wanted[first]
		for last := first; same(last); last++ {
			if last > first {
				run = run.with(wanted[last])
			}
			if last > first && last >= i && slices.ContainsFunc(seen, run.is) {
				return true
			}
		}
	}
	return false
}

// with is two lines as one.
func (w Wanted) with(next Wanted) Wanted {
	w.Text += " " + next.Text
	w.Left, w.Top = min(w.Left, next.Left), min(w.Top, next.Top)
	w.Right, w.Bottom = max(w.Right, next.Right), max(w.Bottom, next.Bottom)
	return w
}

// nearby is what was seen on the same spot.
func nearby(w Wanted, seen []screen.Element) []screen.Element {
	var near []screen.Element
	for _, e := range seen {
		if !box(e).Intersect(w.Box()).Empty() {
			near = append(near, e)
		}
	}
	return near
}

func box(e screen.Element) image.Rectangle {
	return image.Rect(e.Box.X, e.Box.Y, e.Box.X+e.Box.W, e.Box.Y+e.Box.H)
}

// cause is the first that holds.
func cause(w Wanted, seen, near []screen.Element) Cause {
	bare := func(s string) string { return strings.Join(strings.Fields(s), "") }
	text := plain(w.Text)
	known := w.Judged && text != ""
	switch {
	case slices.ContainsFunc(near, func(e screen.Element) bool { return w.kind(e) && w.at(e) && w.says(e) }):
		return CauseState
	case known && slices.ContainsFunc(near, func(e screen.Element) bool {
		return w.kind(e) && w.at(e) && bare(e.Text) == bare(text)
	}):
		return CauseSpaces
	case slices.ContainsFunc(near, func(e screen.Element) bool { return w.at(e) && w.says(e) }):
		return CauseKind
	case known && slices.ContainsFunc(near, func(e screen.Element) bool {
		return plain(e.Text) != text && strings.Contains(plain(e.Text), text)
	}):
		return CauseJoined
	case known && slices.ContainsFunc(near, func(e screen.Element) bool {
		return plain(e.Text) != "" && plain(e.Text) != text && strings.Contains(text, plain(e.Text))
	}):
		return CauseSplit
	case slices.ContainsFunc(near, func(e screen.Element) bool { return w.at(e) && w.kind(e) }):
		return CauseText
	case known && slices.ContainsFunc(seen, func(e screen.Element) bool { return w.kind(e) && w.says(e) }):
		return CausePlace
	case len(near) == 0:
		return CauseUnseen
	default:
		return CauseBoth
	}
}

// String is the verdict for a person.
func (v Verdict) String() string {
	w := v.Wanted
	text := "(any text)"
	if w.Judged {
		text = screen.Quote(w.Text)
	}
	if w.Checked {
		text += " checked"
	}
	if v.Found {
		return fmt.Sprintf("%s %s at %v: found", w.Kinds[0], text, w.Box())
	}
	seen := "nothing"
	if len(v.Near) > 0 {
		parts := make([]string, len(v.Near))
		for i, e := range v.Near {
			parts[i] = fmt.Sprintf("%s %s%s at %v", e.Kind, screen.Quote(e.Text), e.State(), box(e))
		}
		seen = strings.Join(parts, ", ")
	}
	return fmt.Sprintf("%s: wanted %s %s at %v, saw %s", v.Cause, w.Kinds[0], text, w.Box(), seen)
}
