package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/kit/bus"
)

// experimentsCmd is `grokputer experiments`.
type experimentsCmd struct {
	List experimentsListCmd `cmd:"" default:"withargs" help:"List the comparisons of two versions, the newest last."`
	Show experimentsShowCmd `cmd:"" help:"Show how a comparison stands, and how sure one may be after each session."`
}

type experimentsListCmd struct {
	asJSON
	ofRole
}

// Run lists the experiments.
func (cmd *experimentsListCmd) Run(ctx context.Context, c *call) error {
	list, err := withBus(ctx, c, func(b *bus.Bus) (contracts.ExperimentList, error) {
		return ask[contracts.ExperimentList](ctx, b, "registry", contracts.SubjectRegistryExperiments, contracts.ExperimentQuery{Role: cmd.Role})
	})
	if err != nil {
		return err
	}
	if cmd.JSON {
		return c.json(list)
	}
	if len(list.Experiments) == 0 {
		return c.say("no version%s was compared with another yet", of(cmd.Role))
	}
	rows := make([][]string, len(list.Experiments))
	for i, e := range list.Experiments {
		outcome, why := "runs", fmt.Sprintf("%.0f %% of the tasks go to the challenger", 100*e.Share)
		if d := e.Decision; d != nil {
			outcome, why = d.Outcome, d.By+": "+d.Why
		}
		rows[i] = []string{e.ID, e.Champion, e.Challenger, local(e.Started), outcome, screen.Line(why)}
	}
	return c.table([]string{"EXPERIMENT", "CHAMPION", "CHALLENGER", "STARTED", "OUTCOME", "WHY"}, rows)
}

type experimentsShowCmd struct {
	asJSON
	ofRole

	ID   string `arg:"" optional:"" help:"The experiment; the newest when not given."`
	Rows int    `env:"-" help:"How many looks are drawn at most, the last among them." default:"20" placeholder:"N"`
}

// Run shows one experiment.
func (cmd *experimentsShowCmd) Run(ctx context.Context, c *call) error {
	if cmd.Rows < 1 {
		return fmt.Errorf("rows: %d is not a number of looks from 1 up", cmd.Rows)
	}
	s, err := withBus(ctx, c, func(b *bus.Bus) (contracts.ExperimentStanding, error) {
		return ask[contracts.ExperimentStanding](ctx, b, "registry", contracts.SubjectRegistryExperiment, contracts.ExperimentQuery{Role: cmd.Role, ID: cmd.ID})
	})
	switch {
	case isAnswer(err, contracts.MicroNotFound):
		return fmt.Errorf("%w: `grokputer experiments%s` lists what there is", err, cmd.options())
	case err != nil:
		return err
	case cmd.JSON:
		return c.json(s)
	}
	return cmd.say(c, s)
}

// say writes how an experiment stands.
func (cmd *experimentsShowCmd) say(c *call, s contracts.ExperimentStanding) error {
	e := s.Experiment
	lines := [][2]string{
		{"experiment", e.ID}, {"started", local(e.Started)},
		{"champion", armLine(s.Champion)}, {"challenger", armLine(s.Challenger)},
		{"outcome", fmt.Sprintf("%s, by %s: %s", s.Decision.Outcome, s.Decision.By, s.Decision.Why)},
	}
	if e.Decision == nil {
		lines = append(lines, [2]string{"share", fmt.Sprintf("%.0f %% of the tasks go to the challenger", 100*e.Share)})
	}
	for _, line := range lines {
		if err := c.say("%-11s %s", line[0], screen.Line(line[1])); err != nil {
			return err
		}
	}
	if len(s.Looks) == 0 {
		return nil
	}
	if err := c.say("\nWhat the challenger gains, as far as one may be sure of it at any time:"); err != nil {
		return err
	}
	every := (len(s.Looks) + cmd.Rows - 1) / cmd.Rows
	var rows [][]string
	for i, l := range s.Looks {
		if (len(s.Looks)-1-i)%every == 0 {
			rows = append(rows, []string{
				fmt.Sprint(l.Sessions), band(l.Stars, 4), fmt.Sprintf("%+.2f to %+.2f", l.Stars.Low, l.Stars.High),
				band(l.Success, 1), fmt.Sprintf("%+.0f to %+.0f", 100*l.Success.Low, 100*l.Success.High),
			})
		}
	}
	return c.table([]string{"SESSIONS", "STARS", "", "SUCCESSES OF 100", ""}, rows)
}

// armLine says what is known of a side.
func armLine(a contracts.ExperimentArm) string {
	line := fmt.Sprintf("%s: %s", a.Version, counted(a.Sessions, "session"))
	if a.Rated > 0 {
		line += fmt.Sprintf(", %.2f stars in the mean of %d", a.MeanStars, a.Rated)
	}
	if a.Judged > 0 {
		line += fmt.Sprintf(", %d of %d done", a.Succeeded, a.Judged)
	}
	return line
}

// bandCells is the number of cells on each side of nothing gained.
const bandCells = 12

// band draws an interval on a scale from -top to top.
func band(in contracts.Interval, top float64) string {
	var b strings.Builder
	for i := -bandCells; i <= bandCells; i++ {
		x := top * float64(i) / bandCells
		half := top / bandCells / 2
		switch {
		case i == 0:
			b.WriteByte('|')
		case x+half < in.Low || x-half > in.High:
			b.WriteByte('.')
		default:
			b.WriteByte('=')
		}
	}
	return b.String()
}
