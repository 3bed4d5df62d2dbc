package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/services/trainer"
	"github.com/grokputer/grokputer/services/trainer/shadow"
)

// replayFolder is the folder, in the data folder, of what versions said at earlier replays.
const replayFolder = "replay"

// againstChampion is what stands for the version in use.
const againstChampion = "champion"

type replayCmd struct {
	asJSON

	Version string `name:"lora-version" env:"-" required:"" help:"The version to score, such as lora-v8; none for the base model alone." placeholder:"VERSION"`
	Against string `env:"-" help:"The version to compare it with, or champion for the one in use; what was done then when not given." placeholder:"VERSION"`
	Since   since  `env:"-" help:"How far back sessions were rated, such as 7d, 2w or 36h, or a day such as 2026-11-01." default:"7d" placeholder:"TIME"`
	Model   string `help:"File of the base model (GGUF); the fetched one in the models folder when not given." type:"path" placeholder:"FILE"`
	Threads int    `env:"-" help:"How many threads compute; half of the processors when not given, and one while a training runs." placeholder:"N"`
	Anew    bool   `env:"-" help:"Ask everything again instead of going on from what earlier replays asked."`
}

// replayed is a replay for programs.
type replayed struct {
	shadow.Report
	shadow.Judged

	Since time.Time `json:"since"`
	// Sessions are how many rated sessions there are, of which Unreadable have no bundle any more.
	Sessions   int `json:"sessions"`
	Unreadable int `json:"unreadable,omitempty"`
	// Interrupted is true when not all steps were measured.
	Interrupted bool `json:"interrupted,omitempty"`
}

// Run scores a version on past rated sessions.
func (cmd *replayCmd) Run(ctx context.Context, c *call) error {
	if cmd.Threads < 0 {
		return fmt.Errorf("threads: %d is not a number from 1 up", cmd.Threads)
	}
	r := replayed{Since: cmd.Since.before(time.Now())}
	known, err := withBus(ctx, c, func(b *bus.Bus) (replayKnown, error) { return cmd.ask(ctx, b, r.Since) })
	if err != nil {
		return err
	}
	if r.Sessions = len(known.rated); r.Sessions == 0 {
		return fmt.Errorf("no session was rated since %s: rate one (`grokputer rate SESSION`), or look further back with --since", local(r.Since))
	}
	at, err := cmd.open(ctx, c, known)
	if err != nil {
		return err
	}
	return errors.Join(cmd.measure(ctx, c, at, known, r), at.close())
}

// measure asks the versions and tells what came of it, also when it is interrupted.
func (cmd *replayCmd) measure(ctx context.Context, c *call, at *replayPlace, known replayKnown, r replayed) error {
	sessions, err := bundles(ctx, at.blobs.Store, known.rated)
	if err != nil {
		return err
	}
	r.Unreadable = r.Sessions - len(sessions)
	r.Judged = shadow.Judge(sessions, trainer.DefaultConfig().Recipe.MinBlame)
	if len(r.Judged.Steps) == 0 {
		return fmt.Errorf("%s since %s, and no step of them is known to be right or the plan's fault: "+
			"say so in one of them (`grokputer rate SESSION`), or look further back with --since", counted(r.Sessions, "rated session"), local(r.Since))
	}
	options := shadow.Options{Candidate: at.candidate, Against: at.against}
	began, tick := time.Now(), newTicker(c.err)
	options.Progress = func(done, of int) {
		left := time.Since(began) / time.Duration(done) * time.Duration(of-done)
		tick.show(contracts.TrainingProgress{Step: done, Steps: of, LeftSeconds: left.Seconds()})
	}
	var failed error
	r.Report, failed = shadow.Replay(ctx, r.Judged.Steps, options)
	tick.end()
	r.Interrupted = failed != nil
	if cmd.JSON {
		return errors.Join(failed, c.json(r))
	}
	return errors.Join(failed, r.say(c))
}

// threads is how many threads compute.
func (cmd *replayCmd) threads(training bool) int {
	switch {
	case cmd.Threads > 0:
		return cmd.Threads
	case training:
		return 1
	default:
		return max(1, runtime.NumCPU()/2)
	}
}

// answers opens what a version said before, unless everything is asked anew.
func (cmd *replayCmd) answers(c *call, modelSHA256, adapterSHA256 string) (*shadow.Answers, error) {
	if cmd.Anew {
		return nil, nil //nolint:nilnil // there are none
	}
	return shadow.OpenAnswers(filepath.Join(c.data(), replayFolder), modelSHA256, adapterSHA256)
}
