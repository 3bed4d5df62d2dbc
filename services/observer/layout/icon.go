package layout

import (
	"cmp"
	"image"
	"slices"
)

const (
	// An icon before a caption is higher than its letters by this factor, at
	// least iconSide wide, and has a gap after it.
	iconTall = 1.25
	iconSide = 12
	iconGap  = 4
	// Ink on a surface up to this size that is no control is part of an icon.
	iconMost = 24

	// The arrow of a drop-down: this much wider than high, at most arrowTall high.
	arrowLeast, arrowMost = 1.4, 2.7
	arrowTall             = 10
)

// withoutIcons leaves out an icon at the start of a caption and the arrow of a
// drop-down at its end.
func (b *builder) withoutIcons(l line) line {
	blobs := slices.Clone(l.blobs)
	slices.SortFunc(blobs, func(i, j int) int { return cmp.Compare(b.blobs[i].box.Min.X, b.blobs[j].box.Min.X) })
	if n := len(blobs); n > 0 && b.arrow(blobs[n-1]) {
		blobs = blobs[:n-1]
	}
	if len(blobs) > 1 && b.icon(blobs[0], blobs[1:]) {
		blobs = blobs[1:]
	}
	var box image.Rectangle
	for _, i := range blobs {
		box = box.Union(b.blobs[i].box)
	}
	return line{surface: l.surface, box: box, blobs: blobs}
}

// icon reports whether the first blob of a line is none of its letters.
func (b *builder) icon(first int, rest []int) bool {
	box := b.blobs[first].box
	next := b.blobs[rest[0]].box
	return box.Dx() >= iconSide && next.Min.X-box.Max.X >= iconGap &&
		float64(box.Dy()) >= iconTall*b.glyphHeight(rest)
}

// arrow reports whether a blob points down: wide, low, and narrow at its lower
// end only, in the middle.
func (b *builder) arrow(i int) bool {
	box := b.blobs[i].box
	w, h := float64(box.Dx()), float64(box.Dy())
	if box.Dy() < 3 || box.Dy() > arrowTall || w < arrowLeast*h || w > arrowMost*h {
		return false
	}
	first, last := box.Max.X, box.Min.X
	y := box.Max.Y - 1
	for x := box.Min.X; x < box.Max.X; x++ {
		if b.blob[y*b.w+x] == int32(i) {
			first, last = min(first, x), max(last, x+1)
		}
	}
	middle := float64(first+last)/2 - float64(box.Min.X) - w/2
	return float64(last-first) <= 0.45*w && middle >= -1.5 && middle <= 1.5
}
