package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/grokputer/grokputer/cmd/grokputer/bench/miniwob"
	"github.com/grokputer/grokputer/cmd/grokputer/bench/sheet"
	"github.com/grokputer/grokputer/cmd/grokputer/bench/stage"
	"github.com/grokputer/grokputer/services/observer/cmd/readers"
)

type benchDesktopCmd struct {
	Observer readers.Settings `embed:"" prefix:"observer-" group:"The reader:"`

	N     int    `short:"n" env:"-" help:"How many screens." default:"5" placeholder:"N"`
	Seed  uint64 `env:"-" help:"Draws the screens: the same seed draws the same ones." default:"1" placeholder:"N"`
	Write string `env:"-" help:"File of Markdown whose section about this is written anew." type:"path" placeholder:"FILE"`
	JSON  bool   `env:"-" help:"Print the result as JSON."`
}

// Run measures how long the eyes take for a screen that is full of text.
func (cmd *benchDesktopCmd) Run(ctx context.Context, c *call) error {
	if cmd.N < 1 {
		return fmt.Errorf("n: %d is not a number of screens from 1 up", cmd.N)
	}
	with := measuredWith(fmt.Sprintf("grokputer bench desktop -n %d --observer-reader %s", cmd.N, cmd.Observer.Reader))
	report := sheet.Report{Reader: cmd.Observer.Reader}
	err := lookAlone(ctx, c, cmd.Observer, sheet.Width, sheet.Height, func(ctx context.Context, at place) (err error) {
		s, err := stage.New(ctx, nil, 1, at.display, at.env)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, s.Close(ctx)) }()
		bench := sheet.Bench{Stage: s, Eyes: at.eyes, Seed: cmd.Seed, Done: func(r sheet.Round) {
			_ = c.note("first %5.0f ms  later %4.0f ms  whole %5.0f ms  Tesseract's whole %5.0f ms  %d of %d lines exact",
				r.FirstMS, r.LaterMS, r.AgainMS, r.WholeMS, r.Exact, 2*sheet.Lines)
		}}
		report.Rounds, err = bench.Run(ctx, cmd.N)
		return err
	})
	if err != nil {
		return err
	}
	if cmd.Write != "" {
		if err := miniwob.Desktop(cmd.Write).WriteSection("a screen full of text, "+cmd.Observer.Reader, report.Markdown(with)); err != nil {
			return err
		}
	}
	if cmd.JSON {
		return c.json(report)
	}
	return c.table([]string{"FIGURE", "MEDIAN", "RANGE"}, report.Rows())
}
