package trl

import "github.com/grokputer/grokputer/services/trainer"

// Format is what the lines of a file have, named after TRL's trainer for it.
type Format string

// The formats.
const (
	SFT Format = "sft" // prompt, completion
	DPO Format = "dpo" // prompt, chosen, rejected
	KTO Format = "kto" // prompt, completion, label
)

// Formats returns every format.
func Formats() []Format { return []Format{SFT, DPO, KTO} }

// takes reports whether a format has a line for an example: a right answer for SFT, a right
// and a wrong one for DPO, and either for KTO.
func (f Format) takes(e trainer.Example) bool {
	right, wrong := e.Kind != trainer.KindBad, e.Wrong != nil
	switch f {
	case SFT:
		return right
	case DPO:
		return right && wrong
	default:
		return right || wrong
	}
}
