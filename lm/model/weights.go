package model

import (
	"fmt"
	"slices"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/gguf"
)

// weights are the frozen parameters on the backend.
type weights struct {
	embedding compute.Weight // [vocab, hidden]
	head      compute.Weight // the same one where the file ties them
	norm      compute.Tensor // [1, hidden]
	blocks    []block
}

// block is one decoder layer. Layers that share an input are one stacked weight.
type block struct {
	attentionNorm, feedForwardNorm compute.Tensor // [1, hidden]
	qkv, output, gateUp, down      compute.Weight
}

// loader reads the tensors of a file and keeps the first error.
type loader struct {
	file    *gguf.File
	backend compute.Backend
	err     error
	gains   []gain // vectors, still to be written
}

type gain struct {
	tensor compute.Tensor
	values []float32
}

func (l *loader) load(c Config) weights {
	query, kv := c.Heads*c.HeadDim, c.KVHeads*c.HeadDim

	var w weights

	w.embedding = l.weight(l.matrix("token_embd.weight", c.Vocab, c.Hidden))
	w.head = w.embedding

	if _, ok := l.file.Tensor("output.weight"); ok {
		w.head = l.weight(l.matrix("output.weight", c.Vocab, c.Hidden))
	}

	w.norm = l.vector("output_norm.weight", c.Hidden)

	for i := range c.Layers {
		name := func(part string) string { return fmt.Sprintf("blk.%d.%s", i, part) }

		l.refuseBiases(name)

		w.blocks = append(w.blocks, block{
			attentionNorm:   l.vector(name("attn_norm.weight"), c.Hidden),
			feedForwardNorm: l.vector(name("ffn_norm.weight"), c.Hidden),
			qkv: l.weight(
				unpermuted(l.matrix(name("attn_q.weight"), query, c.Hidden), c.HeadDim),
				unpermuted(l.matrix(name("attn_k.weight"), kv, c.Hidden), c.HeadDim),
				l.matrix(name("attn_v.weight"), kv, c.Hidden)),
			output: l.weight(l.matrix(name("attn_output.weight"), c.Hidden, query)),
			gateUp: l.weight(
				l.matrix(name("ffn_gate.weight"), c.FeedForward, c.Hidden),
				l.matrix(name("ffn_up.weight"), c.FeedForward, c.Hidden)),
			down: l.weight(l.matrix(name("ffn_down.weight"), c.Hidden, c.FeedForward)),
		})

		if l.err != nil {
			break
		}
	}

	return w
}

// matrix returns a tensor after checking its shape; a missing one fails.
func (l *loader) matrix(name string, shape ...int) gguf.Tensor {
	t, ok := l.file.Tensor(name)

	switch {
	case !ok:
		l.fail(fmt.Errorf("%w: tensor %q is missing", ErrMalformed, name))
	case !slices.Equal(t.Shape, shape):
		l.fail(fmt.Errorf("%w: tensor %q has shape %v, the metadata says %v", ErrMalformed, name, t.Shape, shape))
	}

	return t
}

func (l *loader) weight(parts ...gguf.Tensor) compute.Weight {
	if l.err != nil {
		return nil
	}

	w, err := l.backend.Load(parts...)
	if err != nil {
		l.fail(fmt.Errorf("model: %w", err))
	}

	return w
}

func (l *loader) vector(name string, n int) compute.Tensor {
	t := l.matrix(name, n)
	if l.err != nil {
		return compute.Tensor{}
	}

	values := make([]float32, n)
	if err := t.Dequantize(values); err != nil {
		l.fail(fmt.Errorf("model: %w", err))
	}

	return l.upload(1, n, values)
}

// upload makes a tensor that is written as soon as operations can be called.
func (l *loader) upload(rows, cols int, values []float32) compute.Tensor {
	if l.err != nil {
		return compute.Tensor{}
	}

	t, err := l.backend.Alloc(rows, cols)
	if err != nil {
		l.fail(fmt.Errorf("model: %w", err))
	}

	l.gains = append(l.gains, gain{t, values})

	return t
}

// refuseBiases fails if a linear layer of the block has a bias: this family has none.
func (l *loader) refuseBiases(name func(string) string) {
	for _, part := range []string{"attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"} {
		if _, ok := l.file.Tensor(name(part + ".bias")); ok {
			l.fail(fmt.Errorf("%w: tensor %q", ErrUnsupported, name(part+".bias")))
		}
	}
}

func (l *loader) fail(err error) {
	if l.err == nil {
		l.err = err
	}
}

// unpermuted undoes what llama.cpp's converter does to the rows of query and key weights of this
// family (convert_hf_to_gguf.py, LlamaModel.permute), so that rotary pairs are (j, j+dim/2) as in
// Hugging Face's files and adapters fit without change: row h·dim + p·dim/2 + j comes from row
// h·dim + 2j + p. Quantised blocks lie inside rows, so this is exact for every type.
func unpermuted(t gguf.Tensor, dim int) gguf.Tensor {
	size := t.RowBytes()
	data := make([]byte, 0, len(t.Data))

	for head := 0; head < t.Rows(); head += dim {
		for p := range 2 {
			for j := range dim / 2 {
				from := (head + 2*j + p) * size
				data = append(data, t.Data[from:from+size]...)
			}
		}
	}

	t.Data = data

	return t
}
