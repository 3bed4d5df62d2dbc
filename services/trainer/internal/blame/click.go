package blame

import (
	"fmt"
	"image"
	"strings"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/screen"
)

// missed is the verdict of a click that did not go to the element that it names, whatever the
// person says of it: the plan named the element, and something else was hit. ok is false
// for any other step, and where it is not known how the click went.
func missed(step contracts.BundleStep) (v Verdict, ok bool) {
	switch step.Action.Verb {
	case action.Click, action.DoubleClick, action.RightClick:
	default:
		return Verdict{}, false
	}
	element, err := step.State.Visible().Find(step.Action.Target)
	if err != nil || element.Box.W <= 0 || element.Box.H <= 0 {
		return Verdict{}, false
	}
	if at := step.Landed; at != nil && step.Frame.Width > 0 {
		on := step.Frame.Geometry().Desktop(rectangle(element.Box))
		if !image.Pt(at.X, at.Y).In(on) {
			return of(Pointer, 1, fmt.Sprintf("the click went to %d,%d, outside of %s", at.X, at.Y, step.Action.Target)), true
		}
	}
	if other, found := covering(step.State.Visible(), element); found {
		return of(Eyes, overlap, fmt.Sprintf("the middle of %s, where the click goes, is on %s %q", step.Action.Target, other.Kind, other.Label())), true
	}
	return Verdict{}, false
}

// overlap is how sure it is that boxes were read wrongly when one lies on the other's middle.
const overlap = 0.7

// covering returns another control over the middle of an element: one that is much
// smaller and lies within it is what a click there hits.
func covering(s screen.Screen, element screen.Element) (screen.Element, bool) {
	x, y := element.Box.Center()
	for _, other := range s.Elements {
		if other.Box == element.Box || other.Kind == screen.Text || other.Kind == screen.Image || other.Kind == screen.Scroll {
			continue // words on a button are the button's
		}
		smaller := 2*other.Box.W*other.Box.H < element.Box.W*element.Box.H
		if smaller && image.Pt(x, y).In(rectangle(other.Box)) && other.Text != element.Text {
			return other, true
		}
	}
	return screen.Element{}, false
}

func rectangle(b screen.Box) image.Rectangle { return image.Rect(b.X, b.Y, b.X+b.W, b.Y+b.H) }

// stale reports whether a step could not be done since its picture was no longer the desktop's.
func stale(step contracts.BundleStep) bool {
	return strings.Contains(step.Result, contracts.ErrGeometry.Error())
}

// within reports whether a text has these words, in any case. No words are in every text.
func within(text, words string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(strings.TrimSpace(words)))
}
