package layout

import (
	"cmp"
	"image"
	"slices"
)

// run is a part of a line that is one link, or none.
type run struct {
	line
	link bool
}

// runs parts a line where links begin and end: words with a line below them
// that is as long as they are, or in a link's colour.
func (b *builder) runs(l line) []run {
	under := b.underlines(l)
	blobs := b.sorted(l.blobs)
	const plain, coloured = -1, -2
	const end = 3 // an underline's last pixels may be softened
	linkOf := func(i int) int {
		box := b.blobs[i].box
		middle := (box.Min.X + box.Max.X) / 2
		if k := slices.IndexFunc(under, func(u image.Rectangle) bool { return u.Min.X-end <= middle && middle < u.Max.X+end }); k >= 0 {
			return k
		}
		if blue(b.blobs[i].colour) {
			return coloured
		}
		return plain
	}
	tall := b.glyphHeight(l.blobs)
	within := max(2, int(tall/4)) // a space is wider
	var runs []run
	last := plain
	for k, i := range blobs {
		link := linkOf(i)
		if link == plain && k > 0 && last >= 0 && b.descends(blobs[k-1], i, under[last], within) {
			link = last
		}
		box := b.blobs[i].box
		if slices.ContainsFunc(under, func(u image.Rectangle) bool { return box.Dy() <= end && box.Min.Y >= u.Min.Y-1 }) {
			continue // a piece of an underline
		}
		// Within a word a link goes on, though its underline may not: before a comma, or below a j.
		joined := last != plain && link != plain && len(runs) > 0 && box.Min.X-runs[len(runs)-1].box.Max.X <= within
		if n := len(runs); n == 0 || link != last && !joined {
			runs = append(runs, run{line: line{surface: l.surface}, link: link != plain})
		}
		r := &runs[len(runs)-1]
		r.blobs = append(r.blobs, i)
		r.box = r.box.Union(box)
		last = link
	}
	if len(runs) < 2 {
		return runs
	}
	return slices.DeleteFunc(runs, func(r run) bool { // the point after a link
		return !r.link && float64(r.box.Dy()) <= markTall*tall
	})
}

// descends reports whether a letter goes below the underline of the one before it,
// which is left out below such letters.
func (b *builder) descends(before, letter int, underline image.Rectangle, within int) bool {
	box := b.blobs[letter].box
	return box.Min.X-b.blobs[before].box.Max.X <= within && box.Max.Y > underline.Min.Y && box.Min.Y < underline.Min.Y-box.Dy()/3 &&
		distance(b.blobs[letter].colour, b.blobs[before].colour) <= unlike
}

// blue reports whether text of this colour is a link's: browsers and toolkits
// write what was visited more purple, and on dark paler.
func blue(c [3]uint8) bool {
	const more = 40
	return int(c[2])-int(c[0]) >= more && int(c[2])-int(c[1]) >= more
}

// underlines returns the rules below words of a line, in no order: those that
// reach about as far as words do. What goes on beyond the line is a separator.
func (b *builder) underlines(l line) []image.Rectangle {
	tall := int(b.glyphHeight(l.blobs))
	slack := max(2, tall/4)
	limit := image.Rect(l.box.Min.X-slack, l.box.Min.Y+l.box.Dy()/2, l.box.Max.X+slack, l.box.Max.Y+max(3, tall/3)).Intersect(b.bounds())
	var found []image.Rectangle
	for y := limit.Min.Y; y < limit.Max.Y; y++ {
		start := -1
		for x := limit.Min.X; x <= limit.Max.X; x++ {
			if x < limit.Max.X && b.blob[y*b.w+x] == ruled {
				if start < 0 {
					start = x
				}
				continue
			}
			if start >= 0 {
				r := image.Rect(start, y, x, y+1)
				if 2*r.Dx() > tall && r.Min.X > limit.Min.X && r.Max.X < limit.Max.X && b.covers(r, l) {
					found = addRule(found, r)
				}
				start = -1
			}
		}
	}
	return b.joinOver(found, l)
}

// joinOver joins underlines with only a letter that goes below them in between.
func (b *builder) joinOver(rules []image.Rectangle, l line) []image.Rectangle {
	slices.SortFunc(rules, func(a, c image.Rectangle) int { return cmp.Compare(a.Min.X, c.Min.X) })
	var joined []image.Rectangle
	for _, r := range rules {
		if n := len(joined); n > 0 {
			last := &joined[n-1]
			crossed := slices.ContainsFunc(l.blobs, func(i int) bool {
				box := b.blobs[i].box
				return box.Max.Y > last.Max.Y && box.Min.X < r.Min.X+1 && box.Max.X > last.Max.X-1
			})
			if r.Min.X-last.Max.X <= l.box.Dy() && crossed {
				*last = last.Union(r)
				continue
			}
		}
		joined = append(joined, r)
	}
	return joined
}

// covers reports whether there is text over most of a rule, and below it what
// the text is on: else it is the edge of something.
func (b *builder) covers(r image.Rectangle, l line) bool {
	const depth = 3
	other := 0
	for x := r.Min.X; x < r.Max.X; x++ {
		for y := r.Max.Y; y < min(b.h, r.Max.Y+depth); y++ {
			if s := int(b.surface[y*b.w+x]); s >= 0 && s != l.surface {
				other++
				break
			}
		}
	}
	if 2*other >= r.Dx() {
		return false
	}
	covered := 0
	for _, i := range l.blobs {
		box := b.blobs[i].box
		covered += max(0, min(box.Max.X, r.Max.X)-max(box.Min.X, r.Min.X))
	}
	return 2*covered >= r.Dx()
}

// addRule adds a rule, joined with a row of it that is there already.
func addRule(found []image.Rectangle, r image.Rectangle) []image.Rectangle {
	for k, f := range found {
		if f.Min.X < r.Max.X && r.Min.X < f.Max.X {
			found[k] = f.Union(r)
			return found
		}
	}
	return append(found, r)
}
