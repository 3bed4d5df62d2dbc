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

func (d *decoder) ForwardFor(ctx context.Context, a *lora.Adapter, tokens, candidates []int32, dst []float32) error {
	return d.model.ForwardCandidates(ctx, d.cache, a, tokens, candidates, dst)
}

func (d *decoder) Score(ctx context.Context, a *lora.Adapter, tokens []int32, completions [][]int32, dst [][]float64) error {
	return d.model.Score(ctx, d.cache, a, tokens, completions, dst)
}

// batchDecoder joins a model and several caches.
type batchDecoder struct {
	model  *model.Model
	caches []*model.Cache
	parts  []model.Sequence // of the last pass
	whole  [][]float32      // their logits, with those of rows that no token has
	logits [][]float32      // room for these
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
	d.parts, d.whole = d.parts[:0], d.whole[:0]
	vocabulary := d.model.Config().Vocab
	for i, p := range parts {
		d.parts = append(d.parts, model.Sequence{
			Cache: d.caches[p.Cache], Adapter: p.Adapter, Tokens: p.Tokens, Candidates: p.Candidates,
		})
		logits := dst[i]
		if p.Candidates == nil && len(logits) < vocabulary {
			for len(d.logits) <= i {
				d.logits = append(d.logits, make([]float32, vocabulary))
			}
			logits = d.logits[i]
		}
		d.whole = append(d.whole, logits)
	}
	err := d.model.ForwardBatch(ctx, d.parts, d.whole)
	for i := range parts {
		copy(dst[i], d.whole[i]) // it may be the same
	}
	return err
}
