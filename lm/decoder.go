package lm

import (
	"context"

	"github.com/grokputer/grokputer/lm/generate"
	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/model"
)

// decoder joins a model and a cache.
type decoder struct {
	model  *model.Model
	cache  *model.Cache
	logits []float32 // of a vocabulary with rows that no token has
}

func newDecoder(m *model.Model, cache *model.Cache) *decoder {
	return &decoder{model: m, cache: cache, logits: make([]float32, m.Config().Vocab)}
}

func (d *decoder) Capacity() int  { return d.cache.Capacity() }
func (d *decoder) Truncate(n int) { d.cache.Truncate(n) }

func (d *decoder) Forward(ctx context.Context, a *lora.Adapter, tokens []int32, dst []float32) error {
	if len(dst) == len(d.logits) {
		return d.model.Forward(ctx, d.cache, a, tokens, dst)
	}
	err := d.model.Forward(ctx, d.cache, a, tokens, d.logits)
	copy(dst, d.logits)
	return err
}

func (d *decoder) Score(ctx context.Context, a *lora.Adapter, tokens, labels []int32, dst []float64) error {
	return d.model.Score(ctx, d.cache, a, tokens, labels, dst)
}

// batchDecoder joins a model and several caches.
type batchDecoder struct {
	model  *model.Model
	caches []*model.Cache
	parts  []model.Sequence // of the last pass
	logits [][]float32      // of the parts, where the vocabulary has rows that no token has
}

func (d *batchDecoder) Caches() int           { return len(d.caches) }
func (d *batchDecoder) Capacity() int         { return d.caches[0].Capacity() }
func (d *batchDecoder) Truncate(cache, n int) { d.caches[cache].Truncate(n) }

func (d *batchDecoder) close() {
	for _, c := range d.caches {
		c.Close()
	}
}

func (d *batchDecoder) Copy(ctx context.Context, dst, src, n int) error {
	return d.caches[dst].CopyFrom(ctx, d.caches[src], n)
}

func (d *batchDecoder) Forward(ctx context.Context, parts []generate.Part, dst [][]float32) error {
	d.parts = d.parts[:0]
	for _, p := range parts {
		d.parts = append(d.parts, model.Sequence{Cache: d.caches[p.Cache], Adapter: p.Adapter, Tokens: p.Tokens})
	}
	vocabulary := d.model.Config().Vocab
	if len(dst) == 0 || len(dst[0]) == vocabulary {
		return d.model.ForwardBatch(ctx, d.parts, dst)
	}
	for len(d.logits) < len(parts) {
		d.logits = append(d.logits, make([]float32, vocabulary))
	}
	err := d.model.ForwardBatch(ctx, d.parts, d.logits[:len(parts)])
	for i := range parts {
		copy(dst[i], d.logits[i])
	}
	return err
}
