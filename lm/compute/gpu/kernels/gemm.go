package kernels

// Gemm sets C [m, n] to Alpha·A·Bᵀ + Beta·C for A [m, k] and B [n, k], or, if they are turned, A [k, m] and B [k, n]. C is not read where
// Beta is 0. Make it with NewGemm and set what differs from there.
type Gemm struct {
	A, B, C, Parts      View
	StepA, StepB, StepC int64 // elements between the matrices of a batch
	TurnedA, TurnedB    int32
	Depth, Splits       int32 // k, and into how many parts it is split; then Parts is [batch·Splits·m, n] in float32
	Alpha, Beta         float32
}

// NewGemm returns the product with alpha 1, beta 0 and no splits.
func NewGemm(c, a, b View, turnedA, turnedB bool) *Gemm {
	g := &Gemm{A: a, B: b, C: c, Depth: a.Cols, Splits: 1, Alpha: 1}
	if turnedA {
		g.TurnedA, g.Depth = 1, a.Rows
	}

	if turnedB {
		g.TurnedB = 1
	}

	return g
}

const (
	// gemmDepth is GEMM_DEPTH, the step in which k is walked.
	gemmDepth = 32

	// fewestSteps is how many steps a part of a split depth has at least.
	fewestSteps = 8

	// thin is the most rows or columns that the kernels for few of them are for.
	thin = 16

	// largeBlocks is how many large blocks a product must fill to be worth them.
	largeBlocks = 64
)

// Split returns into how many parts to split the depth, that of a batch of so many matrices, to keep so many blocks busy. It depends on
// shapes alone.
func (g *Gemm) Split(batch, busy int) int {
	call := g.Call(batch, false)
	blocks := int(call.Grid[0]*call.Grid[1]) * batch

	return max(1, min(busy/blocks, int(g.Depth)/(gemmDepth*fewestSteps)))
}

// Call returns the launch for a batch of so many matrices. An exact product does not round operands to bfloat16; it is the only one
// whose views need not begin at multiples of 16 bytes and have strides of 8 elements.
func (g *Gemm) Call(batch int, exact bool) Call {
	name, rows, cols, block := g.kernel(batch, exact)

	call := launch(name, blocksOf(g.C.Rows, rows), blocksOf(g.C.Cols, cols), block, g)
	call.Grid[2] = uint32(batch) * uint32(g.Splits)

	return call
}

// kernel chooses the kernel and returns the size of its blocks.
func (g *Gemm) kernel(batch int, exact bool) (name string, rows, cols int32, block uint32) {
	switch {
	case exact:
		return "gemm_exact", 64, 64, 256
	case g.C.Rows <= thin:
		return "gemm_few_rows", 16, 128, 256
	case g.C.Cols <= thin:
		return "gemm_few_cols", 128, 16, 256
	case int(blocksOf(g.C.Rows, 128)*blocksOf(g.C.Cols, 128))*batch >= largeBlocks:
		return "gemm_128", 128, 128, 256
	default:
		return "gemm_64", 64, 64, 128
	}
}

// Join returns the launch that follows where Splits is more than 1.
func (g *Gemm) Join(batch int) Call {
	call := launch("gemm_join", uint32(g.C.Rows), min(blocksOf(g.C.Cols, 128), 64), 128, g)
	call.Grid[2] = uint32(batch)

	return call
}

func blocksOf(n, size int32) uint32 { return uint32((n + size - 1) / size) }
