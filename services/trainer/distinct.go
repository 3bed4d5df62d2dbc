package trainer

import (
	"cmp"
	"slices"

	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/services/trainer/internal/blame"
)

// distinct leaves out the steps that say again, or the opposite of, what another says of
// the same prompt. What the person said of a step counts more than stars and what a session
// shows, and the newer word more than the older.
func (s *steps) distinct(c *Counts) {
	all := slices.Concat(s.lessons, s.good, s.bad)
	slices.SortStableFunc(all, func(a, b Example) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(b.Source.Sequence, a.Source.Sequence), cmp.Compare(a.Source.Step, b.Source.Step))
	})
	said := map[string]*opinions{}
	kept := map[*Source]bool{}
	for _, e := range all {
		key := prompt.Render(e.State)
		if said[key] == nil {
			said[key] = &opinions{right: map[string]bool{}, wrong: map[string]bool{}}
		}
		switch o := said[key]; {
		case o.deny(e):
			c.Contradicted++
		case o.say(e):
			c.Equal++
		default:
			o.add(e)
			kept[e.Source] = true
		}
	}
	gone := func(e Example) bool { return !kept[e.Source] }
	s.lessons, s.good, s.bad = slices.DeleteFunc(s.lessons, gone), slices.DeleteFunc(s.good, gone), slices.DeleteFunc(s.bad, gone)
}

// rank is less for what the person said of the step itself.
func rank(e Example) int {
	switch blame.Basis(e.Source.Basis) {
	case blame.ByCorrection, blame.ByMark, blame.ByApproval:
		return 0
	default:
		return 1
	}
}

// opinions are what is known to be right and wrong at one prompt.
type opinions struct {
	right, wrong map[string]bool
	corrected    bool // one of the right ones is a correction
}

// deny reports whether an example says the opposite of what is known. Two corrections of one
// prompt are opposites, too: the person has thought better of it.
func (o *opinions) deny(e Example) bool {
	right, wrong := answers(e)
	return o.wrong[right] || o.right[wrong] || e.Kind == KindLesson && o.corrected && !o.right[right]
}

// say reports whether an example says nothing that is not known.
func (o *opinions) say(e Example) bool {
	right, wrong := answers(e)
	return (right == "" || o.right[right]) && (wrong == "" || o.wrong[wrong])
}

func (o *opinions) add(e Example) {
	right, wrong := answers(e)
	if right != "" {
		o.right[right] = true
	}
	if wrong != "" {
		o.wrong[wrong] = true
	}
	o.corrected = o.corrected || e.Kind == KindLesson
}

// answers are the right and the wrong action of an example, empty where there is none.
func answers(e Example) (right, wrong string) {
	if e.Kind != KindBad {
		right = e.Right.String()
	}
	if e.Wrong != nil {
		wrong = e.Wrong.String()
	}
	return right, wrong
}
