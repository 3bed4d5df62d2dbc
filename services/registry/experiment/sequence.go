package experiment

// sequence turns the sessions' values, one after another, into increments whose
// expectation is the effect.
type sequence struct {
	n   int
	sum float64
}

// increment is what a session says about the effect, with the limits of what it could
// have said.
type increment struct{ d, least, most float64 }

// next returns the increment of a session and takes its value y, 0 to 1, into the
// baseline of the sessions after it. share is the challenger's when the session was assigned.
func (s *sequence) next(arm Arm, share, y float64) increment {
	// The mean so far, with one made-up session in the middle. It lies in (0, 1).
	b := (0.5 + s.sum) / float64(1+s.n)
	s.n++
	s.sum += y
	in := increment{
		least: -max(b/share, (1-b)/(1-share)),
		most:  max((1-b)/share, b/(1-share)),
	}
	if arm == Challenger {
		in.d = (y - b) / share
	} else {
		in.d = (b - y) / (1 - share)
	}
	return in
}

// against is the increment of the effect with its sign changed.
func (in increment) against() increment {
	return increment{d: -in.d, least: -in.most, most: -in.least}
}
