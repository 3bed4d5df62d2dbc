package registry

import (
	"context"
	"slices"
	"strings"

	"github.com/grokputer/grokputer/contracts"
)

// lineage says where a version comes from, the champion when none is named. A role's first
// version comes from the planner's, so that all roles are looked through.
func (s *service) lineage(ctx context.Context, q contracts.AdapterQuery) (contracts.AdapterLineage, error) {
	answer := contracts.AdapterLineage{Steps: []contracts.LineageStep{}, Children: []string{}}
	a, err := s.get(ctx, q)
	if err != nil {
		return answer, err
	}
	all, err := s.versions.all(ctx)
	if err != nil {
		return answer, err
	}
	known := map[string]contracts.Adapter{} // by their names to the role's readers
	for _, other := range all {
		step := lineageStep(a.Role, other)
		known[step.Version] = other
		if step.Parent == a.Version {
			answer.Children = append(answer.Children, step.Version)
		}
	}
	// A version is there before its children, but whoever published them may say otherwise.
	step := lineageStep(a.Role, a)
	for ok := true; ok && !slices.ContainsFunc(answer.Steps, func(s contracts.LineageStep) bool { return s.Version == step.Version }); {
		answer.Steps = append(answer.Steps, step)
		a, ok = known[step.Parent]
		step = lineageStep(roleOf(q), a)
	}
	return answer, nil
}

// lineageStep is a version as readers of a role's versions name it and its parent.
func lineageStep(reader contracts.Role, a contracts.Adapter) contracts.LineageStep {
	report, _ := a.File(contracts.ReportFile)
	return contracts.LineageStep{
		Version: contracts.VersionOf(reader, a.Role, a.Version), State: a.State, Parent: parentOf(reader, a),
		BaseModel: a.BaseModel, JobID: a.JobID,
		Dataset: a.Dataset, Report: report, Sessions: len(a.Sessions), Gate: a.Gate, Time: a.Time,
	}
}

// parentOf is a version's parent as readers of a role's versions name it.
func parentOf(reader contracts.Role, a contracts.Adapter) string {
	for _, role := range contracts.PlanningRoles() {
		if version, ok := strings.CutPrefix(a.Parent, string(role)+":"); ok {
			return contracts.VersionOf(reader, role, version)
		}
	}
	return contracts.VersionOf(reader, a.Role, a.Parent)
}
