package actor

import (
	"bytes"
	"context"
	"image"
	_ "image/png" // the format of frames
	"slices"
	"strings"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/screen"
)

// effect is what an action changed of the screen.
type effect struct {
	what contracts.Effect
	// region is what has changed of a window, in the pixels of the later picture.
	region image.Rectangle
}

// box is the region as events have it; nil without one.
func (e effect) box() *screen.Box {
	if e.region.Empty() {
		return nil
	}
	return &screen.Box{X: e.region.Min.X, Y: e.region.Min.Y, W: e.region.Dx(), H: e.region.Dy()}
}

// changed says how much of the screen is different in a later view: windows by
// their titles and number, the rest by the pictures and by what was read on them.
// What moves by itself in both views, and one caret that is there or not, are no
// difference; written says that it may be a thin letter. Pictures that cannot be
// fetched count as different: that is never a reason to give up.
func (t *task) changed(ctx context.Context, before, after View, written bool) effect {
	if before.Frame.Image.SHA256 == after.Frame.Image.SHA256 {
		return effect{what: contracts.EffectNothing}
	}
	if otherWindows(before, after) {
		return effect{what: contracts.EffectWindow}
	}
	left, err := t.picture(ctx, before)
	var right *image.RGBA
	if err == nil {
		right, err = t.picture(ctx, after)
	}
	switch {
	case err != nil:
		t.log.Warn("two pictures cannot be compared", "err", err)
		return effect{contracts.EffectRegion, image.Rect(0, 0, after.Frame.Width, after.Frame.Height)}
	case left.Rect != right.Rect:
		return effect{what: contracts.EffectWindow}
	default:
		return compared(before, after, left, right, written)
	}
}

// Changed reports whether a screen differs from one before it, as the planner is told
// of it. Written says that something was typed, and scale is the pictures' pixels for
// each of the pointer's.
func Changed(before, after screen.Screen, pictureBefore, pictureAfter image.Image, written bool, scale float64) bool {
	left, right := pixels(pictureBefore), pixels(pictureAfter)
	a, b := View{Screen: before}, View{Screen: after}
	a.Frame.Scale, b.Frame.Scale = scale, scale
	return left.Rect != right.Rect || otherWindows(a, b) || compared(a, b, left, right, written).what != contracts.EffectNothing
}

// compared is what is different of two pictures of one size, and of what was read
// on them.
func compared(before, after View, left, right *image.RGBA, written bool) effect {
	parts := slices.DeleteFunc(differences(left, right), func(part image.Rectangle) bool { return moving(part, before, after) })
	if len(parts) == 0 {
		return effect{what: contracts.EffectNothing}
	}
	scale := max(after.Frame.Scale, 1)
	edges := append(controls(before.Screen), controls(after.Screen)...)
	carets, rings := 0, 0
	var region image.Rectangle
	for _, part := range parts {
		switch {
		case isCaret(part, scale):
			carets++
		case isRing(left, right, part, edges, scale):
			rings++
		default:
			region = region.Union(part)
		}
	}
	onlyCarets := carets == len(parts)
	changed := region
	for _, box := range reread(before, after, onlyCarets) {
		// A reader takes a caret for a letter at times: what reads otherwise must look otherwise.
		if box.Overlaps(changed) || onlyCarets && written {
			region = region.Union(box)
		}
	}
	switch {
	case !region.Empty():
		return effect{contracts.EffectRegion, region}
	case rings > 0, carets > 1, focused(before.Screen) != focused(after.Screen):
		return effect{what: contracts.EffectFocus}
	default: // one caret, which blinks
		return effect{what: contracts.EffectNothing}
	}
}

// fetched are the last two pictures: a view is compared with the one before it,
// and then is the one before the next.
type fetched [2]struct {
	hash    string
	picture *image.RGBA
}

// picture fetches the picture of a view.
func (t *task) picture(ctx context.Context, v View) (*image.RGBA, error) {
	hash := v.Frame.Image.SHA256
	for _, f := range t.fetched {
		if f.picture != nil && f.hash == hash {
			return f.picture, nil
		}
	}
	data, err := t.ports.Frames.Get(ctx, v.Frame.Image)
	if err != nil {
		return nil, err
	}
	decoded, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	t.fetched[0] = t.fetched[1]
	t.fetched[1].hash, t.fetched[1].picture = hash, pixels(decoded)
	return t.fetched[1].picture, nil
}

// otherWindows reports whether a window has come or gone, or another title is in
// front. How many windows there are is not always known.
func otherWindows(before, after View) bool {
	counted := before.Windows > 0 && after.Windows > 0
	return unmarked(before.Screen.Title) != unmarked(after.Screen.Title) || counted && before.Windows != after.Windows
}

// unmarked is a title without the mark that says that a text is not saved.
func unmarked(title string) string {
	title = strings.Map(func(r rune) rune {
		if r == '*' || r == '●' || r == '•' {
			return -1
		}
		return r
	}, title)
	return strings.Join(strings.Fields(title), " ")
}

// moving reports whether a part of the picture belongs to what moves by itself
// before as well as after: what began to move, or ended, is a change.
func moving(part image.Rectangle, before, after View) bool {
	const slack = 8 // pixels: what moves is known in squares of that size
	touches := func(boxes []screen.Box) (image.Rectangle, bool) {
		for _, b := range boxes {
			area := after.Frame.Geometry().Picture(rectangle(b)).Inset(-slack)
			if part.In(area) {
				return area, true
			}
		}
		return image.Rectangle{}, false
	}
	if area, ok := touches(after.Moving); ok {
		return slices.ContainsFunc(before.Moving, func(b screen.Box) bool {
			return before.Frame.Geometry().Picture(rectangle(b)).Overlaps(area)
		})
	}
	area, ok := touches(before.Moving)
	return ok && slices.ContainsFunc(after.Moving, func(b screen.Box) bool {
		return after.Frame.Geometry().Picture(rectangle(b)).Overlaps(area)
	})
}

// reread returns the boxes of the elements that read otherwise, or stand
// elsewhere, than in the other view. Where only carets are different, one that
// was taken for a letter is none.
func reread(before, after View, carets bool) []image.Rectangle {
	var boxes []image.Rectangle
	add := func(elements, others []screen.Element) {
		for _, e := range elements {
			box := rectangle(e.Box)
			known := slices.ContainsFunc(others, func(o screen.Element) bool { return same(e, o, carets) })
			if !known && !moving(box, before, after) {
				boxes = append(boxes, box)
			}
		}
	}
	add(before.Screen.Elements, after.Screen.Elements)
	add(after.Screen.Elements, before.Screen.Elements)
	return boxes
}

// same reports whether two elements say the same, about in the same place.
// Which of them has the focus is no part of that.
func same(a, b screen.Element, carets bool) bool {
	const slack = 3 // pixels by which readers differ from one reading to the next
	near := func(x, y int) bool { return x-y <= slack && y-x <= slack }
	text := func(s string) string {
		if carets {
			return strings.ReplaceAll(s, "|", "")
		}
		return s
	}
	return a.Kind == b.Kind && text(a.Text) == text(b.Text) && a.Caption == b.Caption && a.Checked == b.Checked &&
		near(a.Box.X, b.Box.X) && near(a.Box.Y, b.Box.Y) && near(a.Box.W, b.Box.W) && near(a.Box.H, b.Box.H)
}

// focused is the place of the element that has the focus, zero without one.
func focused(s screen.Screen) screen.Box {
	for _, e := range s.Elements {
		if e.Focused {
			return e.Box
		}
	}
	return screen.Box{}
}

// rectangle is a box as pictures know it.
func rectangle(b screen.Box) image.Rectangle {
	return image.Rect(b.X, b.Y, b.X+b.W, b.Y+b.H)
}
