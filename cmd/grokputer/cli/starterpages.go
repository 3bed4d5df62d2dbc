package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/grokputer/grokputer/cmd/grokputer/bench/pages"
	"github.com/grokputer/grokputer/cmd/grokputer/bench/stage"
	"github.com/grokputer/grokputer/services/actor/xtest"
	"github.com/grokputer/grokputer/services/observer/cmd/readers"
	"github.com/grokputer/grokputer/services/trainer"
	"github.com/grokputer/grokputer/services/trainer/starter/web"
)

// sameScale is how many sessions in a row are shown at one scale: each change of it
// takes a new browser.
const sameScale = 40

// failuresMost is how many pages in a row may fail, as one does when its browser ends,
// before the recording is given up.
const failuresMost = 3

type starterPagesCmd struct {
	Observer readers.Settings `embed:"" prefix:"observer-" group:"The reader:"`

	Out      string   `arg:"" help:"File for the steps. Recorded sessions are kept beside it, from which an interrupted recording goes on." type:"path"`
	Steps    int      `short:"n" help:"How many steps." default:"3500" placeholder:"N"`
	Families []string `help:"The kinds of tasks; all when not given." placeholder:"NAME,..."`
	Seed     uint64   `help:"Draws the pages." default:"3" placeholder:"N"`
	Pictures string   `help:"Folder for the last picture, the page and the actions of each session that was cut short." type:"path" placeholder:"FOLDER"`
	Size     string   `name:"screen-size" help:"Size of the screen." default:"1280x800" placeholder:"WxH"`
}

// Run records steps on made-up pages for the training of the starter adapter.
func (cmd *starterPagesCmd) Run(ctx context.Context, c *call) (err error) {
	for _, name := range cmd.Families {
		if !slices.Contains(web.Families(), name) {
			return fmt.Errorf("families: there is no %q; there are %s", name, strings.Join(web.Families(), ", "))
		}
	}
	width, height, err := size(cmd.Size)
	if err != nil {
		return err
	}
	log, err := pages.OpenLog(cmd.Out + ".sessions")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	began, before := time.Now(), log.Count()
	if before < cmd.Steps {
		err = lookAlone(ctx, c, cmd.Observer, width, height, func(ctx context.Context, at place) error { return cmd.record(ctx, c, at, log) })
		if err != nil {
			return err
		}
	}
	var steps []trainer.Example
	for _, s := range log.All() {
		steps = append(steps, s.Steps...)
	}
	if err := trainer.WriteExamples(cmd.Out, steps); err != nil {
		return err
	}
	took := time.Since(began)
	return errors.Join(cmd.report(c, log), c.say("%d steps written to %s; %.2f s a step now", len(steps), cmd.Out,
		took.Seconds()/float64(max(1, log.Count()-before))))
}

// record goes on until there are enough steps.
func (cmd *starterPagesCmd) record(ctx context.Context, c *call, at place, log *pages.Log) (err error) {
	at.eyes.still = pageStill
	hands := xtest.New(xtest.Options{Display: at.display, Authority: at.authority})
	defer hands.Close()
	recorder := &pages.Recorder{Eyes: at.eyes, Hands: hands}
	defer func() {
		if recorder.Stage != nil {
			err = errors.Join(err, recorder.Stage.Close(ctx))
		}
	}()
	failures := 0 // in a row
	for number := log.Next(); log.Count() < cmd.Steps; number++ {
		scale := 2
		if number/sameScale%3 == 2 {
			scale = 1
		}
		if recorder.Stage == nil || recorder.Stage.Scale() != scale {
			if recorder.Stage != nil {
				if err := recorder.Stage.Close(ctx); err != nil {
					return err
				}
			}
			if recorder.Stage, err = stage.New(ctx, nil, scale, at.display, at.env); err != nil {
				return err
			}
		}
		session := web.Draw(cmd.Seed, number, scale, cmd.Families...)
		recorded, err := recorder.Record(ctx, number, session)
		if err == nil {
			failures = 0
		} else if failures++; ctx.Err() != nil || failures == failuresMost {
			return err
		} else {
			_ = c.note("%v", err)
			recorded = pages.Recorded{Number: number, Family: session.Family, Dropped: "failed"}
			if err := recorder.Stage.Leave(); err != nil {
				return err
			}
		}
		if err := cmd.keep(recorded, session); err != nil {
			return err
		}
		recorded.Picture = nil // the log remembers what is added
		if err := log.Add(recorded); err != nil {
			return err
		}
		_ = c.note("%6d  %-8s %2d steps %5.1f s  %s", number, recorded.Family, len(recorded.Steps), recorded.Seconds, recorded.Dropped)
	}
	return nil
}

// keep saves what a session was cut short on.
func (cmd *starterPagesCmd) keep(r pages.Recorded, s web.Session) error {
	if cmd.Pictures == "" || r.Dropped == "" || r.Picture == nil {
		return nil
	}
	name := filepath.Join(cmd.Pictures, fmt.Sprintf("%s-%d", r.Family, r.Number))
	lines := []string{s.Task, r.Dropped}
	for _, d := range r.Done {
		lines = append(lines, d.Action+" "+d.Result)
	}
	text := strings.Join(lines, "\n") + "\n"
	return errors.Join(savePicture(name+".png", r.Picture), os.WriteFile(name+".html", []byte(s.HTML), 0o600), os.WriteFile(name+".txt", []byte(text), 0o600))
}

// report says what was recorded of each kind, and what was dropped for which reason.
func (cmd *starterPagesCmd) report(c *call, log *pages.Log) error {
	type count struct {
		sessions, steps, dropped int
		why                      map[string]int
	}
	counts := map[string]*count{}
	for _, s := range log.All() {
		if counts[s.Family] == nil {
			counts[s.Family] = &count{why: map[string]int{}}
		}
		n := counts[s.Family]
		n.sessions++
		n.steps += len(s.Steps)
		if s.Dropped != "" {
			n.dropped++
			n.why[s.Dropped]++
		}
	}
	var rows [][]string
	for _, family := range web.Families() {
		n := counts[family]
		if n == nil {
			continue
		}
		var why []string
		for reason, times := range n.why {
			why = append(why, fmt.Sprintf("%s %d", reason, times))
		}
		slices.SortFunc(why, cmp.Compare)
		rows = append(rows, []string{
			family, strconv.Itoa(n.sessions), strconv.Itoa(n.steps),
			fmt.Sprintf("%.0f %%", 100*float64(n.dropped)/float64(n.sessions)), strings.Join(why, ", "),
		})
	}
	return c.table([]string{"FAMILY", "SESSIONS", "STEPS", "CUT SHORT", "WHY"}, rows)
}
