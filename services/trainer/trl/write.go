package trl

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/grokputer/grokputer/services/trainer"
)

// Write writes the examples that a format has room for, a line each; in KTO a corrected step
// has two. It returns of how many examples that was: the others have no right answer
// (SFT), or not both a right and a wrong one (DPO). Equal examples make equal files.
func Write(w io.Writer, f Format, examples []trainer.Example) (written int, err error) {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for i, e := range examples {
		if !f.takes(e) {
			continue
		}
		for _, l := range linesOf(f, i+1, e) {
			if err := enc.Encode(l); err != nil {
				return written, fmt.Errorf("write the dataset: %w", err)
			}
		}
		written++
	}
	return written, nil
}

// linesOf are the lines of the example of that number.
func linesOf(f Format, number int, e trainer.Example) []line {
	base := line{Prompt: asked(e.State), Origin: &origin{
		Number: number, Kind: e.Kind, State: e.State, Source: e.Source, Varied: e.Varied, HeldOut: e.HeldOut,
	}}
	labelled := func(label bool, t turn) line {
		l := base
		l.Completion, l.Label = t, &label
		return l
	}
	switch f {
	case DPO:
		base.Chosen, base.Rejected = said(e.Right), said(*e.Wrong)
		return []line{base}
	case KTO:
		var lines []line
		if e.Kind != trainer.KindBad {
			lines = append(lines, labelled(true, said(e.Right)))
		}
		if e.Wrong != nil {
			lines = append(lines, labelled(false, said(*e.Wrong)))
		}
		return lines
	default:
		base.Completion = said(e.Right)
		return []line{base}
	}
}
