package rollout

import (
	"fmt"
	"strings"

	"github.com/grokputer/grokputer/services/registry/experiment"
	"github.com/grokputer/grokputer/services/registry/experiment/simulation"
)

// HorizonHeading names the columns of HorizonRows.
func HorizonHeading() []string {
	return []string{
		"STARS", "EFFECT", "TRIAL: PROMOTED", "ROLLED BACK", "CHAMPION KEPT", "MEDIAN", "CANARY: PROMOTED", "ROLLED BACK",
		"LOST: TRIAL", "CANARY", "AB", "DIRECT",
	}
}

// HorizonRows are the costs of all cases.
func (r Report) HorizonRows() [][]string {
	var rows [][]string
	for _, c := range r.Horizon {
		stars := c.Stars
		if c.Note != "" {
			stars += ", " + c.Note
		}
		share := func(n int) string { return fmt.Sprintf("%.1f %%", 100*float64(n)/float64(max(c.Trial.Runs, 1))) }
		lost := func(l simulation.Loss) string { return fmt.Sprintf("%.1f", l.Stars) }
		rows = append(rows, []string{
			stars, fmt.Sprintf("%+.2f", c.Effect),
			share(c.Trial.Promoted), share(c.Trial.RolledBack), share(c.Trial.Kept), sessions(c.Trial.Median),
			share(c.Canary.Promoted), share(c.Canary.RolledBack),
			lost(c.Trial), lost(c.Canary), lost(c.AB), lost(c.Direct),
		})
	}
	return rows
}

// horizon writes the costs as a part of the document.
func (r Report) horizon(b *strings.Builder) {
	commit := experiment.Trial().Commit
	fmt.Fprintf(b, "\n## What one person loses\n\n"+
		"%d runs of %d sessions each, such as a month of ten a day. The champion's mean is %.1f stars, the challenger's is that and the effect. Lost are the\n"+
		"expected stars of all sessions together, compared with the better version in each of them; what is decided holds until the last one. A trial is\n"+
		"over after %d ratings, %d at least of each version; the median is that of the sessions of both, until it is decided. Promoted and rolled back are the runs that\n"+
		"were within the %d sessions. Direct promotes at once, and loses nothing where the version is better: how often it is, nobody knows.\n\n",
		r.Runs, Horizon, HorizonBase, commit.Ratings, commit.Least, Horizon)
	fmt.Fprintf(b, "| %s |\n|%s\n", strings.ToLower(strings.Join(HorizonHeading(), " | ")), strings.Repeat("---|", len(HorizonHeading())))
	for _, row := range r.HorizonRows() {
		fmt.Fprintf(b, "| %s |\n", strings.Join(row, " | "))
	}
}
