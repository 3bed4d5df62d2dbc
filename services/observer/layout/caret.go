package layout

import "image"

// Text carets: one pixel wide, or two on a screen of twice the scale, of one colour,
// higher than any letter.
const (
	caretWide  = 2
	caretShort = 13
	caretTall  = 48
	// caretSlim is how many times as high as wide a caret of two pixels is at least.
	caretSlim = 10
)

// findCarets marks the text caret of each surface as a rule: read as text it
// would be a bar or an l. A surface has one caret at most, so where there are
// several thin strokes they are text.
func (p *page) findCarets() {
	found := make(map[int32][]image.Rectangle)
	for _, c := range p.comps {
		wide, high := c.box.Dx(), c.box.Dy()
		if wide > caretWide || c.area < wide*high || high < max(caretShort, caretSlim*(wide-1)*wide) || high > caretTall*wide {
			continue
		}
		if c.box.Min.X == 0 || c.box.Max.X == p.w || !p.isInk(c.box.Min.Y*p.w+c.box.Min.X) {
			continue
		}
		if s, ok := p.alone(c.box); ok && p.overhangs(c.box, p.surfaces[s].box) {
			found[s] = append(found[s], c.box)
		}
	}
	for _, strokes := range found {
		if len(strokes) > 1 {
			continue
		}
		for y := strokes[0].Min.Y; y < strokes[0].Max.Y; y++ {
			for x := strokes[0].Min.X; x < strokes[0].Max.X; x++ {
				p.blob[y*p.w+x] = ruled
			}
		}
	}
}

// alone returns the surface that is on both sides of most of a stroke.
func (p *page) alone(stroke image.Rectangle) (int32, bool) {
	count := make(map[int32]int)
	for y := stroke.Min.Y; y < stroke.Max.Y; y++ {
		for _, i := range []int{y*p.w + stroke.Min.X - 1, y*p.w + stroke.Max.X} {
			if s := p.surface[i]; s >= 0 {
				count[s]++
			}
		}
	}
	for s, n := range count {
		if n >= stroke.Dy()*3/2 { // three quarters of both sides
			return s, true
		}
	}
	return 0, false
}

// overhangs reports whether nothing beside a stroke on its surface is in its first
// and last rows: a caret is higher than the letters, and goes below them, but a
// letter's stem stands on their line.
func (p *page) overhangs(stroke, on image.Rectangle) bool {
	const edge = 4 // where a ring may be round
	on = on.Inset(edge)
	near := image.Rect(stroke.Min.X-4*stroke.Dy(), stroke.Min.Y, stroke.Max.X+4*stroke.Dy(), stroke.Max.Y).Intersect(on)
	for x := near.Min.X; x < near.Max.X; x++ {
		if within := x >= stroke.Min.X && x < stroke.Max.X; !within && (p.isInk(near.Min.Y*p.w+x) || p.isInk((near.Max.Y-1)*p.w+x)) {
			return false
		}
	}
	return true
}
