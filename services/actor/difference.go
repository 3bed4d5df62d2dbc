package actor

import (
	"bytes"
	"image"
	"image/draw"
	"slices"

	"github.com/grokputer/grokputer/contracts/screen"
)

const (
	// A caret is at most this large, in pixels at scale 1.
	caretWidth  = 3
	caretHeight = 48
	// A ring around what has the focus lies that far outside and inside of its
	// edge, and what has a ring is at least so large, in pixels at scale 1.
	ringOutside = 5
	ringInside  = 3
	ringedLeast = 14
	// cell is the side of the squares in which differences are gathered, in pixels:
	// those in neighbouring squares belong together.
	cell = 8
	// manyCells is the number of different squares above which it is not asked which
	// of them belong together.
	manyCells = 4096
	// pixel is the length of one in memory, in bytes.
	pixel = 4
)

// differences returns the parts of two pictures of one size that are different,
// each as the smallest rectangle around it.
func differences(a, b *image.RGBA) []image.Rectangle {
	cells := differentCells(a, b)
	if len(cells) > manyCells {
		var all image.Rectangle
		for _, box := range cells {
			all = all.Union(box)
		}
		return []image.Rectangle{all}
	}
	return grouped(cells)
}

// grouped returns the rectangles around the differences of squares that belong
// together.
func grouped(cells map[image.Point]image.Rectangle) []image.Rectangle {
	var parts []image.Rectangle
	for len(cells) > 0 {
		var at image.Point
		for at = range cells {
			break
		}
		parts = append(parts, gather(cells, at))
	}
	return parts
}

// gather takes a square and all that belong to it out of cells, and returns the
// rectangle around their differences.
func gather(cells map[image.Point]image.Rectangle, at image.Point) image.Rectangle {
	box := cells[at]
	delete(cells, at)
	for queue := []image.Point{at}; len(queue) > 0; queue = queue[1:] {
		for dy := -1; dy <= 1; dy++ {
			for dx := -1; dx <= 1; dx++ {
				next := queue[0].Add(image.Pt(dx, dy))
				if r, ok := cells[next]; ok {
					box = box.Union(r)
					delete(cells, next)
					queue = append(queue, next)
				}
			}
		}
	}
	return box
}

// differentCells returns the squares in which two pictures are different, by
// their place among the squares, with the rectangle around the difference.
func differentCells(a, b *image.RGBA) map[image.Point]image.Rectangle {
	cells := make(map[image.Point]image.Rectangle)
	width := a.Rect.Dx()
	for y := range a.Rect.Dy() {
		p, q := a.Pix[y*a.Stride:][:pixel*width], b.Pix[y*b.Stride:][:pixel*width]
		if bytes.Equal(p, q) {
			continue
		}
		for x := range width {
			if !bytes.Equal(p[pixel*x:][:pixel], q[pixel*x:][:pixel]) {
				at := image.Pt(x/cell, y/cell)
				cells[at] = cells[at].Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return cells
}

// isCaret reports whether a part is no larger than a caret.
func isCaret(part image.Rectangle, scale float64) bool {
	return float64(part.Dx()) <= caretWidth*scale && float64(part.Dy()) <= caretHeight*scale
}

// isRing reports whether everything that is different in a part lies along the
// edges of controls, carets aside.
func isRing(a, b *image.RGBA, part image.Rectangle, controls []image.Rectangle, scale float64) bool {
	var outer, inner []image.Rectangle
	for _, c := range controls {
		if out := c.Inset(-int(ringOutside * scale)); out.Overlaps(part) && float64(min(c.Dx(), c.Dy())) >= ringedLeast*scale {
			outer, inner = append(outer, out), append(inner, c.Inset(int(ringInside*scale)))
		}
	}
	along := func(p image.Point) bool {
		for i := range outer {
			if p.In(outer[i]) && !p.In(inner[i]) {
				return true
			}
		}
		return false
	}
	const carets = 2 // one where the focus was, and one where it is
	left := int(carets * caretWidth * caretHeight * scale * scale)
	elsewhere := make(map[image.Point]image.Rectangle)
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for x := part.Min.X; x < part.Max.X; x++ {
			if a.RGBAAt(x, y) == b.RGBAAt(x, y) || along(image.Pt(x, y)) {
				continue
			}
			if left--; left < 0 {
				return false
			}
			at := image.Pt(x/cell, y/cell)
			elsewhere[at] = elsewhere[at].Union(image.Rect(x, y, x+1, y+1))
		}
	}
	return !slices.ContainsFunc(grouped(elsewhere), func(r image.Rectangle) bool { return !isCaret(r, scale) })
}

// controls are the places of the elements that can have the focus.
func controls(s screen.Screen) []image.Rectangle {
	var boxes []image.Rectangle
	for _, e := range s.Elements {
		if e.Kind != screen.Text {
			boxes = append(boxes, rectangle(e.Box))
		}
	}
	return boxes
}

// pixels copies a picture into one with known layout.
func pixels(src image.Image) *image.RGBA {
	dst := image.NewRGBA(image.Rectangle{Max: src.Bounds().Size()})
	draw.Draw(dst, dst.Bounds(), src, src.Bounds().Min, draw.Src)
	return dst
}
