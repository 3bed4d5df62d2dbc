package experiment

// stakes are the parts of his wealth that the gambler puts at risk at each bet; one
// gambler for each. The mixture is within log(6) of the best of them, without knowing which
// that is. None risks everything: one session cannot end him.
var stakes = [...]float64{0.1, 0.2, 0.3, 0.5, 0.7, 0.9}

// wealth is what betting against "the effect is at most null" has made of 1.
type wealth struct {
	null float64 // -1 < null < 1
	by   [len(stakes)]float64
}

func newWealth(null float64) wealth {
	w := wealth{null: null}
	for i := range w.by {
		w.by[i] = 1
	}
	return w
}

// bet multiplies with 1 + c (d - null) / (null - least) for each stake c, where least is the
// smallest that d could have been. Under the hypothesis the expectation of each factor is at
// most 1. Each falls in null, so that what is excluded lies below one bound.
func (w *wealth) bet(d, least float64) {
	gain := (d - w.null) / (w.null - least)
	for i, c := range stakes {
		w.by[i] *= 1 + c*gain
	}
}

// exceeds reports whether the mean wealth is at least 1/alpha: the hypothesis is excluded.
func (w *wealth) exceeds(alpha float64) bool {
	sum := 0.0
	for _, x := range w.by {
		sum += x
	}
	return sum*alpha >= float64(len(w.by))
}
