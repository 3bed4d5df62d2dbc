package model

import (
	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/lora"
)

// pass is one run over the layers for n tokens. It lives in the Model so that its slices are reused.
type pass struct {
	model *Model
	ops   compute.Ops
	dims  lora.Dims

	cache    *Cache // of the one sequence; nil for packed batches
	held     []held // what each of several sequences computes; empty for one
	runs     []run  // of rows with equal adapters; empty if all have the same
	adapter  *lora.Adapter
	gradient *lora.Adapter // not nil if a backward pass follows
	dropout  dropout
	// recompute has only each layer's input kept, and the rest computed again before its backward pass.
	recompute bool
	keep      bool // what the layer at work computes for the backward pass stays

	tokens    []int32
	batch     []int32 // tokens of several sequences, in one row
	positions []int32 // of the tokens in their sequences
	spans     []compute.Span
	rows      []int32 // rows whose final states are wanted
	labels    []int32 // of these rows
	losses    []float64
	sums      []float64 // log probabilities of the sequences
	weights   []float64 // of the sequences
	factors   []float32 // of the rows

	low    []compute.LowRank
	states []state // of all layers
}

// state is what the backward pass needs of one layer. In the last layer the rows of gathered, mid and
// gateUp are the wanted ones.
type state struct {
	in       compute.Tensor // [n, hidden] residual stream before the block
	qkv      compute.Tensor // [n, query + 2 kv] rotated queries and keys, values
	unscaled compute.Tensor // [n, query + kv] queries and keys before their norm, if they have one
	mixed    compute.Tensor // [n, query] result of attention
	logSum   compute.Tensor // [n, heads]
	gathered compute.Tensor // [n, query] input of the output projection
	mid      compute.Tensor // [n, hidden] residual stream between the halves
	gateUp   compute.Tensor // [n, 2 feed forward]
	hidden   [groups]compute.Tensor
}

func (p *pass) training() bool { return p.gradient != nil }

func (p *pass) last(layer int) bool { return layer == p.model.config.Layers-1 }

// heads returns the shape of a layer's attention.
func (p *pass) heads(layer int) compute.Heads {
	c := p.model.config
	h := compute.Heads{Query: c.Heads, KeyValue: c.KVHeads, Dim: c.HeadDim}

	if layer >= c.WindowFrom {
		h.Window = c.Window
	}

	return h
}

// split returns the views of queries, keys and values.
func (p *pass) split(qkv compute.Tensor) (q, k, v compute.Tensor) {
	c := p.model.config
	query, kv := c.Heads*c.HeadDim, c.KVHeads*c.HeadDim

	return qkv.ColRange(0, query), qkv.ColRange(query, query+kv), qkv.ColRange(query+kv, query+2*kv)
}

// turned returns the view of queries and keys, which have positions.
func (p *pass) turned(qkv compute.Tensor) compute.Tensor {
	c := p.model.config

	return qkv.ColRange(0, (c.Heads+c.KVHeads)*c.HeadDim)
}

// single makes positions and the one span for tokens that follow past ones.
func (p *pass) single(past, n int) {
	p.positions, p.spans = p.positions[:0], p.spans[:0]

	for i := range n {
		p.positions = append(p.positions, int32(past+i))
	}

	p.spans = append(p.spans, compute.Span{Query: 0, Queries: n, Key: 0, Keys: past + n})
}
