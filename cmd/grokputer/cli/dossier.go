package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/services/trainer/gate"
)

// dossier is all that is known of one version.
type dossier struct {
	contracts.Adapter

	Lineage contracts.AdapterLineage `json:"lineage"`
	Figures contracts.AdapterFigures `json:"figures"`
	// Report is what the gate measured; nil when it was not measured, or when it cannot be
	// read, of which ReportError is the reason.
	Report      *gate.Report `json:"report,omitempty"`
	ReportError string       `json:"report_error,omitempty"`
	// Settings are how it was trained, by name, as its training wrote them beside the weights.
	Settings      map[string]string `json:"settings,omitempty"`
	SettingsError string            `json:"settings_error,omitempty"`
}

// dossiers asks the registry, and S3 for the reports and the settings.
func dossiers(ctx context.Context, c *call, role ofRole, versions ...string) ([]dossier, error) {
	all, err := withBus(ctx, c, func(b *bus.Bus) (all []dossier, err error) {
		figures, err := askRegistry[contracts.Figures](ctx, b, contracts.SubjectRegistryFigures, role.query("", ""))
		if err != nil {
			return nil, err
		}
		for _, version := range versions {
			d := dossier{Figures: figuresOf(figures.Versions, version)}
			if d.Adapter, err = getAdapter(ctx, b, role, version); err != nil {
				return nil, err
			}
			d.Lineage, err = askRegistry[contracts.AdapterLineage](ctx, b, contracts.SubjectRegistryLineage, role.query(version, ""))
			if err != nil {
				return nil, err
			}
			all = append(all, d)
		}
		return all, nil
	})
	if err != nil {
		return nil, err
	}
	for i := range all {
		// Whatever else is known of the version is worth showing without what cannot be read.
		d := &all[i]
		if err := beside(ctx, c, d.Adapter, contracts.ReportFile, &d.Report); err != nil {
			d.ReportError = err.Error()
		}
		var training trainingSettings
		if err := beside(ctx, c, d.Adapter, settingsFile, &training); err != nil {
			d.SettingsError = err.Error()
		}
		d.Settings = training.flat()
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
	}
	return all, nil
}

// beside reads a JSON file that lies beside a version's weights. Nothing is read when there is none.
func beside(ctx context.Context, c *call, a contracts.Adapter, name string, into any) (err error) {
	pointer, ok := a.File(name)
	if !ok {
		return nil
	}
	store, err := c.blobs(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.close(ctx)) }()
	body, err := store.Get(ctx, pointer)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("%s of %s is damaged: %w", name, a.Version, err)
	}
	return nil
}

// settingsFile lies beside an adapter's weights.
const settingsFile = "metadata.json"

// trainingSettings are what is read of it.
type trainingSettings struct {
	Recipe   map[string]any `json:"recipe"`
	Examples int            `json:"examples"`
	Pairs    int            `json:"pairs"`
	Judged   int            `json:"judged"`
	HeldOut  int            `json:"held_out"`
	Device   string         `json:"device"`
}

// flat are the settings by name; nil when there are none.
func (s trainingSettings) flat() map[string]string {
	if s.Recipe == nil {
		return nil
	}
	flat := map[string]string{
		"examples": fmt.Sprint(s.Examples), "pairs": fmt.Sprint(s.Pairs), "judged answers": fmt.Sprint(s.Judged),
		"held out": fmt.Sprint(s.HeldOut), "device": s.Device,
	}
	for name, value := range s.Recipe {
		flat["recipe, "+name] = fmt.Sprint(value)
	}
	return flat
}

// sayGate writes what a gate measured.
func sayGate(c *call, d dossier) error {
	r := d.Report
	switch {
	case d.ReportError != "":
		return c.say("\nits gate's report cannot be read: %s", screen.Line(d.ReportError))
	case r == nil:
		return nil
	}
	if err := c.say("\ngate, against %s: %s", orNone(screen.Line(r.Champion)), screen.Line(string(r.Verdict.Outcome))); err != nil {
		return err
	}
	rows := make([][]string, len(r.Sets))
	for i, s := range r.Sets {
		low, high := s.Interval()
		rows[i] = []string{
			screen.Line(string(s.Name)), fmt.Sprint(s.N()), fmt.Sprintf("%.1f", 100*s.Champion()), fmt.Sprintf("%.1f", 100*s.Candidate()),
			fmt.Sprint(s.Gained), fmt.Sprint(s.Lost), fmt.Sprintf("%+.1f (%+.1f to %+.1f)", 100*s.Difference(), 100*low, 100*high),
		}
	}
	if err := c.table([]string{"SET", "STEPS", "CHAMPION %", "RIGHT %", "GAINED", "LOST", "DIFFERENCE (90 %)"}, rows); err != nil {
		return err
	}
	reasons := r.Verdict.Why
	if r.LeftOut != "" {
		reasons = append([]string{"for the corrections " + r.LeftOut}, reasons...)
	}
	if r.Search != nil {
		reasons = append(reasons, "in a search for its settings, "+r.Search.Sentence())
	}
	for _, why := range reasons {
		if err := c.say("- %s", screen.Line(why)); err != nil {
			return err
		}
	}
	return nil
}
