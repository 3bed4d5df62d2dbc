// Golden trains the small adapter with which PEFT and our engine are compared:
//
//	go run ./cmd/golden MODEL.gguf ../../lm/model/testdata/lora-v1
//
// It goes the whole way of a job, on the first steps of the starter's generator. What
// comes of it differs a little between processors, so it is stored and not made anew.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/grokputer/grokputer/services/trainer"
	"github.com/grokputer/grokputer/services/trainer/job"
	"github.com/grokputer/grokputer/services/trainer/starter"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: golden MODEL.gguf FOLDER")
		os.Exit(2)
	}
	if err := run(context.Background(), os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "golden:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, model, folder string) error {
	work, err := os.MkdirTemp("", "golden-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work) //nolint:errcheck // a temporary folder
	drawn := starter.Draw(7, 60, 10, nil)
	examples := drawn.Train
	for _, e := range drawn.HeldOut {
		e.HeldOut = true
		examples = append(examples, e)
	}
	if err := trainer.WriteExamples(filepath.Join(work, trainer.DatasetFile), examples); err != nil {
		return err
	}
	if model, err = filepath.Abs(model); err != nil {
		return err
	}
	recipe := trainer.DefaultConfig().Recipe
	recipe.Rank, recipe.Alpha, recipe.MinSteps, recipe.MaxSteps, recipe.LearningRate = 2, 4, 12, 12, 2e-3
	trained, err := job.Process{}.Run(ctx, trainer.Assignment{
		JobID: "golden", Version: "lora-v1", Folder: work, Model: model, Recipe: recipe, CreatedBy: "golden",
	}, func(trainer.Update) {}, nil)
	if err != nil {
		return err
	}
	fmt.Printf("held-out loss %.4f, the base's %.4f\n", trained.HeldOutLoss, trained.ParentLoss)
	return os.Rename(filepath.Join(work, trainer.AdapterFolder), folder) //nolint:gosec // where the developer wants it
}
