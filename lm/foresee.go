package lm

import (
	"context"
	"errors"
	"fmt"

	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/model"
	"github.com/grokputer/grokputer/lm/train"
)

// ErrMemory is returned by Train when there is less memory than it would take. The error
// says how much that is, and which settings would fit.
var ErrMemory = errors.New("lm: not enough memory")

// TrainingMemory foresees the most bytes that Train would take with these settings, beside
// the file of the base model: the weights in the forms that are multiplied, one pass's
// states, and the adapter with its gradient and AdamW's two moments. Nothing is computed.
func (e *Engine) TrainingMemory(ctx context.Context, a *lora.Adapter, data train.Dataset, opts train.Options) (int64, error) {
	return e.trainingMemory(ctx, false, a, data, opts)
}

// trainingMemory foresees it for this engine, or for one that dequantises on the fly.
func (e *Engine) trainingMemory(
	ctx context.Context, onTheFly bool, a *lora.Adapter, data train.Dataset, opts train.Options,
) (int64, error) {
	longest := min(longest(data), e.model.Config().Context)
	need, err := e.model.Foresee(onTheFly, func(m *model.Model) error {
		b := model.Batch{Recompute: opts.Recompute}
		for len(b.Tokens) == 0 || len(b.Tokens)+longest <= opts.MicroTokens {
			b.Starts = append(b.Starts, len(b.Tokens))
			b.Tokens = append(b.Tokens, make([]int32, longest)...)
		}
		b.Labels = make([]int32, len(b.Tokens))
		_, _, err := m.Gradients(ctx, b, a, a)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("lm: memory: %w", err)
	}
	const copies = 4 * 4 // parameter, gradient, two moments, in float32
	return need.Total() + copies*parameters(a), nil
}

// longest returns the tokens of the longest sequence, or pair of such, in a pass.
func longest(data train.Dataset) int {
	n := 1
	for _, x := range data.Train {
		n = max(n, len(x.Prompt)+len(x.Completion))
	}
	for _, x := range data.Pairs {
		n = max(n, len(x.Prompt)+len(x.Chosen)+len(x.Rejected))
	}
	for _, x := range data.Rated {
		n = max(n, len(x.Prompt)+len(x.Completion))
	}
	return n
}

func parameters(a *lora.Adapter) int64 {
	n := 0
	for i := range a.Layers {
		for _, p := range a.Layers[i] {
			if p != nil {
				n += len(p.A) + len(p.B)
			}
		}
	}
	return int64(n)
}

// checkMemory refuses a training that needs more than is available. What cannot be
// trained at all is left for train.Run to refuse.
func (e *Engine) checkMemory(ctx context.Context, a *lora.Adapter, data train.Dataset, opts train.Options, available int64) error {
	if a == nil || opts.MicroTokens < 1 {
		return nil
	}
	need, err := e.TrainingMemory(ctx, a, data, opts)
	if err != nil || need <= available {
		return nil //nolint:nilerr // see above
	}
	const mb = 1e6
	advice, ok := e.smallerTraining(ctx, a, data, opts, available)
	if !ok {
		advice = "shorter examples, or a smaller rank or base model"
	}
	return fmt.Errorf("%w: training takes %.0f MB, there are %.0f MB; take %s", ErrMemory, float64(need)/mb, float64(available)/mb, advice)
}

// smallerTraining names settings with which a training fits: of the training alone, or else of the engine too.
func (e *Engine) smallerTraining(
	ctx context.Context, a *lora.Adapter, data train.Dataset, opts train.Options, available int64,
) (string, bool) {
	const mb = 1e6
	fits := func(onTheFly bool, opts train.Options) (float64, bool) {
		less, err := e.trainingMemory(ctx, onTheFly, a, data, opts)
		return float64(less) / mb, err == nil && less <= available
	}
	recomputed := func(onTheFly bool) (int, float64, bool) {
		for _, tokens := range []int{opts.MicroTokens, opts.MicroTokens / 2, opts.MicroTokens / 4, longest(data)} {
			smaller := opts
			smaller.Recompute, smaller.MicroTokens = true, max(tokens, longest(data))
			if less, ok := fits(onTheFly, smaller); ok {
				return smaller.MicroTokens, less, true
			}
		}
		return 0, 0, false
	}
	if tokens, less, ok := recomputed(false); ok {
		return fmt.Sprintf("Recompute with MicroTokens %d, which takes %.0f MB", tokens, less), true
	}
	if less, ok := fits(true, opts); ok {
		return fmt.Sprintf("an engine with DequantizeOnTheFly, which takes %.0f MB", less), true
	}
	if tokens, less, ok := recomputed(true); ok {
		return fmt.Sprintf("an engine with DequantizeOnTheFly, and Recompute with MicroTokens %d, which takes %.0f MB", tokens, less), true
	}
	return "", false
}
