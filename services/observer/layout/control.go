package layout

import (
	"cmp"
	"image"
	"slices"

	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/observer"
)

// Sizes of controls, in pixels.
const (
	fieldLeast, ringedLeast  = 14, 10 // high; a ring around what has the focus takes some of it
	buttonLeast, buttonMost  = 15, 80
	buttonWide               = 420
	checkMost                = 24
	labelReach               = 14 // from a check to its label, or as far as the check is wide
	padding                  = 5  // from a button's edge to its text, or to the edge of what it is on
	white                    = 252
	menuBarDepth, menuBarGap = 40, 3
)

// regions turns surfaces and lines into elements, window by window.
func (p *page) regions() []observer.Region {
	b := builder{page: p, taken: make([]bool, len(p.lines)), kind: make([]screen.Kind, len(p.surfaces))}
	b.classify()
	b.withArrows()
	b.withMarks()
	b.steppers()
	b.tabs()
	var all []observer.Region
	for _, owner := range p.owners() {
		all = append(all, readingOrder(b.window(owner))...)
		all = append(all, b.scrollBars(owner)...) // not in the way of the rows
	}
	return all
}

// owners is the order of windows: menus, the focused one, the rest from top to
// bottom, the desktop.
func (p *page) owners() []uint8 {
	rank := func(w observer.Window) int {
		switch {
		case w.Role != observer.RoleNormal:
			return 0
		case w.Focused:
			return 1
		default:
			return 2
		}
	}
	owners := make([]uint8, 0, len(p.windows)+1)
	for i := range p.windows {
		owners = append(owners, uint8(i))
	}
	slices.SortStableFunc(owners, func(a, b uint8) int {
		return cmp.Compare(rank(p.windows[a]), rank(p.windows[b]))
	})
	return append(owners, ownerDesktop)
}

// builder decides what each surface is and which lines it takes.
type builder struct {
	*page
	kind  []screen.Kind  // "" for a pane, whose content stands for itself
	taken []bool         // lines that are part of an element already
	signs map[int]string // what stands on a surface that is a stepper
	// letter is the usual height of a letter in the window at hand.
	letter float64
}

func (b *builder) classify() {
	order := make([]int, len(b.surfaces))
	for i := range order {
		order[i] = i
	}
	// Children first: what a surface is depends on what is in it.
	slices.SortFunc(order, func(i, j int) int {
		return cmp.Compare(area(b.surfaces[i].box), area(b.surfaces[j].box))
	})
	for _, i := range order {
		b.kind[i] = b.control(i)
		if b.kind[i] == screen.Field {
			for _, c := range b.surfaces[i].children {
				b.kind[c] = "" // marks text that is part of the field
			}
		}
	}
}

// control is the kind of a surface, "" for a pane.
func (b *builder) control(i int) screen.Kind {
	s := b.surfaces[i]
	up, ok := b.backdrop(i)
	if !ok || b.menuLike(s.owner) {
		return ""
	}
	w, h := s.box.Dx(), s.box.Dy()
	bordered := b.bordered(s)
	if max(w, h) <= checkMost && min(w, h) >= markedLeast && 5*min(w, h) >= 4*max(w, h) && s.rectness >= smallRectness &&
		(bordered || distance(s.colour, up.colour) > faint) && b.glyphs(s) <= 1 {
		return screen.Check
	}
	if slices.ContainsFunc(b.marks, func(m mark) bool { return m.surface == i }) {
		return "" // a list or a part of a form
	}
	for _, c := range s.children {
		if !b.inScroll(b.surfaces[c].box) && !b.selection(c) {
			return ""
		}
	}
	if b.sheetIcon(s) {
		return screen.Icon
	}
	differs := distance(s.colour, up.colour) > 0
	paper := b.light(s) && (!b.light(up) || bordered && !b.centred(s)) || b.paperOnDark(s, up, bordered)
	switch {
	case paper && b.fieldHigh(s) && b.oneFace(s) && !b.sheet(s) && !b.cell(i) && !b.speech(i):
		return screen.Field
	case min(w, h) < buttonLeast || !b.fits(s) || !b.caption(s) || b.speech(i) || b.titles(i):
		return ""
	case bordered && (differs || b.centred(s)):
		return screen.Button
	case differs && b.centred(s) && !b.inColumn(i) && (2*w <= up.box.Dx() || b.padded(s) && s.box.In(up.box.Inset(padding))):
		return screen.Button
	default:
		return ""
	}
}

func (b *builder) fieldHigh(s surface) bool {
	h := s.box.Dy()
	return h >= fieldLeast || h >= ringedLeast && b.ringed(s)
}

// backdrop is the surface that a control would lie on: its parent, or for one
// without the largest beside it in the window.
func (b *builder) backdrop(i int) (surface, bool) {
	if up := b.surfaces[i].parent; up >= 0 {
		return b.surfaces[up], true
	}
	best := -1
	for j, s := range b.surfaces {
		if j != i && s.parent < 0 && s.owner == b.surfaces[i].owner && (best < 0 || area(s.box) > area(b.surfaces[best].box)) {
			best = j
		}
	}
	if best < 0 {
		return surface{}, false
	}
	return b.surfaces[best], true
}

func (b *builder) menuLike(owner uint8) bool {
	return int(owner) < len(b.windows) && b.windows[owner].Role != observer.RoleNormal
}

// paperOnDark reports whether a surface is one to write on in a dark theme: it is
// light, or grey with a border, and what stands on it is not in its middle.
func (b *builder) paperOnDark(s, up surface, bordered bool) bool {
	return dark(up.colour) && (light(s.colour) || !colourful(s.colour) && bordered) &&
		s.box.Dx() > 2*s.box.Dy() && !b.centred(s)
}

// sheetIcon reports whether a surface is the picture of a sheet of paper, as stands
// before the name of a file: higher than wide, as small as an icon, with nothing on it
// but strokes.
func (b *builder) sheetIcon(s surface) bool {
	const (
		high, wide = 44, 32
		flat       = 3
	)
	w, h := s.box.Dx(), s.box.Dy()
	if w >= h || h > 2*w || h > high || w > wide || w < colouredSide {
		return false
	}
	for _, l := range s.lines {
		for _, i := range b.lines[l].blobs {
			if box := b.blobs[i].box; box.Dy() > flat || box.Dx() < box.Dy() {
				return false
			}
		}
	}
	return true
}

// dark reports whether a colour is nearly black.
func dark(c [3]uint8) bool {
	const most = 80
	return max(c[0], c[1], c[2]) <= most
}

func (b *builder) light(s surface) bool {
	return min(s.colour[0], s.colour[1], s.colour[2]) >= white
}

// selection reports whether a surface is the mark behind selected text: within
// a light surface, without a border, as high as a line, and no wider than its text.
func (b *builder) selection(i int) bool {
	s := b.surfaces[i]
	return s.parent >= 0 && b.light(b.surfaces[s.parent]) && !b.light(s) && !b.bordered(s) && len(s.children) == 0 && !b.padded(s)
}

// padded reports whether a surface has space at both sides of its text.
func (b *builder) padded(s surface) bool {
	if len(s.lines) == 0 {
		return false
	}
	ink := b.inkBox(s.lines)
	return ink.Min.X-s.box.Min.X >= padding && s.box.Max.X-ink.Max.X >= padding && s.box.Dy() >= ink.Dy()+padding
}

// glyphs counts the blobs on a surface.
func (b *builder) glyphs(s surface) int {
	n := 0
	for _, l := range s.lines {
		n += len(b.lines[l].blobs)
	}
	return n
}

// fits reports whether a surface is not too large for a button with its text.
func (b *builder) fits(s surface) bool {
	const high, wide = 10, 40 // letters
	letter := 0.0
	for _, l := range s.lines {
		letter = max(letter, b.glyphHeight(b.lines[l].blobs))
	}
	return float64(s.box.Dy()) <= max(buttonMost, high*letter) && float64(s.box.Dx()) <= max(buttonWide, wide*letter)
}

// caption reports whether the text on a surface can be a button's: at most two
// rows, with nothing beside them but a symbol such as the arrow of a drop-down.
func (b *builder) caption(s surface) bool {
	texts := 0
	for _, l := range s.lines {
		if len(b.lines[l].blobs) > 1 {
			texts++
		}
	}
	rows := len(b.stack(s.lines))
	return rows <= 2 && texts <= rows
}

// centred reports whether a surface's text has equal space at both sides.
func (b *builder) centred(s surface) bool {
	if len(s.lines) == 0 {
		return false
	}
	ink := b.inkBox(s.lines)
	left, right := ink.Min.X-s.box.Min.X, s.box.Max.X-ink.Max.X
	return max(left-right, right-left) <= max(4, s.box.Dx()/8)
}

// oneFace reports whether all lines have about the same height, as typed text
// has and a page of headings and pictures has not.
func (b *builder) oneFace(s surface) bool {
	least, most := 0, 0
	for _, l := range s.lines {
		h := b.lines[l].box.Dy()
		if len(b.lines[l].blobs) < 3 {
			continue
		}
		if least == 0 || h < least {
			least = h
		}
		most = max(most, h)
	}
	return most <= 3*max(least, 1)
}

func (b *builder) inkBox(lines []int) image.Rectangle {
	var r image.Rectangle
	for _, l := range lines {
		r = r.Union(b.lines[l].box)
	}
	return r
}
