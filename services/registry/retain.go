package registry

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/grokputer/grokputer/contracts"
)

// retained says which versions are in use, and why: by an alias, a protection, an experiment or a
// training that runs. An ancestor is not used by its descendants: an adapter's weights are
// whole without its parent's, and what explains a version (its record, its dataset, its
// settings and its report) is never removed.
func (s *service) retained(ctx context.Context, current contracts.Aliases, list []contracts.Adapter) (map[string]string, error) {
	why := map[string]string{}
	keep := func(version, reason string) {
		if version != "" && why[version] == "" {
			why[version] = reason
		}
	}
	keep(current.Champion, "it is the champion")
	keep(current.Challenger, "it is the challenger")
	keep(current.Previous, "a rollback goes back to it")
	for _, a := range list {
		if a.Protected != nil {
			keep(a.Version, "it is protected by "+a.Protected.By)
		}
		if isStarter(a.Version) {
			keep(a.Version, "it came with the program")
		}
	}
	running, err := s.experiments.list(ctx, current.Role)
	if err != nil {
		return nil, err
	}
	for _, e := range running {
		if e.Decision == nil {
			keep(e.Champion, "the experiment "+e.ID+" compares it")
			keep(e.Challenger, "the experiment "+e.ID+" compares it")
		}
	}
	jobs, err := s.jobs(ctx)
	if err != nil {
		return nil, err
	}
	for _, j := range jobs {
		keep(parentIn(current.Role, j), "the training "+j.JobID+" begins from it")
		if j.For() == current.Role {
			keep(j.Version, "the training "+j.JobID+" makes it")
		}
	}
	return why, nil
}

// parentIn is the version of a role that a training begins from; empty for one of another role.
func parentIn(role contracts.Role, j contracts.JobState) string {
	if j.For() == role {
		return j.Parent
	}
	parent, of := strings.CutPrefix(j.Parent, string(role)+":")
	if !of {
		return ""
	}
	return parent
}

// jobs are the trainings that have not ended.
func (s *service) jobs(ctx context.Context) ([]contracts.JobState, error) {
	kv, err := s.bus.KV(ctx, contracts.BucketJobs)
	if err != nil {
		return nil, err
	}
	keys, err := kv.ListKeys(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the trainings: %w", err)
	}
	defer func() { _ = keys.Stop() }()
	var jobs []contracts.JobState
	for key := range keys.Keys() {
		var j contracts.JobState
		revision, err := load(ctx, kv, key, &j)
		if err != nil {
			return nil, fmt.Errorf("read the training %s: %w", key, err)
		}
		if revision != 0 && !j.Phase.Ends() {
			jobs = append(jobs, j)
		}
	}
	return jobs, nil
}

// newest adds the newest so many versions to those that are retained.
func newest(why map[string]string, list []contracts.Adapter, keep int) {
	for _, a := range slices.Backward(list) {
		if keep == 0 {
			return
		}
		if a.State != contracts.AdapterRemoved && why[a.Version] == "" {
			why[a.Version] = "it is one of the newest that nothing uses"
			keep--
		}
	}
}
