package layout

import (
	"encoding/binary"
	"image"
	"slices"

	"github.com/grokputer/grokputer/services/observer"
)

// Owners of a pixel: a window's content by its index, or one of these.
const (
	ownerDesktop    = 254 // the desktop behind all windows
	ownerDecoration = 255 // title bars and borders: not looked at
	maxWindows      = 250
)

// page is a picture that is being taken apart. Slices over pixels are
// row-major, w*h long.
type page struct {
	w, h    int
	windows []observer.Window
	owner   []uint8
	// colour is each pixel's, 0xRRGGBB.
	colour []uint32

	// comp is the component of each pixel: an area of one colour.
	comp  []int32
	comps []component

	// surface is the surface of each pixel, -1 where there is ink.
	surface  []int32
	surfaces []surface
	// ink are the pixels on no surface, but for decoration, in order: a few of a
	// hundred.
	ink []int32

	// blob is the blob of each pixel, -1 on surfaces and rules, ruled on rules.
	blob  []int32
	blobs []blob
	// arrows are pairs of them that are no text.
	arrows   []arrows
	marks    []mark
	scrolls  []scroll
	pictures []image.Rectangle

	lines []line
}

func newPage(picture *image.RGBA, windows []observer.Window) *page {
	b := picture.Bounds()
	p := &page{w: b.Dx(), h: b.Dy(), windows: windows[:min(len(windows), maxWindows)]}
	p.colour = make([]uint32, p.w*p.h)
	for y := range p.h {
		from := picture.Pix[picture.PixOffset(b.Min.X, b.Min.Y+y):][:4*p.w]
		for x := range p.colour[y*p.w : (y+1)*p.w] {
			pixel := binary.BigEndian.Uint32(from[4*x:]) // red, green, blue, alpha
			p.colour[y*p.w+x] = pixel >> 8
		}
	}
	if len(p.windows) == 0 {
		p.windows = []observer.Window{{Role: observer.RoleNormal, Frame: b, Content: b}}
	}
	p.own()
	return p
}

// own paints the windows into owner, the lowest first.
func (p *page) own() {
	p.owner = slices.Repeat([]uint8{ownerDesktop}, p.w*p.h)
	for i, w := range slices.Backward(p.windows) {
		p.paint(w.Frame, ownerDecoration)
		p.paint(w.Content, uint8(i))
	}
}

func (p *page) paint(r image.Rectangle, owner uint8) {
	r = r.Intersect(p.bounds())
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := p.owner[y*p.w+r.Min.X : y*p.w+r.Max.X]
		for i := range row {
			row[i] = owner
		}
	}
}

func (p *page) bounds() image.Rectangle { return image.Rect(0, 0, p.w, p.h) }

// rgb is the colour of pixel i.
func (p *page) rgb(i int) [3]uint8 {
	c := p.colour[i]
	return [3]uint8{uint8(c >> 16), uint8(c >> 8), uint8(c)}
}

// cut reports whether pixels of another window are beside r, at most reach
// pixels to the left or right, within its own window's content: then part of
// it is hidden.
func (p *page) cut(r image.Rectangle, reach int, owner uint8) bool {
	limit := p.bounds()
	if int(owner) < len(p.windows) {
		limit = p.windows[owner].Content
	}
	r = image.Rect(r.Min.X-reach, r.Min.Y-1, r.Max.X+reach, r.Max.Y+1).Intersect(limit)
	if !r.In(p.bounds()) {
		return true
	}
	other := func(x, y int) bool { return p.owner[y*p.w+x] != owner }
	for x := r.Min.X; x < r.Max.X; x++ {
		if other(x, r.Min.Y) || other(x, r.Max.Y-1) {
			return true
		}
	}
	for y := r.Min.Y; y < r.Max.Y; y++ {
		if other(r.Min.X, y) || other(r.Max.X-1, y) {
			return true
		}
	}
	return false
}
