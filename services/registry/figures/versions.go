package figures

import (
	"maps"
	"slices"

	"github.com/grokputer/grokputer/contracts"
)

// Versions says how the adapters on record do, in their order, and after them other versions that
// planned sessions, by name: the base model alone is VersionNone. Sessions without a version
// were planned by something else, and count for none.
func Versions(adapters []contracts.Adapter, sessions []Session) []contracts.AdapterFigures {
	tallies := map[string]*Tally{}
	of := func(version string) *Tally {
		if tallies[version] == nil {
			tallies[version] = &Tally{}
		}
		return tallies[version]
	}
	for _, s := range sessions {
		if s.Version != "" {
			of(s.Version).Add(s)
		}
	}
	others := slices.Sorted(maps.Keys(tallies))
	all := make([]contracts.AdapterFigures, 0, len(adapters)+len(others))
	for _, a := range adapters {
		parent := a.Parent
		if parent == "" {
			parent = contracts.VersionNone
		}
		all = append(all, figures(a.Version, of(a.Version)).over(parent, of(parent)))
		others = slices.DeleteFunc(others, func(v string) bool { return v == a.Version })
	}
	for _, version := range others {
		all = append(all, figures(version, of(version)).AdapterFigures)
	}
	return all
}

// counted are figures with what they were counted from.
type counted struct {
	contracts.AdapterFigures

	tally *Tally
}

func figures(version string, t *Tally) counted {
	return counted{contracts.AdapterFigures{
		Version: version, Sessions: t.Sessions, Stars: t.Stars.Mean(), Ratings: t.Stars, Success: t.Success(),
	}, t}
}

// over adds what is gained over the parent.
func (c counted) over(parent string, t *Tally) contracts.AdapterFigures {
	c.Parent = parent
	c.StarsGain, c.SuccessGain = c.tally.Stars.Gain(t.Stars), ProportionGain(c.Success, t.Success())
	return c.AdapterFigures
}
