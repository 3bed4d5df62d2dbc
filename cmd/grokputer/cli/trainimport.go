package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/services/trainer"
	"github.com/grokputer/grokputer/services/trainer/trl"
)

type trainImportCmd struct {
	ofRole

	File   string                   `arg:"" help:"The dataset: a line of JSON an example, in one of TRL's formats (see export)." type:"path"`
	Method contracts.TrainingMethod `env:"-" help:"auto, sft, dpo or kto; what --train-method is set to when not given." enum:",auto,sft,dpo,kto" default:"" placeholder:"METHOD"`
	Check  bool                     `env:"-" help:"Only say whether every line can be read."`
	Reason string                   `env:"-" help:"Why, for the record." placeholder:"TEXT"`
	Wait   bool                     `env:"-" help:"Watch the training until it ends; Ctrl-C stops watching, and not the training." default:"true" negatable:""`
}

// Run checks each line of a dataset, stores it, and asks for a training on it. If a
// line is wrong, nothing is stored.
func (cmd *trainImportCmd) Run(ctx context.Context, c *call) error {
	examples, format, err := readTRL(cmd.File)
	if err != nil {
		return fmt.Errorf("%s: %w", cmd.File, err)
	}
	if err := c.say("%s in the format %s, and every line can be read", counted(len(examples), "example"), format); err != nil || cmd.Check {
		return err
	}
	pointer, err := keepDataset(ctx, c, examples)
	if err != nil {
		return fmt.Errorf("store the dataset: %w", err)
	}
	now := trainNowCmd{ofRole: cmd.ofRole, Method: cmd.Method, Reason: cmd.Reason, Wait: cmd.Wait}
	return now.on(ctx, c, pointer)
}

// readTRL reads a file in one of TRL's formats.
func readTRL(path string) (examples []trainer.Example, format trl.Format, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = file.Close() }() // it was only read
	return trl.Read(file)
}

// keepDataset stores examples as a training stores its own.
func keepDataset(ctx context.Context, c *call, examples []trainer.Example) (pointer contracts.Blob, err error) {
	folder, err := os.MkdirTemp("", "grokputer-dataset-")
	if err != nil {
		return pointer, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	file := filepath.Join(folder, trainer.DatasetFile)
	if err := trainer.WriteExamples(file, examples); err != nil {
		return pointer, err
	}
	body, err := os.ReadFile(file)
	if err != nil {
		return pointer, err
	}
	store, err := c.blobs(ctx)
	if err != nil {
		return pointer, err
	}
	defer func() { err = errors.Join(err, store.close(ctx)) }()
	return store.PutContent(ctx, trainer.DatasetPrefix, trainer.DatasetSuffix, body, trainer.DatasetType)
}
