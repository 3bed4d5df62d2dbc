// Starter trains the adapter that the agent starts with (make starter).
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/grokputer/grokputer/lm"
	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/train"
	"github.com/grokputer/grokputer/services/trainer"
	"github.com/grokputer/grokputer/services/trainer/starter"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "starter:", err)
		os.Exit(1) //nolint:gocritic // stop has nothing to undo once the process ends
	}
}

// settings are the command's flags.
type settings struct {
	base, out, work, regression     string
	traces                          []string
	examples, heldOut, replay, rank int
	epochs                          int
	rate, dropout                   float64
	seed                            uint64
}

func parse(args []string, w io.Writer) (settings, error) {
	var s settings
	f := flag.NewFlagSet("starter", flag.ContinueOnError)
	f.SetOutput(w)
	f.StringVar(&s.base, "base", "", "base `model`: a GGUF file (required)")
	f.StringVar(&s.out, "out", "adapters/starter", "`folder` of the adapter; an earlier one is replaced at the end")
	f.Func("traces", "`file` of steps recorded on real programs or pages (grokputer starter record, starter pages); can be given again", func(file string) error {
		s.traces = append(s.traces, file)
		return nil
	})
	f.StringVar(&s.regression, "regression", "", "`file` of steps of the README's tasks, which are shipped and not trained on")
	f.StringVar(&s.work, "work", ".cache/starter", "`folder` of the checkpoints: an interrupted training goes on from there")
	f.IntVar(&s.examples, "examples", 5000, "generated `steps` to train on")
	f.IntVar(&s.heldOut, "held-out", 120, "generated `steps` to measure with")
	f.IntVar(&s.replay, "replay", 1000, "training `steps` to ship beside the adapter")
	f.IntVar(&s.rank, "rank", 16, "the adapter's rank")
	f.IntVar(&s.epochs, "epochs", 1, "passes over the steps")
	f.Float64Var(&s.rate, "rate", 5e-4, "highest learning rate")
	f.Float64Var(&s.dropout, "dropout", 0, "LoRA dropout")
	f.Uint64Var(&s.seed, "seed", 11, "draws the examples, the adapter's start and the order")
	if err := f.Parse(args); err != nil {
		return s, err
	}
	if s.base == "" {
		return s, errors.New("--base is missing: the GGUF file of the base model (make model fetches one)")
	}
	return s, nil
}

func run(ctx context.Context, args []string, w io.Writer) error {
	s, err := parse(args, w)
	if err != nil {
		return err
	}
	var recorded []trainer.Example
	for _, file := range s.traces {
		steps, err := trainer.ReadExamples(file)
		if err != nil {
			return err
		}
		recorded = append(recorded, steps...)
	}
	var regression []trainer.Example
	if s.regression != "" {
		if regression, err = trainer.ReadExamples(s.regression); err != nil {
			return err
		}
	}
	engine, err := lm.Open(ctx, s.base, lm.Options{})
	if err != nil {
		return err
	}
	defer engine.Close() //nolint:errcheck // nothing is written through it

	data := starter.Draw(s.seed, s.examples, s.heldOut, recorded)
	fmt.Fprintf(w, "%s on %s: %d generated and %d recorded steps, %d held out\n",
		engine.Info().Name, engine.Info().Device, len(data.Train)+len(data.HeldOutRecorded)-len(recorded), len(recorded)-len(data.HeldOutRecorded), len(data.HeldOut)+len(data.HeldOutRecorded))

	opts := starter.Options{Seed: s.seed, Lora: lora.DefaultConfig(), Train: train.DefaultOptions(), Replay: s.replay, Version: "make starter", Regression: regression}
	opts.Lora.Rank, opts.Lora.Alpha, opts.Lora.Dropout = s.rank, float32(s.rank), float32(s.dropout)
	opts.Train.Seed, opts.Train.Epochs, opts.Train.LearningRate = s.seed, s.epochs, s.rate
	opts.Train.CheckpointDir = filepath.Join(s.work, "checkpoints")
	opts.Train.CheckpointEvery = 25
	opts.Train.OnEvent = progress(w)
	if err := os.MkdirAll(opts.Train.CheckpointDir, 0o750); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(s.out), 0o750); err != nil {
		return err
	}
	report, err := starter.Build(ctx, engine, data, s.out, opts)
	if errors.Is(err, context.Canceled) {
		return fmt.Errorf("interrupted: the same command goes on from %s", opts.Train.CheckpointDir)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%d steps, loss %.4f, held out %.4f; says exactly the right action in %d of %d held-out generated steps and %d of %d recorded ones\nwritten to %s\n",
		report.Result.Steps, report.Result.Loss, report.Result.HeldOutLoss, report.Exact, report.HeldOut,
		report.ExactRecorded, report.HeldOutRecorded, s.out)
	return os.RemoveAll(s.work)
}

// progress prints what happens in a training.
func progress(w io.Writer) func(train.Event) {
	return func(event train.Event) {
		switch e := event.(type) {
		case train.Started:
			fmt.Fprintf(w, "%d steps over %d tokens, %d of them labels", e.Steps, e.Tokens, e.Labels)
			if e.Resumed > 0 {
				fmt.Fprintf(w, "; %d done before", e.Resumed)
			}
			fmt.Fprintln(w)
		case train.Stepped:
			if e.Step%10 == 0 || e.Step == e.Steps {
				fmt.Fprintf(w, "step %d of %d  loss %.4f  %.0f tokens/s  %s left\n",
					e.Step, e.Steps, e.Loss, e.TokensPerSecond, e.Left.Round(time.Second))
			}
		case train.Skipped:
			fmt.Fprintf(w, "a damaged checkpoint was passed over: %v\n", e.Err)
		}
	}
}
