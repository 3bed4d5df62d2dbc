package registry

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/services/registry/experiment"
)

// canary has a person begin an experiment.
func (s *service) canary(ctx context.Context, q contracts.AdapterQuery) (contracts.Aliases, error) {
	if q.Version == "" {
		return contracts.Aliases{}, fmt.Errorf("%w: it names no version to compare with the champion", errQuestion)
	}
	a, err := s.get(ctx, q)
	if err != nil {
		return contracts.Aliases{}, err
	}
	if a.State == contracts.AdapterRejected {
		return contracts.Aliases{}, fmt.Errorf("%w: %s was rejected: %s", ErrRefused, a.Version, a.Why)
	}
	q.Why = orNoReason(q.Why)
	return s.challenge(ctx, q, func(current contracts.Aliases) error {
		if current.Champion == "" {
			return fmt.Errorf("%w: there is no champion to compare it with; promote it with: %s", ErrRefused, promoteIt(a.Role, a.Version))
		}
		return nil
	})
}

// challenge begins an experiment of a version against the champion, unless something speaks
// against the version. A challenger that is there is retired: its experiment ends.
func (s *service) challenge(
	ctx context.Context, q contracts.AdapterQuery, objection func(contracts.Aliases) error,
) (contracts.Aliases, error) {
	role := roleOf(q)
	return s.changeAlone(ctx, role, q.Version, q, func(current contracts.Aliases) (contracts.Aliases, error) {
		if current.Challenger == q.Version {
			return current, nil
		}
		if err := s.usable(ctx, role, q.Version); err != nil {
			return current, err
		}
		if current.Champion == q.Version {
			return current, fmt.Errorf("%w: %s is the champion itself", ErrRefused, q.Version)
		}
		if err := objection(current); err != nil {
			return current, err
		}
		next := current
		next.Challenger, next.Experiment = q.Version, experimentID(q.Version, time.Now())
		next.Verb, next.Version, next.By = contracts.AdapterVerbCanaried, q.Version, orPerson(q.By)
		next.Why = fmt.Sprintf("it is compared with %s: %s", current.Champion, q.Why)
		return next, nil
	})
}

// experimentID names an experiment that begins at a time: a version can be compared again.
func experimentID(version string, at time.Time) string {
	return version + "-" + strings.ReplaceAll(at.UTC().Format("20060102t150405.000"), ".", "-")
}

// changeAlone is change for a decision about a version beside which no other may be the
// challenger: that one is retired first, in a decision of its own.
func (s *service) changeAlone(
	ctx context.Context, role contracts.Role, version string, q contracts.AdapterQuery,
	decide func(contracts.Aliases) (contracts.Aliases, error),
) (contracts.Aliases, error) {
	for {
		retired := false
		next, err := s.change(ctx, role, func(current contracts.Aliases) (contracts.Aliases, error) {
			next, err := decide(current)
			retired = err == nil && next != current && current.Challenger != "" && current.Challenger != version
			if retired {
				why := "the champion changes"
				if next.Challenger != "" {
					why = next.Challenger + " takes its place"
				}
				return withdrawn(current, contracts.AdapterVerbRetired, orPerson(q.By), why), nil
			}
			return next, err
		})
		if err != nil || !retired {
			return next, err
		}
	}
}

// withdrawn are the aliases after the challenger's experiment has ended with the champion kept.
func withdrawn(current contracts.Aliases, verb contracts.AdapterVerb, by, why string) contracts.Aliases {
	return contracts.Aliases{
		Role: current.Role, Champion: current.Champion, Previous: current.Previous, Experiment: current.Experiment,
		Verb: verb, Version: current.Challenger, By: by, Why: why,
	}
}

// of is the experiment that runs, if one does.
func of(current contracts.Aliases) string {
	if current.Challenger == "" {
		return ""
	}
	return current.Experiment
}

// settleExperiment records the experiment that began with the decision, or how the one
// ended that it ended.
func (s *service) settleExperiment(ctx context.Context, a contracts.Aliases) error {
	if a.Experiment == "" {
		return nil
	}
	if a.Challenger != "" {
		plan := experiment.Canary()
		if s.options.Plan != nil {
			plan = *s.options.Plan
		}
		return s.experiments.create(ctx, comparison{
			Experiment: contracts.Experiment{
				ID: a.Experiment, Role: a.Role, Champion: a.Champion, Challenger: a.Challenger, Share: plan.Share, Started: a.Updated,
			},
			Plan: plan,
		})
	}
	return s.experiments.update(ctx, a.Role, a.Experiment, func(c *comparison) bool {
		if c.Decision != nil {
			return false
		}
		c.Decision = &contracts.ExperimentDecision{Outcome: string(outcomeOf(a.Verb)), By: a.By, Why: orNoReason(a.Why), Time: a.Updated}
		c.Share = 0
		return true
	})
}

// outcomeOf is what a decision about the challenger is for its experiment.
func outcomeOf(verb contracts.AdapterVerb) experiment.Outcome {
	switch verb {
	case contracts.AdapterVerbPromoted:
		return experiment.Promote
	case contracts.AdapterVerbRolledBack:
		return experiment.Rollback
	default:
		return experiment.Ended
	}
}

func orNoReason(why string) string {
	if why == "" {
		return "no reason was given"
	}
	return why
}
