package layout

import (
	"cmp"
	"image"
	"math"
	"slices"

	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/observer"
)

// What is small and square or round may be a check box, a radio button or the
// box with a sign before a branch of a tree.
const (
	markLeast, markMost = 9, 40 // pixels, each side
	// markTallest is how many letters high an empty box with nothing beside it is at
	// most that is no field.
	markTallest = 2.2
	// unlike is the distance of colours from which two are not shades of one.
	unlike = 60
	// shades is how much the colours of one line around a box differ, whose edges
	// may be softened.
	shades = 80
	// vivid is the difference of a colour's channels from which it is no grey.
	vivid = 60
	// leading is how long ink is at least that may be a box with lines to it.
	leading = 28
)

// mark is a check box, a radio button, or a box with a sign.
type mark struct {
	box     image.Rectangle
	kind    screen.Kind
	checked bool
	sign    string // of an icon
	surface int    // the one around it
}

// findMarks looks at everything small that is as wide as high, the outer ones
// first: what is in a mark is a part of it, and no text.
func (p *page) findMarks() {
	for _, box := range p.squares() {
		if slices.ContainsFunc(p.marks, func(m mark) bool { return box.Overlaps(m.box) }) {
			continue
		}
		if m, ok := p.markIn(box); ok {
			p.marks = append(p.marks, m)
		}
	}
	if len(p.marks) == 0 {
		return
	}
	for i := range p.blobs {
		b := &p.blobs[i]
		within := func(m mark) bool { return b.box.In(m.box.Inset(-1)) }
		leads := func(m mark) bool { return m.box.In(b.box) && b.box.Dx() <= 2*m.box.Dx() } // a tree's lines
		dots := func(m mark) bool { return m.sign != "" && m.leads(b.box) }
		if slices.ContainsFunc(p.marks, within) || slices.ContainsFunc(p.marks, leads) || slices.ContainsFunc(p.marks, dots) {
			b.border = true
		}
	}
}

// leads reports whether a point is on a line to the middle of the mark, no farther
// than the mark is wide.
func (m mark) leads(point image.Rectangle) bool {
	const side = 3
	if point.Dx() > side || point.Dy() > side || !point.In(m.box.Inset(-m.box.Dx())) {
		return false
	}
	x, y := m.box.Min.X+m.box.Max.X-point.Min.X-point.Max.X, m.box.Min.Y+m.box.Max.Y-point.Min.Y-point.Max.Y
	return max(x, -x) <= side || max(y, -y) <= side
}

// markSized reports whether a box is square and neither too small nor too large.
func markSized(box image.Rectangle) bool {
	w, h := box.Dx(), box.Dy()
	return min(w, h) >= markLeast && max(w, h) <= markMost && max(w, h)-min(w, h) <= 1
}

// squares are the boxes that may be those of marks, the largest first: of what has
// one colour, with the lines around it, and of ink without the lines that lead to it.
func (p *page) squares() []image.Rectangle {
	var boxes []image.Rectangle
	add := func(box image.Rectangle) {
		if markSized(box) && p.lonely(box) {
			boxes = append(boxes, box)
		}
	}
	for _, c := range p.comps {
		if c.owner == ownerDecoration || max(c.box.Dx(), c.box.Dy()) > markMost {
			continue
		}
		add(c.box)
		if 4*c.area >= 3*area(c.box) && min(c.box.Dx(), c.box.Dy()) >= markLeast-2 {
			for k := 1; k <= rim; k++ {
				add(c.box.Inset(-k))
			}
		}
	}
	for i, b := range p.blobs {
		add(b.box)
		if min(b.box.Dx(), b.box.Dy()) >= markLeast && max(b.box.Dx(), b.box.Dy()) >= leading && b.box.Dx() <= 2*markMost {
			for _, box := range p.thickOf(i) {
				add(box)
			}
		}
	}
	slices.SortFunc(boxes, func(a, b image.Rectangle) int {
		return cmp.Or(cmp.Compare(area(b), area(a)), cmp.Compare(a.Min.Y, b.Min.Y), cmp.Compare(a.Min.X, b.Min.X))
	})
	return slices.Compact(boxes)
}

// lonely reports whether there is one colour at eight places around a box: beside
// most letters there are others.
func (p *page) lonely(box image.Rectangle) bool {
	const away = 3 // pixels
	w, h := box.Dx()/4, box.Dy()/4
	if !box.Inset(-away).In(p.bounds()) {
		return false
	}
	first := p.rgb((box.Min.Y+h)*p.w + box.Min.X - away)
	for _, y := range []int{box.Min.Y + h, box.Max.Y - 1 - h} {
		if distance(p.rgb(y*p.w+box.Min.X-away), first) > faint || distance(p.rgb(y*p.w+box.Max.X-1+away), first) > faint {
			return false
		}
	}
	for _, x := range []int{box.Min.X + w, box.Max.X - 1 - w} {
		if distance(p.rgb((box.Min.Y-away)*p.w+x), first) > faint || distance(p.rgb((box.Max.Y-1+away)*p.w+x), first) > faint {
			return false
		}
	}
	return true
}

// thickOf are the boxes of what is left of a blob without thin lines that lead to
// it, from the top.
func (p *page) thickOf(i int) []image.Rectangle {
	const thin = 5 // pixels
	s := p.blobShape(i)
	var boxes []image.Rectangle
	for top := 0; top < s.box.Dy(); top++ {
		end := top
		for ; end < s.box.Dy(); end++ {
			if from, to := s.row(end); to-from < thin {
				break
			}
		}
		if end-top >= markLeast {
			from, to := s.thickColumns(top, end)
			boxes = append(boxes, image.Rect(from, top, to, end).Add(s.box.Min))
		}
		top = end
	}
	return boxes
}

// thickColumns is where the columns begin and end of which at least a fourth is on
// between two rows.
func (s shape) thickColumns(top, end int) (from, to int) {
	for x := range s.box.Dx() {
		n := 0
		for y := top; y < end; y++ {
			if s.at(x, y) {
				n++
			}
		}
		if 4*n >= end-top {
			if to == 0 {
				from = x
			}
			to = x + 1
		}
	}
	return from, to
}

// markIn is the mark that fills a box.
func (p *page) markIn(box image.Rectangle) (mark, bool) {
	around, ground, ok := p.ground(box)
	if !ok {
		return mark{}, false
	}
	box = p.shapeOf(box, func(i int) bool { return distance(p.rgb(i), ground) > faint }).box
	if !markSized(box) {
		return mark{}, false
	}
	var m mark
	if p.square(box, ground) {
		m, ok = p.checkIn(box, ground)
	} else {
		m, ok = p.radioIn(box, ground)
	}
	m.surface = around
	letter := m.kind == screen.Radio && p.inWord(box)
	return m, ok && (m.sign != "" || p.apart(box, ground) && !letter)
}

// inWord reports whether something as high stands right beside a box, as a K beside
// an O: a radio button's label is farther away, or of another height.
func (p *page) inWord(box image.Rectangle) bool {
	return slices.ContainsFunc(p.blobs, func(b blob) bool {
		gap := max(b.box.Min.X-box.Max.X, box.Min.X-b.box.Max.X)
		return gap >= 0 && 5*gap <= 2*box.Dx() && max(b.box.Min.Y-box.Min.Y, box.Min.Y-b.box.Min.Y) <= 1 && max(b.box.Max.Y-box.Max.Y, box.Max.Y-b.box.Max.Y) <= 1
	})
}

// ground is the surface that nearly all pixels around a box are on, and its
// colour.
func (p *page) ground(box image.Rectangle) (around int, colour [3]uint8, ok bool) {
	r := box.Inset(-2)
	if !r.In(p.bounds()) {
		return 0, colour, false
	}
	around = int(p.surface[r.Min.Y*p.w+r.Min.X])
	if around < 0 {
		around = int(p.surface[(r.Max.Y-1)*p.w+r.Max.X-1])
	}
	if around < 0 {
		return 0, colour, false
	}
	colour = p.surfaces[around].colour
	on, all := 0, 0
	for i := range p.edge(r) {
		if all++; distance(p.rgb(i), colour) <= faint {
			on++
		}
	}
	return around, colour, 20*on >= 17*all && p.surfaces[around].box != box
}

// apart reports whether there is space at both sides of a box, which letters of a
// word have not.
func (p *page) apart(box image.Rectangle, ground [3]uint8) bool {
	gap := max(3, box.Dx()/5)
	for y := box.Min.Y + box.Dy()/4; y < box.Max.Y-box.Dy()/4; y++ {
		for k := 2; k <= gap; k++ {
			for _, x := range []int{box.Min.X - 1 - k, box.Max.X + k} {
				if x >= 0 && x < p.w && distance(p.rgb(y*p.w+x), ground) > faint {
					return false
				}
			}
		}
	}
	return true
}

// edge yields the pixels of the outermost rows and columns of r.
func (p *page) edge(r image.Rectangle) func(yield func(i int) bool) {
	return func(yield func(i int) bool) {
		for x := r.Min.X; x < r.Max.X; x++ {
			if !yield(r.Min.Y*p.w+x) || !yield((r.Max.Y-1)*p.w+x) {
				return
			}
		}
		for y := r.Min.Y + 1; y < r.Max.Y-1; y++ {
			if !yield(y*p.w+r.Min.X) || !yield(y*p.w+r.Max.X-1) {
				return
			}
		}
	}
}

// radioIn is the radio button in a box: a thin circle, which is off; one with a
// disc in its middle, or a coloured disc with a light one in it, which are on.
func (p *page) radioIn(box image.Rectangle, ground [3]uint8) (mark, bool) {
	const (
		off  = 0.72 // of the radius that is plain, at least
		dot  = 0.25 // of a disc in it, at least
		rays = 16
	)
	radius := float64(box.Dx()+box.Dy()) / 4
	x, y := float64(box.Min.X)+float64(box.Dx())/2, float64(box.Min.Y)+float64(box.Dy())/2
	at := func(angle, r float64) [3]uint8 {
		px, py := int(math.Floor(x+r*math.Cos(angle))), int(math.Floor(y+r*math.Sin(angle)))
		return p.rgb(min(max(py, 0), p.h-1)*p.w + min(max(px, 0), p.w-1))
	}
	middle := at(0, 0)
	var line [3]uint8
	least, most, total := math.MaxFloat64, 0.0, 0.0
	for k := range rays {
		angle := 2 * math.Pi * (float64(k) + 0.5) / rays
		outer := radius + 2
		for outer > 0 && distance(at(angle, outer), ground) <= faint {
			outer -= 0.5
		}
		if math.Abs(outer-radius) > 1+radius/10 {
			return mark{}, false
		}
		inner := 0.0
		for inner < radius && distance(at(angle, inner), middle) <= unlike/2 {
			inner += 0.5
		}
		least, most, total = min(least, inner), max(most, inner), total+inner
		for r := outer; r > radius/2; r -= 0.5 {
			if c := at(angle, r); distance(c, ground) > distance(line, ground) || line == [3]uint8{} {
				line = c
			}
		}
	}
	inner := total / rays / radius
	m := mark{box: box, kind: screen.Radio}
	switch {
	case most-least > 1.5+radius/8 || inner < dot || distance(line, ground) <= faint:
		return mark{}, false
	case inner >= off:
		return m, light(middle) || distance(middle, ground) <= faint
	case distance(middle, ground) > unlike: // a dot, and a space around it
		m.checked = true
		return m, p.spaced(box, inner*radius, middle)
	default:
		m.checked = true
		return m, colourful(line) && light(middle)
	}
}

// spaced reports whether there is something else around a dot in the middle of a
// box than the dot's colour and less than it.
func (p *page) spaced(box image.Rectangle, dot float64, colour [3]uint8) bool {
	y := (box.Min.Y + box.Max.Y) / 2
	farthest := 0
	for x := box.Min.X; x < box.Max.X; x++ {
		if d := math.Abs(float64(x) + 0.5 - float64(box.Min.X+box.Max.X)/2); d > dot {
			farthest = max(farthest, distance(p.rgb(y*p.w+x), colour))
		}
	}
	return farthest > unlike
}

// checkIn is the check box in a box: plain inside, or with a tick, or filled; one
// with a plus or a minus is the icon that opens or closes a branch.
func (p *page) checkIn(box image.Rectangle, ground [3]uint8) (mark, bool) {
	m := mark{box: box, kind: screen.Check}
	var line, inside [3]uint8
	depth := 0
	for ; min(box.Dx(), box.Dy())-2*depth >= 3; depth++ {
		c, ok := p.layer(box.Inset(depth))
		if !ok {
			break
		}
		if depth == 0 {
			line = c
		}
		inside = c
	}
	rest := box.Inset(depth)
	switch {
	case depth == 0:
		return mark{}, false
	case min(rest.Dx(), rest.Dy()) < 3: // plain
		m.checked = colourful(inside)
		return m, light(inside) && (distance(line, ground) > faint || distance(inside, ground) > faint) || m.checked
	}
	drawn := p.shapeOf(rest, func(i int) bool { return distance(p.rgb(i), inside) > unlike })
	if m.sign = drawn.sign(); m.sign != "" {
		m.kind = screen.Icon
		return m, true
	}
	m.checked = true
	return m, drawn.tick()
}

// square reports whether what differs from the ground reaches to the edges of a
// box, and nearly to its corners.
func (p *page) square(box image.Rectangle, ground [3]uint8) bool {
	off := func(x, y int) bool { return distance(p.rgb(y*p.w+x), ground) > faint }
	w, h := box.Dx(), box.Dy()
	in := max(1, w/11)
	for _, c := range []image.Point{
		{box.Min.X + in, box.Min.Y + in}, {box.Max.X - 1 - in, box.Min.Y + in},
		{box.Min.X + in, box.Max.Y - 1 - in}, {box.Max.X - 1 - in, box.Max.Y - 1 - in},
	} {
		near := false
		for k := range in + 1 { // on the way from the corner
			sx, sy := 1, 1
			if c.X > box.Min.X+w/2 {
				sx = -1
			}
			if c.Y > box.Min.Y+h/2 {
				sy = -1
			}
			near = near || off(c.X-sx*k, c.Y-sy*k)
		}
		if !near {
			return false
		}
	}
	for k := w / 5; k < w-w/5; k++ {
		if x := box.Min.X + k; !off(x, box.Min.Y) && !off(x, box.Min.Y+1) || !off(x, box.Max.Y-1) && !off(x, box.Max.Y-2) {
			return false
		}
	}
	for k := h / 5; k < h-h/5; k++ {
		if y := box.Min.Y + k; !off(box.Min.X, y) && !off(box.Min.X+1, y) || !off(box.Max.X-1, y) && !off(box.Max.X-2, y) {
			return false
		}
	}
	return true
}

// layer is the colour of the outermost pixels of r but for its corners, if they
// have one.
func (p *page) layer(r image.Rectangle) ([3]uint8, bool) {
	corner := r.Dx() / 5
	var at []int
	for x := r.Min.X + corner; x < r.Max.X-corner; x++ {
		at = append(at, r.Min.Y*p.w+x, (r.Max.Y-1)*p.w+x)
	}
	for y := r.Min.Y + corner; y < r.Max.Y-corner; y++ {
		at = append(at, y*p.w+r.Min.X, y*p.w+r.Max.X-1)
	}
	var colour [3]uint8
	for channel := range colour {
		values := make([]uint8, len(at))
		for k, i := range at {
			values[k] = p.rgb(i)[channel]
		}
		slices.Sort(values)
		colour[channel] = values[len(values)/2]
	}
	for _, i := range at {
		if distance(p.rgb(i), colour) > shades {
			return colour, false
		}
	}
	return colour, true
}

// tick reports whether a shape is a tick: it ends at the upper right, and its
// lowest point is left of there.
func (s shape) tick() bool {
	w, h := s.box.Dx(), s.box.Dy()
	if w < 4 || h < 4 || 10*w < 9*h {
		return false
	}
	from, to := s.row(h - 1)
	foot := float64(from+to) / 2 / float64(w)
	_, top := s.row(0)
	return foot >= 0.15 && foot <= 0.6 && 4*top >= 3*w && !s.at(w/5, h/5) && !s.at(w-1-w/5, h-1-h/5)
}

// light reports whether a colour is nearly white.
func light(c [3]uint8) bool {
	const least = 208
	return min(c[0], c[1], c[2]) >= least
}

func colourful(c [3]uint8) bool { return max(c[0], c[1], c[2])-min(c[0], c[1], c[2]) >= vivid }

// withMarks marks the surfaces in a mark, a scroll bar or a picture as no elements of their own.
func (b *builder) withMarks() {
	for i, s := range b.surfaces {
		if b.inMark(s.box) || b.inScroll(s.box) || b.inPicture(s.box) {
			b.kind[i] = ""
		}
	}
}

// inMark reports whether a box is a part of a mark.
func (b *builder) inMark(box image.Rectangle) bool {
	return slices.ContainsFunc(b.marks, func(m mark) bool { return box.In(m.box) })
}

// marked are a window's marks, with the text at their right.
func (b *builder) marked(owner uint8) []observer.Region {
	var found []observer.Region
	for _, m := range b.marks {
		if b.surfaces[m.surface].owner != owner {
			continue
		}
		r := observer.Region{Kind: m.kind, Box: m.box, Symbol: m.sign, Checked: m.checked}
		if m.kind != screen.Icon {
			r.Lines = b.label(m.box, m.surface)
		}
		large := float64(m.box.Dy()) > max(checkMost, markTallest*b.letter)
		if m.kind == screen.Check && !m.checked && large && len(r.Lines) == 0 {
			r.Kind = screen.Field
		}
		if m.sign != "" && slices.ContainsFunc(b.surfaces, func(s surface) bool { return s.owner == owner && follows(s.box, m.box.Inset(1)) }) {
			r.Kind = screen.Button // it stands at the end of a number
		}
		found = append(found, r)
	}
	return found
}
