package cli

import (
	"context"
	"fmt"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
)

type adaptersListCmd struct {
	asJSON
	ofRole
}

// adapterList is what there is and how it does.
type adapterList struct {
	contracts.AdapterList

	Figures []contracts.AdapterFigures `json:"figures"` // in the order of the adapters, then others
}

// Run lists the versions.
func (cmd *adaptersListCmd) Run(ctx context.Context, c *call) error {
	list, err := withBus(ctx, c, func(b *bus.Bus) (list adapterList, err error) {
		list.AdapterList, err = askRegistry[contracts.AdapterList](ctx, b, contracts.SubjectRegistryList, cmd.query("", ""))
		if err != nil {
			return list, err
		}
		figures, err := askRegistry[contracts.Figures](ctx, b, contracts.SubjectRegistryFigures, cmd.query("", ""))
		list.Figures = figures.Versions
		return list, err
	})
	if err != nil {
		return err
	}
	if cmd.JSON {
		return c.json(list)
	}
	if err := sayVersions(c, list); err != nil {
		return err
	}
	return sayAliases(c, list.Aliases)
}

// sayVersions says how each version does.
func sayVersions(c *call, list adapterList) error {
	if len(list.Adapters) == 0 {
		return c.say("there is no version%s yet", of(list.Aliases.Role))
	}
	rows := make([][]string, len(list.Adapters))
	for i, a := range list.Adapters {
		f := figuresOf(list.Figures, a.Version)
		rows[i] = []string{
			a.Version, stateOf(a), fmt.Sprint(f.Sessions), fmt.Sprint(f.Stars.N), starsIn(f.Stars), partIn(f.Success),
			orDash(a.Parent), gainIn("%+.2f", 1, f.StarsGain), gainIn("%+.0f", 100, f.SuccessGain), local(a.Time),
		}
	}
	if err := c.table([]string{
		"VERSION", "STATE", "SESSIONS", "RATED", "STARS", "SUCCESS %", "PARENT", "STARS GAINED", "SUCCESS GAINED", "PUBLISHED",
	}, rows); err != nil {
		return err
	}
	return c.say("in brackets: what the true value lies between, 19 times out of 20; gained: over the parent")
}

// of names a role other than the planner, with a space before it.
func of(role contracts.Role) string {
	if role == "" || role == contracts.RolePlanner {
		return ""
	}
	return " of the role " + string(role)
}

// stateOf is where a version stands in a list.
func stateOf(a contracts.Adapter) string {
	if a.Protected != nil {
		return string(a.State) + ", protected"
	}
	return string(a.State)
}

// figuresOf are those of one version; none are zero.
func figuresOf(all []contracts.AdapterFigures, version string) contracts.AdapterFigures {
	for _, f := range all {
		if f.Version == version {
			return f
		}
	}
	return contracts.AdapterFigures{}
}

// starsIn says a mean number of stars with its interval.
func starsIn(e contracts.Estimate) string {
	return estimateIn(e, "%.2f (%.2f to %.2f)", 1)
}

// partIn says a share in percent with its interval.
func partIn(e contracts.Estimate) string {
	return estimateIn(e, "%.0f (%.0f to %.0f)", 100)
}

// gainIn says a difference with its interval; one is the format of a number.
func gainIn(one string, scale float64, e contracts.Estimate) string {
	return estimateIn(e, one+" ("+one+" to "+one+")", scale)
}

func estimateIn(e contracts.Estimate, format string, scale float64) string {
	if e.N == 0 {
		return "-"
	}
	return fmt.Sprintf(format, scale*e.Value, scale*e.Low, scale*e.High)
}
