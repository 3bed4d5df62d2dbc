package lm

import (
	"context"

	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/model"
)

// decoder joins a model and a cache.
type decoder struct {
	model  *model.Model
	cache  *model.Cache
	logits []float32 // of a vocabulary with rows that no token has
}

// newDecoder makes a cache of so many tokens.
func newDecoder(m *model.Model, context int) *decoder {
	return &decoder{model: m, cache: m.NewCache(context), logits: make([]float32, m.Config().Vocab)}
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
