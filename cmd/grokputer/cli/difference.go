package cli

import (
	"fmt"
	"maps"
	"slices"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/services/registry/figures"
	"github.com/grokputer/grokputer/services/trainer/gate"
)

// difference is in what two versions differ.
type difference struct {
	A       string `json:"a"`
	B       string `json:"b"`
	Related string `json:"related"` // a sentence
	Same    bool   `json:"same_weights"`
	// Added are the rated sessions that only B learned from, Left those that only A did.
	Added []string `json:"added"`
	Left  []string `json:"left"`
	// Fields are what the records and the settings say differently, Sets the share of right
	// steps in the sets of each one's gate.
	Fields []differing `json:"fields"`
	Sets   []differing `json:"sets"`
	// Missing says in sentences what could not be compared.
	Missing  []string                 `json:"missing,omitempty"`
	FiguresA contracts.AdapterFigures `json:"figures_a"`
	FiguresB contracts.AdapterFigures `json:"figures_b"`
	// StarsGain and SuccessGain are B's over A.
	StarsGain   contracts.Estimate `json:"stars_gain"`
	SuccessGain contracts.Estimate `json:"success_gain"`
}

// differing is a value that is not the same, empty where there is none.
type differing struct {
	Name string `json:"name"`
	A    string `json:"a,omitempty"`
	B    string `json:"b,omitempty"`
}

// compare says in what two versions differ.
func compare(a, b dossier) difference {
	d := difference{
		A: a.Version, B: b.Version, Related: related(a.Lineage, b.Lineage), Same: a.SHA256 == b.SHA256,
		Added: without(b.Sessions, a.Sessions), Left: without(a.Sessions, b.Sessions),
		Fields: differ(facts(a), facts(b)), Sets: differ(sets(a.Report), sets(b.Report)),
		FiguresA: a.Figures, FiguresB: b.Figures,
		StarsGain:   figures.Stars(b.Figures.Ratings).Gain(figures.Stars(a.Figures.Ratings)),
		SuccessGain: figures.ProportionGain(b.Figures.Success, a.Figures.Success),
	}
	for _, v := range []dossier{a, b} {
		if v.ReportError != "" {
			d.Missing = append(d.Missing, fmt.Sprintf("the gate's report of %s cannot be read: %s", v.Version, v.ReportError))
		}
		if v.SettingsError != "" {
			d.Missing = append(d.Missing, fmt.Sprintf("the settings of %s cannot be read: %s", v.Version, v.SettingsError))
		}
	}
	return d
}

// without are the names that others does not have, in their order.
func without(names, others []string) []string {
	only := []string{}
	for _, name := range names {
		if !slices.Contains(others, name) {
			only = append(only, name)
		}
	}
	return only
}

// facts are what a version's record and its settings say, by name.
func facts(d dossier) map[string]string {
	f := maps.Clone(d.Settings)
	if f == nil {
		f = map[string]string{}
	}
	f["state"], f["parent"], f["job"], f["gate"] = string(d.State), d.Parent, d.JobID, string(d.Gate)
	f["base model"], f["dataset"] = d.BaseModel, d.Dataset.SHA256
	f["sessions learned from"], f["steps trained"] = fmt.Sprint(len(d.Sessions)), fmt.Sprint(d.Steps)
	for name, loss := range map[string]float64{"loss": d.Loss, "held-out loss": d.HeldOutLoss} {
		if loss > 0 {
			f[name] = fmt.Sprintf("%.4f", loss)
		}
	}
	return f
}

// sets are the shares of right steps in a gate's sets.
func sets(r *gate.Report) map[string]string {
	right := map[string]string{}
	if r == nil {
		return right
	}
	for _, s := range r.Sets {
		right[string(s.Name)] = fmt.Sprintf("%.1f %% of %d right, %+.1f over %s", 100*s.Candidate(), s.N(), 100*s.Difference(), orNone(r.Champion))
	}
	return right
}

// differ are the names whose values are not the same, in their order.
func differ(a, b map[string]string) []differing {
	all := maps.Clone(a)
	maps.Copy(all, b)
	list := []differing{}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if a[name] != b[name] {
			list = append(list, differing{Name: name, A: a[name], B: b[name]})
		}
	}
	return list
}
