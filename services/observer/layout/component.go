package layout

import (
	"bytes"
	"image"
	"slices"
)

// tolerance is how much neighbouring pixels of one component differ at most,
// in any channel: toolkits' gradients change by 1 or 2 from row to row.
const tolerance = 4

// component is a 4-connected area in which neighbours have nearly the same colour.
type component struct {
	box   image.Rectangle
	area  int
	owner uint8
	// spread is the sum over its rows of the distance between its first and
	// last pixel: its area with all holes filled, nearly.
	spread int
	sum    [3]int
}

// colour is the component's mean colour.
func (c component) colour() [3]uint8 {
	var m [3]uint8
	for i, s := range c.sum {
		m[i] = uint8(s / max(1, c.area))
	}
	return m
}

// rectness is how much of its box the component fills, holes counted as
// filled: 1 for a rectangle, 0.79 for a disc.
func (c component) rectness() float64 {
	return float64(c.spread) / float64(max(1, c.box.Dx()*c.box.Dy()))
}

// label finds the components: the two-pass algorithm with a union-find forest
// (Rosenfeld and Pfaltz, 1966). A row that equals the one above has its labels.
func (p *page) label() {
	p.comp = make([]int32, p.w*p.h)
	var f forest
	for y := range p.h {
		from, to := y*p.w, (y+1)*p.w
		if y > 0 && slices.Equal(p.colour[from:to], p.colour[from-p.w:from]) && bytes.Equal(p.owner[from:to], p.owner[from-p.w:from]) {
			copy(p.comp[from:to], p.comp[from-p.w:from])
			continue
		}
		p.labelRow(&f, from, to)
	}
	p.collect(f.flatten())
}

func (p *page) labelRow(f *forest, from, to int) {
	var joined [2]int32 // the labels that were joined last
	for i := from; i < to; i++ {
		left := i > from && p.same(i, i-1)
		up := from > 0 && p.same(i, i-p.w)
		switch {
		case left && up:
			p.comp[i] = p.comp[i-1]
			if pair := [2]int32{p.comp[i-1], p.comp[i-p.w]}; pair[0] != pair[1] && pair != joined {
				f.union(pair[0], pair[1])
				joined = pair
			}
		case left:
			p.comp[i] = p.comp[i-1]
		case up:
			p.comp[i] = p.comp[i-p.w]
		default:
			p.comp[i] = f.add()
		}
	}
}

// same reports whether pixels i and j are in the same window and of nearly the same colour.
func (p *page) same(i, j int) bool {
	if p.owner[i] != p.owner[j] {
		return false
	}
	c, d := p.colour[i], p.colour[j]
	return c == d || distance(p.rgb(i), p.rgb(j)) <= tolerance
}

// collect renames each pixel's provisional label to its component and measures
// them, one run of pixels after the other.
func (p *page) collect(final []int32, n int) {
	p.comps = make([]component, n)
	type extent struct{ row, first, last int }
	open := make([]extent, n)
	for i := range open {
		open[i].row = -1
	}
	closeRow := func(id int32) {
		if e := open[id]; e.row >= 0 {
			p.comps[id].spread += e.last - e.first + 1
		}
	}
	for y := range p.h {
		row := y * p.w
		for x := 0; x < p.w; {
			id := final[p.comp[row+x]]
			c := &p.comps[id]
			end := x
			for ; end < p.w && final[p.comp[row+end]] == id; end++ {
				p.comp[row+end] = id
				pixel := p.colour[row+end]
				c.sum[0] += int(pixel >> 16)
				c.sum[1] += int(pixel >> 8 & 0xff)
				c.sum[2] += int(pixel & 0xff)
			}
			if c.area == 0 {
				c.box, c.owner = image.Rect(x, y, end, y+1), p.owner[row+x]
			} else {
				c.box.Min.X, c.box.Max.X = min(c.box.Min.X, x), max(c.box.Max.X, end)
				c.box.Max.Y = y + 1
			}
			c.area += end - x
			if open[id].row != y {
				closeRow(id)
				open[id] = extent{y, x, x}
			}
			open[id].last = end - 1
			x = end
		}
	}
	for id := range open {
		closeRow(int32(id))
	}
}

// forest is a union-find over provisional labels.
type forest struct{ parent []int32 }

func (f *forest) add() int32 {
	id := int32(len(f.parent))
	f.parent = append(f.parent, id)
	return id
}

func (f *forest) find(i int32) int32 {
	for f.parent[i] != i {
		f.parent[i] = f.parent[f.parent[i]]
		i = f.parent[i]
	}
	return i
}

func (f *forest) union(a, b int32) {
	a, b = f.find(a), f.find(b)
	if a < b {
		f.parent[b] = a
	} else {
		f.parent[a] = b
	}
}

// flatten returns the final name of each label, and how many names there are.
func (f *forest) flatten() (final []int32, n int) {
	final = make([]int32, len(f.parent))
	for i := range f.parent {
		if root := f.find(int32(i)); root == int32(i) {
			final[i] = int32(n)
			n++
		} else {
			final[i] = final[root]
		}
	}
	return final, n
}
