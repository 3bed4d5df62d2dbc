package layout

import (
	"image"
	"slices"
)

// shape is which pixels of a box belong to something small.
type shape struct {
	box image.Rectangle
	on  []bool // row-major
}

// shapeOf takes the pixels of r for which is says so, without the empty rows and
// columns around them. Its box is empty when there are none.
func (p *page) shapeOf(r image.Rectangle, is func(i int) bool) shape {
	var box image.Rectangle
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			if is(y*p.w + x) {
				box = box.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	s := shape{box: box, on: make([]bool, box.Dx()*box.Dy())}
	for y := range box.Dy() {
		for x := range box.Dx() {
			s.on[y*box.Dx()+x] = is((box.Min.Y+y)*p.w + box.Min.X + x)
		}
	}
	return s
}

// blobShape is the shape of blob i.
func (p *page) blobShape(i int) shape {
	return p.shapeOf(p.blobs[i].box, func(k int) bool { return p.blob[k] == int32(i) })
}

func (s shape) at(x, y int) bool { return s.on[y*s.box.Dx()+x] }

// turned has the axes exchanged.
func (s shape) turned() shape {
	t := shape{box: turned(s.box), on: make([]bool, len(s.on))}
	for y := range s.box.Dy() {
		for x := range s.box.Dx() {
			t.on[x*t.box.Dx()+y] = s.at(x, y)
		}
	}
	return t
}

// row is where the pixels of row y begin and end, both 0 when there are none.
func (s shape) row(y int) (from, to int) {
	for x := range s.box.Dx() {
		if s.at(x, y) {
			if to == 0 {
				from = x
			}
			to = x + 1
		}
	}
	return from, to
}

// points is the triangle that the shape is, "▲" or "▼", or "": wider than high,
// and narrower from row to row to a point in the middle.
func (s shape) points() string {
	const (
		least, most = 1.4, 2.7 // as wide as high
		tip, half   = 0.45, 0.9
		off         = 1.5 // pixels, from the middle
	)
	w, h := float64(s.box.Dx()), float64(s.box.Dy())
	if h < 3 || w < least*h || w > most*h {
		return ""
	}
	width := make([]float64, s.box.Dy())
	for y := range width {
		from, to := s.row(y)
		width[y] = float64(to - from)
		if middle := float64(from+to)/2 - w/2; middle < -off || middle > off {
			return ""
		}
	}
	pointed := func() bool {
		return narrows(width[len(width)/4:]) && width[len(width)-1] <= tip*w && width[0] > tip*w && width[len(width)/2] <= half*w
	}
	if pointed() {
		return "▼"
	}
	slices.Reverse(width)
	if pointed() {
		return "▲"
	}
	return ""
}

// narrows reports whether no row is wider than the one before, but for a pixel.
func narrows(width []float64) bool {
	for y := 1; y < len(width); y++ {
		if width[y] > width[y-1]+1 {
			return false
		}
	}
	return true
}

// sign is "+" or "-" for a shape that is two crossed strokes or a flat one, else "".
func (s shape) sign() string {
	const flat, least = 3, 3
	w, h := s.box.Dx(), s.box.Dy()
	switch {
	case w >= flat*h && w > least && s.filled(0, w, 0, h):
		return "-"
	case w > least && max(w-h, h-w) <= 2 && s.filled(0, w, h/2, h/2+1) && s.filled(w/2, w/2+1, 0, h) && !s.corners():
		return "+"
	default:
		return ""
	}
}

// filled reports whether a part of the shape has no holes.
func (s shape) filled(fromX, toX, fromY, toY int) bool {
	for y := fromY; y < toY; y++ {
		for x := fromX; x < toX; x++ {
			if !s.at(x, y) {
				return false
			}
		}
	}
	return true
}

// corners reports whether there is something in one of the corners, a fifth of
// the sides from the edges.
func (s shape) corners() bool {
	w, h := s.box.Dx(), s.box.Dy()
	x, y := w/5, h/5
	return s.at(x, y) || s.at(w-1-x, y) || s.at(x, h-1-y) || s.at(w-1-x, h-1-y)
}
