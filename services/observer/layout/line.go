package layout

import (
	"cmp"
	"image"
	"slices"
)

const (
	// Blobs larger than this are pictures.
	glyphTall = 80
	glyphWide = 200

	// inkLeast is the area of the smallest line, a point.
	inkLeast = 3

	// wordGap is the widest space within a line, in heights of its glyphs: a
	// space of a typewriter face is 0.9 to 1.3 with the bearings beside it, the
	// gap between two words of a menu bar 1.6.
	wordGap = 1.35
	// wordSpace is the widest space between words of a proportional face.
	wordSpace = 1.0
	// rowOverlap is how much of the lower of two glyphs must be beside the other.
	rowOverlap = 0.5
	// bridgeTall is the height, in glyph heights, from which a glyph may be a
	// picture that reaches over two lines.
	bridgeTall = 1.7
	// markTall is the height, in glyph heights, up to which a blob may be a
	// mark: a point, a dash, an accent, which belongs to the line it is nearest to.
	markTall = 0.45
	// markReach is how far above or below a line its marks are, in glyph heights.
	markReach = 0.4
)

// line is a row of glyphs on one surface.
type line struct {
	surface int
	box     image.Rectangle
	blobs   []int
}

// findLines gathers the blobs of each surface to lines.
func (p *page) findLines() {
	on := make([][]int, len(p.surfaces))
	for i, b := range p.blobs {
		if b.surface < 0 || b.border || b.contrast < faint || b.box.Dy() > glyphTall || b.box.Dx() > glyphWide {
			continue
		}
		on[b.surface] = append(on[b.surface], i)
	}
	for s, blobs := range on {
		for _, group := range p.group(p.withoutDots(blobs)) {
			l := line{surface: s, blobs: group}
			for _, b := range group {
				l.box = l.box.Union(p.blobs[b].box)
			}
			if area(l.box) < inkLeast || p.grip(l.box, p.surfaces[s]) || p.cut(l.box, l.box.Dy()/2, p.surfaces[s].owner) {
				continue
			}
			p.surfaces[s].lines = append(p.surfaces[s].lines, len(p.lines))
			p.lines = append(p.lines, l)
		}
	}
}

// grip reports whether what is drawn in the lower right corner of a surface is the
// handle with which it is made larger: as wide as high, and nearly at both edges.
func (p *page) grip(box image.Rectangle, s surface) bool {
	const least, most = 5, 30 // pixels
	w, h := box.Dx(), box.Dy()
	edge := max(3, w/3)
	return max(w-h, h-w) <= 2 && w >= least && w <= most && 3*w <= s.box.Dx() && 3*h < 2*s.box.Dy() &&
		s.box.Max.X-box.Max.X <= edge && s.box.Max.Y-box.Max.Y <= edge
}

// withoutDots leaves out dotted lines: points at one distance in a row or a
// column. Letters have two of them one below the other, an ellipsis three in a row,
// which are farther from each other than they are wide.
func (p *page) withoutDots(blobs []int) []int {
	const (
		side = 3 // of a point, at most
		gap  = 6 // between two one below the other, at most
		fine = 1 // between two of a fine line, at most
		most = 3 // that may be text
	)
	columns, rows := make(map[int][]int), make(map[int][]int)
	for _, i := range blobs {
		if box := p.blobs[i].box; box.Dx() <= side && box.Dy() <= side {
			columns[box.Min.X] = append(columns[box.Min.X], i)
			rows[box.Min.Y] = append(rows[box.Min.Y], i)
		}
	}
	dotted := make(map[int]bool)
	mark := func(lines map[int][]int, extent func(i int) (from, to int), gap, most int) {
		for _, points := range lines {
			p.dotted(points, extent, gap, most, dotted)
		}
	}
	down := func(i int) (from, to int) { return p.blobs[i].box.Min.Y, p.blobs[i].box.Max.Y }
	along := func(i int) (from, to int) { return p.blobs[i].box.Min.X, p.blobs[i].box.Max.X }
	mark(columns, down, gap, most)
	mark(columns, down, fine, most-1)
	mark(rows, along, fine, most)
	return slices.DeleteFunc(blobs, func(i int) bool { return dotted[i] })
}

// dotted adds the points of one row or column of which more than most follow each
// other with no more than a gap in between.
func (p *page) dotted(points []int, extent func(i int) (from, to int), gap, most int, found map[int]bool) {
	slices.SortFunc(points, func(a, b int) int {
		fromA, _ := extent(a)
		fromB, _ := extent(b)
		return cmp.Compare(fromA, fromB)
	})
	for first := 0; first < len(points); {
		last := first + 1
		for ; last < len(points); last++ {
			from, _ := extent(points[last])
			if _, to := extent(points[last-1]); from-to > gap {
				break
			}
		}
		if last-first > most {
			for _, i := range points[first:last] {
				found[i] = true
			}
		}
		first = last
	}
}

// group joins blobs that are beside each other; each group is sorted from left to right.
func (p *page) group(blobs []int) [][]int {
	slices.SortFunc(blobs, func(a, b int) int { return cmp.Compare(p.blobs[a].box.Min.X, p.blobs[b].box.Min.X) })
	tall := p.glyphHeight(blobs)
	var f forest
	var glyphs, marks []int // indexes into blobs
	widest := 0
	for k, b := range blobs {
		f.add()
		box := p.blobs[b].box
		widest = max(widest, box.Dx())
		if float64(box.Dy()) <= markTall*tall {
			marks = append(marks, k)
		} else {
			glyphs = append(glyphs, k)
		}
	}
	bridges := make(map[int][]int) // the glyphs beside each that is tall
	for n, k := range glyphs {
		a := p.blobs[blobs[k]].box
		for _, m := range glyphs[n+1:] {
			b := p.blobs[blobs[m]].box
			if gap := b.Min.X - a.Max.X; gap > int(wordGap*max(tall, float64(a.Dy())))+widest {
				break
			}
			if !beside(a, b, tall) {
				continue
			}
			switch high := bridgeTall * tall; {
			case float64(a.Dy()) > high && float64(b.Dy()) <= high:
				bridges[k] = append(bridges[k], m)
			case float64(b.Dy()) > high && float64(a.Dy()) <= high:
				bridges[m] = append(bridges[m], k)
			default:
				f.union(int32(k), int32(m))
			}
		}
	}
	for k, beside := range bridges {
		if p.oneRow(blobs, beside) {
			for _, m := range beside {
				f.union(int32(k), int32(m))
			}
		}
	}
	p.attach(&f, blobs, glyphs, marks, tall, widest)
	p.overMarks(&f, blobs, glyphs, marks, tall)
	final, n := f.flatten()
	groups := make([][]int, n)
	for k, b := range blobs {
		groups[final[k]] = append(groups[final[k]], b)
	}
	return groups
}

// oneRow reports whether glyphs, indexes into blobs, are all in one row.
func (p *page) oneRow(blobs, glyphs []int) bool {
	for n, k := range glyphs {
		for _, m := range glyphs[n+1:] {
			if !sameRow(p.blobs[blobs[k]].box, p.blobs[blobs[m]].box) {
				return false
			}
		}
	}
	return true
}

// glyphHeight is the typical height of a letter among blobs, in pixels.
func (p *page) glyphHeight(blobs []int) float64 {
	var heights []int
	for _, b := range blobs {
		if h := p.blobs[b].box.Dy(); h >= 5 {
			heights = append(heights, h)
		}
	}
	if len(heights) == 0 {
		return 10
	}
	slices.Sort(heights)
	return float64(heights[len(heights)*3/4])
}

// beside reports whether two glyphs are neighbours in one line.
func beside(a, b image.Rectangle, tall float64) bool {
	gap := max(a.Min.X, b.Min.X) - min(a.Max.X, b.Max.X)
	if float64(gap) > wordGap*max(tall, float64(min(a.Dy(), b.Dy()))) {
		return false
	}
	return sameRow(a, b)
}

// attach joins marks to the lines of glyphs that they belong to, and what is
// left among themselves. Blobs are sorted from left to right.
func (p *page) attach(f *forest, blobs, glyphs, marks []int, tall float64, widest int) {
	box := func(k int) image.Rectangle { return p.blobs[blobs[k]].box }
	member := make([]bool, len(blobs))
	for _, k := range glyphs {
		member[k] = true
	}
	// near calls do with the blobs that can be in reach of m along the line.
	near := func(m int, do func(k int)) {
		far := int(wordGap*tall) + 1
		for k := m + 1; k < len(blobs) && box(k).Min.X <= box(m).Max.X+far; k++ {
			do(k)
		}
		for k := m - 1; k >= 0 && box(k).Min.X >= box(m).Min.X-far-widest; k-- {
			do(k)
		}
	}
	// A mark may be reached over other marks only ("..."): go on until
	// nothing changes.
	for changed := true; changed; {
		changed = false
		for _, m := range marks {
			if member[m] {
				continue
			}
			best, nearest := -1, 0.0
			near(m, func(k int) {
				if !member[k] || underscoreOver(box(m), box(k)) {
					return
				}
				if d, ok := reach(box(m), box(k), tall); ok && (best < 0 || d < nearest) {
					best, nearest = k, d
				}
			})
			if best >= 0 {
				f.union(int32(best), int32(m))
				member[m] = true
				changed = true
			}
		}
	}
	for _, m := range marks {
		if member[m] {
			continue
		}
		near(m, func(k int) {
			if _, ok := reach(box(m), box(k), tall); ok && !member[k] {
				f.union(int32(k), int32(m))
			}
		})
	}
}

// overMarks joins a line that ends with marks to the glyph that follows them
// after a space: the last letter is too far from it.
func (p *page) overMarks(f *forest, blobs, glyphs, marks []int, tall float64) {
	for _, m := range marks {
		mark := p.blobs[blobs[m]].box
		for _, k := range glyphs {
			glyph := p.blobs[blobs[k]].box
			gap := glyph.Min.X - mark.Max.X
			inRow := mark.Min.Y < glyph.Max.Y && 2*mark.Max.Y > glyph.Min.Y+glyph.Max.Y // on the same foot
			if gap >= 0 && float64(gap) <= wordSpace*tall && inRow {
				f.union(int32(m), int32(k))
			}
		}
	}
}

// underscoreOver reports whether a flat mark is above a glyph: it is an
// underscore then, of the line above.
func underscoreOver(mark, glyph image.Rectangle) bool {
	return mark.Dx() >= 3*mark.Dy() && mark.Max.Y <= glyph.Min.Y
}

// reach is the distance of a mark from a member of a line, if it can belong to it.
func reach(mark, member image.Rectangle, tall float64) (float64, bool) {
	gapX := max(0, max(mark.Min.X, member.Min.X)-min(mark.Max.X, member.Max.X))
	gapY := max(0, max(mark.Min.Y, member.Min.Y)-min(mark.Max.Y, member.Max.Y))
	if float64(gapX) > wordGap*tall || float64(gapY) > markReach*tall {
		return 0, false
	}
	// Being in the row counts more than being close along it.
	return float64(gapX) + 4*float64(gapY), true
}
