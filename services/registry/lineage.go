package registry

import (
	"context"
	"slices"

	"github.com/grokputer/grokputer/contracts"
)

// lineage says where a version comes from, the champion when none is named.
func (s *service) lineage(ctx context.Context, q contracts.AdapterQuery) (contracts.AdapterLineage, error) {
	answer := contracts.AdapterLineage{Steps: []contracts.LineageStep{}, Children: []string{}}
	a, err := s.get(ctx, q)
	if err != nil {
		return answer, err
	}
	list, err := s.versions.list(ctx, a.Role)
	if err != nil {
		return answer, err
	}
	known := map[string]contracts.Adapter{}
	for _, other := range list {
		known[other.Version] = other
		if other.Parent == a.Version {
			answer.Children = append(answer.Children, other.Version)
		}
	}
	// A version is there before its children, but whoever published them may say otherwise.
	for ok := true; ok && !slices.ContainsFunc(answer.Steps, func(s contracts.LineageStep) bool { return s.Version == a.Version }); {
		answer.Steps = append(answer.Steps, lineageStep(a))
		a, ok = known[a.Parent]
	}
	return answer, nil
}

func lineageStep(a contracts.Adapter) contracts.LineageStep {
	report, _ := a.File(contracts.ReportFile)
	return contracts.LineageStep{
		Version: a.Version, State: a.State, Parent: a.Parent, BaseModel: a.BaseModel, JobID: a.JobID,
		Dataset: a.Dataset, Report: report, Sessions: len(a.Sessions), Gate: a.Gate, Time: a.Time,
	}
}
