package trainer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
)

// train has the runner train, and tells of it.
func (w *work) train(ctx context.Context) (contracts.JobPhase, error) {
	a, ok, err := w.readAssignment()
	if err != nil {
		return "", err
	}
	if !ok {
		return contracts.JobDataset, nil // the folder is gone: it is made anew
	}
	var tellErr error
	watching, stop := context.WithCancel(ctx)
	rest := make(chan bool)
	go w.rests(watching, rest)
	w.trained, err = w.runner.Run(ctx, a.Assignment, func(u Update) {
		if err := w.tell(ctx, a, u); err != nil && tellErr == nil {
			tellErr = err
		}
	}, rest)
	stop()
	for range rest { // until nobody looks any more
		continue
	}
	w.current.rest("")
	switch {
	case ctx.Err() != nil:
		return "", context.Cause(ctx)
	case errors.Is(err, ErrUntrainable):
		return "", err
	case err != nil:
		w.job.Attempts++
		if w.job.Attempts >= maxAttempts {
			return "", fmt.Errorf("the training failed %d times, lastly: %w", w.job.Attempts, err)
		}
		return "", errors.Join(fmt.Errorf("%w: %w", errWaiting, err), w.save(ctx))
	case tellErr != nil:
		return "", tellErr
	}
	w.config.Hook.at(AfterTrained, w.job.JobID)
	return contracts.JobUpload, nil
}

// tell passes on what happens in the training.
func (w *work) tell(ctx context.Context, a stored, u Update) error {
	switch u := u.(type) {
	case Planned:
		return w.announce(ctx, a, u)
	case Checkpointed:
		err := w.bus.Publish(ctx, contracts.SubjectTraining(contracts.TrainingVerbCheckpointed, w.job.JobID),
			contracts.TrainingCheckpointed{JobID: w.job.JobID, Step: u.Step, Steps: u.Steps, Time: time.Now().UTC()},
			bus.WithID(fmt.Sprintf("%s.checkpointed.%d", w.job.JobID, u.Step)))
		if err != nil {
			return err
		}
		w.config.Hook.at(AfterCheckpoint, w.job.JobID)
	case Progressed:
		p := w.current.progressed(u.TrainingProgress)
		if err := w.bus.PublishLive(contracts.SubjectLiveTraining(w.job.JobID), p); err != nil {
			w.log.Debug("a progress tick was not sent", "err", err) // the next one will be
		}
	}
	return nil
}

// announce publishes once what the training will do.
func (w *work) announce(ctx context.Context, a stored, p Planned) error {
	w.log.Info("training begins", "job", w.job.JobID, "parameters", p.Parameters, "steps", p.Steps, "resumed", p.Resumed,
		"expected", time.Duration(p.Seconds*float64(time.Second)).Round(time.Second), "device", p.Device)
	if w.job.Steps > 0 {
		return nil
	}
	subject := contracts.SubjectTraining(contracts.TrainingVerbStarted, w.job.JobID)
	err := w.publishOnce(ctx, contracts.StreamTraining, subject, contracts.TrainingStarted{
		JobID: w.job.JobID, Role: w.job.For(), Version: w.job.Version, Parent: a.Parent, Trigger: w.job.Trigger, Why: w.job.Why,
		Lessons: a.Counts.Lessons, Varied: a.Counts.Varied, Good: a.Counts.Good, Bad: a.Counts.Bad,
		Replay: a.Counts.Replay, HeldOut: a.Counts.HeldOut,
		Method: a.Recipe.Method, Supervised: p.Supervised, Pairs: p.Pairs, Judged: p.Judged,
		Parameters: p.Parameters, Steps: p.Steps, Tokens: p.Tokens, ExpectedSeconds: p.Seconds, Time: time.Now().UTC(),
	})
	if err != nil {
		return err
	}
	w.config.Hook.at(AfterAnnounced, w.job.JobID)
	w.job.Steps = p.Steps
	return w.save(ctx)
}
