package layout

import (
	"image"
	"slices"

	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/observer"
)

const (
	// pictureCell is the side of the squares in which it is looked for what changes
	// from pixel to pixel, and pictureLeast how many of them a picture has at each
	// side at least: it is larger than an icon.
	pictureCell, pictureLeast = 16, 3
	// pictureBusy is the share of neighbours that differ in a picture, in both
	// directions. A gradient changes in one, and text is mostly its background.
	pictureBusy = 0.6
	// pictureFull is the share of busy squares in its box.
	pictureFull = 0.6
)

// findPictures finds pictures and photographs: larger areas in which nearly each
// pixel differs from those beside it.
func (p *page) findPictures() {
	cols, rows := p.w/pictureCell, p.h/pictureCell
	busy := make([]bool, cols*rows)
	for k := range busy {
		busy[k] = p.busy(image.Pt(k%cols*pictureCell, k/cols*pictureCell))
	}
	var stack []int
	for start := range busy {
		if !busy[start] {
			continue
		}
		box, n := image.Rectangle{}, 0
		busy[start] = false
		for stack = append(stack[:0], start); len(stack) > 0; {
			k := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			x, y := k%cols, k/cols
			box, n = box.Union(image.Rect(x, y, x+1, y+1)), n+1
			for _, at := range []image.Point{{x - 1, y}, {x + 1, y}, {x, y - 1}, {x, y + 1}} {
				if j := at.Y*cols + at.X; at.In(image.Rect(0, 0, cols, rows)) && busy[j] {
					busy[j] = false
					stack = append(stack, j)
				}
			}
		}
		if min(box.Dx(), box.Dy()) >= pictureLeast && float64(n) >= pictureFull*float64(area(box)) {
			p.pictures = append(p.pictures, p.widened(image.Rectangle{box.Min.Mul(pictureCell), box.Max.Mul(pictureCell)}))
		}
	}
}

// busy reports whether most pixels of a square differ from those beside and below
// them. Each second row is looked at.
func (p *page) busy(at image.Point) bool {
	i := at.Y*p.w + at.X
	if p.surface[i] >= 0 && p.surface[i] == p.surface[i+pictureCell/2*(p.w+1)] && p.colour[i] == p.colour[i+pictureCell/2*(p.w+1)] {
		return false // plain, at a glance
	}
	aside, below, all := 0, 0, 0
	for y := at.Y; y < at.Y+pictureCell-1; y += 2 {
		for i := y*p.w + at.X; i < y*p.w+at.X+pictureCell-1; i++ {
			if p.owner[i] == ownerDecoration {
				return false
			}
			all++
			if p.differ(i, i+1) {
				aside++
			}
			if p.differ(i, i+p.w) {
				below++
			}
		}
	}
	return float64(min(aside, below)) >= pictureBusy*float64(all)
}

// differ reports whether two pixels differ by more than what a gradient is softened
// with.
func (p *page) differ(i, j int) bool {
	const softened = 1
	return p.colour[i] != p.colour[j] && distance(p.rgb(i), p.rgb(j)) > softened
}

// widened adds the rows and columns at the edges of a picture that are a part of
// it: less than a square at each side.
func (p *page) widened(box image.Rectangle) image.Rectangle {
	differs := func(r image.Rectangle, step int) bool {
		if !r.In(p.bounds()) {
			return false
		}
		n := 0
		for y := r.Min.Y; y < r.Max.Y; y++ {
			for x := r.Min.X; x < r.Max.X; x++ {
				if i := y*p.w + x; i+step < len(p.colour) && p.differ(i, i+step) {
					n++
				}
			}
		}
		return float64(n) >= pictureBusy*float64(area(r))
	}
	for range pictureCell {
		b := box
		if differs(image.Rect(b.Min.X-1, b.Min.Y, b.Min.X, b.Max.Y), p.w) {
			box.Min.X--
		}
		if differs(image.Rect(b.Max.X, b.Min.Y, b.Max.X+1, b.Max.Y), p.w) {
			box.Max.X++
		}
		if differs(image.Rect(b.Min.X, b.Min.Y-1, b.Max.X, b.Min.Y), 1) {
			box.Min.Y--
		}
		if differs(image.Rect(b.Min.X, b.Max.Y, b.Max.X, b.Max.Y+1), 1) {
			box.Max.Y++
		}
	}
	return box
}

// inPicture reports whether a box is a part of a picture.
func (p *page) inPicture(box image.Rectangle) bool {
	return slices.ContainsFunc(p.pictures, box.In)
}

// images are the pictures in a window.
func (b *builder) images(owner uint8) []observer.Region {
	var found []observer.Region
	for _, r := range b.pictures {
		if x, y := (r.Min.X+r.Max.X)/2, (r.Min.Y+r.Max.Y)/2; b.owner[y*b.w+x] == owner {
			found = append(found, observer.Region{Kind: screen.Image, Box: r})
		}
	}
	return found
}
