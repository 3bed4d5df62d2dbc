package layout

import (
	"image"
	"math"
)

// round reports whether a surface is a disc: each of its rows is as wide as the
// circle in its box is there.
func (p *page) round(s surface) bool {
	wide, high := float64(s.box.Dx())/2, float64(s.box.Dy())/2
	slack := 1.3 + high/8 // pixels: where its edge is softened, a row more or less
	for y := s.box.Min.Y; y < s.box.Max.Y; y++ {
		first, last := -1, -1
		for x := s.box.Min.X; x < s.box.Max.X; x++ {
			if p.comp[y*p.w+x] == s.comp {
				if first < 0 {
					first = x
				}
				last = x
			}
		}
		dy := (float64(y-s.box.Min.Y)+0.5)/high - 1
		half := wide * math.Sqrt(1-dy*dy)
		left, right := float64(s.box.Min.X)+wide-float64(first), float64(last+1-s.box.Min.X)-wide
		if first < 0 || math.Abs(left-half) > slack || math.Abs(right-half) > slack {
			return false
		}
	}
	return true
}

// ring reports whether a surface is the inside of a circle whose line is thin:
// that of a letter takes more of it.
func (p *page) ring(s, around surface) bool {
	const share = 4 // of the inside, for both sides of the line
	w, h := s.box.Dx(), s.box.Dy()
	if min(w, h) < markedLeast || max(w, h) > markedMost || max(w, h)-min(w, h) > 1 || !p.round(s) {
		return false
	}
	y := (s.box.Min.Y + s.box.Max.Y) / 2
	for _, side := range []struct{ from, step int }{{s.box.Min.X - 1, -1}, {s.box.Max.X, 1}} {
		thick := 0
		for x := side.from; image.Pt(x, y).In(p.bounds()) && distance(p.rgb(y*p.w+x), around.colour) > tolerance; x += side.step {
			if thick++; share*thick > w {
				return false
			}
		}
		if thick == 0 {
			return false
		}
	}
	return true
}
