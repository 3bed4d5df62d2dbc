package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/services/feedback"
)

type statsCmd struct {
	asJSON

	Weeks int `env:"-" help:"How many weeks are shown at most, the last among them." default:"12" placeholder:"N"`
}

// trend is how the agent does over the weeks, and now.
type trend struct {
	Weeks []contracts.FiguresWeek `json:"weeks"`
	// Now is what the feedback service says; StatsError is why it does not.
	Now        *feedback.Stats `json:"now,omitempty"`
	StatsError string          `json:"stats_error,omitempty"`
}

// Run shows how the agent does.
func (cmd *statsCmd) Run(ctx context.Context, c *call) error {
	if cmd.Weeks < 1 {
		return fmt.Errorf("weeks: %d is not a number of weeks from 1 up", cmd.Weeks)
	}
	figures, err := withBus(ctx, c, func(b *bus.Bus) (contracts.Figures, error) {
		return askRegistry[contracts.Figures](ctx, b, contracts.SubjectRegistryFigures, contracts.AdapterQuery{})
	})
	if err != nil {
		return err
	}
	t := trend{Weeks: figures.Weeks[max(0, len(figures.Weeks)-cmd.Weeks):]}
	now, err := statsNow(ctx, c)
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil: // the weeks are worth showing without it
		t.StatsError = err.Error()
	default:
		t.Now = &now
	}
	if cmd.JSON {
		return c.json(t)
	}
	return t.say(c)
}

func statsNow(ctx context.Context, c *call) (feedback.Stats, error) {
	client, err := c.desk()
	if err != nil {
		return feedback.Stats{}, err
	}
	return client.Stats(ctx)
}

// say draws the weeks, and says how the agent does now.
func (t trend) say(c *call) error {
	if len(t.Weeks) == 0 {
		if err := c.say("no session has ended yet"); err != nil {
			return err
		}
	} else {
		rows := make([][]string, len(t.Weeks))
		for i, w := range t.Weeks {
			rows[i] = []string{w.Week, starBar(w.Stars), starsIn(w.Stars), fmt.Sprint(w.Stars.N), partIn(w.Success), fmt.Sprint(w.Success.N), came(w.Champions)}
		}
		if err := c.table([]string{"WEEK", "1   2   3   4   5", "STARS", "RATED", "SUCCESS %", "OF", "IN USE FROM THEN"}, rows); err != nil {
			return err
		}
		if err := c.say("in brackets, and = in the drawing: what the true value lies between, 19 times out of 20"); err != nil {
			return err
		}
	}
	if t.StatsError != "" {
		return c.note("how the agent does now is not known: %s", screen.Line(t.StatsError))
	}
	return sayStats(c, *t.Now)
}

// cellsPerStar is how many cells of a drawing a star has.
const cellsPerStar = 4

// starBar draws a mean number of stars on a scale from 1 to 5: # is below its interval, = within it.
func starBar(e contracts.Estimate) string {
	if e.N == 0 {
		return ""
	}
	var b strings.Builder
	for i := range cellsPerStar * (contracts.MaxRating - contracts.MinRating) {
		switch x := contracts.MinRating + (float64(i)+0.5)/cellsPerStar; {
		case x < e.Low:
			b.WriteByte('#')
		case x <= e.High:
			b.WriteByte('=')
		default:
			b.WriteByte('.')
		}
	}
	return b.String()
}

// came says which versions came into use.
func came(champions []contracts.ChampionSince) string {
	parts := make([]string, len(champions))
	for i, ch := range champions {
		parts[i] = orNone(screen.Line(ch.Version))
		if ch.Verb == contracts.AdapterVerbRolledBack {
			parts[i] = "back to " + parts[i]
		}
	}
	return strings.Join(parts, ", ")
}
