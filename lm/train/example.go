package train

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"
)

// Example is a prompt and what the model should answer, as token ids. The
// completion includes the token that ends the turn.
type Example struct {
	Prompt     []int32
	Completion []int32
}

// Pair is a prompt with two answers, of which one is preferred: an example for DPO.
type Pair struct {
	Prompt           []int32
	Chosen, Rejected []int32
}

// Rated is an answer that was found good or bad by itself: an example for KTO.
type Rated struct {
	Example

	Desirable bool
}

// Dataset is the examples of a run, of one kind or of several. What is held out,
// which may be nothing, is only ever evaluated on.
type Dataset struct {
	Train []Example
	Pairs []Pair
	Rated []Rated

	HeldOut      []Example
	HeldOutPairs []Pair
	HeldOutRated []Rated
}

func (d Dataset) train() set   { return set{d.Train, d.Pairs, d.Rated} }
func (d Dataset) heldOut() set { return set{d.HeldOut, d.HeldOutPairs, d.HeldOutRated} }

// tokens is the length of the example in a batch: its last token is only a label,
// never an input.
func (e Example) tokens() int { return len(e.Prompt) + len(e.Completion) - 1 }

// set is examples of each kind. Its items are numbered through in this order.
type set struct {
	examples []Example
	pairs    []Pair
	rated    []Rated
}

func (s set) len() int { return len(s.examples) + len(s.pairs) + len(s.rated) }

// with returns the set with item i of all.
func (s set) with(all set, i int) set {
	examples, pairs := len(all.examples), len(all.examples)+len(all.pairs)
	switch {
	case i < examples:
		s.examples = append(s.examples, all.examples[i])
	case i < pairs:
		s.pairs = append(s.pairs, all.pairs[i-examples])
	default:
		s.rated = append(s.rated, all.rated[i-pairs])
	}
	return s
}

// preferences returns the completions of pairs, the chosen one before the rejected
// one, and then the rated ones.
func (s set) preferences() []Example {
	var all []Example
	for _, p := range s.pairs {
		all = append(all, Example{p.Prompt, p.Chosen}, Example{p.Prompt, p.Rejected})
	}
	for _, r := range s.rated {
		all = append(all, r.Example)
	}
	return all
}

// counts returns how many tokens and labels the sequences have, a shared prompt
// counted for each.
func counts(sequences []Example) (tokens, labels int) {
	for _, e := range sequences {
		tokens += e.tokens()
		labels += len(e.Completion)
	}
	return tokens, labels
}

func (s set) check(name string, o Options) error {
	check := func(kind string, i int, tokens int, texts ...[]int32) error {
		for _, text := range texts {
			if len(text) == 0 {
				return fmt.Errorf("%w: %s %s %d has %d prompt and %d completion tokens, want at least one of each", ErrInvalid, name, kind, i, len(texts[0]), len(texts[len(texts)-1]))
			}
		}
		if tokens > o.MicroTokens {
			return fmt.Errorf("%w: %s %s %d has %d tokens, a micro-batch holds %d; raise MicroTokens or leave it out", ErrInvalid, name, kind, i, tokens, o.MicroTokens)
		}
		for _, text := range texts[1:] {
			if n := (Example{texts[0], text}).tokens(); o.Context > 0 && n > o.Context {
				return fmt.Errorf("%w: %s %s %d has %d tokens, the model's context %d; leave it out", ErrInvalid, name, kind, i, n, o.Context)
			}
		}
		return nil
	}
	for i, e := range s.examples {
		if err := check("example", i, e.tokens(), e.Prompt, e.Completion); err != nil {
			return err
		}
	}
	for i, p := range s.pairs {
		tokens := groupTokens(p.Prompt, Example{Completion: p.Chosen}, Example{Completion: p.Rejected})
		if err := check("pair", i, tokens, p.Prompt, p.Chosen, p.Rejected); err != nil {
			return err
		}
	}
	for i, r := range s.rated {
		if err := check("rated example", i, r.tokens(), r.Prompt, r.Completion); err != nil {
			return err
		}
	}
	return nil
}

// digest identifies the examples and their order.
func (d Dataset) digest() string {
	h := sha256.New()
	for _, s := range []set{d.train(), d.heldOut()} {
		number(h, len(s.examples))
		for _, e := range s.examples {
			text(h, e.Prompt, e.Completion)
		}
		number(h, len(s.pairs))
		for _, p := range s.pairs {
			text(h, p.Prompt, p.Chosen, p.Rejected)
		}
		number(h, len(s.rated))
		for _, r := range s.rated {
			text(h, r.Prompt, r.Completion)
			if r.Desirable {
				number(h, 1)
			} else {
				number(h, 0)
			}
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

func number(h hash.Hash, n int) {
	_, _ = h.Write(binary.LittleEndian.AppendUint64(nil, uint64(n))) // a hash never fails
}

func text(h hash.Hash, texts ...[]int32) {
	var b []byte
	for _, ids := range texts {
		b = appendTokens(binary.LittleEndian.AppendUint64(b, uint64(len(ids))), ids)
	}
	_, _ = h.Write(b)
}

func appendTokens(b []byte, ids []int32) []byte {
	b = slices.Grow(b, 4*len(ids))
	for _, id := range ids {
		b = binary.LittleEndian.AppendUint32(b, uint32(id))
	}
	return b
}
