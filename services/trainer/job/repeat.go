package job

import "github.com/grokputer/grokputer/services/trainer"

// mostRepeats is how often a right step is trained on in one pass at most: one that comes again and
// again is learned by heart, and then no longer steers the rest.
const mostRepeats = 4

// repeats is how often the right steps of well-rated sessions are trained on in one pass.
type repeats struct {
	each  int // all of them
	extra int // so many of them, the first ones, once more
}

// repeatsOf has right steps be a part of what is trained on of rated sessions, where a corrected step
// has its many variants beside it and a right one stands alone. None is left out for that.
func repeatsOf(share float64, learned []trainer.Example) repeats {
	lessons, good := 0, 0
	for _, e := range learned {
		switch {
		case e.HeldOut:
		case e.Kind == trainer.KindLesson:
			lessons++
		case e.Kind == trainer.KindGood:
			good++
		}
	}
	if good == 0 {
		return repeats{each: 1}
	}
	wanted := int(share / (1 - share) * float64(lessons))
	wanted = min(max(wanted, good), mostRepeats*good)
	return repeats{wanted / good, wanted % good}
}

// of is how often the next example is trained on.
func (p *repeats) of(e trainer.Example) int {
	if e.Kind != trainer.KindGood || e.HeldOut {
		return 1
	}
	if p.extra > 0 {
		p.extra--
		return p.each + 1
	}
	return p.each
}
