package layout

import (
	"cmp"
	"image"
	"math"
	"slices"

	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/observer"
)

// wordInPicture is how many glyphs a line has at least that is text in a picture.
const wordInPicture = 3

// window returns the elements of one window, in no order.
func (b *builder) window(owner uint8) []observer.Region {
	var found []observer.Region
	b.letter = b.letterIn(owner)
	found = append(found, b.spinners(owner)...)
	found = append(found, b.marked(owner)...)
	found = append(found, b.images(owner)...)
	surfaceOf := make(map[int]int) // of elements, by their places in found
	for i, s := range b.surfaces {
		if s.owner != owner || b.kind[i] == "" {
			continue
		}
		r := observer.Region{Kind: b.kind[i], Box: s.box.Inset(-1).Intersect(b.bounds())}
		switch r.Kind {
		case screen.Check:
			mark := b.take(s.lines)
			r.Checked = len(mark) > 0
			if r.Lines = b.label(s.box, s.parent); len(r.Lines) == 0 && len(mark) > 0 {
				r.Kind, r.Lines, r.Checked = screen.Button, mark, false // what says nothing beside it is pressed for its symbol
			}
		case screen.Field:
			r.Lines = b.content(i)
		case screen.Icon:
			b.takeAll(s.lines)
		default:
			r.Lines, r.Symbol = b.take(s.lines), b.signs[i]
			if b.cut(s.box, 1, owner) && len(r.Lines) == 0 {
				continue
			}
		}
		surfaceOf[len(found)] = i
		found = append(found, r)
	}
	if int(owner) < len(b.windows) && (b.windows[owner].Focused || len(b.windows) == 1) {
		b.focus(found, surfaceOf)
	}
	bar := b.menuBar(owner)
	for i, l := range b.lines {
		if s := b.surfaces[l.surface]; b.taken[i] || s.owner != owner || max(s.box.Dx(), s.box.Dy()) <= iconMost {
			continue // taken, another window's, or a detail of an icon
		}
		if b.inPicture(l.box) && len(l.blobs) < wordInPicture {
			continue // some lines of a picture, which are no word
		}
		if slices.Contains(bar, i) || b.menuItem(i) {
			found = append(found, b.loose(screen.Menu, l)...)
		} else {
			found = append(found, b.sentence(l)...)
		}
		b.taken[i] = true
	}
	return found
}

// sentence returns the links of a line and the text between them.
func (b *builder) sentence(l line) []observer.Region {
	var found []observer.Region
	l, after := b.iconsAfter(l)
	if len(after.blobs) > 0 {
		found = append(found, b.icons(after)...)
	}
	for _, r := range b.runs(l) {
		if icons := b.icons(r.line); len(icons) > 0 && (!r.link || len(r.blobs) == 1) {
			found = append(found, icons...)
			continue
		}
		kind := screen.Text
		if r.link {
			kind = screen.Link
		}
		found = append(found, b.loose(kind, r.line)...)
	}
	return found
}

// loose returns a line that stands for itself.
func (b *builder) loose(kind screen.Kind, l line) []observer.Region {
	caption := b.withoutIcons(l)
	if len(caption.blobs) == 0 {
		return nil
	}
	cut := b.cutOut(caption)
	found := []observer.Region{{Kind: kind, Box: cut.Box, Lines: []observer.Line{cut}}}
	if kind == screen.Menu {
		return found
	}
	_, icons := b.iconsBefore(b.sorted(l.blobs))
	return append(found, icons...)
}

// letterIn is the usual height of the letters in a window, rows of icons apart.
func (b *builder) letterIn(owner uint8) float64 {
	const word = 3 // letters, at least
	var blobs []int
	for _, l := range b.lines {
		if len(l.blobs) >= word && b.surfaces[l.surface].owner == owner && !b.iconRow(l) {
			blobs = append(blobs, l.blobs...)
		}
	}
	return b.glyphHeight(blobs)
}

// take cuts lines out, row by row, without the icons beside them; each row is
// one line.
func (b *builder) take(lines []int) []observer.Line {
	var out []observer.Line
	for _, row := range b.stack(lines) {
		if row = b.withoutIcons(row); len(row.blobs) > 0 {
			out = append(out, b.cutOut(row))
		}
	}
	b.takeAll(lines)
	return out
}

func (b *builder) takeAll(lines []int) {
	for _, l := range lines {
		b.taken[l] = true
	}
}

// stack joins lines that are in the same row and sorts the rows from the top.
func (b *builder) stack(lines []int) []line {
	sorted := slices.Clone(lines)
	slices.SortFunc(sorted, func(i, j int) int { return cmp.Compare(b.lines[i].box.Min.Y, b.lines[j].box.Min.Y) })
	var rows []line
	for _, i := range sorted {
		l := b.lines[i]
		if n := len(rows); n > 0 && sameRow(rows[n-1].box, l.box) && rows[n-1].surface == l.surface {
			rows[n-1].box = rows[n-1].box.Union(l.box)
			rows[n-1].blobs = slices.Concat(rows[n-1].blobs, l.blobs)
			continue
		}
		rows = append(rows, l)
	}
	return rows
}

func sameRow(a, b image.Rectangle) bool {
	overlap := min(a.Max.Y, b.Max.Y) - max(a.Min.Y, b.Min.Y)
	return float64(overlap) >= rowOverlap*float64(min(a.Dy(), b.Dy()))
}

// content returns a field's lines, with those of selected text in their places
// and the number of empty lines between them.
func (b *builder) content(i int) []observer.Line {
	lines := slices.Clone(b.surfaces[i].lines)
	for _, c := range b.surfaces[i].children {
		lines = append(lines, b.surfaces[c].lines...)
	}
	var out []observer.Line
	for _, row := range b.stack(lines) {
		out = append(out, b.cutOut(row)) // as it stands: nothing in a field is an icon
	}
	b.takeAll(lines)
	slices.SortFunc(out, func(a, c observer.Line) int {
		return cmp.Or(cmp.Compare(a.Box.Min.Y, c.Box.Min.Y), cmp.Compare(a.Box.Min.X, c.Box.Min.X))
	})
	pitch := pitch(out)
	for k := 1; k < len(out); k++ {
		d := float64(out[k].Box.Max.Y - out[k-1].Box.Max.Y)
		out[k].Blank = max(0, int(math.Round(d/pitch))-1)
	}
	return out
}

// pitch is the distance between lines that follow each other, in pixels: the
// median, since lines end with or without a letter that goes below.
func pitch(lines []observer.Line) float64 {
	// Without neighbouring lines to measure it is this much of their height.
	const usual, most = 1.6, 2.3
	high := 1
	var steps []float64
	for k, l := range lines {
		high = max(high, l.Box.Dy())
		if k > 0 {
			steps = append(steps, float64(l.Box.Max.Y-lines[k-1].Box.Max.Y))
		}
	}
	guess := usual * float64(high)
	if len(steps) == 0 {
		return guess
	}
	slices.Sort(steps)
	step := steps[(len(steps)-1)/2]
	if step < float64(high)/2 { // lines that overlap
		return guess
	}
	if step > most*float64(high) { // most lines have empty ones between them
		return step / math.Max(1, math.Round(step/guess))
	}
	return step
}

// label takes the text at the right of a check or radio button.
func (b *builder) label(box image.Rectangle, on int) []observer.Line {
	best := -1
	for i, l := range b.lines {
		if b.taken[i] || l.surface != on || !sameRow(l.box, box) {
			continue
		}
		if gap := l.box.Min.X - box.Max.X; gap < 0 || gap > max(labelReach, 3*box.Dx()/2) {
			continue
		}
		if best < 0 || l.box.Min.X < b.lines[best].box.Min.X {
			best = i
		}
	}
	if best < 0 {
		return nil
	}
	return b.take([]int{best})
}

// menuItem reports whether a line is an item of an open menu: the first of its row.
func (b *builder) menuItem(i int) bool {
	l := b.lines[i]
	owner := b.surfaces[l.surface].owner
	if !b.menuLike(owner) || b.windows[owner].Role == observer.RoleTooltip {
		return false
	}
	for j, m := range b.lines {
		if j != i && b.surfaces[m.surface].owner == owner && sameRow(l.box, m.box) && m.box.Min.X < l.box.Min.X {
			return false
		}
	}
	return true
}

// menuBar returns the lines of a window's menu bar: words in one row at its
// top, with equal gaps.
func (b *builder) menuBar(owner uint8) []int {
	if int(owner) >= len(b.windows) || b.menuLike(owner) {
		return nil
	}
	top := b.windows[owner].Content.Min
	var row []int
	for i, l := range b.lines {
		s := b.surfaces[l.surface]
		if s.owner == owner && !b.taken[i] && l.box.Max.Y <= top.Y+menuBarDepth && b.kind[l.surface] == "" {
			row = append(row, i)
		}
	}
	slices.SortFunc(row, func(i, j int) int { return cmp.Compare(b.lines[i].box.Min.X, b.lines[j].box.Min.X) })
	var bar []int
	gap := 0
	for _, i := range row {
		l := b.lines[i].box
		if len(bar) == 0 {
			if l.Min.X > top.X+menuBarDepth {
				return nil
			}
			bar = append(bar, i)
			continue
		}
		last := b.lines[bar[len(bar)-1]].box
		d := l.Min.X - last.Max.X
		if !sameRow(last, l) || d < 0 || gap > 0 && max(d-gap, gap-d) > menuBarGap {
			break
		}
		gap = d
		bar = append(bar, i)
	}
	if len(bar) < 2 {
		return nil
	}
	return bar
}
