package layout

import (
	"cmp"
	"image"
	"math"
	"slices"

	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/observer"
)

const (
	// An icon before a caption is higher than its letters by this factor, at
	// least iconSide wide, and has a gap after it.
	iconTall = 1.25
	iconSide = 12
	iconGap  = 4
	// Between two icons there is this much of a letter's height.
	iconsApart = 0.4
	// One of other colours than the letters may be smaller, and nearer to them.
	colouredSide = 9
	// Ink on a surface up to this size that is no control is part of an icon.
	iconMost = 24

	// The arrow of a drop-down is at most this high, or as a letter is.
	arrowTall = 10
)

// withoutIcons leaves out an icon at the start of a caption and the arrow of a
// drop-down at its end.
func (b *builder) withoutIcons(l line) line {
	blobs := b.sorted(l.blobs)
	if n := len(blobs); n > 0 && b.arrow(blobs[n-1], b.glyphHeight(blobs)) {
		blobs = blobs[:n-1]
	}
	before, _ := b.iconsBefore(blobs)
	blobs = blobs[before:]
	var box image.Rectangle
	for _, i := range blobs {
		box = box.Union(b.blobs[i].box)
	}
	return line{surface: l.surface, box: box, blobs: blobs}
}

// icons returns what is on a line if it is icons and no text: shapes that are about
// as wide as high, and higher than letters are; beside one that is, as high, if
// they stand farther apart than letters do.
func (b *builder) icons(l line) []observer.Region {
	const (
		most = 3
		row  = 8
	)
	shapes := b.shapes(l.blobs)
	gap, tall, whole := math.MaxInt, 0, true
	for k, s := range shapes {
		if tall = max(tall, s.Dy()); k > 0 {
			gap = min(gap, s.Min.X-shapes[k-1].Max.X)
		}
		whole = whole && b.whole(s, l.blobs)
	}
	least, limit := iconTall*b.letter, most
	if len(shapes) > 1 && whole && float64(gap) >= iconsApart*b.letter && float64(tall) >= least {
		least, limit = b.letter, row
	}
	if len(shapes) > limit {
		return nil
	}
	found := make([]observer.Region, 0, len(shapes))
	for _, s := range shapes {
		if !iconic(s) || float64(s.Dy()) < least {
			return nil
		}
		found = append(found, observer.Region{Kind: screen.Icon, Box: s})
	}
	return found
}

// iconRow reports whether a line is several shapes of icons' sizes, farther apart than
// letters of their height would be.
func (b *builder) iconRow(l line) bool {
	const apart = 0.3 // of their height
	shapes := b.shapes(l.blobs)
	for k, s := range shapes {
		if !iconic(s) || !b.whole(s, l.blobs) || k > 0 && float64(s.Min.X-shapes[k-1].Max.X) < apart*float64(l.box.Dy()) {
			return false
		}
	}
	return len(shapes) > 1
}

// iconic reports whether a shape is about as wide as high, and of an icon's size.
func iconic(s image.Rectangle) bool {
	const (
		narrowest = 0.6
		widest    = 64
	)
	short, long := min(s.Dx(), s.Dy()), max(s.Dx(), s.Dy())
	return float64(short) >= narrowest*float64(long) && long >= iconSide && long <= widest
}

// whole reports whether one of the blobs is nearly all of a shape: a word is several
// letters beside each other.
func (b *builder) whole(shape image.Rectangle, blobs []int) bool {
	return slices.ContainsFunc(blobs, func(i int) bool {
		box := b.blobs[i].box
		return box.In(shape) && 4*box.Dx() >= 3*shape.Dx() && 4*box.Dy() >= 3*shape.Dy()
	})
}

// shapes are the boxes of blobs from the left, joined where they are too near to
// each other for two icons.
func (b *builder) shapes(blobs []int) []image.Rectangle {
	const space = 3
	var shapes []image.Rectangle
	for _, i := range b.sorted(blobs) {
		box := b.blobs[i].box
		if n := len(shapes); n > 0 && box.Min.X < shapes[n-1].Max.X+space {
			shapes[n-1] = shapes[n-1].Union(box)
			continue
		}
		shapes = append(shapes, box)
	}
	return shapes
}

// iconsAfter parts a line into its text and icons at its end, which stand apart from
// each other, and farther from the text than its words do.
func (b *builder) iconsAfter(l line) (text, icons line) {
	const away = 0.7 // letters
	letter := b.glyphHeight(l.blobs)
	shapes := b.shapes(l.blobs)
	first := len(shapes)
	for k := len(shapes) - 1; k > 0; k-- {
		gap := float64(shapes[k].Min.X - shapes[k-1].Max.X)
		if !iconic(shapes[k]) || !b.whole(shapes[k], l.blobs) || float64(shapes[k].Dy()) < letter || gap < iconsApart*letter {
			break
		}
		if gap >= away*letter {
			first = k
		}
	}
	if first == len(shapes) {
		return l, line{}
	}
	text, icons = line{surface: l.surface}, line{surface: l.surface}
	for _, i := range l.blobs {
		part := &text
		if b.blobs[i].box.Min.X >= shapes[first].Min.X {
			part = &icons
		}
		part.blobs = append(part.blobs, i)
		part.box = part.box.Union(b.blobs[i].box)
	}
	if len(text.blobs) < 2 || len(b.icons(icons)) == 0 {
		return l, line{}
	}
	return text, icons
}

// sorted are blobs from the left.
func (b *builder) sorted(blobs []int) []int {
	blobs = slices.Clone(blobs)
	slices.SortFunc(blobs, func(i, j int) int { return cmp.Compare(b.blobs[i].box.Min.X, b.blobs[j].box.Min.X) })
	return blobs
}

// iconsBefore returns how many of a caption's blobs, from the left, are icons before
// it, and these: one that points right or down opens or closes what is below it.
func (b *builder) iconsBefore(blobs []int) (n int, icons []observer.Region) {
	for {
		if sign := b.wedge(blobs[n:]); sign != "" {
			icons = append(icons, observer.Region{Kind: screen.Icon, Box: b.blobs[blobs[n]].box, Symbol: sign})
			n++
			continue
		}
		more := b.iconBefore(blobs[n:])
		if more == 0 {
			return n, icons
		}
		var box image.Rectangle
		for _, i := range blobs[n : n+more] {
			box = box.Union(b.blobs[i].box)
		}
		icons = append(icons, observer.Region{Kind: screen.Icon, Box: box})
		n += more
	}
}

// wedge is the triangle that blobs begin with, if there is a gap after it.
func (b *builder) wedge(blobs []int) string {
	const gap, least = 3, 5
	if len(blobs) < 2 {
		return ""
	}
	box, next := b.blobs[blobs[0]].box, b.blobs[blobs[1]].box
	if next.Min.X-box.Max.X < gap || min(box.Dx(), box.Dy()) < least {
		return ""
	}
	s := b.blobShape(blobs[0])
	switch {
	case s.points() == "▼":
		return "▼"
	case s.turned().points() == "▼":
		return "▶"
	default:
		return ""
	}
}

// iconBefore returns how many of a caption's blobs, from the left, are an icon
// before it: higher than its letters, or of other colours and partly higher.
func (b *builder) iconBefore(blobs []int) int {
	const other = 90 // from the letters' colour
	if len(blobs) < 2 {
		return 0
	}
	letters := b.inkColour(blobs[len(blobs)/2:])
	n := 1
	for n < len(blobs)-1 && distance(b.blobs[blobs[n]].colour, letters) > other {
		n++
	}
	var icon image.Rectangle
	for k, i := range blobs[:n] {
		box := b.blobs[i].box
		if icon = icon.Union(box); k > 0 && distance(b.blobs[blobs[0]].colour, letters) <= other {
			return 0
		}
	}
	letter := b.glyphHeight(blobs[n:])
	side, gap, tall := iconSide, iconGap, iconTall*max(b.letter, letter)
	if distance(b.blobs[blobs[0]].colour, letters) > other {
		side, gap, tall = colouredSide, max(2, int(letter/4)), iconTall*letter
	}
	if icon.Dx() >= side && b.blobs[blobs[n]].box.Min.X-icon.Max.X >= gap && float64(icon.Dy()) >= tall {
		return n
	}
	return 0
}

// inkColour is the colour of the blob that differs most from what it is on: others
// may be thin and pale.
func (b *builder) inkColour(blobs []int) [3]uint8 {
	most := blobs[0]
	for _, i := range blobs {
		if b.blobs[i].contrast > b.blobs[most].contrast {
			most = i
		}
	}
	return b.blobs[most].colour
}

// arrow reports whether a blob points down, and is not higher than a letter is.
func (b *builder) arrow(i int, letter float64) bool {
	return float64(b.blobs[i].box.Dy()) <= max(arrowTall, letter) && b.blobShape(i).points() == "▼"
}
