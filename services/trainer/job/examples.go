package job

import (
	"fmt"
	"slices"

	"github.com/grokputer/grokputer/lm/train"
	"github.com/grokputer/grokputer/services/trainer"
	"github.com/grokputer/grokputer/services/trainer/internal/ask"
)

// examples are the dataset in tokens.
type examples struct {
	train.Dataset

	tokens, heldOutTokens int // prompts included
	longest               int // that has to fit into one pass
	dropped               int // that are too long for the model

	read []trainer.Example // all of the dataset
}

// items is how many examples, pairs and judged answers there are to train on.
func (s *examples) items() int { return len(s.Train) + len(s.Pairs) + len(s.Rated) }

// examples encodes a dataset, without the steps of the gate's sets.
func (r *run) examples(read []trainer.Example) (examples, error) {
	learned := slices.DeleteFunc(slices.Clone(read), func(e trainer.Example) bool { return e.Set != "" })
	m, err := mixOf(r.Recipe.Method, learned)
	if err != nil {
		return examples{}, err
	}
	set := examples{read: read}
	times := repeatsOf(r.Recipe.GoodShare, learned)
	for _, e := range learned {
		before := len(set.Train)
		if err := r.encode(&set, e, m.of(e)); err != nil {
			return examples{}, fmt.Errorf("an example of %q: %w", e.State.Task, err)
		}
		set.again(set.Train[before:], times.of(e)-1)
	}
	if set.items() == 0 {
		return examples{}, fmt.Errorf("%w: none of the %d examples fits the model's context of %d tokens",
			trainer.ErrUntrainable, len(read), r.engine.Info().Context)
	}
	return set, nil
}

// again adds what was just added so many times more.
func (s *examples) again(added []train.Example, times int) {
	for range times {
		for _, x := range added {
			s.Train, s.tokens = append(s.Train, x), s.tokens+len(x.Prompt)+len(x.Completion)
		}
	}
}

// encode adds an example in the forms in which it is used.
func (r *run) encode(set *examples, e trainer.Example, u use) error {
	if u.heldOut || u.sft || u.desirable {
		if err := r.encodeRight(set, e, u); err != nil {
			return err
		}
	}
	if u.undesirable {
		x, err := r.engine.Example(ask.Messages(e.State), e.Wrong.String())
		if err != nil {
			return err
		}
		if n, ok := r.fits(set, x); ok {
			set.Rated, set.tokens = append(set.Rated, train.Rated{Example: x}), set.tokens+n
		}
	}
	if u.pair {
		return r.encodePair(set, e)
	}
	return nil
}

// encodeRight adds what is right.
func (r *run) encodeRight(set *examples, e trainer.Example, u use) error {
	x, err := r.engine.Example(ask.Messages(e.State), e.Right.String())
	if err != nil {
		return err
	}
	n, ok := r.fits(set, x)
	switch {
	case !ok:
		return nil
	case u.heldOut:
		set.HeldOut, set.heldOutTokens = append(set.HeldOut, x), set.heldOutTokens+n
		return nil
	}
	if u.sft {
		set.Train, set.tokens = append(set.Train, x), set.tokens+n
	}
	if u.desirable {
		set.Rated, set.tokens = append(set.Rated, train.Rated{Example: x, Desirable: true}), set.tokens+n
	}
	return nil
}

// encodePair adds what is right and what is wrong as a pair, whose answers stand in one pass.
func (r *run) encodePair(set *examples, e trainer.Example) error {
	p, err := r.engine.Pair(ask.Messages(e.State), e.Right.String(), e.Wrong.String())
	if err != nil {
		return err
	}
	if len(p.Prompt)+max(len(p.Chosen), len(p.Rejected)) > r.engine.Info().Context {
		set.dropped++
		return nil
	}
	n := len(p.Prompt) + len(p.Chosen) + len(p.Rejected)
	set.Pairs, set.tokens, set.longest = append(set.Pairs, p), set.tokens+n, max(set.longest, n)
	return nil
}

// fits returns how many tokens an example has; ok is false when the model cannot hold so many.
func (r *run) fits(set *examples, x train.Example) (n int, ok bool) {
	n = len(x.Prompt) + len(x.Completion)
	if n > r.engine.Info().Context {
		set.dropped++
		return n, false
	}
	set.longest = max(set.longest, n)
	return n, true
}
