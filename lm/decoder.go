package lm

import (
	"context"

	"github.com/grokputer/grokputer/lm/generate"
	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/model"
)

// decoder joins a model and a cache.
type decoder struct {
	model *model.Model
	cache *model.Cache
}

func (d *decoder) Capacity() int  { return d.cache.Capacity() }
func (d *decoder) Truncate(n int) { d.cache.Truncate(n) }

func (d *decoder) Forward(ctx context.Context, a *lora.Adapter, tokens []int32, dst []float32) error {
	return d.model.Forward(ctx, d.cache, a, tokens, dst)
}

func (d *decoder) Score(ctx context.Context, a *lora.Adapter, tokens, labels []int32, dst []float64) error {
	return d.model.Score(ctx, d.cache, a, tokens, labels, dst)
}

// batchDecoder joins a model and several caches.
type batchDecoder struct {
	model  *model.Model
	caches []*model.Cache
	parts  []model.Sequence // of the last pass
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
	return d.model.ForwardBatch(ctx, d.parts, dst)
}
