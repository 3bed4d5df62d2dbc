package cli

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/grokputer/grokputer/cmd/grokputer/bench/miniwob"
	"github.com/grokputer/grokputer/services/observer"
	"github.com/grokputer/grokputer/services/observer/cmd/readers"
)

type benchEyesCmd struct {
	pagesSettings `embed:""`

	Observer readers.Settings `embed:"" prefix:"observer-" group:"The reader:"`

	Seeds    string `env:"-" help:"Which pages of each task: a range such as 1-20, or how many from seed 1000000 up." default:"3" placeholder:"N"`
	Size     string `name:"screen-size" help:"Size of the screen." default:"1280x800" placeholder:"WxH"`
	Misses   bool   `env:"-" help:"Say of each miss what was wanted and what was seen near it."`
	Pictures string `env:"-" help:"Folder for the picture of each page, and for the same with what was seen." type:"path" placeholder:"FOLDER"`
	Write    string `env:"-" help:"File of Markdown whose section about this is written anew." type:"path" placeholder:"FILE"`
	JSON     bool   `env:"-" help:"Print the result as JSON."`
}

// Run has the eyes look at real pages and judges them by the pages' documents.
func (cmd *benchEyesCmd) Run(ctx context.Context, c *call) error {
	pages, tasks, seeds, err := cmd.open(c, cmd.Seeds)
	if err != nil {
		return err
	}
	width, height, err := size(cmd.Size)
	if err != nil {
		return err
	}
	with := measuredWith(cmd.command())
	var sight miniwob.Sight
	err = lookAlone(ctx, c, cmd.Observer, width, height, func(ctx context.Context, at place) (err error) {
		stage, err := miniwob.NewStage(ctx, pages, cmd.Scale, at.display, at.env)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, stage.Close(ctx)) }()
		watcher := miniwob.Watcher{Stage: stage, Eyes: at.eyes, Done: func(seen miniwob.Seen) error { return cmd.tell(c, seen) }}
		sight, err = watcher.Watch(ctx, tasks, seeds)
		return err
	})
	if err != nil {
		return err
	}
	return cmd.report(c, sight, with)
}

// tell says how a page went, and keeps its pictures.
func (cmd *benchEyesCmd) tell(c *call, seen miniwob.Seen) error {
	found := seen.Found()
	_ = c.note("%-24s %8d  %3d of %3d", seen.Task, seen.Seed, found.Found, found.N)
	for _, v := range seen.Verdicts {
		if cmd.Misses && !v.Found {
			_ = c.note("    %s", v)
		}
	}
	if cmd.Pictures == "" {
		return nil
	}
	name := filepath.Join(cmd.Pictures, seen.Task+"-"+strconv.FormatInt(seen.Seed, 10))
	return errors.Join(savePicture(name+".png", seen.Picture), savePicture(name+"-seen.png", observer.Annotate(seen.Picture, seen.Screen)))
}

// savePicture writes a picture, and the folder that it goes to.
func savePicture(file string, picture image.Image) (err error) {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return fmt.Errorf("keep a picture: %w", err)
	}
	f, err := os.Create(file)
	if err != nil {
		return fmt.Errorf("keep a picture: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return png.Encode(f, picture)
}

// command is how to measure the same again.
func (cmd *benchEyesCmd) command() string {
	command := fmt.Sprintf("grokputer bench eyes --seeds %s --scale %d", cmd.Seeds, cmd.Scale)
	if len(cmd.Tasks) > 0 {
		command += " --tasks " + strings.Join(cmd.Tasks, ",")
	}
	return command
}

func (cmd *benchEyesCmd) report(c *call, sight miniwob.Sight, with string) error {
	if cmd.Write != "" {
		if err := miniwob.Desktop(cmd.Write).WriteSection("eyes scale "+strconv.Itoa(cmd.Scale), sight.Markdown(with)); err != nil {
			return err
		}
	}
	if cmd.JSON {
		if !cmd.Misses {
			sight.Misses = nil
		}
		return c.json(sight)
	}
	rows := make([][]string, 0, len(sight.ByKind))
	for _, kind := range sight.Kinds() {
		t := sight.ByKind[kind]
		rows = append(rows, []string{
			string(kind), strconv.Itoa(t.N), strconv.Itoa(t.Found), fmt.Sprintf("%.1f %%", 100*t.Share()), sight.CausesOf(kind),
		})
	}
	err := c.table([]string{"KIND", "N", "FOUND", "SHARE", "MISSES BY CAUSE"}, rows)
	return errors.Join(err, c.say("scale %d: %d of %d found (%.1f %%); first frame %.0f ms, later frame %.0f ms", sight.Scale,
		sight.Found, sight.N, 100*miniwob.Tally{N: sight.N, Found: sight.Found}.Share(), sight.FirstFrameMS, sight.LaterFrameMS))
}
