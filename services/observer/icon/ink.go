package icon

import "image"

const (
	// faint is the difference from the ground, of 255, that the strongest pixel of an
	// icon has at least.
	faint = 40
	// seen is how strong, of the strongest, ink is that belongs to an icon's box.
	seen = 0.15
)

// ink is how much each pixel of a box differs from the ground, row-major: 1 is the
// pixel that differs most. Whether an icon is darker or lighter than what it is on, or
// of another colour, makes no difference.
type ink struct {
	w, h   int
	values []float32
	// The edges of what is drawn, in parts of pixels: one that is half ink is half
	// inside.
	left, top, right, bottom float32
}

// inkIn returns the ink in a box, false when there is none.
func inkIn(picture *image.RGBA, box image.Rectangle) (ink, bool) {
	box = box.Intersect(picture.Rect)
	if box.Empty() {
		return ink{}, false
	}
	ground := groundAround(picture, box)
	n := ink{w: box.Dx(), h: box.Dy(), values: make([]float32, box.Dx()*box.Dy())}
	var most float32
	for y := range n.h {
		row := picture.Pix[picture.PixOffset(box.Min.X, box.Min.Y+y):]
		for x := range n.w {
			v := float32(difference([3]uint8(row[4*x:4*x+3]), ground))
			n.values[y*n.w+x] = v
			most = max(most, v)
		}
	}
	if most < faint {
		return ink{}, false
	}
	columns, rows := make([]float32, n.w), make([]float32, n.h)
	for i := range n.values {
		n.values[i] /= most
		columns[i%n.w] = max(columns[i%n.w], n.values[i])
		rows[i/n.w] = max(rows[i/n.w], n.values[i])
	}
	n.left, n.right = extent(columns)
	n.top, n.bottom = extent(rows)
	return n, true
}

// extent is where the ink of columns begins and ends.
func extent(most []float32) (from, to float32) {
	first, last := 0, len(most)-1
	for most[first] < seen {
		first++
	}
	for most[last] < seen {
		last--
	}
	return float32(first) + 1 - most[first], float32(last) + most[last]
}

// at is the ink at a place between pixels' middles.
func (n ink) at(x, y float32) float32 {
	x, y = x-0.5, y-0.5
	left, top := int(x+1)-1, int(y+1)-1 // floors, since neither is below -1
	fx, fy := x-float32(left), y-float32(top)
	return (1-fy)*((1-fx)*n.pixel(left, top)+fx*n.pixel(left+1, top)) +
		fy*((1-fx)*n.pixel(left, top+1)+fx*n.pixel(left+1, top+1))
}

func (n ink) pixel(x, y int) float32 {
	if x < 0 || y < 0 || x >= n.w || y >= n.h {
		return 0
	}
	return n.values[y*n.w+x]
}

// groundAround is the colour that most pixels right outside of a box have; those
// along its edge where it is all of the picture.
func groundAround(picture *image.RGBA, box image.Rectangle) [3]uint8 {
	const bits = 4 // of each channel, by which colours are alike
	ring := box.Inset(-1).Intersect(picture.Rect)
	var counts [1 << (3 * bits)]uint16
	var best [3]uint8
	most := uint16(0)
	visit := func(x, y int) {
		at := picture.PixOffset(x, y)
		c := [3]uint8(picture.Pix[at : at+3])
		bin := int(c[0]>>bits)<<(2*bits) | int(c[1]>>bits)<<bits | int(c[2]>>bits)
		if counts[bin]++; counts[bin] > most {
			most, best = counts[bin], c
		}
	}
	for x := ring.Min.X; x < ring.Max.X; x++ {
		visit(x, ring.Min.Y)
		visit(x, ring.Max.Y-1)
	}
	for y := ring.Min.Y; y < ring.Max.Y; y++ {
		visit(ring.Min.X, y)
		visit(ring.Max.X-1, y)
	}
	return best
}

// difference of two colours is that of the channel that differs most.
func difference(a, b [3]uint8) int {
	d := 0
	for i := range a {
		d = max(d, int(a[i])-int(b[i]), int(b[i])-int(a[i]))
	}
	return d
}
