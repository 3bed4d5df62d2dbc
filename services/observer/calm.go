package observer

import (
	"bytes"
	"image"
	"slices"
)

const (
	// A blinking text caret is at most this large, in pixels: it does not count
	// as a change.
	caretWide = 3
	caretTall = 48

	// cellSide is the side of the squares, in pixels, for which it is counted how
	// often they change.
	cellSide = 8
	// restless is how often a cell has changed when it is taken for a part of
	// something that moves all the time. Text that is being written passes over
	// each cell twice: the caret first, then the letter.
	restless = 3
	// smallMost is the area, in pixels, of the largest thing that may move all the
	// time on a screen that is still: a spinner of 100x100, a bar of 400x25.
	smallMost = 10_000
	// manyCells is the number of changed cells above which it is not asked which
	// of them belong together.
	manyCells = 4096
)

// calm tells changes of a screen from what goes on in small places all the time.
// The zero value has seen nothing.
type calm struct {
	last *image.RGBA
	cols int
	// often is how often each cell has changed, row by row.
	often []uint8
	// busy are the cells that have changed since the screen has been still.
	busy map[int]struct{}
}

// moved reports whether something has changed since the last picture. The first
// one counts as a change, and one of another size.
func (c *calm) moved(now *image.RGBA) bool {
	last := c.last
	c.last = now
	if last == nil || last.Rect != now.Rect {
		c.cols = (now.Rect.Dx() + cellSide - 1) / cellSide
		c.often = make([]uint8, c.cols*((now.Rect.Dy()+cellSide-1)/cellSide))
		c.busy = make(map[int]struct{})
		return true
	}
	changed := changedCells(last, now, c.cols)
	if len(changed) > manyCells {
		clear(c.busy)
		return true
	}
	moved := false
	for len(changed) > 0 {
		group, box := together(changed, c.cols)
		if box.Dx() <= caretWide && box.Dy() <= caretTall {
			continue
		}
		if box.Dx()*box.Dy() > smallMost || !c.restless(group) {
			moved = true
		}
		for _, cell := range group {
			c.often[cell] = min(c.often[cell], 254) + 1
			c.busy[cell] = struct{}{}
		}
	}
	if moved {
		clear(c.busy)
	}
	return moved
}

// restless reports whether all cells have changed again and again.
func (c *calm) restless(group []int) bool {
	for _, cell := range group {
		if c.often[cell] < restless {
			return false
		}
	}
	return true
}

// moving returns the areas in which something went on while nothing else did,
// with what belongs to them: where it came by before.
func (c *calm) moving() []image.Rectangle {
	cells := make(map[int]image.Rectangle)
	for cell, often := range c.often {
		if often >= restless {
			corner := image.Pt(cell%c.cols*cellSide, cell/c.cols*cellSide)
			cells[cell] = image.Rectangle{Min: corner, Max: corner.Add(image.Pt(cellSide, cellSide))}
		}
	}
	var areas []image.Rectangle
	for len(cells) > 0 {
		group, box := together(cells, c.cols)
		busy := slices.ContainsFunc(group, func(cell int) bool { _, is := c.busy[cell]; return is })
		if busy && box.Dx()*box.Dy() <= smallMost {
			areas = append(areas, box)
		}
	}
	return areas
}

// changedCells returns the cells in which two pictures of one size differ, with
// the box of the difference in each.
func changedCells(a, b *image.RGBA, cols int) map[int]image.Rectangle {
	const pixel = 4 // bytes
	changed := make(map[int]image.Rectangle)
	width := pixel * a.Rect.Dx()
	for y := range a.Rect.Dy() {
		p, q := a.Pix[y*a.Stride:][:width], b.Pix[y*b.Stride:][:width]
		if bytes.Equal(p, q) {
			continue
		}
		for col := range cols {
			from, to := col*cellSide*pixel, min(width, (col+1)*cellSide*pixel)
			if bytes.Equal(p[from:to], q[from:to]) {
				continue
			}
			first, last := difference(p[from:to], q[from:to])
			cell := y/cellSide*cols + col
			changed[cell] = changed[cell].Union(image.Rect((from+first)/pixel, y, (from+last)/pixel+1, y+1))
		}
	}
	return changed
}

// difference is the first and the last index at which p and q differ.
func difference(p, q []byte) (first, last int) {
	for first < len(p) && p[first] == q[first] {
		first++
	}
	last = len(p) - 1
	for last > first && p[last] == q[last] {
		last--
	}
	return first, last
}

// together takes one group of neighbouring cells out of changed, and returns it
// with the box of its difference.
func together(changed map[int]image.Rectangle, cols int) (group []int, box image.Rectangle) {
	for cell := range changed {
		group = append(group, cell)
		break
	}
	box = changed[group[0]]
	delete(changed, group[0])
	for i := 0; i < len(group); i++ {
		col := group[i] % cols
		for _, step := range []int{-cols - 1, -cols, -cols + 1, -1, 1, cols - 1, cols, cols + 1} {
			cell := group[i] + step
			if d := cell%cols - col; cell < 0 || d > 1 || d < -1 {
				continue // beyond an edge
			}
			if r, ok := changed[cell]; ok {
				group, box = append(group, cell), box.Union(r)
				delete(changed, cell)
			}
		}
	}
	return group, box
}
