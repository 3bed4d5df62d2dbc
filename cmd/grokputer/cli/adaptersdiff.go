package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/screen"
)

type adaptersDiffCmd struct {
	asJSON
	ofRole

	A string `arg:"" help:"One version, such as lora-v3."`
	B string `arg:"" help:"The other one, which is said to gain or lose."`
}

// Run says in what two versions differ.
func (cmd *adaptersDiffCmd) Run(ctx context.Context, c *call) error {
	both, err := dossiers(ctx, c, cmd.ofRole, cmd.A, cmd.B)
	if err != nil {
		return err
	}
	d := compare(both[0], both[1])
	if cmd.JSON {
		return c.json(d)
	}
	return d.say(c)
}

// say writes the differences.
func (d difference) say(c *call) error {
	lines := []string{d.Related}
	if d.Same {
		lines = append(lines, "their weights are the same")
	}
	for _, part := range []struct {
		version  string
		sessions []string
	}{{d.B, d.Added}, {d.A, d.Left}} {
		if len(part.sessions) > 0 {
			lines = append(lines, fmt.Sprintf("only %s learned from %s: %s", part.version, counted(len(part.sessions), "session"), strings.Join(part.sessions, ", ")))
		}
	}
	for _, line := range append(lines, d.Missing...) {
		if err := c.say("%s", screen.Line(line)); err != nil {
			return err
		}
	}
	rows := [][]string{}
	for _, f := range d.Fields {
		rows = append(rows, []string{f.Name, orDash(f.A), orDash(f.B), ""})
	}
	for _, s := range d.Sets {
		rows = append(rows, []string{"gate, " + s.Name, orDash(s.A), orDash(s.B), ""})
	}
	rows = append(rows,
		[]string{"sessions served", fmt.Sprint(d.FiguresA.Sessions), fmt.Sprint(d.FiguresB.Sessions), ""},
		[]string{"stars", starsIn(d.FiguresA.Stars), starsIn(d.FiguresB.Stars), gainIn("%+.2f", 1, d.StarsGain)},
		[]string{"success %", partIn(d.FiguresA.Success), partIn(d.FiguresB.Success), gainIn("%+.0f", 100, d.SuccessGain)})
	for _, row := range rows {
		row[0] = screen.Line(row[0])
	}
	return c.table([]string{"", d.A, d.B, "GAINED"}, rows)
}

// related says how two versions come from each other.
func related(a, b contracts.AdapterLineage) string {
	if len(a.Steps) == 0 || len(b.Steps) == 0 {
		return "where they come from is not known"
	}
	nameA, nameB := a.Steps[0].Version, b.Steps[0].Version
	for i, ofA := range a.Steps {
		for j, ofB := range b.Steps {
			switch {
			case ofA.Version != ofB.Version:
			case i == 0 && j == 0:
				return "they are the same version"
			case i == 0:
				return fmt.Sprintf("%s comes from %s, %s later", nameB, nameA, counted(j, "training"))
			case j == 0:
				return fmt.Sprintf("%s comes from %s, %s later", nameA, nameB, counted(i, "training"))
			default:
				return fmt.Sprintf("both come from %s: %s by %s, %s by %s", ofA.Version, nameA, counted(i, "training"), nameB, counted(j, "training"))
			}
		}
	}
	return "they have no version in common: each began from the base model, or from one that is not on record"
}
