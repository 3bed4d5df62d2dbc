package trl

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/services/trainer"
)

// line is one line of a file.
type line struct {
	Prompt     turn  `json:"prompt"`
	Completion turn  `json:"completion,omitempty"`
	Chosen     turn  `json:"chosen,omitempty"`
	Rejected   turn  `json:"rejected,omitempty"`
	Label      *bool `json:"label,omitempty"`
	// Origin is the example that it comes from; nil in a file of others.
	Origin *origin `json:"grokputer,omitempty"`
}

// origin is all of an example that the other columns do not say.
type origin struct {
	Number  int             `json:"number"` // in the dataset, from 1
	Kind    string          `json:"kind"`
	State   prompt.State    `json:"state"`
	Source  *trainer.Source `json:"source,omitempty"`
	Varied  bool            `json:"varied,omitempty"`
	HeldOut bool            `json:"held_out,omitempty"`
}

// decode reads a line. A column that is not known is an error: it would be lost.
func decode(body []byte) (l line, f Format, err error) {
	var columns map[string]json.RawMessage
	if err := json.Unmarshal(body, &columns); err != nil {
		return l, "", fmt.Errorf("it is no JSON object: %w", err)
	}
	if !bytes.HasPrefix(body, []byte("{")) {
		return l, "", errors.New("it is no JSON object")
	}
	for _, c := range []struct {
		name string
		into any
	}{
		{"prompt", &l.Prompt},
		{"completion", &l.Completion},
		{"chosen", &l.Chosen},
		{"rejected", &l.Rejected},
		{"label", &l.Label},
		{"grokputer", &l.Origin},
	} {
		value, ok := columns[c.name]
		if !ok {
			continue
		}
		delete(columns, c.name)
		if err := json.Unmarshal(value, c.into); err != nil {
			return l, "", fmt.Errorf("%s: %w", c.name, err)
		}
	}
	if len(columns) > 0 {
		return l, "", fmt.Errorf("the columns %q are none of ours and would be lost: leave them out", slices.Sorted(maps.Keys(columns)))
	}
	f, err = l.format()
	return l, f, err
}

// format says of which format a line is by the columns that it has.
func (l line) format() (Format, error) {
	answers, pair := l.Completion != nil, l.Chosen != nil && l.Rejected != nil
	switch {
	case l.Prompt == nil:
		return "", errors.New("prompt: it is missing")
	case pair && !answers && l.Label == nil:
		return DPO, nil
	case answers && l.Chosen == nil && l.Rejected == nil && l.Label != nil:
		return KTO, nil
	case answers && l.Chosen == nil && l.Rejected == nil:
		return SFT, nil
	default:
		return "", errors.New("beside prompt it needs completion, or completion and label, or chosen and rejected, and no others")
	}
}

// example reads what the line teaches.
func (l line) example(f Format) (e trainer.Example, err error) {
	if e.State, err = l.Prompt.state(); err != nil {
		return e, fmt.Errorf("prompt: %w", err)
	}
	e.Kind = trainer.KindGood
	if o := l.Origin; o != nil {
		if prompt.Render(o.State) != prompt.Render(e.State) {
			return e, errors.New("grokputer: its state is not what the prompt says: change both, or leave the column out")
		}
		e.Kind, e.State, e.Source, e.Varied, e.HeldOut = o.Kind, o.State, o.Source, o.Varied, o.HeldOut
	}
	switch f {
	case DPO:
		if e.Right, err = answer(e.State, "chosen", l.Chosen); err != nil {
			return e, err
		}
		wrong, err := answer(e.State, "rejected", l.Rejected)
		if err == nil && wrong.String() == e.Right.String() {
			err = errors.New("rejected: it is what is chosen")
		}
		e.Kind, e.Wrong = trainer.KindLesson, &wrong
		return e, err
	case KTO:
		said, err := answer(e.State, "completion", l.Completion)
		if *l.Label {
			e.Right = said
		} else {
			e.Kind, e.Wrong = trainer.KindBad, &said
		}
		return e, err
	default:
		e.Right, err = answer(e.State, "completion", l.Completion)
		return e, err
	}
}

// answer reads an answer that can be given at a prompt.
func answer(s prompt.State, column string, t turn) (action.Action, error) {
	a, err := t.action()
	if err == nil {
		err = s.Check(a)
	}
	if err != nil {
		return a, fmt.Errorf("%s: %w", column, err)
	}
	return a, nil
}
