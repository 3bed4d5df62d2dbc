package layout

import (
	"image"

	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/observer"
)

// arrows are two triangles, one above the other, that change a number.
type arrows struct {
	up, down int // blobs
}

// findArrows takes pairs of triangles out of the text: one that points up
// straight above one that points down.
func (p *page) findArrows() {
	const apart = 4 // heights of a triangle, at most
	var ups, downs []int
	for i, b := range p.blobs {
		w, h := b.box.Dx(), b.box.Dy()
		if b.surface < 0 || b.contrast < faint || h < 3 || w <= h || w > 3*h || w > glyphTall {
			continue
		}
		switch p.blobShape(i).points() {
		case "▲":
			ups = append(ups, i)
		case "▼":
			downs = append(downs, i)
		}
	}
	for _, u := range ups {
		for _, d := range downs {
			up, down := p.blobs[u].box, p.blobs[d].box
			gap := down.Min.Y - up.Max.Y
			off := up.Min.X + up.Max.X - down.Min.X - down.Max.X
			if gap >= 0 && gap <= apart*up.Dy() && max(off, -off) <= 2 && max(up.Dx()-down.Dx(), down.Dx()-up.Dx()) <= 2 {
				p.blobs[u].border, p.blobs[d].border = true, true
				p.arrows = append(p.arrows, arrows{u, d})
				break
			}
		}
	}
}

// spinners are the buttons of a window's arrows, each the half of what both are
// on, if that is not much wider than they are.
func (b *builder) spinners(owner uint8) []observer.Region {
	const narrow = 4 // times as wide as the arrow, at most
	var found []observer.Region
	for _, a := range b.arrows {
		up, down := b.blobs[a.up], b.blobs[a.down]
		if b.surfaces[up.surface].owner != owner {
			continue
		}
		middle := (up.box.Max.Y + down.box.Min.Y) / 2
		half := func(of blob, symbol string, limit image.Rectangle) {
			around := b.surfaces[of.surface].box
			if around.Dx() > narrow*of.box.Dx() {
				around = of.box.Inset(-of.box.Dy() / 2)
			}
			found = append(found, observer.Region{Kind: screen.Button, Symbol: symbol, Box: around.Intersect(limit)})
		}
		half(up, "▲", image.Rect(0, 0, b.w, middle))
		half(down, "▼", image.Rect(0, middle, b.w, b.h))
	}
	return found
}

// withArrows marks what has only arrows on it as no element of its own.
func (b *builder) withArrows() {
	for _, a := range b.arrows {
		for _, i := range []int{a.up, a.down} {
			if s := b.blobs[i].surface; len(b.surfaces[s].lines) == 0 && b.kind[s] != screen.Field {
				b.kind[s] = ""
			}
		}
	}
}

// stepper is the sign on a small surface beside a field, with which its number
// is changed, "" for none: such a surface is as light as the field.
func (b *builder) stepper(i int) string {
	s := b.surfaces[i]
	if len(s.lines) != 1 || len(b.lines[s.lines[0]].blobs) != 1 || 2*s.box.Dx() > 3*s.box.Dy() {
		return ""
	}
	for j, f := range b.surfaces {
		number := b.kind[j] == screen.Field || b.kind[j] == screen.Button || b.inMark(f.box)
		if j != i && f.owner == s.owner && number && follows(f.box, s.box) {
			return b.blobShape(b.lines[s.lines[0]].blobs[0]).sign()
		}
	}
	return ""
}

// steppers makes buttons of them, from left to right: one may follow another.
func (b *builder) steppers() {
	b.signs = make(map[int]string)
	for i := range b.surfaces {
		if b.kind[i] != screen.Field {
			continue
		}
		if sign := b.stepper(i); sign != "" {
			b.signs[i] = sign
		}
	}
	for i := range b.signs {
		b.kind[i] = screen.Button
	}
}
