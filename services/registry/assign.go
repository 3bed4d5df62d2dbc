package registry

import (
	"context"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/services/registry/experiment"
)

// assigned is the version that the running experiment has for a task; empty when none
// runs. The arm and the share that held are on record before anyone works with it, and a task
// that comes again has the same.
func (s *service) assigned(ctx context.Context, current contracts.Aliases, task string) (string, error) {
	if current.Challenger == "" || !contracts.ValidToken(task) {
		return "", nil
	}
	c, _, err := s.experiments.get(ctx, current.Role, current.Experiment)
	if err != nil || c.Decision != nil {
		return "", s.unlessNew(err)
	}
	seat, err := s.experiments.seat(ctx, current.Role, c.ID, task, sitting{
		Arm: experiment.Assign(c.ID, task, c.Share), Share: c.Share, Known: []experiment.Observation{},
	})
	if err == nil {
		err = s.options.Hook.at(AfterSeat, c.Challenger)
	}
	if err != nil || seat.Arm == experiment.Champion {
		return "", err
	}
	return c.Challenger, nil
}
