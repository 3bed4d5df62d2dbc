package layout

import (
	"image"
	"slices"
)

// cell reports whether a surface is one of a table: others share its edges,
// beside it and above or below it.
func (b *builder) cell(i int) bool {
	s := b.surfaces[i]
	besides, stacks := false, false
	for j, t := range b.surfaces {
		if j == i || t.owner != s.owner {
			continue
		}
		besides = besides || follows(s.box, t.box) || follows(t.box, s.box)
		stacks = stacks || below(s.box, t.box) || below(t.box, s.box)
		if besides && stacks {
			return true
		}
	}
	return false
}

// inColumn reports whether a surface is one of a column whose texts begin at the left.
func (b *builder) inColumn(i int) bool {
	s := b.surfaces[i]
	return slices.ContainsFunc(b.surfaces, func(t surface) bool {
		above := below(s.box, t.box) || below(t.box, s.box)
		return t.owner == s.owner && above && len(t.lines) > 0 && !b.centred(t)
	})
}

// follows reports whether b is right beside a, as high as it.
func follows(a, b image.Rectangle) bool {
	const (
		edge  = 4 // between two cells, at most
		slack = 2
	)
	gap := b.Min.X - a.Max.X
	near := func(x, y int) bool { return max(x-y, y-x) <= slack }
	return gap >= 0 && gap <= edge && near(a.Min.Y, b.Min.Y) && near(a.Max.Y, b.Max.Y)
}

// below reports whether b is right below a, as wide as it.
func below(a, b image.Rectangle) bool { return follows(turned(a), turned(b)) }

// turned has the axes of r exchanged.
func turned(r image.Rectangle) image.Rectangle {
	return image.Rect(r.Min.Y, r.Min.X, r.Max.Y, r.Max.X)
}

// speech reports whether a surface is what a dialog says: right below it, as wide, are
// the dialog's buttons.
func (b *builder) speech(i int) bool {
	return slices.ContainsFunc(b.surfaces, func(t surface) bool {
		return t.owner == b.surfaces[i].owner && below(b.surfaces[i].box, t.box) &&
			slices.ContainsFunc(t.children, func(c int) bool { return b.padded(b.surfaces[c]) })
	})
}

// titles reports whether a surface is the title of a dialog: right below it, as wide,
// is what the dialog says.
func (b *builder) titles(i int) bool {
	for j, t := range b.surfaces {
		if t.owner == b.surfaces[i].owner && below(b.surfaces[i].box, t.box) && b.speech(j) {
			return true
		}
	}
	return false
}

// sheet reports whether a surface is a page to be read rather than a field: it
// begins in the corner of its window, or has links on it.
func (b *builder) sheet(s surface) bool {
	const corner = 4
	if int(s.owner) < len(b.windows) {
		if d := s.box.Min.Sub(b.windows[s.owner].Content.Min); d.X <= corner && d.Y <= corner {
			return true
		}
	}
	return slices.ContainsFunc(s.lines, func(l int) bool { return len(b.underlines(b.lines[l])) > 0 })
}
