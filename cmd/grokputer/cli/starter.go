package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/grokputer/grokputer/cmd/grokputer/bench"
	"github.com/grokputer/grokputer/cmd/grokputer/house"
	"github.com/grokputer/grokputer/services/actor/launch"
	"github.com/grokputer/grokputer/services/actor/scripted"
	"github.com/grokputer/grokputer/services/trainer"
)

type starterCmd struct {
	Record starterRecordCmd `cmd:"" help:"Carry out drawn sessions on real programs by their known right actions, and keep what was on the screen."`
	Pages  starterPagesCmd  `cmd:"" help:"Carry out tasks on made-up pages in a real browser, and keep what was on the screen."`
}

type starterRecordCmd struct {
	work `embed:""`

	Out   string   `arg:"" help:"File for the steps. What was tried is kept beside it, with .tries at its end: the same command goes on from there." type:"path"`
	N     int      `short:"n" help:"How many sessions of each kind." default:"20" placeholder:"N"`
	Kinds []string `help:"The kinds of sessions." default:"write,sum,find,picture,open,editor,calculator,terminal,files,dialog,settings" placeholder:"NAME,..."`
	Seed  uint64   `help:"Draws the sessions." default:"2" placeholder:"N"`
}

// Run records steps for the training of the starter adapter.
func (cmd *starterRecordCmd) Run(ctx context.Context, c *call) (err error) {
	apps, err := launch.New(launch.Options{Apps: cmd.apps()})
	if err != nil {
		return err
	}
	log, err := bench.OpenRecordLog(cmd.Out + ".tries")
	if err != nil {
		return err
	}
	tally := tally{}
	recorder := &bench.Recorder{Apps: apps.Names(), Seed: cmd.Seed, Log: log}
	recorder.Done = func(t bench.Try, before bool) {
		tally.add(t)
		if !before {
			_ = c.note("%-10s %5.1f s  %s  %s", t.Kind, t.Seconds, t.Task, outcome(t))
		}
	}
	s, place, err := startApart(ctx, c, &cmd.work, func(config *house.Config) {
		config.Planner.Own = scripted.New(recorder.Next)
		// Settings are read back from a file, and the shell is the one whose start file is written.
		config.AppEnv = append(config.AppEnv, "GSETTINGS_BACKEND=keyfile", "SHELL=/bin/bash", "DBUS_SESSION_BUS_ADDRESS=disabled:")
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.stop(ctx)) }()
	recorder.Bus, recorder.Place = s.Bus(), place
	steps, err := recorder.Record(ctx, cmd.Kinds, cmd.N)
	if err != nil {
		return err
	}
	if err := trainer.WriteExamples(cmd.Out, steps); err != nil {
		return err
	}
	for _, line := range tally.lines() {
		if err := c.say("%s", line); err != nil {
			return err
		}
	}
	return c.say("%d steps written to %s", len(steps), cmd.Out)
}

// outcome is what became of a session.
func outcome(t bench.Try) string {
	if t.Dropped == "" {
		return fmt.Sprintf("%d steps", len(t.Examples))
	}
	return "DROPPED: " + t.Dropped + ": " + t.Detail
}

// tally counts sessions and steps by kind, and what was dropped by reason.
type tally map[string]*counts

type counts struct {
	kept, steps int
	seconds     float64
	dropped     map[string]int
}

func (t tally) add(try bench.Try) {
	if t[try.Kind] == nil {
		t[try.Kind] = &counts{dropped: map[string]int{}}
	}
	n := t[try.Kind]
	if try.Dropped != "" {
		n.dropped[try.Dropped]++
		return
	}
	n.kept++
	n.steps += len(try.Examples)
	n.seconds += try.Seconds
}

func (t tally) lines() []string {
	var lines []string
	for _, kind := range slices.Sorted(maps.Keys(t)) {
		n := t[kind]
		parts := []string{fmt.Sprintf("%-10s %3d sessions, %4d steps, %.2f s a step", kind, n.kept, n.steps, n.seconds/float64(max(1, n.steps)))}
		for _, reason := range slices.Sorted(maps.Keys(n.dropped)) {
			parts = append(parts, fmt.Sprintf("dropped %d (%s)", n.dropped[reason], reason))
		}
		lines = append(lines, strings.Join(parts, "; "))
	}
	return lines
}
