package layout

import (
	"cmp"
	"image"
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
	blobs := slices.Clone(l.blobs)
	slices.SortFunc(blobs, func(i, j int) int { return cmp.Compare(b.blobs[i].box.Min.X, b.blobs[j].box.Min.X) })
	if n := len(blobs); n > 0 && b.arrow(blobs[n-1], b.glyphHeight(blobs)) {
		blobs = blobs[:n-1]
	}
	blobs = blobs[b.iconBefore(blobs):]
	var box image.Rectangle
	for _, i := range blobs {
		box = box.Union(b.blobs[i].box)
	}
	return line{surface: l.surface, box: box, blobs: blobs}
}

// icons returns what is on a line if it is icons and no text: few shapes that
// are about as wide as high, and higher than letters are.
func (b *builder) icons(l line) []observer.Region {
	const (
		most       = 3
		narrowest  = 0.6
		widestSide = 64
		space      = 3
	)
	var shapes []image.Rectangle
	blobs := slices.Clone(l.blobs)
	slices.SortFunc(blobs, func(i, j int) int { return cmp.Compare(b.blobs[i].box.Min.X, b.blobs[j].box.Min.X) })
	for _, i := range blobs {
		box := b.blobs[i].box
		if n := len(shapes); n > 0 && box.Min.X < shapes[n-1].Max.X+space {
			shapes[n-1] = shapes[n-1].Union(box)
			continue
		}
		shapes = append(shapes, box)
	}
	if len(shapes) > most {
		return nil
	}
	found := make([]observer.Region, 0, len(shapes))
	for _, s := range shapes {
		short, long := float64(min(s.Dx(), s.Dy())), float64(max(s.Dx(), s.Dy()))
		if short < narrowest*long || long < iconSide || long > widestSide || float64(s.Dy()) < iconTall*b.letter {
			return nil
		}
		found = append(found, observer.Region{Kind: screen.Icon, Box: s})
	}
	return found
}

// inkIn is the box of a line's ink in a part of it.
func (b *builder) inkIn(l line, part image.Rectangle) image.Rectangle {
	var r image.Rectangle
	for _, i := range l.blobs {
		if box := b.blobs[i].box; box.In(part) {
			r = r.Union(box)
		}
	}
	return r
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
