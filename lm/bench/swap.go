package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/grokputer/grokputer/lm"
	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/model"
	"github.com/grokputer/grokputer/lm/safetensors"
)

// requestTokens is the prompt's length of the request around a warm swap.
const requestTokens = 16

// measureSwap measures the swap with both adapters in memory, then from the disk.
func measureSwap(ctx context.Context, a Assignment, w Workload) (Outcome, error) {
	out := Outcome{Values: map[Metric]float64{}}
	err := withModel(ctx, a, func(m *model.Model) (err error) {
		out.Device = m.Backend()
		out.Values[SwapWarm], err = warmSwap(ctx, m, w)
		return err
	})
	if err != nil {
		return out, err
	}
	err = withEngine(ctx, a, w, func(engine *lm.Engine) (err error) {
		out.Values[SwapCold], err = coldSwap(ctx, engine, w.Size)
		return err
	})
	return out, err
}

// warmSwap does equal requests with two adapters, each twice in a row, and
// returns how much longer the first of two with one adapter takes than the second,
// in milliseconds: the median over the pairs.
func warmSwap(ctx context.Context, m *model.Model, w Workload) (float64, error) {
	prompt := w.Context[:min(requestTokens, len(w.Context))]
	cache := m.NewCache(len(prompt) + 1)
	logits := make([]float32, m.Config().Vocab)
	request := func(a *lora.Adapter) (time.Duration, error) {
		cache.Truncate(0)
		began := time.Now()
		if err := m.Forward(ctx, cache, a, prompt, logits); err != nil {
			return 0, err
		}
		err := m.Forward(ctx, cache, a, []int32{greatest(logits)}, logits)
		return time.Since(began), err
	}
	var adapters [2]*lora.Adapter
	for i := range adapters {
		var err error
		if adapters[i], err = randomAdapter(m.Config().Dims(), uint64(i)); err != nil {
			return 0, err
		}
		if _, err = request(adapters[i]); err != nil { // a first use
			return 0, err
		}
	}
	var more []float64
	for i := range w.Size.Swaps {
		swapped, err := request(adapters[i%2])
		if err != nil {
			return 0, err
		}
		same, err := request(adapters[i%2])
		if err != nil {
			return 0, err
		}
		more = append(more, milliseconds(swapped-same))
	}
	return median(more), nil
}

// coldSwap loads an adapter and answers a request with it, and returns how much
// longer that takes than an equal request with it in memory, in milliseconds: the
// median over some loads. Every request computes its whole prompt, since another
// adapter was used before.
func coldSwap(ctx context.Context, engine *lm.Engine, size Size) (ms float64, err error) {
	dir, err := os.MkdirTemp("", "bench-swap-")
	if err != nil {
		return 0, fmt.Errorf("a folder for adapters: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	var folders [2]string
	for i := range folders {
		adapter, err := randomAdapter(engine.Dims(), uint64(i))
		if err != nil {
			return 0, err
		}
		folders[i] = filepath.Join(dir, fmt.Sprint(i))
		if _, err := engine.SaveAdapter(folders[i], adapter, safetensors.F32, lora.Metadata{CreatedBy: "bench"}); err != nil {
			return 0, err
		}
	}
	request := func(adapter string) (time.Duration, error) {
		began := time.Now()
		_, err := engine.Generate(ctx, hello(), lm.GenerateOptions{Adapter: adapter, MaxTokens: 1})
		return time.Since(began), err
	}
	if _, err := request(lm.NoAdapter); err != nil { // packs weights
		return 0, err
	}
	const name = "swapped"
	var more []float64
	for i := range max(2, size.Swaps/4) {
		began := time.Now()
		if _, err := engine.LoadAdapter(name, folders[i%2], ""); err != nil {
			return 0, err
		}
		if _, err := request(name); err != nil {
			return 0, err
		}
		cold := time.Since(began)
		if _, err := request(lm.NoAdapter); err != nil {
			return 0, err
		}
		warm, err := request(name)
		if err != nil {
			return 0, err
		}
		if _, err := request(lm.NoAdapter); err != nil {
			return 0, err
		}
		if i > 0 { // the first brings the file into memory
			more = append(more, milliseconds(cold-warm))
		}
	}
	return median(more), nil
}
