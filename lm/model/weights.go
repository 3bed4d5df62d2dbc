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

// block is one decoder layer. Layers that share an input are one stacked weight. What a family does not
// have is the zero Tensor.
type block struct {
	attentionNorm, feedForwardNorm compute.Tensor // [1, hidden]
	qkv, output, gateUp, down      compute.Weight
	qkvBias                        compute.Tensor // [1, query + 2 kv]
	queryNorm, keyNorm             compute.Tensor // [1, head dim]
}

// loader reads the tensors of a source and keeps the first error.
type loader struct {
	*source
	backend compute.Backend
	nf4     bool // Options.NF4
	err     error
	used    map[string]bool
	copies  map[string]int // bytes of tensors that are not as the source has them
	vectors []vector       // still to be written
}

type vector struct {
	tensor compute.Tensor
	values []float32
}

func (l *loader) load() weights {
	c := l.config

	var w weights

	w.embedding = l.weight(l.tensor(partEmbedding, 0, c.Vocab, c.Hidden))
	w.head = w.embedding

	if !l.tied {
		w.head = l.weight(l.tensor(partHead, 0, c.Vocab, c.Hidden))
	}

	w.norm = l.vector(c.Hidden, 0, partNorm)

	for i := range c.Layers {
		w.blocks = append(w.blocks, l.block(i))

		if l.err != nil {
			break
		}
	}

	return w
}

func (l *loader) block(i int) block {
	c := l.config
	query, kv := c.Heads*c.HeadDim, c.KVHeads*c.HeadDim

	b := block{
		attentionNorm:   l.vector(c.Hidden, i, partAttentionNorm),
		feedForwardNorm: l.vector(c.Hidden, i, partFeedForwardNorm),
		qkv: l.linear(
			l.turned(l.tensor(partQuery, i, query, c.Hidden)),
			l.turned(l.tensor(partKey, i, kv, c.Hidden)),
			l.tensor(partValue, i, kv, c.Hidden)),
		output: l.linear(l.tensor(partOutput, i, c.Hidden, query)),
		gateUp: l.linear(
			l.tensor(partGate, i, c.FeedForward, c.Hidden),
			l.tensor(partUp, i, c.FeedForward, c.Hidden)),
		down: l.linear(l.tensor(partDown, i, c.Hidden, c.FeedForward)),
	}

	if l.family.biases {
		b.qkvBias = l.upload(slices.Concat(
			l.values(query, i, partQueryBias), l.values(kv, i, partKeyBias), l.values(kv, i, partValueBias)))
	}

	if l.family.headNorm {
		b.queryNorm = l.vector(c.HeadDim, i, partQueryNorm)
		b.keyNorm = l.vector(c.HeadDim, i, partKeyNorm)
	}

	return b
}

// tensor returns a part after checking its shape; a missing one fails.
func (l *loader) tensor(p part, layer int, shape ...int) gguf.Tensor {
	name := l.naming.of(p, layer)
	t, ok := l.Tensor(name)
	l.used[name] = true

	switch {
	case !ok:
		l.fail(fmt.Errorf("%w: tensor %q is missing", ErrMalformed, name))
	case !slices.Equal(t.Shape, shape):
		l.fail(fmt.Errorf("%w: tensor %q has shape %v, the sizes say %v", ErrMalformed, name, t.Shape, shape))
	}

	return t
}

// turned returns query or key rows in the order of Hugging Face's files.
func (l *loader) turned(t gguf.Tensor) gguf.Tensor {
	if l.err != nil || !l.permuted {
		return t
	}

	t = unpermuted(t, l.config.HeadDim)
	l.copies[t.Name] = len(t.Data)

	return t
}

// linear returns the weight of a linear layer, as NF4 if that is wanted and the source has plain numbers.
func (l *loader) linear(parts ...gguf.Tensor) compute.Weight {
	for i, t := range parts {
		plain := t.Type == gguf.F32 || t.Type == gguf.F16 || t.Type == gguf.BF16
		if l.err != nil || !l.nf4 || !plain {
			continue
		}

		var err error
		if parts[i], err = gguf.QuantizeNF4(t); err != nil {
			l.fail(fmt.Errorf("model: %w", err))
		}

		l.copies[t.Name] = len(parts[i].Data)
	}

	return l.weight(parts...)
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

// values returns a part of one dimension.
func (l *loader) values(n, layer int, p part) []float32 {
	t := l.tensor(p, layer, n)
	if l.err != nil {
		return nil
	}

	values := make([]float32, n)
	if err := t.Dequantize(values); err != nil {
		l.fail(fmt.Errorf("model: %w", err))
	}

	return values
}

func (l *loader) vector(n, layer int, p part) compute.Tensor { return l.upload(l.values(n, layer, p)) }

// upload makes a row that is written as soon as operations can be called.
func (l *loader) upload(values []float32) compute.Tensor {
	if l.err != nil {
		return compute.Tensor{}
	}

	t, err := l.backend.Alloc(1, len(values))
	if err != nil {
		l.fail(fmt.Errorf("model: %w", err))
	}

	l.vectors = append(l.vectors, vector{t, values})

	return t
}

// frequencies returns those of the rotary embedding.
func (l *loader) frequencies() []float32 {
	var divisors []float32

	if name := l.naming.of(partRotation, 0); name != "" {
		if _, ok := l.Tensor(name); ok {
			divisors = l.values(l.config.HeadDim/2, 0, partRotation)
		}
	}

	if slices.ContainsFunc(divisors, func(d float32) bool { return !positive(float64(d)) }) {
		l.fail(fmt.Errorf("%w: tensor %q has a divisor that is not positive", ErrMalformed, l.naming.of(partRotation, 0)))
	}

	if l.err != nil {
		return nil
	}

	return l.config.frequencies(divisors)
}

// refuseRest fails if the source has a tensor that was not asked for: the model would compute something
// else than its maker meant.
func (l *loader) refuseRest() {
	for _, t := range l.Tensors() {
		unused := l.tied && t.Name == l.naming.of(partHead, 0)
		if !l.used[t.Name] && !l.naming.follows(t.Name) && !unused {
			l.fail(fmt.Errorf("%w: tensor %q in a model of architecture %q", ErrUnsupported, t.Name, l.family.name))
		}
	}
}

func (l *loader) fail(err error) {
	if l.err == nil {
		l.err = err
	}
}

// unpermuted undoes what llama.cpp's converter does to the rows of query and key weights of some
// families (convert_hf_to_gguf.py, LlamaModel.permute), so that rotary pairs are (j, j+dim/2) as in
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
