package tokenizer

import "fmt"

// pair is two neighbouring tokens.
type pair struct{ left, right int32 }

// merge is what a pair becomes, and how early: the lowest rank is merged first.
type merge struct{ rank, id int32 }

// rule is a merge as a vocabulary spells it.
type rule struct{ left, right string }

// addMerges fills the merges from rules, the first one first. The ids are those of the model's own tokens.
func (t *Tokenizer) addMerges(rules []rule, ids map[string]int32) error {
	t.merges = make(map[pair]merge, len(rules))

	for rank, r := range rules {
		left, hasLeft := ids[r.left]
		right, hasRight := ids[r.right]
		joined, hasJoined := ids[r.left+r.right]

		if !hasLeft || !hasRight || !hasJoined {
			return fmt.Errorf("%w: merge %d, %q and %q, is not of two tokens into a third", ErrVocabulary, rank, r.left, r.right)
		}

		if t.control.has[joined] {
			return fmt.Errorf("%w: merge %d, %q and %q, makes a control token: text could forge it", ErrVocabulary, rank, r.left, r.right)
		}

		if _, twice := t.merges[pair{left, right}]; twice {
			return fmt.Errorf("%w: merge %d, %q and %q, is there twice", ErrVocabulary, rank, r.left, r.right)
		}

		t.merges[pair{left, right}] = merge{rank: int32(rank), id: joined}
	}

	return nil
}
