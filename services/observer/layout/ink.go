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
	rows := func(i int) (at, of, across, breadth int) { return i % p.w, p.w, i / p.w, p.h }
	columns := func(i int) (at, of, across, breadth int) { return i / p.w, p.h, i % p.w, p.w }
	p.rules(1, p.w, rows)
	p.rules(p.w, 1, columns)
}

// rules marks straight runs of ink of one colour along one direction that are
// thin enough across it. Along and across are the steps from a pixel to the next
// in both directions, place says where a pixel is in them.
func (p *page) rules(along, across int, place func(i int) (at, of, across, breadth int)) {
	for _, i := range p.ink {
		start := int(i)
		at, of, side, breadth := place(start)
		if at > 0 && p.same(start, start-along) {
			continue // inside a run
		}
		n := 1
		for at+n < of && p.same(start+n*along, start+(n-1)*along) {
			n++
		}
		if n < hairline {
			continue
		}
		r := stroke{start, n, along}
		thick := p.thickness(r, across, side, breadth)
		if (thick == 1 || thick <= ruleThick && n >= ruleLength) && !p.flanked(r, across, side, breadth) {
			for k := range n {
				p.blob[start+k*along] = ruled
			}
		}
	}
}

// stroke is n pixels in a row or a column.
type stroke struct{ start, n, step int }

// thickness is how far ink of a run's colour reaches across it, at most of its
// pixels; more than ruleThick counts as one more. Side is where the run is across
// its direction.
func (p *page) thickness(r stroke, across, side, breadth int) int {
	var count [ruleThick + 2]int
	for k := range r.n {
		i := r.start + k*r.step
		t := 1
		for a := 1; side-a >= 0 && t <= ruleThick && p.same(i-a*across, i-(a-1)*across); a++ {
			t++
		}
		for a := 1; side+a < breadth && t <= ruleThick && p.same(i+a*across, i+(a-1)*across); a++ {
			t++
		}
		count[t]++
	}
	seen := 0
	for t, n := range count {
		if seen += n; 10*seen >= 9*r.n {
			return t
		}
	}
	return ruleThick + 1
}

// flanked reports whether a stroke has ink of another colour beside it, at most
// of its pixels: it is the core of a letter's stem then, whose edges are smoothed.
func (p *page) flanked(r stroke, across, side, breadth int) bool {
	n := 0
	for k := range r.n {
		i := r.start + k*r.step
		before, after := 1, 1
		for side-before >= 0 && p.same(i-before*across, i) {
			before++
		}
		for side+after < breadth && p.same(i+after*across, i) {
			after++
		}
		if side-before >= 0 && p.isInk(i-before*across) {
			n++
		}
		if side+after < breadth && p.isInk(i+after*across) {
			n++
		}
	}
	return n > r.n
}

func (p *page) isInk(i int) bool { return p.surface[i] < 0 && p.owner[i] != ownerDecoration }

// findBlobs gathers what ink is left.
func (p *page) findBlobs() {
	var stack []int
	var beside neighbours
	for _, i := range p.ink {
		start := int(i)
		if p.blob[start] != -1 {
			continue
		}
		id := int32(len(p.blobs))
		b := blob{box: image.Rect(start%p.w, start/p.w, start%p.w+1, start/p.w+1)}
		beside = beside[:0]
		p.blob[start] = id
		stack = append(stack[:0], start)
		for len(stack) > 0 {
			i := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			x, y := i%p.w, i/p.w
			b.box.Min.X, b.box.Max.X = min(b.box.Min.X, x), max(b.box.Max.X, x+1)
			b.box.Min.Y, b.box.Max.Y = min(b.box.Min.Y, y), max(b.box.Max.Y, y+1)
			for dy := max(0, y-1); dy <= min(p.h-1, y+1); dy++ {
				for dx := max(0, x-1); dx <= min(p.w-1, x+1); dx++ {
					j := dy*p.w + dx
					if p.owner[j] != p.owner[i] {
						continue
					}
					if s := p.surface[j]; s >= 0 {
						beside.add(s)
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
}

// neighbours counts the pixels of each surface beside a blob. They are few.
type neighbours []neighbour

type neighbour struct {
	surface int32
	n       int
}

func (n *neighbours) add(surface int32) {
	for i := range *n {
		if (*n)[i].surface == surface {
			(*n)[i].n++
			return
		}
	}
	*n = append(*n, neighbour{surface, 1})
}

// settle finds the surface that a blob lies on among those beside it. A blob
// that goes around surfaces, or lies between two, is a border.
func (p *page) settle(b *blob, beside neighbours) {
	b.surface = -1
	enclosed, most, all := 0, 0, 0
	for _, on := range beside {
		if in := p.surfaces[on.surface].box; in.In(b.box) {
			enclosed += area(in)
			continue
		}
		all += on.n
		if on.n > most {
			b.surface, most = int(on.surface), on.n
		}
	}
	b.border = 2*enclosed >= area(b.box) || 4*most < 3*all
}

// contrasts finds each blob's contrast and colour, once it is known which pixels are its.
func (p *page) contrasts() {
	for _, i := range p.ink {
		id := p.blob[i]
		if id < 0 {
			continue
		}
		if b := &p.blobs[id]; b.surface >= 0 {
			if d := distance(p.rgb(int(i)), p.surfaces[b.surface].colour); d > b.contrast {
				b.contrast, b.colour = d, p.rgb(int(i))
			}
		}
	}
}
