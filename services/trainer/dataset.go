package trainer

import (
	"math/rand/v2"
	"slices"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/prompt"
)

// Dataset is what a training learns from and is measured with.
type Dataset struct {
	Counts

	Examples []Example
	// Sessions and Tasks are the rated ones in it.
	Sessions, Tasks []string
}

// Counts are how many of the trained examples are of each sort, variants included,
// and how many are only measured with.
type Counts struct {
	Lessons int `json:"lessons"`
	Good    int `json:"good"`
	Replay  int `json:"replay"`
	HeldOut int `json:"held_out"`
}

// heldOutShare is the part of the well-rated and of the starter's steps that is
// only measured with: what must not be forgotten.
const heldOutShare = 0.1

// stepsOf returns the steps of a rated session that teach: those that were
// corrected, and those that were right.
func stepsOf(b contracts.Bundle) (lessons, good []Example) {
	for _, s := range b.Steps {
		e := Example{
			State: s.State, Right: s.Action,
			Source: &Source{SessionID: b.SessionID, TaskID: b.TaskID, Step: s.Step, Rating: b.Rating, Said: s.Action},
		}
		switch {
		case s.State.Task == "": // what the planner was told was not kept
		case s.Corrected != nil:
			e.Kind, e.Right = KindLesson, *s.Corrected
			lessons = append(lessons, e)
		case s.Verdict == contracts.VerdictWrong: // nobody said what was right
		case s.Verdict == contracts.VerdictRight, worked(b, s):
			e.Kind = KindGood
			good = append(good, e)
		}
	}
	return lessons, good
}

// worked reports whether a step of a session that was rated well did something.
func worked(b contracts.Bundle, s contracts.BundleStep) bool {
	return b.Rating >= contracts.GoodRating && b.Outcome == contracts.VerbCompleted &&
		(s.Outcome == contracts.OutcomeChanged || s.Outcome == contracts.OutcomeResult)
}

// assemble puts a dataset together. The bundles stand in the order in which they
// were rated; replay are the starter's steps, all of which are taken when full is
// set. The same arguments give the same dataset.
func assemble(r Recipe, bundles []contracts.Bundle, replay []Example, full bool) Dataset {
	rng := rand.New(rand.NewPCG(r.Seed, 0x1e550))
	var lessons, good []Example
	for _, b := range bundles {
		l, g := stepsOf(b)
		lessons, good = append(lessons, l...), append(good, g...)
	}
	lessons, good = newest(lessons, r.MaxLessons), newest(good, r.MaxGood)
	var d Dataset
	d.name(lessons, good)

	seen := map[string]bool{}
	v := variation{rng}
	variants := r.variants(len(lessons))
	for _, e := range lessons {
		d.train(e, seen)
		for range variants {
			d.train(v.of(e), seen)
		}
	}
	for _, e := range lessons {
		d.holdOutNew(v, e, r.HeldOut, seen)
	}
	d.Lessons = len(d.Examples) - d.HeldOut
	d.Good = d.split(rng, good)
	want := len(replay)
	if !full {
		want = min(len(replay), max(r.MinReplay, int(r.Replay*float64(d.Lessons+d.Good))))
	}
	var drawn []Example
	for _, i := range rng.Perm(len(replay))[:want] {
		drawn = append(drawn, replay[i])
	}
	d.Replay = d.split(rng, drawn)
	return d
}

// minVariants is how many variants each lesson has, however many lessons there are.
const minVariants = 3

// variants is how many variants each of so many lessons gets. Half of what the least
// number of steps trains on are lessons: a few are varied much, since each would come
// again and again otherwise, and many are varied little, since they are various.
func (r Recipe) variants(lessons int) int {
	if lessons == 0 {
		return 0
	}
	return min(r.Variants, max(minVariants, r.MinSteps*r.Batch/2/lessons))
}

func newest(examples []Example, most int) []Example {
	return examples[max(0, len(examples)-most):]
}

// name notes the sessions that the examples come from.
func (d *Dataset) name(examples ...[]Example) {
	for _, e := range slices.Concat(examples...) {
		if !slices.Contains(d.Tasks, e.Source.TaskID) {
			d.Tasks = append(d.Tasks, e.Source.TaskID)
			d.Sessions = append(d.Sessions, e.Source.SessionID)
		}
	}
}

// train adds an example to train on, unless an equal one is there.
func (d *Dataset) train(e Example, seen map[string]bool) {
	key := prompt.Render(e.State)
	if e.Varied && seen[key] {
		return
	}
	seen[key] = true
	d.Examples = append(d.Examples, e)
}

// holdOutNew adds variants of an example that are not trained on.
func (d *Dataset) holdOutNew(v variation, e Example, n int, seen map[string]bool) {
	const tries = 20 // a short task on a small screen has few variants
	for try := 0; n > 0 && try < tries; try++ {
		variant := v.of(e)
		key := prompt.Render(variant.State)
		if seen[key] {
			continue
		}
		seen[key] = true
		d.hold(variant)
		n--
	}
}

func (d *Dataset) hold(e Example) {
	e.HeldOut = true
	d.Examples = append(d.Examples, e)
	d.HeldOut++
}

// split adds examples, a part of them held out, and returns how many are trained on.
func (d *Dataset) split(rng *rand.Rand, examples []Example) (trained int) {
	held := int(heldOutShare * float64(len(examples)))
	for i, at := range rng.Perm(len(examples)) {
		if i < held {
			d.hold(examples[at])
			continue
		}
		d.Examples = append(d.Examples, examples[at])
		trained++
	}
	return trained
}
