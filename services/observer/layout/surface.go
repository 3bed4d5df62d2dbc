package layout

import (
	"cmp"
	"image"
	"slices"
)

// What a component must be to be a surface rather than a part of a glyph.
const (
	surfaceSide     = 8   // its box's shorter side, at least
	surfaceArea     = 64  // its pixels, at least
	surfaceRectness = 0.7 // a disc is 0.79
	// glyphSide: up to here a component may be a thick letter, which has less
	// of its box filled.
	glyphSide = 80
	glyphFill = 0.7
	// smallSide: up to here it may be the inside of a large letter, which is
	// round and has the colour of what is around it.
	smallSide     = 40
	smallRectness = 0.92
	// A square or a disc of these sides may be a check box or a radio button,
	// with a mark on it.
	markedLeast, markedMost = 8, 30
	markedFill              = 0.55
	discRectness            = 0.88
	// rim is how much a border is larger than what it goes around, at each side.
	rim = 4
)

// large reports whether a component is large and plain enough for a surface.
func (c component) large() bool {
	w, h := c.box.Dx(), c.box.Dy()
	r := c.rectness()
	switch {
	case c.owner == ownerDecoration || min(w, h) < surfaceSide || c.area < surfaceArea || r < surfaceRectness:
		return false
	case min(w, h) >= markedLeast && max(w, h) <= markedMost && max(w, h)-min(w, h) <= 1:
		return (r <= discRectness || r >= smallRectness) && float64(c.area) >= markedFill*float64(w*h)
	case max(w, h) <= glyphSide:
		return r >= smallRectness && float64(c.area) >= glyphFill*float64(w*h)
	default:
		return true
	}
}

// surface is a large area of one colour on which other things lie.
type surface struct {
	box      image.Rectangle
	colour   [3]uint8
	owner    uint8
	rectness float64
	comp     int32
	over     image.Rectangle // what lies over a corner of it, empty for nothing
	parent   int             // the surface around it, -1 for none
	children []int
	lines    []int // of the page's lines, those that lie on it
}

// over is the part of a component's box that another one lies over, which reaches
// beyond it; empty when there is none, or when something else than this part is
// missing of the box.
func (p *page) over(c component) image.Rectangle {
	const (
		side   = 24  // of both, at least
		border = 3   // between them
		most   = 0.6 // of it that is covered
		plain  = 0.6 // of the rest: there is a caption on it
	)
	if c.owner == ownerDecoration || min(c.box.Dx(), c.box.Dy()) < side || max(c.box.Dx(), c.box.Dy()) > buttonWide {
		return image.Rectangle{}
	}
	for _, d := range p.comps {
		if d.owner != c.owner || min(d.box.Dx(), d.box.Dy()) < side || !d.box.Overlaps(c.box) || d.box.In(c.box) || c.box.In(d.box) || !d.large() {
			continue
		}
		over := d.box.Inset(-border).Intersect(c.box)
		corner := (over.Min.X == c.box.Min.X || over.Max.X == c.box.Max.X) && (over.Min.Y == c.box.Min.Y || over.Max.Y == c.box.Max.Y)
		rest := area(c.box) - area(over)
		if corner && float64(area(over)) <= most*float64(area(c.box)) && float64(c.area) >= plain*float64(rest) {
			return over
		}
	}
	return image.Rectangle{}
}

func (p *page) findSurfaces() {
	surfaceOf := make([]int32, len(p.comps))
	for id, c := range p.comps {
		surfaceOf[id] = -1
		over := image.Rectangle{}
		if !c.large() {
			if over = p.over(c); over.Empty() {
				continue
			}
		}
		surfaceOf[id] = int32(len(p.surfaces))
		p.surfaces = append(p.surfaces, surface{
			box: c.box, colour: c.colour(), owner: c.owner, rectness: c.rectness(), comp: int32(id), parent: -1, over: over,
		})
	}
	p.nest()
	p.drop(surfaceOf, p.notSurfaces())
	p.surface = make([]int32, len(p.comp))
	for i, id := range p.comp {
		p.surface[i] = surfaceOf[id]
		if p.isInk(i) {
			p.ink = append(p.ink, int32(i))
		}
	}
}

// nest finds each surface's parent: the smallest that contains its box.
func (p *page) nest() {
	order := make([]int, len(p.surfaces))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(area(p.surfaces[a].box), area(p.surfaces[b].box)) })
	for k, i := range order {
		s := &p.surfaces[i]
		for _, j := range order[k+1:] {
			t := &p.surfaces[j]
			if t.owner == s.owner && s.box.In(t.box) && s.box != t.box {
				s.parent = j
				break
			}
		}
	}
}

// notSurfaces marks the insides of letters, and borders around a surface.
func (p *page) notSurfaces() []bool {
	not := make([]bool, len(p.surfaces))
	for i, s := range p.surfaces {
		if s.parent < 0 {
			continue
		}
		up := p.surfaces[s.parent]
		if small := max(s.box.Dx(), s.box.Dy()) <= smallSide && s.rectness < smallRectness; small {
			// The inside of a letter, or a round letter around its inside, or a thick one.
			x, y := (s.box.Min.X+s.box.Max.X)/2, (s.box.Min.Y+s.box.Max.Y)/2
			square := max(s.box.Dx(), s.box.Dy())-min(s.box.Dx(), s.box.Dy()) <= 1
			not[i] = distance(p.rgb(y*p.w+x), up.colour) <= tolerance || square && !p.round(s)
		}
		if inner := up.box.Inset(rim); !inner.Empty() && inner.In(s.box) {
			not[s.parent] = true
		}
	}
	return not
}

// drop takes surfaces out, and renumbers and nests the rest.
func (p *page) drop(surfaceOf []int32, not []bool) {
	rename := make([]int32, len(p.surfaces))
	var kept []surface
	for i, s := range p.surfaces {
		rename[i] = -1
		if !not[i] {
			rename[i] = int32(len(kept))
			s.parent = -1
			kept = append(kept, s)
		}
	}
	for id, s := range surfaceOf {
		if s >= 0 {
			surfaceOf[id] = rename[s]
		}
	}
	p.surfaces = kept
	p.nest()
	for i, s := range p.surfaces {
		if s.parent >= 0 {
			p.surfaces[s.parent].children = append(p.surfaces[s.parent].children, i)
		}
	}
}

// bordered reports whether something is drawn around the surface: on three of
// its sides at least most pixels just outside it are ink.
func (p *page) bordered(s surface) bool {
	const most = 0.8
	r := s.box.Inset(-1)
	if !r.In(p.bounds()) {
		return false
	}
	// Rounded corners are left out.
	corner := min(4, s.box.Dx()/4, s.box.Dy()/4)
	sides := 0
	count := func(n int, at func(k int) int) {
		ink, all := 0, 0
		for k := corner; k < n-corner; k++ {
			if i := at(k); s.over.Empty() || !image.Pt(i%p.w, i/p.w).In(s.over.Inset(-1)) {
				all++
				if p.surface[i] < 0 {
					ink++
				}
			}
		}
		if all > 0 && float64(ink) >= most*float64(all) {
			sides++
		}
	}
	count(s.box.Dx(), func(k int) int { return r.Min.Y*p.w + s.box.Min.X + k })
	count(s.box.Dx(), func(k int) int { return (r.Max.Y-1)*p.w + s.box.Min.X + k })
	count(s.box.Dy(), func(k int) int { return (s.box.Min.Y+k)*p.w + r.Min.X })
	count(s.box.Dy(), func(k int) int { return (s.box.Min.Y+k)*p.w + r.Max.X - 1 })
	return sides >= 3
}

func area(r image.Rectangle) int { return r.Dx() * r.Dy() }

// distance is the largest difference of two colours in any channel.
func distance(a, b [3]uint8) int {
	d := 0
	for i := range a {
		d = max(d, int(a[i])-int(b[i]), int(b[i])-int(a[i]))
	}
	return d
}
