package layout

import (
	"image"

	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/observer"
)

const (
	// A ring around what has the focus is at least this thick, and is looked for so
	// many pixels around it.
	ringThick, ringReach = 2, 8
	// ringDark is how much a ring that is not blue differs from what is around it.
	ringDark = 200
)

// focus marks what has the focus: the one field or button with a ring around it. A
// caret blinks, so nothing is made of it; where several have rings, rings are the
// window's style.
func (b *builder) focus(found []observer.Region, surfaceOf map[int]int) {
	one := -1
	for k, i := range surfaceOf {
		r := found[k]
		can := r.Kind == screen.Field || r.Kind == screen.Button && r.Symbol == "" // a sign is in its number's ring
		if !can || !b.ringed(b.surfaces[i]) {
			continue
		}
		if one >= 0 {
			return
		}
		one = k
	}
	if one >= 0 {
		found[one].Focused = true
	}
}

// ringed reports whether there is a ring around a surface on three sides at least,
// with round corners: dark or blue, and unlike the surface.
func (b *builder) ringed(s surface) bool {
	var sides int
	var ring [3]uint8
	middle := s.box.Min.Add(s.box.Max).Div(2)
	for _, side := range []struct{ from, step image.Point }{
		{image.Pt(s.box.Min.X-1, middle.Y), image.Pt(-1, 0)}, {image.Pt(s.box.Max.X, middle.Y), image.Pt(1, 0)},
		{image.Pt(middle.X, s.box.Min.Y-1), image.Pt(0, -1)}, {image.Pt(middle.X, s.box.Max.Y), image.Pt(0, 1)},
	} {
		if c, ok := b.ringAt(side.from, side.step, s); ok {
			sides, ring = sides+1, c
		}
	}
	return sides >= 3 && b.roundCorners(s, ring)
}

// ringAt is the colour of a ring, from a surface's edge outwards.
func (b *builder) ringAt(at, step image.Point, s surface) ([3]uint8, bool) {
	thick := 0
	var ring [3]uint8
	for range ringReach {
		if !at.In(b.bounds()) {
			return ring, false
		}
		i := at.Y*b.w + at.X
		if on := b.surface[i]; on >= 0 {
			c := b.surfaces[on].colour
			strong := distance(ring, c) > ringDark && !colourful(ring) || blue(ring) && distance(ring, c) > unlike
			return ring, thick >= ringThick && strong && distance(ring, s.colour) > unlike
		}
		switch c := b.rgb(i); {
		case distance(c, s.colour) <= unlike:
		case thick == 0 || distance(c, ring) > unlike:
			ring, thick = c, 1
		default:
			thick++
		}
		at = at.Add(step)
	}
	return ring, false
}

// roundCorners reports whether a ring leaves its corners out, those of one side at
// least: at the other its field may have buttons.
func (b *builder) roundCorners(s surface, ring [3]uint8) bool {
	r := s.box
	for k := 1; k <= ringReach; k++ { // the outermost row of the ring
		at := image.Pt((r.Min.X+r.Max.X)/2, s.box.Min.Y-k)
		if !at.In(b.bounds()) || distance(b.rgb(at.Y*b.w+at.X), ring) > unlike {
			if r != s.box {
				break
			}
			continue
		}
		r = s.box.Inset(-k)
	}
	square := 0
	for _, at := range []image.Point{r.Min, {r.Max.X - 1, r.Min.Y}, {r.Min.X, r.Max.Y - 1}, {r.Max.X - 1, r.Max.Y - 1}} {
		if at.In(b.bounds()) && distance(b.rgb(at.Y*b.w+at.X), ring) <= unlike/2 {
			square++
		}
	}
	return square <= 2
}
