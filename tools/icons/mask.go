package main

import (
	"math"
	"slices"
)

// side is how many rows and columns a mask has: a multiple of all sizes that icons
// are drawn in, so that a pixel is the mean of whole cells.
const side = 480

// mask is where an icon has ink, drawn so finely that its means are the edges that a
// browser draws.
type mask [side * side / 64]uint64

func (m *mask) set(x, y int) {
	if x >= 0 && y >= 0 && x < side && y < side {
		i := y*side + x
		m[i/64] |= 1 << (i % 64)
	}
}

func (m *mask) at(x, y int) bool {
	if x < 0 || y < 0 || x >= side || y >= side {
		return false
	}
	i := y*side + x
	return m[i/64]>>(i%64)&1 == 1
}

// mirror turns left and right.
func (m *mask) mirror() *mask {
	out := new(mask)
	for y := range side {
		for x := range side {
			if m.at(x, y) {
				out.set(side-1-x, y)
			}
		}
	}
	return out
}

type point struct{ x, y float64 }

// line is a run of points, in cells of a mask.
type line struct {
	points []point
	closed bool
}

// fill draws what lines enclose.
func (m *mask) fill(lines []line, evenOdd bool) {
	type crossing struct {
		x   float64
		way int
	}
	for y := range side {
		middle := float64(y) + 0.5
		var row []crossing
		for _, l := range lines {
			for i, a := range l.points {
				b := l.points[(i+1)%len(l.points)]
				if (a.y <= middle) == (b.y <= middle) {
					continue
				}
				way := 1
				if a.y > b.y {
					way = -1
				}
				row = append(row, crossing{a.x + (middle-a.y)/(b.y-a.y)*(b.x-a.x), way})
			}
		}
		slices.SortFunc(row, func(a, b crossing) int {
			switch {
			case a.x < b.x:
				return -1
			case a.x > b.x:
				return 1
			default:
				return 0
			}
		})
		winding := 0
		for i, c := range row[:max(0, len(row)-1)] {
			winding += c.way
			if evenOdd && i%2 == 0 || !evenOdd && winding != 0 {
				for x := int(math.Ceil(c.x - 0.5)); float64(x)+0.5 < row[i+1].x; x++ {
					m.set(x, y)
				}
			}
		}
	}
}

// caps of a line.
const (
	butt = iota
	round
	square
)

// stroke draws lines of a width. Corners are round, which at the sizes of icons is all
// but the same as others.
func (m *mask) stroke(lines []line, width float64, ends int) {
	r := width / 2
	for _, l := range lines {
		n := len(l.points)
		last := n - 1
		if l.closed {
			last = n
		}
		if n == 1 && ends == round {
			m.capsule(l.points[0], l.points[0], r, true, true)
		}
		for i := range last {
			a, b := l.points[i], l.points[(i+1)%n]
			first, final := i == 0 && !l.closed, i == last-1 && !l.closed
			length := math.Hypot(b.x-a.x, b.y-a.y)
			if length == 0 {
				if ends == round {
					m.capsule(a, a, r, true, true)
				}
				continue
			}
			if ends == square {
				dx, dy := (b.x-a.x)/length*r, (b.y-a.y)/length*r
				if first {
					a = point{a.x - dx, a.y - dy}
				}
				if final {
					b = point{b.x + dx, b.y + dy}
				}
			}
			m.capsule(a, b, r, !first || ends == round, !final || ends == round)
		}
	}
}

// capsule draws what is not farther than r from a to b, with round ends or cut off.
func (m *mask) capsule(a, b point, r float64, roundA, roundB bool) {
	dx, dy := b.x-a.x, b.y-a.y
	square := dx*dx + dy*dy
	for y := int(min(a.y, b.y) - r); y <= int(max(a.y, b.y)+r)+1; y++ {
		for x := int(min(a.x, b.x) - r); x <= int(max(a.x, b.x)+r)+1; x++ {
			px, py := float64(x)+0.5-a.x, float64(y)+0.5-a.y
			t := 0.0
			if square > 0 {
				t = (px*dx + py*dy) / square
			}
			if t < 0 && !roundA || t > 1 && !roundB {
				continue
			}
			t = max(0, min(1, t))
			if math.Hypot(px-t*dx, py-t*dy) <= r {
				m.set(x, y)
			}
		}
	}
}

// sums are how many cells above and left of each corner are ink, from which a mask is
// drawn at many sizes.
type sums []int32

func (m *mask) sums() sums {
	const n = side + 1
	s := make(sums, n*n)
	for y := range side {
		row := int32(0)
		for x := range side {
			if m.at(x, y) {
				row++
			}
			s[(y+1)*n+x+1] = s[y*n+x+1] + row
		}
	}
	return s
}

func (s sums) to(x, y int) int32 { return s[max(0, min(side, y))*(side+1)+max(0, min(side, x))] }

// coverage draws a mask with n pixels at each side, moved by some cells: how much of
// each pixel is ink, row-major, 0 to 1.
func (s sums) coverage(n, right, down int) []float64 {
	cell := side / n
	out := make([]float64, n*n)
	for i := range out {
		x, y := i%n*cell-right, i/n*cell-down
		out[i] = float64(s.to(x+cell, y+cell)-s.to(x, y+cell)-s.to(x+cell, y)+s.to(x, y)) / float64(cell*cell)
	}
	return out
}
