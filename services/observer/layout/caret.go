package layout

// Text carets: one pixel wide, of one colour, higher than any letter.
const (
	caretShort = 13
	caretTall  = 48
)

// findCarets marks the text caret of each surface as a rule: read as text it
// would be a bar or an l. A surface has one caret at most, so where there are
// several thin strokes they are text.
func (p *page) findCarets() {
	type stroke struct{ x, top, bottom int }
	found := make(map[int32][]stroke)
	for _, c := range p.comps {
		x, top, bottom := c.box.Min.X, c.box.Min.Y, c.box.Max.Y
		if c.area < caretShort || c.area > caretTall || c.box.Dx() != 1 || x == 0 || x == p.w-1 || !p.isInk(top*p.w+x) {
			continue
		}
		if s, ok := p.alone(x, top, bottom); ok {
			found[s] = append(found[s], stroke{x, top, bottom})
		}
	}
	for _, strokes := range found {
		if len(strokes) > 1 {
			continue
		}
		for y := strokes[0].top; y < strokes[0].bottom; y++ {
			p.blob[y*p.w+strokes[0].x] = ruled
		}
	}
}

// alone returns the surface that is on both sides of most of a stroke.
func (p *page) alone(x, top, bottom int) (int32, bool) {
	count := make(map[int32]int)
	for y := top; y < bottom; y++ {
		for _, i := range []int{y*p.w + x - 1, y*p.w + x + 1} {
			if s := p.surface[i]; s >= 0 {
				count[s]++
			}
		}
	}
	for s, n := range count {
		if n >= (bottom-top)*3/2 { // three quarters of both sides
			return s, true
		}
	}
	return 0, false
}
