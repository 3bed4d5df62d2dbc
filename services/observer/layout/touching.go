package layout

import "image"

// findTouching parts what touches the inner edge of a border from it, such as the
// first letter in a field whose ring has grown over its padding.
func (p *page) findTouching() {
	for i := range p.blobs {
		if !p.blobs[i].border {
			continue
		}
		for k, s := range p.surfaces {
			if s.box.Dx() >= rimWide && s.box.Dy() >= fieldLeast && s.box.In(p.blobs[i].box.Inset(-1)) {
				p.part(int32(i), k)
			}
		}
	}
}

// part makes blobs of the pieces of a border that reach into the box of surface k.
// At the corners, where it is round, they touch the upper or the lower edge.
func (p *page) part(border int32, k int) {
	const least = 6 // pixels high
	in := p.surfaces[k].box
	for y := in.Min.Y + 1; y < in.Max.Y-1; y++ {
		for x := in.Min.X; x < in.Max.X; x++ {
			if p.blob[y*p.w+x] != border {
				continue
			}
			id := int32(len(p.blobs))
			box := p.refill(image.Pt(x, y), in, border, id)
			letter := box.Dy() >= least && box.Dy() <= glyphTall && box.Min.Y > in.Min.Y && box.Max.Y < in.Max.Y && box.Dx() < box.Dy()*3/2
			p.blobs = append(p.blobs, blob{box: box, surface: k, border: !letter})
		}
	}
}

// refill gives the pixels of a blob that hang together from a point within a box
// another number, and returns their box.
func (p *page) refill(from image.Point, within image.Rectangle, was, is int32) image.Rectangle {
	box := image.Rectangle{from, from.Add(image.Pt(1, 1))}
	p.blob[from.Y*p.w+from.X] = is
	for stack := []image.Point{from}; len(stack) > 0; {
		at := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		box = box.Union(image.Rectangle{at, at.Add(image.Pt(1, 1))})
		for dy := -1; dy <= 1; dy++ {
			for dx := -1; dx <= 1; dx++ {
				if to := at.Add(image.Pt(dx, dy)); to.In(within) && p.blob[to.Y*p.w+to.X] == was {
					p.blob[to.Y*p.w+to.X] = is
					stack = append(stack, to)
				}
			}
		}
	}
	return box
}
