package lora

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// New returns an adapter that changes nothing yet: A is drawn from
// U(-1/sqrt(in), 1/sqrt(in)), which is PyTorch's kaiming_uniform(a=sqrt(5)) and
// PEFT's default, and B is zero. Equal arguments give equal bits: each matrix
// has a random stream of its own, so a pair's values do not depend on which
// other modules are adapted.
func New(cfg Config, dims Dims, seed uint64) (*Adapter, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if err := dims.Validate(); err != nil {
		return nil, err
	}
	cfg.Targets = slices.Sorted(slices.Values(cfg.Targets))
	cfg.Layers = slices.Sorted(slices.Values(cfg.Layers))
	if n := len(cfg.Layers); n > 0 && cfg.Layers[n-1] >= dims.Layers {
		return nil, fmt.Errorf("%w: it adapts layer %d, the base has %d layers", ErrMismatch, cfg.Layers[n-1], dims.Layers)
	}
	places := cfg.places(dims.Layers)
	settings, err := cfg.settings(places)
	if err != nil {
		return nil, err
	}
	a := &Adapter{Config: cfg, Layers: make([]Layer, dims.Layers)}
	for i, at := range places {
		s := dims.Shapes[at.module]
		p := NewPair(s, settings[i].rank, settings[i].scale(cfg.RSLoRA))
		rng := rand.New(rand.NewPCG(seed, uint64(at.layer*Modules+int(at.module))))
		bound := 1 / math.Sqrt(float64(s.In))
		for j := range p.A {
			p.A[j] = float32((2*rng.Float64() - 1) * bound)
		}
		a.Layers[at.layer][at.module] = p
	}
	return a, nil
}

// NewPair returns a pair of zero matrices of that rank and scale for a layer of shape s.
func NewPair(s Shape, rank int, scale float32) *Pair {
	return &Pair{
		A:     make([]float32, rank*s.In),
		B:     make([]float32, s.Out*rank),
		In:    s.In,
		Out:   s.Out,
		Rank:  rank,
		Scale: scale,
	}
}

// ZerosLike returns an adapter of a's shape with every element zero: the
// accumulator of a gradient, or an Adam moment.
func ZerosLike(a *Adapter) *Adapter {
	z := &Adapter{Config: a.Config.clone(), Layers: make([]Layer, len(a.Layers))}
	for i := range a.Layers {
		for m, p := range a.Layers[i] {
			if p != nil {
				z.Layers[i][m] = NewPair(Shape{In: p.In, Out: p.Out}, p.Rank, p.Scale)
			}
		}
	}
	return z
}

// Clone returns a deep copy of a.
func (a *Adapter) Clone() *Adapter {
	c := &Adapter{Config: a.Config.clone(), Layers: make([]Layer, len(a.Layers))}
	for i := range a.Layers {
		for m, p := range a.Layers[i] {
			if p != nil {
				q := *p
				q.A, q.B = slices.Clone(p.A), slices.Clone(p.B)
				c.Layers[i][m] = &q
			}
		}
	}
	return c
}
