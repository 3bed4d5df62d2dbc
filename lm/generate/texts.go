package generate

import (
	"fmt"
	"slices"

	"github.com/grokputer/grokputer/lm/generate/grammar"
)

// texts begins completions: it knows the vocabulary, and the masks of the grammars
// that were last used.
type texts struct {
	vocab    *Vocabulary
	anything *grammar.Grammar
	masks    []*masks // the last used first
	most     int      // how many grammars' masks are kept
}

func newTexts(vocab *Vocabulary, most int) (*texts, error) {
	anything, err := grammar.Compile(grammar.Repeat(grammar.Except(), 0, grammar.Unlimited))
	if err != nil {
		return nil, fmt.Errorf("generate: free text: %w", err)
	}
	return &texts{vocab: vocab, anything: anything, most: most}, nil
}

// size is the number of tokens in the vocabulary.
func (t *texts) size() int { return len(t.vocab.texts) }

// begin checks prompt and options and returns the empty completion.
func (t *texts) begin(prompt []int32, opts Options) (*completion, error) {
	if err := opts.Validate(); err != nil {
		return nil, err
	}
	if err := t.check(prompt); err != nil {
		return nil, err
	}
	if opts.MaxTokens == 0 {
		opts.MaxTokens = DefaultMaxTokens
	}
	if opts.Grammar == nil {
		opts.Grammar = t.anything
	}
	w, err := newWriter(t.masksOf(opts.Grammar))
	if err != nil {
		return nil, err
	}
	return newCompletion(w, prompt, opts, t.stops(opts.Stop)), nil
}

// check refuses prompts that are empty or hold what is no token.
func (t *texts) check(prompt []int32) error {
	if len(prompt) == 0 {
		return fmt.Errorf("%w: it is empty", ErrPrompt)
	}
	for i, id := range prompt {
		if id < 0 || int(id) >= t.size() {
			return fmt.Errorf("%w: token %d has id %d, the vocabulary has %d", ErrPrompt, i, id, t.size())
		}
	}
	return nil
}

// masksOf returns the masks of g. One automaton's states serve all completions
// that are inside of the grammar.
func (t *texts) masksOf(g *grammar.Grammar) *masks {
	i := slices.IndexFunc(t.masks, func(m *masks) bool { return m.grammar == g })
	if i < 0 {
		t.masks = slices.Insert(t.masks, 0, newMasks(t.vocab, g))
		t.masks = t.masks[:min(len(t.masks), t.most)]
	} else {
		m := t.masks[i]
		copy(t.masks[1:], t.masks[:i])
		t.masks[0] = m
	}
	return t.masks[0]
}

// stops returns the tokens that end a turn: the tokenizer's own and more, those
// that are in the vocabulary.
func (t *texts) stops(more []int32) []int32 {
	if eos, ok := t.vocab.tok.EOS(); ok {
		more = append([]int32{eos}, more...)
	}
	var stops []int32
	for _, id := range more {
		if id >= 0 && int(id) < t.size() && !slices.Contains(stops, id) {
			stops = append(stops, id)
		}
	}
	return stops
}
