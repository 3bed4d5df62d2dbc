package compute

// Ops are the operations of a backend. Shapes are [rows, columns]; n is the number of tokens. An operation
// that fails makes Backend.Run return its error; the ones after it do nothing, so callers need not check
// each.
type Ops interface {
	// Err returns the first error so far.
	Err() error

	MemoryOps
	LayerOps
	OutputOps
	HeadOps
	AttentionOps
}

// MemoryOps take scratch memory and move values.
//
//nolint:interfacebloat // one short method for each
type MemoryOps interface {
	// Scratch returns a matrix with undefined content that lives until Release of an earlier Mark, or
	// the end of Run.
	Scratch(rows, cols int) Tensor
	// Activation is Scratch in the form that products take fastest, which may be rounded. Norm, SwiGLU, their
	// backward passes, Linear without Add, Rotate, Attention and the operations of MemoryOps take it as well as
	// Scratch; the others do not.
	Activation(rows, cols int) Tensor
	// Mark notes how much scratch is in use; Release gives back all that was taken since.
	Mark() int
	Release(mark int)

	// Write and Read copy between a tensor and float32 values [rows, cols] in Go memory.
	Write(dst Tensor, src []float32)
	Read(dst []float32, src Tensor)
	// Copy sets dst = src.
	Copy(dst, src Tensor)
	// Zero sets dst = 0.
	Zero(dst Tensor)
	// Gather sets row i of dst to row rows[i] of src.
	Gather(dst, src Tensor, rows []int32)
	// Scatter sets row rows[i] of dst to row i of src and the other rows to 0.
	Scatter(dst, src Tensor, rows []int32)
	// ScaleRows multiplies row i of x by factors[i].
	ScaleRows(x Tensor, factors []float32)
}

// LayerOps are the layers that treat each token by itself, forward and backward.
type LayerOps interface {
	// Embed sets row i of dst [n, inputs] to row tokens[i] of the table.
	Embed(dst Tensor, table Weight, tokens []int32)

	// Norm is RMSNorm (Zhang and Sennrich 2019): dst = x / sqrt(mean(x²) + epsilon) · gain, row by row;
	// gain is [1, cols].
	Norm(dst, x, gain Tensor, epsilon float32)
	// NormBackward adds to dx the gradient that dy, the gradient of Norm's result, causes.
	NormBackward(dx, dy, x, gain Tensor, epsilon float32)

	// Linear sets y [n, outputs] = x·Wᵀ plus the adapters' products, or adds them to y. If hidden
	// [n, sum of ranks] is not the zero Tensor, it receives A·dropout(x) for the backward pass.
	Linear(y, x Tensor, w Weight, adapters []LowRank, call LinearCall)
	// LinearSwiGLU sets y [n, outputs/2] to SwiGLU of what Linear gives, with the same bits, where that itself is not
	// wanted. y and x are Activation; the call has neither Add nor Hidden.
	LinearSwiGLU(y, x Tensor, w Weight, adapters []LowRank, call LinearCall)
	// LowRank adds the adapters' products to y [n, outputs] and leaves out that with a base weight, for rows
	// of a Linear that have other adapters than their neighbours. Nothing is dropped.
	LowRank(y, x Tensor, adapters []LowRank)
	// LinearBackward sets dx = dy·W plus the adapters' part and adds to the adapters' gradients. A
	// zero dx is not computed.
	LinearBackward(dx, dy, x Tensor, w Weight, adapters []LowRank, call LinearCall)

	// Rotate applies rotary position embedding (Su et al. 2021) in place to heads of dim elements; the
	// pairs are (j, j+dim/2), "NEOX style". Row i has position positions[i]; table [positions, dim]
	// holds dim/2 cosines, then dim/2 sines. Inverse rotates back, which is also the backward pass.
	Rotate(x Tensor, dim int, positions []int32, table Tensor, inverse bool)

	// SwiGLU sets dst [n, f] = silu(g)·u for x = [g | u] [n, 2f] (Shazeer 2020).
	SwiGLU(dst, x Tensor)
	// SwiGLUBackward sets dx [n, 2f] from dy [n, f].
	SwiGLUBackward(dx, dy, x Tensor)
}

// OutputOps are for the output head, a weight with as many outputs as the vocabulary has tokens.
type OutputOps interface {
	// LinearRows sets y [n, len(rows)] = x·W[rows]ᵀ: column j of y is the product with row rows[j] of the weight, as
	// Linear gives it but for rounding, at a cost that grows with the number of rows. It is for few rows of x; y
	// and x are Scratch.
	LinearRows(y, x Tensor, w Weight, rows []int32)

	// CrossEntropy computes the logits x·headᵀ in chunks of rows, writes -log softmax(logits)[label] of
	// row i to losses[i], and, unless dx is the zero Tensor, sets dx to the gradient of the losses'
	// sum. The logits are never held all at once.
	CrossEntropy(dx, x Tensor, head Weight, labels []int32, losses []float64)
}

// HeadOps are what some families do to queries, keys and values before attention.
type HeadOps interface {
	// NormHeads is Norm over each head by itself: a row of x [n, heads·dim] is heads of dim elements that
	// share the gain [1, dim]. dst may be x.
	NormHeads(dst, x, gain Tensor, epsilon float32)
	// NormHeadsBackward sets dx from dy, the gradient of NormHeads' result, and its x. dx may be dy.
	NormHeadsBackward(dx, dy, x, gain Tensor, epsilon float32)

	// AddBias adds bias [1, cols] to every row of x. The gradient passes through it unchanged.
	AddBias(x, bias Tensor)
}

// AttentionOps let tokens look at others.
type AttentionOps interface {
	// Attention sets out [n, Query·Dim] = softmax(q·kᵀ/sqrt(Dim))·v under the causal masks of the
	// spans. If logSum [n, Query] is not the zero Tensor, it receives the log of each softmax's
	// denominator for the backward pass.
	Attention(out, logSum, q, k, v Tensor, spans []Span, heads Heads)
	// AttentionBackward sets dq, dk and dv from dOut and what the forward pass used and made, as in
	// FlashAttention (Dao et al. 2022, appendix B): probabilities are computed again from logSum.
	AttentionBackward(dq, dk, dv, dOut, out, logSum, q, k, v Tensor, spans []Span, heads Heads)
}

// LinearCall holds what Linear and LinearBackward need besides their operands.
type LinearCall struct {
	Add     bool // Linear only: y += instead of y =
	Dropout Dropout
	Hidden  Tensor
}
