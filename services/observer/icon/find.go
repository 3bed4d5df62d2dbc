package icon

import "image"

const (
	// uniform is how far, of 255, colours around an icon are from each other at most,
	// and rings how many rows of pixels around it have one.
	uniform, rings = 20, 3
	// reach is how much farther than a piece of an icon its whole is at most, in parts
	// of the piece.
	reach = 0.75
)

// Find is Name for a box that may be around a piece of an icon only, such as the round
// part of a magnifier: then it is the whole that is named, and that is where it is.
func Find(picture *image.RGBA, box image.Rectangle) (name string, at image.Rectangle, confidence float64) {
	name, confidence = Name(picture, box)
	at = box
	if around := whole(picture, box); around != box {
		if all, sure := Name(picture, around); sure > confidence {
			name, at, confidence = all, bounds(picture, around), sure
		}
	}
	return name, at, confidence
}

// whole is a box with all the ink that goes on beyond its edges: it grows until what
// is around it is of one colour. It is the box itself when that is so already, or
// never becomes so.
func whole(picture *image.RGBA, box image.Rectangle) image.Rectangle {
	farthest := rings + int(reach*float64(max(box.Dx(), box.Dy())))
	alike, last := 0, [3]uint8{}
	if !box.In(picture.Rect) || box.Empty() {
		return box
	}
	for k := 1; k <= farthest; k++ {
		ring := box.Inset(-k).Intersect(picture.Rect)
		colour, plain := ringOf(picture, ring)
		switch {
		case !plain:
			alike = 0
			continue
		case alike > 0 && difference(colour, last) <= uniform:
			alike++
		default:
			alike = 1
		}
		if last = colour; alike == rings {
			return box.Inset(rings - k).Intersect(picture.Rect)
		}
	}
	return box
}

// ringOf is the colour of a box's outermost pixels, and whether they all have it.
func ringOf(picture *image.RGBA, ring image.Rectangle) (colour [3]uint8, plain bool) {
	at := picture.PixOffset(ring.Min.X, ring.Min.Y)
	colour = [3]uint8(picture.Pix[at : at+3])
	same := func(x, y int) bool {
		at := picture.PixOffset(x, y)
		return difference([3]uint8(picture.Pix[at:at+3]), colour) <= uniform
	}
	for x := ring.Min.X; x < ring.Max.X; x++ {
		if !same(x, ring.Min.Y) || !same(x, ring.Max.Y-1) {
			return colour, false
		}
	}
	for y := ring.Min.Y; y < ring.Max.Y; y++ {
		if !same(ring.Min.X, y) || !same(ring.Max.X-1, y) {
			return colour, false
		}
	}
	return colour, true
}

// bounds is where the ink in a box is.
func bounds(picture *image.RGBA, box image.Rectangle) image.Rectangle {
	n, ok := inkIn(picture, box)
	if !ok {
		return box
	}
	return image.Rect(int(n.left), int(n.top), int(n.right+0.999), int(n.bottom+0.999)).Add(box.Min)
}
