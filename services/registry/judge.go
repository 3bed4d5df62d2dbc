package registry

import (
	"context"
	"fmt"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/services/registry/experiment"
)

// watch looks at the running experiment of each role when something became known, and now and then,
// until ctx ends. What fails is tried again: the data is stored, and a decision whose event
// could not be stored is finished first.
func (s *service) watch(ctx context.Context) {
	failed := false
	tick := time.NewTicker(s.options.Look)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.news:
		case <-tick.C:
		}
		var err error
		if failed {
			err = eachRole(ctx, s.finish)
		}
		if err == nil {
			err = eachRole(ctx, s.judge)
		}
		if failed = err != nil; failed && ctx.Err() == nil {
			s.log.Warn("an experiment could not be looked at; it will be again", "err", err)
		}
	}
}

// judge does what the data of the running experiment says now.
func (s *service) judge(ctx context.Context, role contracts.Role) error {
	current, _, err := s.aliases.get(ctx, role)
	if err != nil || current.Challenger == "" {
		return err
	}
	c, _, err := s.experiments.get(ctx, role, current.Experiment)
	if err != nil || c.Decision != nil {
		return s.unlessNew(err)
	}
	standing, err := s.standing(ctx, c)
	if err != nil {
		return err
	}
	if d := standing.Decision; d.Outcome != experiment.Hold {
		if d.Outcome == experiment.Promote {
			if d, err = s.unlessDamaged(ctx, role, c, d); err != nil {
				return err
			}
		}
		return s.conclude(ctx, role, c, d)
	}
	if standing.Share <= c.Share {
		return nil
	}
	s.log.Info("an experiment widens", "version", c.Challenger, "share", standing.Share)
	return s.experiments.update(ctx, role, c.ID, func(c *comparison) bool {
		wider := c.Decision == nil && standing.Share > c.Share
		c.Share = max(c.Share, standing.Share)
		return wider
	})
}

// standing evaluates the data of an experiment.
func (s *service) standing(ctx context.Context, c comparison) (experiment.Standing, error) {
	all, err := s.experiments.observations(ctx, c.Role, c.ID)
	if err != nil {
		return experiment.Standing{}, err
	}
	e := experiment.Experiment{ID: c.ID, Champion: c.Champion, Challenger: c.Challenger, Plan: c.Plan, Started: c.Started}
	if d := c.Decision; d != nil {
		e.Override = &experiment.Decision{Outcome: experiment.Outcome(d.Outcome), By: d.By, Why: d.Why, Time: d.Time}
	}
	return e.Evaluate(all, time.Now().UTC())
}

// unlessDamaged is the decision to promote, or to roll back a version whose files are no longer those that
// were published: the sessions of its arm were planned by what was used in its place, and say
// nothing about it.
func (s *service) unlessDamaged(ctx context.Context, role contracts.Role, c comparison, d experiment.Decision) (experiment.Decision, error) {
	a, _, err := s.versions.get(ctx, role, c.Challenger)
	if err != nil {
		return d, err
	}
	err = s.whole(ctx, a.AdapterPublished)
	if isDamage(err) {
		d.Outcome, d.Why = experiment.Rollback, "its files in S3 are not what was published: "+err.Error()
		return d, nil
	}
	return d, err // S3 may be away: later
}

// conclude writes the decision into the aliases, unless another one ended the experiment.
func (s *service) conclude(ctx context.Context, role contracts.Role, c comparison, d experiment.Decision) error {
	_, err := s.change(ctx, role, func(current contracts.Aliases) (contracts.Aliases, error) {
		if current.Challenger != c.Challenger || current.Experiment != c.ID {
			return current, nil
		}
		switch d.Outcome {
		case experiment.Promote:
			return contracts.Aliases{
				Role: role, Champion: c.Challenger, Previous: current.Champion, Experiment: c.ID,
				Verb: contracts.AdapterVerbPromoted, Version: c.Challenger, By: d.By, Why: d.Why,
			}, nil
		case experiment.Rollback:
			return withdrawn(current, contracts.AdapterVerbRolledBack, d.By, d.Why), nil
		case experiment.Ended:
			return withdrawn(current, contracts.AdapterVerbRetired, d.By, d.Why), nil
		default:
			return current, fmt.Errorf("the experiment %s cannot end with %q", c.ID, d.Outcome)
		}
	})
	return err
}
