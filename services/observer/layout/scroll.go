package layout

import (
	"image"
	"slices"

	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/observer"
)

const (
	// The slider of a scroll bar is so thick, in pixels, and at least so much longer.
	sliderLeast, sliderMost = 4, 30
	sliderLong              = 1.5
	// A bar is at least so many times as long as it is thick.
	barLong = 3
)

// scroll is a scroll bar: its box, and the window that it is in.
type scroll struct {
	box   image.Rectangle
	owner uint8
}

// findScrolls finds bars of one colour with a slider on them at the edge of what they
// move, and sliders between two arrows; nothing on them is text.
func (p *page) findScrolls() {
	var arrows [4][]int // blobs, once a slider was found: up, down, left, right
	for id, c := range p.comps {
		w, h := c.box.Dx(), c.box.Dy()
		thick, long := min(w, h), max(w, h)
		if thick < sliderLeast || thick > sliderMost || float64(long) < sliderLong*float64(thick) ||
			10*c.area < 7*w*h || c.area != c.spread || c.owner == ownerDecoration || p.inScroll(c.box) {
			continue
		}
		box, ok := p.track(int32(id), h > w)
		if !ok {
			if arrows[0] == nil {
				arrows = p.triangles()
			}
			first, last := arrows[0], arrows[1]
			if w > h {
				first, last = arrows[2], arrows[3]
			}
			box, ok = p.between(c.box, first, last, h > w)
		}
		if ok {
			p.scrolls = append(p.scrolls, scroll{box.Intersect(p.bounds()), c.owner})
		}
	}
	for i := range p.blobs {
		if p.inScroll(p.blobs[i].box) {
			p.blobs[i].border = true
		}
	}
}

// inScroll reports whether a box is a part of a scroll bar.
func (p *page) inScroll(box image.Rectangle) bool {
	return slices.ContainsFunc(p.scrolls, func(s scroll) bool { return box.In(s.box) })
}

// track is the bar that a slider is on: of one colour but for the slider, thicker
// than it, with something to move beside it.
func (p *page) track(slider int32, down bool) (image.Rectangle, bool) {
	const share = 0.8 // of the bar that is plain: arrows are on it, too
	c := p.comps[slider].box
	at, step := image.Pt(c.Min.X-2, (c.Min.Y+c.Max.Y)/2), image.Pt(c.Dx()+3, 0)
	if !down {
		at, step = image.Pt((c.Min.X+c.Max.X)/2, c.Min.Y-2), image.Pt(0, c.Dy()+3)
	}
	other := at.Add(step)
	if !at.In(p.bounds()) || !other.In(p.bounds()) || p.comp[at.Y*p.w+at.X] != p.comp[other.Y*p.w+other.X] {
		return c, false
	}
	t := p.comps[p.comp[at.Y*p.w+at.X]]
	slim, bar := c, t.box
	if !down {
		slim, bar = turned(c), turned(bar)
	}
	fits := slim.In(bar) && bar.Dy() >= barLong*bar.Dx() && bar.Dx() <= 3*slim.Dx()+4 && 20*slim.Dx() <= 17*bar.Dx() && 5*bar.Dy() >= 6*slim.Dy() &&
		float64(t.area) >= share*float64(area(bar)-area(slim))
	return t.box, fits && p.moves(t.box, down)
}

// moves reports whether a bar is at the right or the lower edge of something as long
// as it is.
func (p *page) moves(bar image.Rectangle, down bool) bool {
	const reach = 6 // to beyond the lines between them
	at := image.Pt(bar.Min.X-reach, (bar.Min.Y+bar.Max.Y)/2)
	if !down {
		at = image.Pt((bar.Min.X+bar.Max.X)/2, bar.Min.Y-reach)
	}
	if !at.In(p.bounds()) {
		return false
	}
	for back := range 4 * reach { // over text
		beside := at.Sub(image.Pt(back, 0))
		if !down {
			beside = at.Sub(image.Pt(0, back))
		}
		if !beside.In(p.bounds()) {
			return false
		}
		if s := p.surface[beside.Y*p.w+beside.X]; s >= 0 {
			box := p.surfaces[s].box
			if !down {
				box, bar = turned(box), turned(bar)
			}
			return 10*box.Dy() >= 8*bar.Dy() && box.Dx() >= 2*bar.Dx()
		}
	}
	return false
}

// triangles are the blobs that point up, down, left and right.
func (p *page) triangles() [4][]int {
	found := [4][]int{{}, {}, {}, {}}
	for i, b := range p.blobs {
		w, h := b.box.Dx(), b.box.Dy()
		if min(w, h) < 3 || max(w, h) > sliderMost || max(w, h) > 3*min(w, h) || w == h {
			continue
		}
		s, turn := p.blobShape(i), 0
		if h > w {
			s, turn = s.turned(), 2
		}
		switch s.points() {
		case "▲":
			found[turn] = append(found[turn], i)
		case "▼":
			found[turn+1] = append(found[turn+1], i)
		}
	}
	return found
}

// between is the bar of a slider that has an arrow at each end, and nothing else.
func (p *page) between(slider image.Rectangle, first, last []int, down bool) (image.Rectangle, bool) {
	turn := func(r image.Rectangle) image.Rectangle {
		if down {
			return r
		}
		return turned(r)
	}
	s := turn(slider)
	near := func(arrow image.Rectangle) bool {
		off := arrow.Min.X + arrow.Max.X - s.Min.X - s.Max.X
		return max(off, -off) <= 3 && arrow.Dx() <= 2*s.Dx()
	}
	var from, to image.Rectangle
	for _, i := range first {
		if box := turn(p.blobs[i].box); near(box) && box.Max.Y <= s.Min.Y && (from.Empty() || box.Min.Y > from.Min.Y) {
			from = box
		}
	}
	for _, i := range last {
		if box := turn(p.blobs[i].box); near(box) && box.Min.Y >= s.Max.Y && (to.Empty() || box.Min.Y < to.Min.Y) {
			to = box
		}
	}
	if from.Empty() || to.Empty() || to.Max.Y-from.Min.Y < barLong*s.Dx() {
		return slider, false
	}
	x := (s.Min.X + s.Max.X) / 2
	for _, part := range [][2]int{{from.Max.Y + 1, s.Min.Y - 2}, {s.Max.Y + 2, to.Min.Y - 1}} {
		for y := part[0]; y < part[1]; y++ {
			a, b := turn(image.Rect(x, y, x+1, y+1)).Min, turn(image.Rect(x, part[0], x+1, part[0]+1)).Min
			if !p.same(a.Y*p.w+a.X, b.Y*p.w+b.X) {
				return slider, false
			}
		}
	}
	aside := s.Dx() / 3
	return turn(image.Rect(s.Min.X-aside, from.Min.Y-aside, s.Max.X+aside, to.Max.Y+aside)), true
}

// scrollBars are those of a window.
func (b *builder) scrollBars(owner uint8) []observer.Region {
	var found []observer.Region
	for _, s := range b.scrolls {
		if s.owner == owner {
			found = append(found, observer.Region{Kind: screen.Scroll, Box: s.box})
		}
	}
	return found
}
