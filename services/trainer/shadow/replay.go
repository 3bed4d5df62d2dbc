package shadow

import (
	"context"
	"errors"
	"fmt"
)

// Version is one that is measured.
type Version struct {
	Name    string
	Planner Planner
	// Answers are what it said before; nil when it is asked everything anew and nothing is kept.
	Answers *Answers
	// Sessions are those that it, or one that it began from, was trained on.
	Sessions map[string]bool
}

// Options are the settings of a replay.
type Options struct {
	Candidate Version
	// Against is what the candidate is compared with; nil for what was done then (Recorded).
	Against *Version
	// Progress is told after each step how many are done; it may be nil.
	Progress func(done, of int)
}

// Replay asks for what each of the steps was: the candidate, and the one that it is compared
// with. When ctx ends it returns what was measured until then, with ctx's error.
func Replay(ctx context.Context, steps []Step, o Options) (Report, error) {
	against := Recorded
	if o.Against != nil {
		against = o.Against.Name
	}
	t := newTally(o.Candidate.Name, against, len(steps))
	for i, s := range steps {
		if err := t.measure(ctx, s, o); err != nil {
			if ctx.Err() != nil {
				err = context.Cause(ctx)
			}
			return t.done(), err
		}
		if o.Progress != nil {
			o.Progress(i+1, len(steps))
		}
	}
	return t.done(), nil
}

// measure asks at one step.
func (t *tally) measure(ctx context.Context, s Step, o Options) error {
	is, fresh, err := o.Candidate.says(ctx, s)
	if err != nil {
		return err
	}
	was, seen := digest(s.Said.String()), o.Candidate.Sessions[s.SessionID]
	if o.Against != nil {
		var too bool
		if was, too, err = o.Against.says(ctx, s); err != nil {
			return err
		}
		fresh, seen = fresh || too, seen || o.Against.Sessions[s.SessionID]
	}
	switch {
	case is == "" || was == "":
		t.report.TooLong++
		return nil
	case !fresh:
		t.report.Known++
	}
	t.add(s, is, was, seen)
	return nil
}

// says is the digest of what the version does at a step, empty when it cannot be told what the
// agent was told; fresh is false when that was known. An answer may have as many tokens as the
// longest known one has bytes, and one more: none that is cut can be one of these.
func (v Version) says(ctx context.Context, s Step) (said string, fresh bool, err error) {
	if err := ctx.Err(); err != nil {
		return "", false, err
	}
	most := s.longest() + 1
	key := asked(s.State, most)
	if v.Answers != nil {
		if said, ok := v.Answers.said[key]; ok {
			return said, false, nil
		}
	}
	text, err := v.Planner(ctx, s.State, most)
	switch {
	case errors.Is(err, ErrTooLong):
	case err != nil:
		return "", true, fmt.Errorf("ask %s what it does at step %d of %s: %w", v.Name, s.Step, s.SessionID, err)
	default:
		said = digest(text)
	}
	if v.Answers != nil {
		err = v.Answers.keep(key, said)
	} else {
		err = nil
	}
	return said, true, err
}
