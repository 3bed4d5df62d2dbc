package experiment

// Interval holds the effect of the challenger with a confidence that stays whenever one
// looks: in stars, -4 to 4, or in the share of successes, -1 to 1. A bound that is not an end of the
// scale is itself excluded.
type Interval struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// gridSteps is the number of steps between no effect and the greatest: of 0.05 stars each.
const gridSteps = 80

// bounds inverts the test: an effect is in the interval unless a gambler who bets against
// it, from above or from below, has got rich. Its memory does not grow with the sessions.
type bounds struct {
	above, below []wealth // against "at most", and "at least", each effect of the grid
	low, high    float64  // levels of the lower and the upper bound
}

func newBounds(low, high float64) *bounds {
	b := &bounds{low: low, high: high}
	// Neither 1 nor -1 can be excluded: they are the ends of the scale.
	for i := 1 - gridSteps; i < gridSteps; i++ {
		b.above = append(b.above, newWealth(float64(i)/gridSteps))
		b.below = append(b.below, newWealth(float64(-i)/gridSteps))
	}
	return b
}

func (b *bounds) bet(in increment) {
	against := in.against()
	for i := range b.above {
		b.above[i].bet(in.d, in.least)
		b.below[i].bet(against.d, against.least)
	}
}

// interval is what is not excluded now, on a scale on which the greatest effect is top.
// The bounds are rounded outwards to the grid.
func (b *bounds) interval(top float64) Interval {
	in := Interval{Low: -top, High: top}
	for i := range b.above { // wealth falls along the grid: the first that is not excluded ends it
		if !b.above[i].exceeds(b.low) {
			break
		}
		in.Low = top * b.above[i].null
	}
	for i := len(b.below) - 1; i >= 0; i-- {
		if !b.below[i].exceeds(b.high) {
			break
		}
		in.High = top * b.above[i].null
	}
	return in
}
