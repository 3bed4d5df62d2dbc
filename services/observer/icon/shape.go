package icon

import (
	"image"
	"math"
)

const (
	// grid is how many cells a shape is drawn into at each side, and inner how many
	// of them its longer side takes.
	grid, inner = 24, 20
	// coarse is how many cells ink and silhouette are compared in at each side.
	coarse = grid / 2
	// patches is at how many places at each side directions are counted, and
	// directions how many of these there are.
	patches, directions = 6, 8

	// ShapeLength is how many numbers Shape returns.
	ShapeLength = 2*coarse*coarse + patches*patches*directions + 2
)

// Shape describes what is drawn in a box: where its ink is, which directions its edges
// have, where it is when its holes are filled, and how wide and high it is. Size,
// place, colour and whether it is darker than the ground make no difference. It has
// ShapeLength numbers, each part of length 1; false when nothing is drawn there.
func Shape(picture *image.RGBA, box image.Rectangle) ([]float32, bool) {
	n, ok := inkIn(picture, box)
	if !ok {
		return nil, false
	}
	w, h := n.right-n.left, n.bottom-n.top
	long := max(w, h)
	if long <= 0 {
		return nil, false
	}
	cells := n.cells(long / inner)
	out := make([]float32, 0, ShapeLength)
	out = append(out, unit(coarsen(cells))...)
	out = append(out, unit(edges(cells))...)
	out = append(out, unit(coarsen(filled(cells)))...)
	return append(out, w/long-0.9, h/long-0.9), true
}

// cells is the ink in a grid with its middle in the middle, scale pixels for each cell.
func (n ink) cells(scale float32) *[grid * grid]float32 {
	samples := max(1, min(4, int(math.Ceil(float64(scale)))))
	middleX, middleY := (n.left+n.right)/2, (n.top+n.bottom)/2
	var out [grid * grid]float32
	for i := range out {
		for k := range samples * samples {
			x := float32(i%grid) + (float32(k%samples)+0.5)/float32(samples)
			y := float32(i/grid) + (float32(k/samples)+0.5)/float32(samples)
			x, y = middleX+(x-grid/2)*scale, middleY+(y-grid/2)*scale
			if x > -0.5 && y > -0.5 {
				out[i] += n.at(x, y)
			}
		}
		out[i] /= float32(samples * samples)
	}
	return &out
}

// coarsen takes cells together, softly, so that what is moved a little stays alike.
func coarsen(cells *[grid * grid]float32) []float32 {
	weights := [4]float32{1, 3, 3, 1}
	out := make([]float32, coarse*coarse)
	for i := range out {
		x, y := 2*(i%coarse)-1, 2*(i/coarse)-1
		for dy, wy := range weights {
			for dx, wx := range weights {
				if px, py := x+dx, y+dy; px >= 0 && py >= 0 && px < grid && py < grid {
					out[i] += wx * wy * cells[py*grid+px] / 64
				}
			}
		}
	}
	return out
}

// edges counts the directions of edges around patches, as histograms of oriented
// gradients do (Dalal and Triggs 2005): an edge counts for the four patches that are
// nearest to it and the two directions next to its own, the same for both sides of a
// stroke.
func edges(cells *[grid * grid]float32) []float32 {
	out := make([]float32, patches*patches*directions)
	const size = grid / patches
	for y := 1; y < grid-1; y++ {
		for x := 1; x < grid-1; x++ {
			dx := cells[y*grid+x+1] - cells[y*grid+x-1]
			dy := cells[(y+1)*grid+x] - cells[(y-1)*grid+x]
			strength := float32(math.Hypot(float64(dx), float64(dy)))
			if strength < 0.02 {
				continue
			}
			angle := math.Atan2(float64(dy), float64(dx)) / math.Pi // -1 to 1
			turn := float32(angle+1) * directions                   // twice around
			d := int(turn)
			part := turn - float32(d)
			px, py := (float32(x)+0.5)/size-0.5, (float32(y)+0.5)/size-0.5
			x0, y0 := int(px+1)-1, int(py+1)-1
			fx, fy := px-float32(x0), py-float32(y0)
			for k := range 4 {
				cx, cy := x0+k%2, y0+k/2
				if cx < 0 || cy < 0 || cx >= patches || cy >= patches {
					continue
				}
				w := strength * near(fx, k%2) * near(fy, k/2)
				at := (cy*patches + cx) * directions
				out[at+d%directions] += w * (1 - part)
				out[at+(d+1)%directions] += w * part
			}
		}
	}
	for i, v := range out {
		out[i] = float32(math.Sqrt(float64(v))) // a long edge is not all
	}
	return out
}

func near(part float32, far int) float32 {
	if far == 0 {
		return 1 - part
	}
	return part
}

// filled is a shape with its holes filled: all that cannot be reached from the corner
// without crossing ink.
func filled(cells *[grid * grid]float32) *[grid * grid]float32 {
	const wall = 0.35
	var outside [grid * grid]bool
	stack := make([]int, 1, grid*grid) // its corner is never ink
	outside[0] = true
	for len(stack) > 0 {
		i := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		x, y := i%grid, i/grid
		for _, to := range [4][2]int{{x - 1, y}, {x + 1, y}, {x, y - 1}, {x, y + 1}} {
			if to[0] < 0 || to[1] < 0 || to[0] >= grid || to[1] >= grid {
				continue
			}
			if k := to[1]*grid + to[0]; !outside[k] && cells[k] < wall {
				outside[k] = true
				stack = append(stack, k)
			}
		}
	}
	out := *cells
	for i := range out {
		if !outside[i] {
			out[i] = 1
		}
	}
	return &out
}

// unit scales numbers to length 1.
func unit(v []float32) []float32 {
	var square float32
	for _, x := range v {
		square += x * x
	}
	if square > 0 {
		k := 1 / float32(math.Sqrt(float64(square)))
		for i := range v {
			v[i] *= k
		}
	}
	return v
}
