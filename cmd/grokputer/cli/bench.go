package cli

import (
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/grokputer/grokputer/cmd/grokputer/bench"
	"github.com/grokputer/grokputer/cmd/grokputer/bench/miniwob"
	"github.com/grokputer/grokputer/cmd/grokputer/house"
	"github.com/grokputer/grokputer/services/actor/folders"
	"github.com/grokputer/grokputer/services/observer/xgrab"
)

type benchCmd struct {
	Tasks    benchTasksCmd    `cmd:"" help:"Run random tasks of four kinds on a screen of their own."`
	Desktop  benchDesktopCmd  `cmd:"" help:"Measure how long the eyes take for a screen that is full of text."`
	Eyes     benchEyesCmd     `cmd:"" help:"Have the eyes look at real pages in a real browser, judged by the pages' own documents."`
	Miniwob  benchMiniwobCmd  `cmd:"" help:"Have the agent play MiniWoB++ tasks in a real browser, judged by the pages' rewards."`
	Learning benchLearningCmd `cmd:"" help:"Have the agent learn from ratings of what it does on MiniWoB++ pages, and measure it after each round."`
	Rollout  benchRolloutCmd  `cmd:"" help:"Simulate experiments between two adapter versions: how often and how soon they are decided."`
	LM       benchLMCmd       `cmd:"" name:"lm" help:"Measure the language-model engine: training, prefill, decoding, steps, swaps, loading."`
	LMChild  benchLMChildCmd  `cmd:"" name:"lm-child" hidden:"" help:"Do one measurement that is described on the standard input."`
}

type benchTasksCmd struct {
	work `embed:""`

	N     int      `short:"n" help:"How many tasks of each kind." default:"20" placeholder:"N"`
	Kinds []string `help:"Only these kinds of tasks." placeholder:"NAME,..."`
	Seed  uint64   `help:"Draws the tasks: the same seed draws the same ones." default:"1000000" placeholder:"N"`
	Write string   `env:"-" help:"File of Markdown whose section about this is written anew." type:"path" placeholder:"FILE"`
	JSON  bool     `help:"Print the result as JSON."`
}

// Run measures the agent with the planner that is set.
func (cmd *benchTasksCmd) Run(ctx context.Context, c *call) (err error) {
	kinds, err := cmd.kinds()
	if err != nil {
		return err
	}
	s, place, err := startApart(ctx, c, &cmd.work, func(*house.Config) {})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.stop(ctx)) }()
	runner := bench.Runner{Bus: s.Bus(), Place: place, Seed: cmd.Seed, Done: func(r bench.Result) {
		mark := "ok"
		if r.Wrong != "" {
			mark = "WRONG: " + r.Wrong
		}
		_ = c.note("%-10s %5.1f s  %s  %s", r.Case.Kind, r.Seconds, r.Case.Task, mark)
	}}
	report, err := runner.Run(ctx, kinds, cmd.N)
	if err != nil {
		return err
	}
	if cmd.Write != "" {
		with := measuredWith(fmt.Sprintf("grokputer bench tasks -n %d", cmd.N))
		if err := miniwob.Desktop(cmd.Write).WriteSection("tasks", report.Markdown(with)); err != nil {
			return err
		}
	}
	if cmd.JSON {
		return c.json(report)
	}
	for _, kind := range kinds {
		score := report.Tasks[kind.Name]
		if err := c.say("%-10s %d of %d", kind.Name, score.Success, score.N); err != nil {
			return err
		}
	}
	return errors.Join(
		c.say("mean       %.3f", report.Mean),
		c.say("a step     %.2f s in the median, %.2f s at most in nine of ten", report.Steps.P50, report.Steps.P90),
	)
}

// kinds are the chosen ones, or all.
func (cmd *benchTasksCmd) kinds() ([]bench.Kind, error) {
	if cmd.N < 1 {
		return nil, fmt.Errorf("n: %d is not a number of tasks from 1 up", cmd.N)
	}
	all := bench.Kinds()
	if len(cmd.Kinds) == 0 {
		return all, nil
	}
	var chosen []bench.Kind
	for _, name := range cmd.Kinds {
		i := slices.IndexFunc(all, func(k bench.Kind) bool { return k.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("kinds: there is no kind of task %q", name)
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}

// startApart starts a house that shares nothing with the user's: a data folder
// and folders for the agent that vanish at the end, free ports, and a screen of
// its own.
func startApart(ctx context.Context, c *call, w *work, change func(*house.Config)) (*service, bench.Place, error) {
	apart, err := os.MkdirTemp("", "grokputer-bench-")
	if err != nil {
		return nil, bench.Place{}, fmt.Errorf("make a folder for the bench: %w", err)
	}
	s, place, err := startIn(ctx, c, w, apart, func(config *house.Config) {
		config.Trainer = nil // nothing is rated, and a training would take the time that is measured
		change(config)
	})
	if err != nil {
		return nil, place, errors.Join(err, os.RemoveAll(apart))
	}
	after := s.after
	s.after = func() error { return errors.Join(after(), os.RemoveAll(apart)) }
	return s, place, nil
}

// startIn is startApart with all that is kept in a folder, on which it can go on another time.
// The home folder of the programs is new each time.
func startIn(ctx context.Context, c *call, w *work, folder string, change func(*house.Config)) (*service, bench.Place, error) {
	if w.Screen.Display != "" {
		return nil, bench.Place{}, errors.New("display: this closes windows and empties folders, so it only runs on a screen of its own")
	}
	config, err := w.config(c)
	if err != nil {
		return nil, bench.Place{}, err
	}
	home := filepath.Join(folder, "home")
	place := bench.Place{Folders: map[string]string{}, Editor: "mousepad", Calculator: "galculator", Home: home}
	config.Data = filepath.Join(folder, "data")
	config.NATS.Port, config.NATS.WriteContext, config.S3.Port, config.HTTP.Port = 0, false, 0, 0
	config.Folders = nil
	// The programs keep settings and unsaved texts at home: each run has a new one.
	config.AppEnv = []string{"HOME=" + home, "XDG_CONFIG_HOME=", "XDG_DATA_HOME=", "XDG_CACHE_HOME=", "XDG_STATE_HOME="}
	if err := errors.Join(os.RemoveAll(home), os.MkdirAll(home, 0o700)); err != nil {
		return nil, place, err
	}
	for _, name := range []string{"Desktop", "Documents", "Pictures", "vault"} {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(path, 0o700); err != nil {
			return nil, place, err
		}
		place.Folders[name] = path
		config.Folders = append(config.Folders, folders.Folder{Name: name, Path: path})
	}
	change(&config)
	place.Env = func() []string {
		ours := func(kv string) bool { return strings.HasPrefix(kv, "GROKPUTER_") } // which may hold passwords
		return append(slices.DeleteFunc(os.Environ(), ours), config.AppEnv...)
	}
	s, err := startHouse(ctx, c, config)
	if err != nil {
		return nil, place, err
	}
	place.Display = s.State().Display
	pictures := xgrab.New(place.Display, config.Screen.Monitor)
	s.after = func() error { pictures.Close(); return nil }
	place.Capture = func() (image.Image, error) {
		capture, err := pictures.Capture(ctx)
		return capture.Image, err
	}
	return s, place, nil
}
