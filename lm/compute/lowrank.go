package compute

// LowRank is the adapter of one part of a stacked weight: it adds Scale·B·(A·x) to the output columns
// [Column, Column+Out). See lm/lora for the method and its source.
type LowRank struct {
	A, B []float32 // [Rank, inputs] and [Out, Rank], row-major

	// GradA and GradB have the shapes of A and B; LinearBackward adds the gradients to them.
	GradA, GradB []float32

	Rank   int
	Out    int
	Column int
	Scale  float32

	// Frozen, if not 0, promises that A, B and Scale are always the same for this number and Stream, so that a
	// backend may keep them in a form of its own until Backend.Forget.
	Frozen uint64

	// Stream tells this adapter's dropout mask from those of all others.
	Stream uint32
}

// Dropout zeroes inputs of adapters while training. Its mask is a pure function of the numbers below
// and of the adapter's stream, so that it needs no storage and a repeated step repeats it: input
// element (row, column) is dropped if its 16-bit draw is below Rate·2^16. The draws are Philox4x32-10
// (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3") with key = Seed and counter =
// (column/8, Row+row, stream, 0); column%8 picks a half word, low halves first. What is kept is
// divided by the probability of being kept.
type Dropout struct {
	Rate float32 // in [0, 1); 0 switches it off
	Seed uint64
	Row  int // number of the tensor's first row within the batch
}
