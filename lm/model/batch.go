package model

import "fmt"

// Batch is several sequences, one after the other, without padding. They do not see each other, unless they
// continue one.
type Batch struct {
	Tokens []int32
	// Starts holds the index of each sequence's first token; Starts[0] is 0.
	Starts []int
	// Continues[s] says that sequence s goes on where the last sequence before it that does not continue one
	// ended, the beginning that it shares with others: what several sequences begin with is computed once.
	// The beginning and all that continue it are worked on together. It may be empty, which only keeps its
	// continuations together. Nil means that no sequence continues another.
	Continues []bool
	// Labels[i] is the token that should follow Tokens[i], or negative where nothing is learnt.
	Labels []int32
	// DropoutSeed selects the dropout masks; equal seeds give equal masks. Rows are counted over the
	// whole batch. NoDropout computes without, whatever the adapter's configuration says.
	DropoutSeed uint64
	NoDropout   bool
	// Recompute keeps only each layer's input and computes the rest again on the way back: gradients of the
	// same bits, for about 4·Hidden bytes a token and layer, and about a third more time.
	Recompute bool
}

// end returns the index after a sequence's last token.
func (b Batch) end(sequence int) int {
	if sequence+1 < len(b.Starts) {
		return b.Starts[sequence+1]
	}

	return len(b.Tokens)
}

func (b Batch) continues(sequence int) bool { return b.Continues != nil && b.Continues[sequence] }

// group returns the end of the sequences that hang together with first.
func (b Batch) group(first int) int {
	next := first + 1
	for next < len(b.Starts) && b.continues(next) {
		next++
	}

	return next
}

// part returns the end of the groups from first on that are worked on at once.
func (m *Model) part(b Batch, first int) int {
	next := b.group(first)

	for next < len(b.Starts) {
		more := b.group(next)
		if b.end(more-1)-b.Starts[first] > m.batchTokens {
			break
		}

		next = more
	}

	return next
}

func (m *Model) checkBatch(b Batch) error {
	if len(b.Tokens) == 0 || len(b.Labels) != len(b.Tokens) {
		return fmt.Errorf("%w: %d tokens with %d labels", ErrInput, len(b.Tokens), len(b.Labels))
	}

	if err := m.checkSequences(b); err != nil {
		return err
	}

	if err := m.checkTokens(b.Tokens); err != nil {
		return err
	}

	return m.checkLabels(b.Labels)
}

func (m *Model) checkSequences(b Batch) error {
	if len(b.Starts) == 0 || b.Starts[0] != 0 {
		return fmt.Errorf("%w: the first sequence must start at 0, starts are %v", ErrInput, b.Starts)
	}

	if b.Continues != nil && (len(b.Continues) != len(b.Starts) || b.Continues[0]) {
		return fmt.Errorf("%w: %d sequences with continuations %v", ErrInput, len(b.Starts), b.Continues)
	}

	beginning := 0

	for s := range b.Starts {
		n := b.end(s) - b.Starts[s]
		begins := s+1 < len(b.Starts) && b.continues(s+1) && !b.continues(s)

		if n < 0 || n == 0 && !begins || b.end(s) > len(b.Tokens) {
			return fmt.Errorf("%w: sequence %d has %d tokens", ErrInput, s, n)
		}

		if !b.continues(s) {
			beginning = 0
		}

		if beginning+n > m.config.Context {
			return fmt.Errorf("%w: sequence %d has %d tokens, the model's context %d", ErrFull, s, beginning+n, m.config.Context)
		}

		if !b.continues(s) {
			beginning = n
		}
	}

	return nil
}
