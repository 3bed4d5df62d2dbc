package layout

import "math"

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
