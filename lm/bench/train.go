package bench

import (
	"context"
	"time"

	"github.com/grokputer/grokputer/lm"
	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/train"
)

// measureTrain trains one epoch of packed batches. The weights are packed and the
// threads woken by a step of another run before.
func measureTrain(ctx context.Context, a Assignment, w Workload) (Outcome, error) {
	out := Outcome{Values: map[Metric]float64{}}
	err := withEngine(ctx, a, w, func(engine *lm.Engine) error {
		out.Device = engine.Info().Device
		phase := resetPeak()
		var data train.Dataset
		for _, e := range w.Examples {
			data.Train = append(data.Train, train.Example{Prompt: e.Prompt, Completion: e.Completion})
		}
		opts := train.DefaultOptions()
		opts.BatchExamples = w.Size.Batch
		opts.MaxSteps = 1
		if _, err := trainOnce(ctx, engine, data, opts); err != nil {
			return err
		}
		opts.MaxSteps = 0
		took, err := trainOnce(ctx, engine, data, opts)
		out.Values[TrainSpeed] = perSecond(w.Tokens(), took)
		if err == nil {
			err = phase.into(out.Values)
		}
		return err
	})
	return out, err
}

// trainOnce trains a new adapter and returns how long that took.
func trainOnce(ctx context.Context, engine *lm.Engine, data train.Dataset, opts train.Options) (time.Duration, error) {
	adapter, err := engine.NewAdapter(lora.DefaultConfig(), 1)
	if err != nil {
		return 0, err
	}
	began := time.Now()
	_, err = engine.Train(ctx, adapter, data, opts)
	return time.Since(began), err
}
