package main

// withBadge is the class whose pictures are learnt with a badge, too: whatever it says,
// a bin with one deletes. Of other things it says what is done to them.
const withBadge = "delete"

// badge returns a mask with a disc on its lower right corner that has a cross in it and a
// gap around it.
func (m *mask) badge() *mask {
	right, bottom, high := 0, 0, side
	for y := range side {
		for x := range side {
			if m.at(x, y) {
				right, bottom, high = max(right, x), max(bottom, y), min(high, y)
			}
		}
	}
	r := 0.24 * float64(bottom-high)
	centre := point{float64(right) - 0.7*r, float64(bottom) - r}
	gap, disc, cross, out := new(mask), new(mask), new(mask), new(mask)
	gap.capsule(centre, centre, 1.3*r, true, true)
	disc.capsule(centre, centre, r, true, true)
	arm := 0.4 * r
	for _, way := range []float64{-1, 1} {
		cross.capsule(point{centre.x - arm, centre.y - way*arm}, point{centre.x + arm, centre.y + way*arm}, 0.16*r, true, true)
	}
	for i := range out {
		out[i] = m[i]&^gap[i] | disc[i]&^cross[i]
	}
	return out
}
