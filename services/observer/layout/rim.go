package layout

import "image"

// What is left of the edge of a control, where it is round or its line is softened,
// or of a shadow or a ring around it, is no text. It lies no farther from the control
// than rimReach, at a corner of it, or goes along most of a side.
const (
	rimReach = 8   // pixels
	rimLong  = 0.6 // of a side
	rimWide  = 24  // pixels, a control's width at least
)

// findRims marks such blobs as borders.
func (p *page) findRims() {
	for i := range p.blobs {
		b := &p.blobs[i]
		if b.border || b.surface < 0 || min(b.box.Dx(), b.box.Dy()) > rimReach+2 {
			continue
		}
		for k, s := range p.surfaces {
			if s.parent < 0 || s.box.Dx() < rimWide || s.box.Dy() < rimWide/2 {
				continue
			}
			near := b.surface == k && !b.box.In(s.box) || p.within(k, b.surface)
			if near && b.box.In(s.box.Inset(-rimReach)) && atRim(b.box, s.box) {
				b.border = true
				break
			}
		}
	}
}

// within reports whether a surface lies on another, or on what lies on it.
func (p *page) within(inner, outer int) bool {
	for i := p.surfaces[inner].parent; i >= 0; i = p.surfaces[i].parent {
		if i == outer {
			return true
		}
	}
	return false
}

// atRim reports whether a box lies at a corner of a control, or along a side of it.
func atRim(box, control image.Rectangle) bool {
	for _, at := range []image.Point{control.Min, {control.Max.X, control.Min.Y}, {control.Min.X, control.Max.Y}, control.Max} {
		if box.In(image.Rectangle{at, at}.Inset(-rimReach)) {
			return true
		}
	}
	along := func(at, to image.Point, n, of int) bool {
		return float64(n) >= rimLong*float64(of) && !box.In(control) && box.In(image.Rectangle{at, to}.Inset(-rimReach))
	}
	return along(control.Min, image.Pt(control.Min.X, control.Max.Y), box.Dy(), control.Dy()) ||
		along(image.Pt(control.Max.X, control.Min.Y), control.Max, box.Dy(), control.Dy()) ||
		along(control.Min, image.Pt(control.Max.X, control.Min.Y), box.Dx(), control.Dx()) ||
		along(image.Pt(control.Min.X, control.Max.Y), control.Max, box.Dx(), control.Dx())
}
