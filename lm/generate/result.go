package generate

import "time"

// Result is a completion.
type Result struct {
	// Text is what was written, without the end of the turn. When Finish is Length
	// it can end inside a character.
	Text string
	// Tokens is Text as the tokenizer splits it.
	Tokens []int32
	// Finish says why it ended.
	Finish Finish
	// Confidence, in [0, 1], is the product over all choices of the probability of
	// the chosen token among the allowed ones. Where the grammar is a list of
	// actions, it is the probability that the model gives to this action among
	// those, as far as it is written in its canonical tokens: 1 when only one
	// could be said. It falls with the length of free text; compare texts by
	// MeanLogprob.
	Confidence float64
	// MeanLogprob and MinLogprob are the mean and the least natural logarithm of
	// these probabilities; 0 when there was no choice.
	MeanLogprob float64
	MinLogprob  float64
	// Choices are the tokens that the model chose, in order, the end of the turn
	// included. Forced text has none, and where a chosen token and its neighbours are
	// canonically split in another way, Tokens differ from what was chosen.
	Choices []Choice
	Stats   Stats
}

// Choice is one token that the model chose. Its probability, like those of the
// alternatives, is the model's own (at temperature 1) among all tokens that the
// grammar allowed.
type Choice struct {
	Token   int32
	Offset  int     // where its text begins in the result's, in bytes
	Logprob float64 // natural logarithm of its probability
	// Alternatives are the most probable tokens, the most probable first, as many as
	// Options.Alternatives asks for; the chosen one is among them if it is one.
	Alternatives []Alternative
}

// Alternative is a token that could have been chosen.
type Alternative struct {
	Token   int32
	Logprob float64
}

// Stats counts the work of one completion.
type Stats struct {
	Forwards  int // forward passes
	Reused    int // prompt tokens that were already in the cache
	Prefilled int // tokens that the first pass computed
	Decoded   int // tokens that the later passes computed, forced and corrected ones included
	Chosen    int // tokens that the model chose
	Forced    int // tokens of the result that it did not have to be asked for

	Prefill time.Duration // of the first pass
	Decode  time.Duration // of the later passes
	Total   time.Duration // of the whole call, masks and tokenising included
}
