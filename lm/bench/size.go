package bench

import "fmt"

// Size says how much work a workload is. Lengths are in tokens, a prompt's with the
// chat template around it.
type Size struct {
	// Examples is how many a training has: prompt and completion together have Least to
	// Most tokens, the completion alone, the end of the turn included, AnswerLeast to
	// AnswerMost.
	Examples    int `json:"examples"`
	Least       int `json:"least"`
	Most        int `json:"most"`
	AnswerLeast int `json:"answer_least"`
	AnswerMost  int `json:"answer_most"`
	// Batch is how many examples make an optimiser step.
	Batch int `json:"batch"`

	Prefill int `json:"prefill"` // length of the long prompt
	Context int `json:"context"` // length of the prompt that is decoded after
	Decode  int `json:"decode"`  // tokens to decode

	Steps  int `json:"steps"`  // agent steps
	Screen int `json:"screen"` // length of a step's prompt
	Seen   int `json:"seen"`   // of this, seen in the step before

	// Repeats is how often a process repeats a short measurement.
	Repeats int `json:"repeats"`
	// Swaps is how often the adapter is changed.
	Swaps int `json:"swaps"`
}

// FullSize is what the published figures are measured on.
func FullSize() Size {
	return Size{
		Examples: 256, Least: 60, Most: 250, AnswerLeast: 5, AnswerMost: 12, Batch: 16,
		Prefill: 512, Context: 128, Decode: 128, Steps: 8, Screen: 400, Seen: 300, Repeats: 5, Swaps: 40,
	}
}

// QuickSize is the same kind of work in less than a minute; its figures are rough.
func QuickSize() Size {
	s := FullSize()
	s.Examples, s.Steps, s.Repeats, s.Swaps = 32, 3, 2, 10
	return s
}

// Validate returns an ErrInvalid that names the first field with an unusable value.
func (s Size) Validate() error {
	for _, c := range []struct {
		name  string
		value int
		least int
	}{
		{"Examples", s.Examples, 1},
		{"Least", s.Least, 1},
		{"Most", s.Most, s.Least},
		{"AnswerLeast", s.AnswerLeast, 1},
		{"AnswerMost", s.AnswerMost, s.AnswerLeast},
		{"Batch", s.Batch, 1},
		{"Prefill", s.Prefill, 1},
		{"Context", s.Context, 1},
		{"Decode", s.Decode, 1},
		{"Steps", s.Steps, 1},
		{"Seen", s.Seen, 1},
		{"Screen", s.Screen, s.Seen + 1},
		{"Repeats", s.Repeats, 1},
		{"Swaps", s.Swaps, 1},
	} {
		if c.value < c.least {
			return fmt.Errorf("%w: %s is %d, want at least %d", ErrInvalid, c.name, c.value, c.least)
		}
	}
	return nil
}
