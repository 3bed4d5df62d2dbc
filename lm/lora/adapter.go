// Package lora holds low-rank adapters: pairs of small matrices added to the
// frozen linear layers of a model (Hu et al. 2021, "LoRA: Low-Rank Adaptation
// of Large Language Models").
//
// A layer with weight W [out, in] and a pair A [rank, in], B [out, rank]
// computes y = W·x + scale·B·(A·x); scale is alpha/rank, or alpha/sqrt(rank) for
// rsLoRA (Kalajdzievski 2023).
package lora

// Pair is the adapter of one linear layer. Both matrices are row-major.
type Pair struct {
	A    []float32 // [Rank, In]
	B    []float32 // [Out, Rank]
	In   int
	Out  int
	Rank int
	// Scale is the factor on the product. Config says where it came from; what counts
	// is here.
	Scale float32
}

// Adapter is a set of pairs for one base model. The zero value adapts nothing. Ranks
// and scales may differ from pair to pair.
type Adapter struct {
	Config Config
	Layers []Layer // one per decoder block

	id uint64 // if frozen
}

// Layer holds a block's pairs by Module; a nil entry is not adapted.
type Layer [Modules]*Pair

// At returns the pair of a block's module, or nil when it is not adapted.
func (a *Adapter) At(layer int, m Module) *Pair {
	if a == nil || layer >= len(a.Layers) {
		return nil
	}
	return a.Layers[layer][m]
}
