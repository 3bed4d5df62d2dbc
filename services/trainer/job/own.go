package job

import (
	"fmt"
	"slices"

	"github.com/grokputer/grokputer/services/trainer"
)

// What a search compares settings by is taken out of what would be trained on, so that the
// held-out steps and the gate's sets are as new to it as to any training.
const (
	// ownPart is the part of it, one of so many.
	ownPart = 10
	// leastOwn and mostOwn are how few of these steps say nothing, and how many of those that
	// are no variants say enough to find a version that forgets.
	leastOwn, mostOwn = 4, 50
)

// own are the steps of a search.
type own struct {
	// read are the steps that its trainings read: to train on, and, held out, its own.
	read []trainer.Example
	// lessons are variants of corrected steps, replayed any others with a right answer.
	lessons, replayed []trainer.Example
}

// ownOf takes a search's steps out of a dataset: of each corrected step some of its variants,
// never the step itself, and each tenth of the other right steps.
func ownOf(read []trainer.Example) own {
	variants, others := map[string]int{}, 0
	for _, e := range read {
		if e.Varied && !e.HeldOut {
			variants[lessonKey(e)]++
		}
	}
	var o own
	seen := map[string]int{}
	for _, e := range read {
		switch {
		case e.HeldOut:
			continue
		case e.Varied:
			key := lessonKey(e)
			seen[key]++
			if n := variants[key]; n > 1 && seen[key] > n-(n+ownPart-1)/ownPart { // the last ones
				o.lessons = append(o.lessons, e)
				continue
			}
		case e.Kind != trainer.KindLesson && e.Kind != trainer.KindBad:
			others++
			if others%ownPart == 0 && len(o.replayed) < mostOwn {
				o.replayed = append(o.replayed, e)
				continue
			}
		}
		o.read = append(o.read, e)
	}
	for _, e := range slices.Concat(o.lessons, o.replayed) {
		e.HeldOut = true
		o.read = append(o.read, e)
	}
	return o
}

// enough reports whether settings can be compared by these steps.
func (o own) enough() bool { return len(o.lessons)+len(o.replayed) >= leastOwn }

// lessonKey is the same for the variants of one step.
func lessonKey(e trainer.Example) string {
	if e.Source == nil {
		return e.Right.String()
	}
	return fmt.Sprint(e.Source.TaskID, " ", e.Source.Step)
}
