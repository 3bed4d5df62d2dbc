package starter

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"

	"github.com/grokputer/grokputer/lm"
	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/safetensors"
	"github.com/grokputer/grokputer/lm/train"
	"github.com/grokputer/grokputer/services/trainer"
	"github.com/grokputer/grokputer/services/trainer/internal/ask"
)

// Options are the settings of a build.
type Options struct {
	Seed    uint64
	Lora    lora.Config
	Train   train.Options
	Replay  int // steps that are shipped beside the adapter
	Version string
	// Regression are steps that are shipped, too, and not trained on.
	Regression []trainer.Example
}

// Report says how a build went.
type Report struct {
	Result train.Result
	// Exact is for how many of the held-out steps the model says exactly the right
	// action, no grammar helping; the recorded ones are counted apart.
	Exact, HeldOut                 int
	ExactRecorded, HeldOutRecorded int
	Digest                         string // of the dataset
}

// Build trains an adapter on the dataset and writes it with its replay sample
// to the folder dir, which appears whole or not at all in the place of an
// earlier one.
func Build(ctx context.Context, engine *lm.Engine, data Dataset, dir string, opts Options) (Report, error) {
	digest, err := data.Digest()
	if err != nil {
		return Report{}, err
	}
	report := Report{Digest: digest, HeldOut: len(data.HeldOut), HeldOutRecorded: len(data.HeldOutRecorded)}
	adapter, err := engine.NewAdapter(opts.Lora, opts.Seed)
	if err != nil {
		return report, err
	}
	examples, err := encode(engine, data)
	if err != nil {
		return report, err
	}
	if report.Result, err = engine.Train(ctx, adapter, examples, opts.Train); err != nil {
		return report, err
	}
	if report.Exact, err = exact(ctx, engine, adapter, data.HeldOut); err != nil {
		return report, err
	}
	if report.ExactRecorded, err = exact(ctx, engine, adapter, data.HeldOutRecorded); err != nil {
		return report, err
	}
	return report, report.save(engine, adapter, data, dir, opts)
}

// encode turns a dataset into tokens.
func encode(engine *lm.Engine, data Dataset) (train.Dataset, error) {
	var set train.Dataset
	for _, part := range []struct {
		from []trainer.Example
		to   *[]train.Example
	}{{data.Train, &set.Train}, {data.HeldOut, &set.HeldOut}, {data.HeldOutRecorded, &set.HeldOut}} {
		for _, e := range part.from {
			tokens, err := engine.Example(ask.Messages(e.State), e.Right.String())
			if err != nil {
				return set, fmt.Errorf("example %q: %w", e.State.Task, err)
			}
			*part.to = append(*part.to, tokens)
		}
	}
	return set, nil
}

// exact counts the examples for which the adapted model says the right action.
func exact(ctx context.Context, engine *lm.Engine, a *lora.Adapter, examples []trainer.Example) (int, error) {
	const name = "starter under test"
	if err := engine.AddAdapter(name, a); err != nil {
		return 0, err
	}
	defer engine.RemoveAdapter(name)
	count := 0
	for _, e := range examples {
		right, err := ask.Says(ctx, engine, name, e.State, e.Right)
		if err != nil {
			return count, err
		}
		if right {
			count++
		}
	}
	return count, nil
}

// save writes the folder beside its place first.
func (r Report) save(engine *lm.Engine, a *lora.Adapter, data Dataset, dir string, opts Options) error {
	next := filepath.Clean(dir) + ".new"
	if err := os.RemoveAll(next); err != nil {
		return err
	}
	_, err := engine.SaveAdapter(next, a, safetensors.BF16, lora.Metadata{
		CreatedBy: opts.Version,
		Notes: map[string]string{
			"dataset_sha256": r.Digest,
			"examples":       strconv.Itoa(len(data.Train)),
			"seed":           strconv.FormatUint(opts.Seed, 10),
			"steps":          strconv.Itoa(r.Result.Steps),
			"loss":           strconv.FormatFloat(r.Result.Loss, 'g', 4, 64),
			"held_out_loss":  strconv.FormatFloat(r.Result.HeldOutLoss, 'g', 4, 64),
			"held_out_exact": fmt.Sprintf("%d of %d", r.Exact, r.HeldOut),

			"held_out_recorded_exact": fmt.Sprintf("%d of %d", r.ExactRecorded, r.HeldOutRecorded),
		},
	})
	if err != nil {
		return err
	}
	for name, steps := range map[string][]trainer.Example{
		trainer.ReplayFile: sample(data.Train, opts.Replay, opts.Seed), trainer.RegressionFile: opts.Regression,
	} {
		if err := trainer.WriteExamples(filepath.Join(next, name), steps); err != nil {
			return err
		}
	}
	old := filepath.Clean(dir) + ".old"
	if err := os.RemoveAll(old); err != nil {
		return err
	}
	if err := os.Rename(dir, old); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.Rename(next, dir); err != nil {
		return err
	}
	return os.RemoveAll(old)
}

// sample draws n of the examples without repetition.
func sample(examples []trainer.Example, n int, seed uint64) []trainer.Example {
	rng := rand.New(rand.NewPCG(seed, 0x7e97a1))
	drawn := make([]trainer.Example, 0, n)
	for _, i := range rng.Perm(len(examples))[:min(n, len(examples))] {
		drawn = append(drawn, examples[i])
	}
	return drawn
}
