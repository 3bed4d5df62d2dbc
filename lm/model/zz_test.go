package model_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/model"
)

func TestBest(t *testing.T) {
	m := openBase(t)
	c := m.NewCache(2048)
	l := make([]float32, 49152)
	toks := someTokens(1024, 49152)
	a, _ := lora.New(lora.DefaultConfig(), m.Config().Dims(), 1)
	best := func(n string, k, reps int, f func()) {
		b := time.Hour
		for range reps {
			s := time.Now()
			f()
			b = min(b, time.Since(s))
		}
		fmt.Printf("best %s %.0f tok/s\n", n, float64(k)/b.Seconds())
	}
	best("prefill", 512, 8, func() { c.Truncate(0); m.Forward(t.Context(), c, nil, toks[:512], l) })
	best("prefill64", 64, 20, func() { c.Truncate(0); m.Forward(t.Context(), c, nil, toks[:64], l) })
	best("prefill16", 16, 30, func() { c.Truncate(256); m.Forward(t.Context(), c, nil, toks[:16], l) })
	c.Truncate(0)
	m.Forward(t.Context(), c, nil, toks[:256], l)
	best("decode", 4, 200, func() {
		c.Truncate(256)
		for range 4 {
			m.Forward(t.Context(), c, nil, toks[:1], l)
		}
	})
	best("decode lora", 4, 200, func() {
		c.Truncate(256)
		for range 4 {
			m.Forward(t.Context(), c, a, toks[:1], l)
		}
	})
	g := lora.ZerosLike(a)
	b := model.Batch{Tokens: toks, Labels: make([]int32, 1024)}
	for i := range b.Labels {
		if i%75 == 0 {
			b.Starts = append(b.Starts, i)
		}
		if b.Labels[i] = -1; i%75 > 66 && i%75 < 74 {
			b.Labels[i] = 7
		}
	}
	best("train", 1024, 4, func() { m.Gradients(t.Context(), b, a, g) })
	a.Config.Dropout = 0.05
	best("train dropout", 1024, 3, func() { m.Gradients(t.Context(), b, a, g) })
}
