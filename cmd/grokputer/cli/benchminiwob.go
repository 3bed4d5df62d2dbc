package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/grokputer/grokputer/cmd/grokputer/bench/miniwob"
	"github.com/grokputer/grokputer/cmd/grokputer/bench/miniwob/perfect"
	"github.com/grokputer/grokputer/cmd/grokputer/house"
	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/actor/scripted"
)

// Who plans in a bench.
const (
	planLocal    = "local"    // what is set: the model with the adapter that the registry or a flag says
	planScripted = "scripted" // perfect plans, which see our elements alone: the ceiling
)

type benchMiniwobCmd struct {
	work          `embed:""`
	pagesSettings `embed:""`

	Seeds       string `env:"-" help:"Which episodes of each task: a range such as 1000000-1000049, or how many from seed 1000000 up." default:"50" placeholder:"N-N"`
	Planner     string `name:"planner" env:"-" help:"What plans: local, the model that is set; or scripted, perfect plans for the development tasks." enum:"local,scripted" default:"local" placeholder:"NAME"`
	LoraVersion string `help:"Adapter version to plan with, such as lora-v1, fetched from the Grokputer that is up; what else is set, or the starter, when not given." placeholder:"VERSION"`
	Results     string `env:"-" help:"Folder for finished episodes, from which an interrupted bench goes on, and for frames of those that failed; miniwob-bench in the data folder when not given." type:"path" placeholder:"FOLDER"`
	Write       string `env:"-" help:"File of Markdown whose section about this is written anew." type:"path" placeholder:"FILE"`
	JSON        string `env:"-" help:"File for the result as JSON; - prints it." placeholder:"FILE"`
}

// Run has the agent play episodes on real pages, judged by the pages' rewards.
func (cmd *benchMiniwobCmd) Run(ctx context.Context, c *call) (err error) {
	pages, tasks, seeds, err := cmd.open(c, cmd.Seeds)
	if err != nil {
		return err
	}
	if cmd.Results == "" {
		cmd.Results = filepath.Join(c.data(), "miniwob-bench")
	}
	log, err := miniwob.OpenLog(cmd.Results)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	forget, err := cmd.fetch(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, forget()) }()
	with, err := cmd.with(c)
	if err != nil {
		return err
	}
	measured := measuredWith(fmt.Sprintf("grokputer bench miniwob --planner %s --seeds %s --scale %d", cmd.Planner, cmd.Seeds, cmd.Scale))
	plans := &perfect.Planner{}
	s, place, err := startApart(ctx, c, &cmd.work, func(config *house.Config) {
		if cmd.Planner == planScripted {
			config.Planner = house.Planner{Own: scripted.New(plans.Next)}
		}
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.stop(ctx)) }()
	stage, err := newStage(ctx, s, pages, cmd.Scale)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stage.Close(ctx)) }()
	player := miniwob.Player{
		Stage: stage, Bus: s.Bus(), Frames: s.Blobs(), Desktop: cmd.Desktop, With: with, Log: log,
		Failed: filepath.Join(cmd.Results, "failed"), Begin: plans.Begin, Clear: place.Clear, Gone: s.ended,
		Done: func(e miniwob.Episode, before bool) { sayEpisode(c, e, before) },
	}
	player.Blame = func(e miniwob.Episode, taken []contracts.TaskStep) string { return blame(e, taken, player.Asked) }
	if cmd.Planner == planScripted {
		player.Asked = plans.Asked
	}
	episodes, err := player.Play(ctx, tasks, seeds)
	if err != nil {
		return err
	}
	return cmd.report(c, tasks, episodes, measured)
}

// blame compares a failed episode with the perfect plan for its task.
func blame(e miniwob.Episode, taken []contracts.TaskStep, asked func() prompt.State) string {
	var turns []perfect.Turn
	for _, step := range taken {
		if step.State == nil { // too large for an event
			return ""
		}
		turns = append(turns, perfect.Turn{State: *step.State, Action: step.Action})
	}
	if e.Code == contracts.ReasonPlanner && asked != nil {
		turns = append(turns, perfect.Turn{State: asked(), Undone: true})
	}
	return string(perfect.Blame(e.Task, turns))
}

// fetch has the version that is to plan in a folder of its own until forget.
func (cmd *benchMiniwobCmd) fetch(ctx context.Context, c *call) (forget func() error, err error) {
	if cmd.LoraVersion == "" {
		return func() error { return nil }, nil
	}
	if cmd.LoraVersion == contracts.VersionNone {
		cmd.work.Planner.Adapter = noAdapter
		return func() error { return nil }, nil
	}
	folder, err := os.MkdirTemp("", "grokputer-adapter-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for the adapter: %w", err)
	}
	get := adaptersDownloadCmd{Version: cmd.LoraVersion, Output: filepath.Join(folder, cmd.LoraVersion)}
	quiet := *c
	quiet.out = c.err // the result is the bench's
	if err := get.Run(ctx, &quiet); err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	cmd.work.Planner.Adapter = get.Output
	return func() error { return os.RemoveAll(folder) }, nil
}

// sayEpisode says how an episode went.
func sayEpisode(c *call, e miniwob.Episode, before bool) {
	mark := "ok"
	if !e.Success {
		mark = "FAILED: " + howEnded(e)
	}
	if before {
		mark += " (earlier)"
	}
	_ = c.note("%-24s %8d  %2d steps %5.1f s  %s  %s", e.Task, e.Seed, e.Steps, e.Seconds, screen.Line(e.Goal), mark)
}

// howEnded says why an episode is no success.
func howEnded(e miniwob.Episode) string {
	how := string(e.Ending)
	if e.Reward != nil {
		how = "reward " + strconv.FormatFloat(*e.Reward, 'g', 3, 64) + ", " + how
	}
	if e.Reason != "" {
		how += ": " + e.Reason
	}
	return how
}

func (cmd *benchMiniwobCmd) report(c *call, tasks []string, episodes []miniwob.Episode, measured string) error {
	result := miniwob.Summarise(episodes)
	result.Planner, result.Scale = cmd.Planner, cmd.Scale
	if cmd.Write != "" {
		name := fmt.Sprintf("miniwob %s scale %d", cmd.Planner, cmd.Scale)
		if err := miniwob.Desktop(cmd.Write).WriteSection(name, result.Markdown(measured)); err != nil {
			return err
		}
	}
	if cmd.JSON == "-" {
		return c.json(result)
	}
	if cmd.JSON != "" {
		if err := writeJSON(cmd.JSON, result); err != nil {
			return err
		}
	}
	rows := make([][]string, 0, len(tasks))
	for _, task := range tasks {
		t := result.Tasks[task]
		rows = append(rows, []string{
			task, strconv.Itoa(t.N), strconv.Itoa(t.Success), fmt.Sprintf("%.1f %%", 100*t.Rate),
			fmt.Sprintf("%.1f to %.1f %%", 100*t.Low, 100*t.High), fmt.Sprintf("%.1f", t.Steps), fmt.Sprintf("%.2f", t.SecondsPerStep),
			t.FaultsText(),
		})
	}
	heading := strings.Split("TASK,N,SUCCESS,RATE,95 % INTERVAL,STEPS,SECONDS A STEP,FAILURES", ",")
	return errors.Join(c.table(heading, rows), c.say("mean of the tasks' rates: %.3f", result.Mean))
}
