package layout

import "image"

const (
	ruled = -2 // a pixel of a rule or a caret, in page.blob

	// A rule is a straight line of one colour: one pixel thick and at least
	// hairline long, or at most ruleThick thick and at least ruleLength long.
	hairline   = 18
	ruleLength = 28
	ruleThick  = 3

	// faint is the contrast below which a blob is an ornament, not text.
	faint = 24
)

// blob is an 8-connected piece of ink: a glyph, a part of one, or a picture.
type blob struct {
	box image.Rectangle
	// surface is the one that the blob lies on, -1 for none.
	surface int
	// contrast is the largest difference from the surface's colour, and colour
	// that of the pixel that has it: the ink's own, without softened edges.
	contrast int
	colour   [3]uint8
	// border says that the blob is a control's edge or a part of one.
	border bool
}

// findRules marks separators and straight borders, so that they neither join
// glyphs nor are taken for some.
func (p *page) findRules() {
	p.blob = make([]int32, p.w*p.h)
	for i := range p.blob {
		p.blob[i] = -1
	}
	p.rules(p.w, p.h, func(along, across int) int { return across*p.w + along })
	p.rules(p.h, p.w, func(along, across int) int { return along*p.w + across })
}

// rules marks straight runs of ink of one colour along one direction that are
// thin enough across it.
func (p *page) rules(length, breadth int, at func(along, across int) int) {
	for across := range breadth {
		start := 0
		for along := 1; along <= length; along++ {
			if along < length && p.isInk(at(along, across)) && p.same(at(along, across), at(along-1, across)) {
				continue
			}
			n := along - start
			if n >= hairline && p.isInk(at(start, across)) {
				thick := p.thickness(start, along, across, breadth, at)
				if (thick == 1 || thick <= ruleThick && n >= ruleLength) && !p.flanked(start, along, across, breadth, at) {
					for k := start; k < along; k++ {
						p.blob[at(k, across)] = ruled
					}
				}
			}
			start = along
		}
	}
}

// thickness is how far ink of a run's colour reaches across it, at most of its
// pixels; more than ruleThick counts as one more.
func (p *page) thickness(from, to, across, breadth int, at func(along, across int) int) int {
	var count [ruleThick + 2]int
	for k := from; k < to; k++ {
		t := 1
		for _, step := range []int{-1, 1} {
			for a := across + step; a >= 0 && a < breadth && t <= ruleThick && p.same(at(k, a), at(k, a-step)); a += step {
				t++
			}
		}
		count[t]++
	}
	seen := 0
	for t, n := range count {
		if seen += n; 10*seen >= 9*(to-from) {
			return t
		}
	}
	return ruleThick + 1
}

// flanked reports whether a run has ink of another colour beside it, at most of
// its pixels: it is the core of a letter's stem then, whose edges are smoothed.
func (p *page) flanked(from, to, across, breadth int, at func(along, across int) int) bool {
	n := 0
	for k := from; k < to; k++ {
		for _, step := range []int{-1, 1} {
			a := across + step
			for a >= 0 && a < breadth && p.same(at(k, a), at(k, across)) {
				a += step
			}
			if a >= 0 && a < breadth && p.isInk(at(k, a)) {
				n++
			}
		}
	}
	return n > to-from
}

func (p *page) isInk(i int) bool { return p.surface[i] < 0 && p.owner[i] != ownerDecoration }

// findBlobs gathers what ink is left.
func (p *page) findBlobs() {
	var stack []int
	for start := range p.blob {
		if p.blob[start] != -1 || !p.isInk(start) {
			continue
		}
		id := int32(len(p.blobs))
		b := blob{box: image.Rect(start%p.w, start/p.w, start%p.w+1, start/p.w+1)}
		beside := map[int32]int{}
		p.blob[start] = id
		stack = append(stack[:0], start)
		for len(stack) > 0 {
			i := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			x, y := i%p.w, i/p.w
			b.box = b.box.Union(image.Rect(x, y, x+1, y+1))
			for dy := max(0, y-1); dy <= min(p.h-1, y+1); dy++ {
				for dx := max(0, x-1); dx <= min(p.w-1, x+1); dx++ {
					j := dy*p.w + dx
					if p.owner[j] != p.owner[i] {
						continue
					}
					if s := p.surface[j]; s >= 0 {
						beside[s]++
					} else if p.blob[j] == -1 {
						p.blob[j] = id
						stack = append(stack, j)
					}
				}
			}
		}
		p.settle(&b, beside)
		p.blobs = append(p.blobs, b)
	}
	p.contrasts()
}

// settle finds the surface that a blob lies on among those beside it. A blob
// that goes around surfaces, or lies between two, is a border.
func (p *page) settle(b *blob, beside map[int32]int) {
	b.surface = -1
	enclosed, most, all := 0, 0, 0
	for s, n := range beside {
		if in := p.surfaces[s].box; in.In(b.box) {
			enclosed += area(in)
			continue
		}
		all += n
		if n > most {
			b.surface, most = int(s), n
		}
	}
	b.border = 2*enclosed >= area(b.box) || 4*most < 3*all
}

func (p *page) contrasts() {
	for i, id := range p.blob {
		if id < 0 {
			continue
		}
		if b := &p.blobs[id]; b.surface >= 0 {
			if d := distance(p.rgb(i), p.surfaces[b.surface].colour); d > b.contrast {
				b.contrast, b.colour = d, p.rgb(i)
			}
		}
	}
}
