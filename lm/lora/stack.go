package lora

import "fmt"

// Weighted is an adapter with the weight that it has in a stack; negative weights take
// away what the adapter does.
type Weighted struct {
	Adapter *Adapter
	Weight  float32
}

// Stack returns one adapter that computes the weighted sum of what the parts compute:
// their ranks are put one after another, A as it is and B times weight and scale, so
// that nothing but the order of float32 additions changes. Ranks and modules may
// differ; a part of weight 0 is left out. Parts for different bases give ErrMismatch.
func Stack(parts ...Weighted) (*Adapter, error) {
	stack := &Adapter{}
	for i, part := range parts {
		if part.Adapter == nil || !isFinite(part.Weight) {
			return nil, fmt.Errorf("%w: part %d of the stack has weight %g and adapter %v", ErrInvalid, i, part.Weight, part.Adapter != nil)
		}
		if missing := len(part.Adapter.Layers) - len(stack.Layers); missing > 0 {
			stack.Layers = append(stack.Layers, make([]Layer, missing)...)
		}
	}
	for i := range stack.Layers {
		for m := range stack.Layers[i] {
			pair, err := stackPairs(parts, i, Module(m))
			if err != nil {
				return nil, fmt.Errorf("stack: %v: %w", place{i, Module(m)}, err)
			}
			stack.Layers[i][m] = pair
		}
	}
	if _, pairs := stack.pairs(); len(pairs) == 0 {
		return nil, fmt.Errorf("%w: the stack holds nothing, want an adapter with a weight that is not 0", ErrInvalid)
	}
	var err error
	stack.Config, err = described(stack)
	return stack, err
}

// stackPairs returns one pair for a place's pairs, or nil if there is none.
func stackPairs(parts []Weighted, layer int, m Module) (*Pair, error) {
	var sum *Pair
	for _, part := range parts {
		p := part.Adapter.At(layer, m)
		if p == nil || part.Weight == 0 {
			continue
		}
		if sum == nil {
			sum = NewPair(Shape{In: p.In, Out: p.Out}, 0, 1)
		}
		if p.In != sum.In || p.Out != sum.Out || len(p.A) != p.Rank*p.In || len(p.B) != p.Out*p.Rank {
			return nil, fmt.Errorf("%w: rank %d on [%d, %d] in a stack on [%d, %d]", ErrMismatch, p.Rank, p.Out, p.In, sum.Out, sum.In)
		}
		sum.Rank += p.Rank
	}
	if sum == nil {
		return nil, nil //nolint:nilnil // a place that is not adapted has none
	}
	sum.A, sum.B = make([]float32, 0, sum.Rank*sum.In), make([]float32, sum.Out*sum.Rank)
	column := 0
	for _, part := range parts {
		p := part.Adapter.At(layer, m)
		if p == nil || part.Weight == 0 {
			continue
		}
		sum.A = append(sum.A, p.A...)
		factor := part.Weight * p.Scale
		for o := range p.Out {
			for k := range p.Rank {
				sum.B[o*sum.Rank+column+k] = factor * p.B[o*p.Rank+k]
			}
		}
		column += p.Rank
	}
	return sum, nil
}
