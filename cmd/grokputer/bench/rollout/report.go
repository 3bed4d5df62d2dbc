package rollout

import (
	"context"
	"fmt"

	"github.com/grokputer/grokputer/services/registry/experiment"
	"github.com/grokputer/grokputer/services/registry/experiment/simulation"
)

// Report is what the simulation found. Medians are of the sessions of the challenger's
// arm, over all runs, and null where fewer than half of them ended as hoped.
type Report struct {
	// FalseDecisionRate is the greatest share of experiments without a difference that were
	// promoted or rolled back, of the three distributions.
	FalseDecisionRate float64 `json:"false_decision_rate"`
	// The medians are those of bell.
	ToRollback *int `json:"median_sessions_to_rollback_minus1"`
	ToPromote  *int `json:"median_sessions_to_promote_plus_half"`

	Runs          int            `json:"runs"` // of each trial
	Seed          uint64         `json:"seed"`
	LimitSessions int            `json:"limit_sessions"`
	BaseMean      float64        `json:"base_mean"` // the champion's, in stars
	Distributions []Distribution `json:"distributions"`
	Others        []Outcome      `json:"others"`
	// Horizon is what each way to bring a version into use costs a person.
	Horizon []Cost `json:"horizon"`
}

// Distribution is what was found with one of the named distributions.
type Distribution struct {
	Name         string           `json:"name"`
	SD           float64          `json:"sd"` // at BaseMean, in stars
	Base         simulation.Stars `json:"base"`
	NoDifference Outcome          `json:"no_difference"`
	Minus1       Outcome          `json:"minus1"`
	PlusHalf     Outcome          `json:"plus_half"`
}

// Outcome is how the runs of a trial ended.
type Outcome struct {
	simulation.Result

	Name string `json:"name"`
	// Want is the outcome that is hoped for, hold where there is no difference.
	Want experiment.Outcome `json:"want"`
	// Median and P90 are the sessions of the challenger's arm within which half, and
	// nine of ten, of the runs ended as hoped; without a meaning where that is hold.
	Median *int `json:"median_sessions,omitempty"`
	P90    *int `json:"p90_sessions,omitempty"`
}

// Trials is the number of trials of a report.
func Trials() int { return 3*len(families()) + len(others()) + len(costs()) }

// Run runs all trials. done is told of each that has ended, in a line, and need not be fast.
func Run(ctx context.Context, runs int, seed uint64, done func(group, line string)) (Report, error) {
	report := Report{Runs: runs, Seed: seed, LimitSessions: Limit(), BaseMean: Base}
	for _, f := range families() {
		base := f.stars(Base)
		d := Distribution{Name: f.name, SD: base.SD(), Base: base}
		trials := f.main()
		for i, into := range []*Outcome{&d.NoDifference, &d.Minus1, &d.PlusHalf} {
			o, err := trials[i].run(ctx, runs, seed)
			if err != nil {
				return report, err
			}
			*into = o
			done(f.name, o.String())
		}
		report.FalseDecisionRate = max(report.FalseDecisionRate, d.NoDifference.Decided())
		if f.name == "bell" {
			report.ToRollback, report.ToPromote = d.Minus1.Median, d.PlusHalf.Median
		}
		report.Distributions = append(report.Distributions, d)
	}
	for _, t := range others() {
		o, err := t.run(ctx, runs, seed)
		if err != nil {
			return report, err
		}
		report.Others = append(report.Others, o)
		done("", o.String())
	}
	for _, c := range costs() {
		c, err := c.run(ctx, runs, seed)
		if err != nil {
			return report, err
		}
		report.Horizon = append(report.Horizon, c)
		done(c.Stars, c.String())
	}
	return report, nil
}

func (o Outcome) String() string {
	return fmt.Sprintf("%-55s %d promoted, %d rolled back, %d undecided", o.Name, o.Promoted, o.RolledBack, o.Undecided)
}

func (t trial) run(ctx context.Context, runs int, seed uint64) (Outcome, error) {
	result, err := simulation.Run(ctx, t.w, t.rule, Limit(), runs, seed)
	o := Outcome{Result: result, Name: t.name, Want: t.want}
	if err != nil || t.want == experiment.Hold {
		return o, err
	}
	if n, ok := result.Quantile(t.want, 0.5); ok {
		o.Median = &n
	}
	if n, ok := result.Quantile(t.want, 0.9); ok {
		o.P90 = &n
	}
	return o, nil
}
