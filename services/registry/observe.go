package registry

import (
	"context"
	"errors"
	"fmt"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/services/registry/experiment"
)

// ended handles the end of a task: it was done, or not.
func (s *service) ended(ctx context.Context, m bus.Message) error {
	event, err := bus.Decode[contracts.TaskEnded](m)
	if err != nil {
		return bus.Terminate(err)
	}
	ok := m.Subject == contracts.SubjectTask(contracts.VerbCompleted, event.TaskID)
	if !ok && m.Subject != contracts.SubjectTask(contracts.VerbFailed, event.TaskID) {
		return bus.Terminate(fmt.Errorf("the event on %s is of the task %s", m.Subject, event.TaskID))
	}
	return s.learn(ctx, event.TaskID, experiment.Observation{Success: &ok, Time: m.Time})
}

// rated handles a rating.
func (s *service) rated(ctx context.Context, m bus.Message) error {
	event, err := bus.Decode[contracts.FeedbackSubmitted](m)
	if err != nil {
		return bus.Terminate(err)
	}
	if m.Subject != contracts.SubjectFeedbackSubmitted(event.TaskID) || event.Rating < 1 || event.Rating > 5 {
		return bus.Terminate(fmt.Errorf("the event on %s has %d stars for the task %s", m.Subject, event.Rating, event.TaskID))
	}
	return s.learn(ctx, event.TaskID, experiment.Observation{Stars: event.Rating, Time: m.Time})
}

// learn records what became known of a task, for each role whose running experiment assigned
// it: one is assigned when the role is first asked for, so that a session without a request of the role
// says nothing about it. What counts is when the event was stored: nothing comes before what
// was looked at.
func (s *service) learn(ctx context.Context, task string, o experiment.Observation) error {
	return eachRole(ctx, func(ctx context.Context, role contracts.Role) error { return s.learnOf(ctx, role, task, o) })
}

func (s *service) learnOf(ctx context.Context, role contracts.Role, task string, o experiment.Observation) error {
	current, _, err := s.aliases.get(ctx, role)
	if err != nil || current.Challenger == "" || !contracts.ValidToken(task) {
		return err
	}
	assigned, err := s.experiments.learn(ctx, current.Role, current.Experiment, task, o)
	if err != nil || !assigned {
		return err
	}
	if err := s.options.Hook.at(AfterKnown, current.Challenger); err != nil {
		return err
	}
	select {
	case s.news <- struct{}{}:
	default: // whoever looks has not taken the last mark yet
	}
	return nil
}

// unlessNew passes over an experiment that is not on record yet: the decision that begins it
// is being settled.
func (s *service) unlessNew(err error) error {
	if errors.Is(err, ErrNoExperiment) {
		return nil
	}
	return err
}
