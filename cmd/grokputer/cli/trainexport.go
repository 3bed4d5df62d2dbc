package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/services/trainer"
	"github.com/grokputer/grokputer/services/trainer/trl"
)

type trainExportCmd struct {
	Role    contracts.Role `env:"-" help:"Whose dataset: of the planner, the recovery or the action; or of the reader, which is no language model: a folder with pictures of what it misread." default:"planner" placeholder:"ROLE"`
	Version string         `arg:"" optional:"" help:"The version whose dataset to write, such as lora-v3."`
	Now     bool           `env:"-" help:"Write what a training would learn from now instead."`
	Format  trl.Format     `env:"-" help:"sft: prompt, completion. dpo: prompt, chosen, rejected, of corrected steps. kto: prompt, completion, label." enum:"sft,dpo,kto" default:"sft" placeholder:"FORMAT"`
	Output  string         `short:"o" env:"-" help:"File to write; the standard output when not given. Of the reader, the folder to make." type:"path" placeholder:"FILE"`
}

// Run writes a dataset in one of TRL's formats.
func (cmd *trainExportCmd) Run(ctx context.Context, c *call) error {
	if cmd.Role == contracts.RoleReader {
		return cmd.readings(ctx, c)
	}
	if cmd.Now == (cmd.Version != "") {
		return errors.New("name a version, such as lora-v1, or give --now for what a training would learn from now")
	}
	examples, err := cmd.examples(ctx, c)
	if err != nil {
		return fmt.Errorf("export the dataset: %w", err)
	}
	written := 0
	write := func(w io.Writer) (err error) {
		written, err = trl.Write(w, cmd.Format, examples)
		return err
	}
	if cmd.Output == "" {
		err = write(c.out)
	} else {
		err = newFile(cmd.Output, write)
	}
	if err != nil {
		return err
	}
	left := ""
	if n := len(examples) - written; n > 0 {
		left = fmt.Sprintf("; %s cannot be said in this format", counted(n, "other"))
	}
	return c.note("%s in the format %s%s", counted(written, "example"), cmd.Format, left)
}

func (cmd *trainExportCmd) examples(ctx context.Context, c *call) ([]trainer.Example, error) {
	if !cmd.Now {
		_, examples, err := datasetOf(ctx, c, ofRole{cmd.Role}, cmd.Version)
		return examples, err
	}
	made, err := withBus(ctx, c, func(b *bus.Bus) (contracts.DatasetMade, error) {
		return ask[contracts.DatasetMade](ctx, b, "trainer", contracts.SubjectTrainerDataset, contracts.TrainingQuery{Role: cmd.Role})
	})
	if err != nil {
		return nil, err
	}
	return dataset(ctx, c, made.Dataset)
}

// newFile has a file written that is not there yet; none is left of one that failed. It
// tells what was on the screen, so it is for its owner alone.
func newFile(path string, write func(io.Writer) error) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%s is there already: name another file", path)
	}
	if err != nil {
		return err
	}
	if err := errors.Join(write(file), file.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}
