// Package mask finds what has to be blacked out: where two pictures differ, and
// what reads like a secret.
package mask

import (
	"bytes"
	"image"
	"slices"
)

// tile is the side of the squares in which pictures are compared, in pixels.
// Changes that are no further apart make one area.
const tile = 16

// Differences returns the areas in which two pictures of one size differ.
func Differences(a, b *image.RGBA) []image.Rectangle {
	var areas []image.Rectangle
	for y := a.Rect.Min.Y; y < a.Rect.Max.Y; y += tile {
		for x := a.Rect.Min.X; x < a.Rect.Max.X; x += tile {
			square := image.Rect(x, y, x+tile, y+tile).Intersect(a.Rect)
			if changed := difference(a, b, square); !changed.Empty() {
				areas = join(areas, changed)
			}
		}
	}
	return areas
}

// difference is the smallest rectangle around the pixels that differ in an area.
func difference(a, b *image.RGBA, area image.Rectangle) image.Rectangle {
	const pixel = 4 // bytes
	var changed image.Rectangle
	for y := area.Min.Y; y < area.Max.Y; y++ {
		left, right := a.Pix[a.PixOffset(area.Min.X, y):][:pixel*area.Dx()], b.Pix[b.PixOffset(area.Min.X, y):][:pixel*area.Dx()]
		if bytes.Equal(left, right) {
			continue
		}
		for x := range area.Dx() {
			if !bytes.Equal(left[pixel*x:pixel*(x+1)], right[pixel*x:pixel*(x+1)]) {
				changed = changed.Union(image.Rect(area.Min.X+x, y, area.Min.X+x+1, y+1))
			}
		}
	}
	return changed
}

// join adds an area and makes one of all that are near each other.
func join(areas []image.Rectangle, added image.Rectangle) []image.Rectangle {
	for {
		i := slices.IndexFunc(areas, func(r image.Rectangle) bool { return r.Inset(-tile).Overlaps(added) })
		if i < 0 {
			return append(areas, added)
		}
		added = added.Union(areas[i])
		areas = slices.Delete(areas, i, i+1)
	}
}
