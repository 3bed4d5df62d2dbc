package trainer

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/grokputer/grokputer/contracts/prompt"
)

// Dataset is what a training learns from and is measured with.
type Dataset struct {
	Counts

	Examples []Example
	// Sessions and Tasks are the rated ones in it.
	Sessions, Tasks []string
}

// heldOutShare is the part of the well-rated and of the starter's steps that is
// only measured with: what must not be forgotten.
const heldOutShare = 0.1

// assemble puts a dataset together. The sessions stand in the order in which they
// were rated; replay are the starter's steps, all of which are taken when full is
// set. The same arguments give the same dataset.
func assemble(r Recipe, sessions []session, replay []Example, full bool) Dataset {
	rng := rand.New(rand.NewPCG(r.Seed, 0x1e550))
	var d Dataset
	var s steps
	for _, from := range sessions {
		s.add(from, r.MinBlame, &d.Counts)
	}
	s.distinct(&d.Counts)
	s.balance(r.TaskShare, &d.Counts)
	s.lessons, s.good, s.bad = newest(s.lessons, r.MaxLessons), newest(s.good, r.MaxGood), newest(s.bad, r.MaxBad)
	d.name(s.lessons, s.good, s.bad)

	d.teach(variation{rng}, r, s.lessons)
	d.Good = d.split(rng, s.good)
	d.Examples = append(d.Examples, s.bad...)
	d.Bad = len(s.bad)
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

// teach adds the corrected steps and their variants.
func (d *Dataset) teach(v variation, r Recipe, lessons []Example) {
	seen := map[string]bool{}
	variants := r.variants(len(lessons))
	for _, e := range lessons {
		d.train(e, seen)
		for range int(math.Ceil(float64(variants) * e.Source.Weight)) {
			d.train(v.of(e), seen)
		}
	}
	d.Lessons = len(d.Examples)
	d.Varied = d.Lessons - len(lessons)
	for _, e := range lessons {
		d.holdOutNew(v, e, r.HeldOut, seen)
	}
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
