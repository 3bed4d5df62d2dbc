package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/grokputer/grokputer/cmd/grokputer/bench/learning"
	"github.com/grokputer/grokputer/cmd/grokputer/bench/miniwob"
	"github.com/grokputer/grokputer/contracts"
)

type benchLearningCmd struct {
	work          `embed:""`
	pagesSettings `embed:""`

	Rounds          int    `env:"-" help:"How many rounds there are in all; a larger number goes on with a curve." default:"8" placeholder:"N"`
	Sessions        int    `env:"-" help:"How many sessions are rated in a round, after which the agent trains." default:"50" placeholder:"N"`
	EvaluationSeeds int    `env:"-" help:"How many evaluation seeds of each task are played after each round." default:"10" placeholder:"N"`
	FinalSeeds      int    `env:"-" help:"How many are played at the end with what the curve began with and with what it came to." default:"50" placeholder:"N"`
	Others          int    `env:"-" help:"How many pages are drawn that nothing is learned from, to see that they do not get worse." default:"10" placeholder:"N"`
	OtherSeeds      int    `env:"-" help:"How many evaluation seeds of each of these are played at the end." default:"10" placeholder:"N"`
	Seed            uint64 `env:"-" help:"Draws the order of the tasks, the seeds to learn from, and the other pages." default:"1" placeholder:"N"`
	Corrections     bool   `env:"-" help:"Have the scripted user say of a failure what would have been right at one step; without, it gives stars alone." default:"true" negatable:""`
	Rollout         string `env:"-" help:"How a new version comes into use, as --registry-rollout." enum:"direct,canary,ab,trial" default:"trial" placeholder:"NAME"`
	Results         string `env:"-" help:"Folder for all of the curve, on which the same command goes on; learning-bench in the data folder when not given." type:"path" placeholder:"FOLDER"`
	Write           string `env:"-" help:"File of Markdown whose section about this is written anew after each round, with a plot and the figures as JSON beside it." type:"path" placeholder:"FILE"`
	JSON            string `env:"-" help:"File for the figures as JSON; - prints them." placeholder:"FILE"`
}

// Run has the agent learn in rounds, and writes how well it does after each.
func (cmd *benchLearningCmd) Run(ctx context.Context, c *call) (err error) {
	pages, tasks, _, err := cmd.open(c, "1")
	if err != nil {
		return err
	}
	if err := cmd.validate(); err != nil {
		return err
	}
	if cmd.Results == "" {
		cmd.Results = filepath.Join(c.data(), "learning-bench")
	}
	cmd.rules()
	l := &learner{call: c, cmd: cmd, pages: pages}
	settings, err := cmd.settings(c, tasks)
	if err != nil {
		return err
	}
	if l.state, err = learning.OpenState(cmd.Results, settings); err != nil {
		return err
	}
	if l.ratings, err = learning.OpenRatings(cmd.Results); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.ratings.Close()) }()
	if l.sessions, err = miniwob.OpenLog(filepath.Join(cmd.Results, "sessions")); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.sessions.Close()) }()
	if l.evaluations, err = miniwob.OpenLog(filepath.Join(cmd.Results, "evaluations")); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.evaluations.Close()) }()
	if l.meter, err = learning.NewMeter(); err != nil {
		return err
	}
	if l.program, err = builtProgram(); err != nil {
		return err
	}
	if err := l.run(ctx); err != nil {
		return err
	}
	return cmd.report(l)
}

// builtProgram names the program that runs: two of one commit may differ.
func builtProgram() (string, error) {
	program, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find our own program: %w", err)
	}
	hash, err := hashFile(program)
	return fmt.Sprintf("%s (sha256 %s)", readBuildInfo().commit(), hash), err
}

func (cmd *benchLearningCmd) validate() error {
	for _, s := range []struct {
		name         string
		value, least int
	}{
		{"rounds", cmd.Rounds, 0},
		{"sessions", cmd.Sessions, 1},
		{"evaluation-seeds", cmd.EvaluationSeeds, 1},
		{"final-seeds", cmd.FinalSeeds, 0},
		{"others", cmd.Others, 0},
		{"other-seeds", cmd.OtherSeeds, 1},
	} {
		if s.value < s.least {
			return fmt.Errorf("%s: %d is less than %d", s.name, s.value, s.least)
		}
	}
	if cmd.Planner.URL != "" {
		return errors.New("planner-url: what plans there does not learn from ratings: unset it")
	}
	return nil
}

// rules has a training begin when a round is rated, and at no other time.
func (cmd *benchLearningCmd) rules() {
	t := &cmd.Train
	t.AfterRatings = cmd.Sessions
	t.Below = contracts.MinRating // no average is lower
	t.CoolDown, t.Idle, t.GiveUp = 0, 0, 0
	cmd.Registry.Rollout = cmd.Rollout
	cmd.Registry.Settle = time.Second // the scripted user does not think better of it
}

// settings are those that one curve is made with.
func (cmd *benchLearningCmd) settings(c *call, tasks []string) (learning.Settings, error) {
	config, err := cmd.config(c)
	if err != nil {
		return learning.Settings{}, err
	}
	model, err := hashFile(config.Planner.Model)
	if err != nil {
		return learning.Settings{}, err
	}
	return learning.Settings{
		Seed: cmd.Seed, Tasks: tasks, Sessions: cmd.Sessions, EvaluationSeeds: cmd.EvaluationSeeds, Corrections: cmd.Corrections,
		Others: cmd.Others, OtherSeeds: cmd.OtherSeeds, Rollout: cmd.Rollout,
		Played: strings.Join([]string{
			fmt.Sprintf("scale %d", cmd.Scale), "screen " + cmd.Screen.Size, fmt.Sprintf("%d steps", cmd.Safety.MaxSteps),
			filepath.Base(config.Planner.Model) + " " + model,
		}, ", "),
		Rules: config.Trainer.Rules, CoolDown: config.Trainer.When.CoolDown.String(), Idle: config.Trainer.When.Idle.String(),
		Recipe: config.Trainer.Recipe, Gate: config.Trainer.Gate,
	}, nil
}

// report writes the curve as far as it has come.
func (cmd *benchLearningCmd) report(l *learner) error {
	measured := measuredWith(fmt.Sprintf("grokputer bench learning --rounds %d --seed %d --rollout %s", cmd.Rounds, cmd.Seed, cmd.Rollout))
	result := learning.ReportOf(l.state, l.ratings, l.played, cmd.FinalSeeds, measured)
	if err := cmd.document(result); err != nil {
		return err
	}
	if cmd.JSON == "-" {
		return l.json(result)
	}
	if cmd.JSON != "" {
		if err := writeJSON(cmd.JSON, result); err != nil {
			return err
		}
	}
	return l.table(learning.Heading(), result.Rows())
}

// document writes the section, the plot and the figures.
func (cmd *benchLearningCmd) document(result learning.Report) error {
	if cmd.Write == "" {
		return nil
	}
	name := strings.TrimSuffix(cmd.Write, filepath.Ext(cmd.Write))
	section := "learning"
	if !cmd.Corrections {
		name, section = name+"-stars", "learning from stars alone"
	}
	if err := learning.Document(cmd.Write).WriteSection(section, result.Markdown(filepath.Base(name)+".svg")); err != nil {
		return err
	}
	picture, err := os.Create(name + ".svg")
	if err != nil {
		return fmt.Errorf("draw the curve: %w", err)
	}
	return errors.Join(result.Plot(picture), picture.Close(), writeJSON(name+".json", result))
}

// writeJSON writes a value into a file for everyone.
func writeJSON(path string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	if err := os.WriteFile(path, append(text, '\n'), 0o644); err != nil { //nolint:gosec // a document for everyone
		return fmt.Errorf("write the result: %w", err)
	}
	return nil
}
