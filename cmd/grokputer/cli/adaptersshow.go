package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/screen"
)

type adaptersShowCmd struct {
	asJSON
	ofRole

	Version string `arg:"" help:"The version, such as lora-v3."`
}

// Run shows one version.
func (cmd *adaptersShowCmd) Run(ctx context.Context, c *call) error {
	found, err := dossiers(ctx, c, cmd.ofRole, cmd.Version)
	if err != nil {
		return err
	}
	d := found[0]
	if cmd.JSON {
		return c.json(d)
	}
	for _, line := range d.lines() {
		if err := c.say("%-11s %s", line[0], screen.Line(line[1])); err != nil {
			return err
		}
	}
	return sayGate(c, d)
}

// lines are what is known of a version, each with its name.
func (d dossier) lines() [][2]string {
	a := d.Adapter
	state := string(a.State)
	if a.Why != "" {
		state += ": " + a.Why
	}
	lines := [][2]string{
		{"version", a.Version}, {"role", string(a.Role)}, {"state", state}, {"lineage", ancestry(d.Lineage)},
	}
	if p := a.Protected; p != nil {
		lines = append(lines, [2]string{"protected", fmt.Sprintf("by %s since %s: %s", p.By, local(p.Time), orDash(p.Why))})
	}
	if len(d.Lineage.Children) > 0 {
		lines = append(lines, [2]string{"children", strings.Join(d.Lineage.Children, ", ")})
	}
	lines = append(lines, [][2]string{
		{"base model", a.BaseModel + ", sha256 " + a.BaseSHA256}, {"published", local(a.Time)}, {"sha256", a.SHA256},
		{"served", describeService(d.Figures)},
	}...)
	if a.JobID != "" {
		lines = append(lines, [2]string{"job", a.JobID}, [2]string{"trained", describeTraining(a)}, [2]string{"sessions", strings.Join(a.Sessions, ", ")})
	}
	if a.Dataset.Key != "" {
		lines = append(lines, [2]string{"dataset", fmt.Sprintf("%s, %d bytes, sha256 %s (`grokputer train explain %s%s`)", a.Dataset.Key, a.Dataset.Size, a.Dataset.SHA256, a.Version, ofRole{a.Role}.options())})
	}
	for _, f := range a.Files {
		text := fmt.Sprintf("%s, %d bytes", f.Name, f.Blob.Size)
		if a.State == contracts.AdapterRemoved && !f.Explains() {
			text += ", removed"
		}
		lines = append(lines, [2]string{"file", text})
	}
	return lines
}

// ancestry is a version's line, from parent to parent.
func ancestry(l contracts.AdapterLineage) string {
	var names []string
	for _, s := range l.Steps {
		names = append(names, s.Version)
	}
	if n := len(l.Steps); n > 0 {
		last := l.Steps[n-1].Parent
		if last != "" {
			last += " (not on record)"
		}
		names = append(names, orNone(last))
	}
	return strings.Join(names, " from ")
}

// describeService says how a version does.
func describeService(f contracts.AdapterFigures) string {
	text := counted(f.Sessions, "session")
	if f.Stars.N > 0 {
		text += fmt.Sprintf(", %s stars in the mean of %d", starsIn(f.Stars), f.Stars.N)
	}
	if f.Success.N > 0 {
		text += fmt.Sprintf(", %s %% of %d done", partIn(f.Success), f.Success.N)
	}
	if f.StarsGain.N > 0 {
		text += fmt.Sprintf("; against %s %s stars", orNone(f.Parent), gainIn("%+.2f", 1, f.StarsGain))
	}
	return text
}
