package trainer

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/cenkalti/backoff/v5"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/blob"
)

const (
	// maxAttempts is how often the training process of one job may end before its
	// time: what ends it once may have been a lack of memory, what ends it three
	// times is in the job itself.
	maxAttempts = 3
	// endGrace is how long writing down a job's end may take; after that it is done at
	// the next start.
	endGrace = 10 * time.Second
	// slowest is the longest pause between two attempts.
	slowest = 10 * time.Second
)

// runJobs does one job after the other, until ctx ends.
func (s *service) runJobs(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.wake:
		}
		if job := s.current.running(); job != nil {
			if err := s.runJob(ctx, *job); err != nil {
				if ctx.Err() != nil {
					return nil //nolint:nilerr // it goes on at the next start
				}
				return fmt.Errorf("job %s: %w", job.JobID, err)
			}
		}
		// Ratings that came meanwhile, or while no service ran, count now.
		if err := s.consider(ctx); err != nil && ctx.Err() == nil {
			return err
		}
	}
}

// runJob takes a job from where it stands to its end. It returns an error only when
// the end could not be written down, or ctx ended.
func (s *service) runJob(ctx context.Context, job contracts.JobState) error {
	ctx, span := s.tracer.Start(withTrace(ctx, job.TraceParent), "training",
		trace.WithAttributes(attribute.String("job.id", job.JobID), attribute.String("adapter.version", job.Version)))
	defer span.End()
	working, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	s.current.stopBy(cancel)
	w := &work{service: s, job: job}
	err := w.untilEnd(working)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		span.SetStatus(codes.Error, err.Error())
	}
	if err := w.end(ctx, err); err != nil {
		return err
	}
	s.stir()
	return nil
}

// work is a job that is being done.
type work struct {
	*service

	job        contracts.JobState
	assignment Assignment
	trained    Trained
	dataset    Dataset // set when this process made it
}

// dir is the job's own folder.
func (w *work) dir() string { return filepath.Join(w.folder, w.job.JobID) }

// untilEnd does the phases that are left. Its error is why no version comes of it.
func (w *work) untilEnd(ctx context.Context) error {
	for !w.job.Phase.Ends() {
		var do func(context.Context) (contracts.JobPhase, error)
		switch w.job.Phase {
		case contracts.JobDataset:
			do = w.prepare
		case contracts.JobTraining:
			do = w.train
		case contracts.JobUpload:
			do = w.upload
		default:
			do = w.publish
		}
		next, err := w.keep(ctx, do)
		if err != nil {
			return err
		}
		w.job.Phase = next
		if next.Ends() {
			return nil // end writes it down, after its event
		}
		if err := w.save(ctx); err != nil {
			return err
		}
	}
	return nil
}

// keep tries a phase until it succeeds, fails for good, or ctx ends: a server that
// is away for a while delays a job, and no more.
func (w *work) keep(ctx context.Context, do func(context.Context) (contracts.JobPhase, error)) (contracts.JobPhase, error) {
	pace := backoff.NewExponentialBackOff()
	pace.InitialInterval, pace.MaxInterval = 100*time.Millisecond, slowest
	return backoff.Retry(ctx, func() (contracts.JobPhase, error) {
		next, err := do(ctx)
		if err != nil && !passing(err) {
			return "", backoff.Permanent(err)
		}
		return next, err
	}, backoff.WithBackOff(pace), backoff.WithMaxElapsedTime(0), backoff.WithNotify(func(err error, wait time.Duration) {
		w.log.Warn("the training waits", "job", w.job.JobID, "phase", string(w.job.Phase), "err", err, "wait", wait)
	}))
}

// errWaiting marks what is worth waiting for.
var errWaiting = errors.New("not there yet")

// passing reports whether waiting can mend an error.
func passing(err error) bool {
	return errors.Is(err, errWaiting) || errors.Is(err, blob.ErrUnavailable) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, blob.ErrDenied)
}

// save records where the job stands.
func (w *work) save(ctx context.Context) error {
	w.job.Updated = time.Now().UTC()
	_, err := w.keep(ctx, func(ctx context.Context) (contracts.JobPhase, error) {
		ctx, cancel := context.WithTimeout(ctx, askTimeout)
		defer cancel()
		if err := w.jobs.put(ctx, w.job); err != nil {
			return "", fmt.Errorf("%w: %w", errWaiting, err)
		}
		return "", nil
	})
	if err == nil {
		job := w.job
		w.current.set(&job)
	}
	return err
}

// end writes down how the job ended, although the service may be told to end meanwhile.
func (w *work) end(ctx context.Context, cause error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endGrace)
	defer cancel()
	if cause != nil {
		published, err := w.withdraw(ctx)
		if err != nil {
			return err
		}
		if published { // it is too late to end it otherwise
			cause, w.job.Phase = nil, contracts.JobCompleted
		}
	}
	verb := contracts.TrainingVerbCompleted
	ended := contracts.TrainingEnded{
		JobID: w.job.JobID, Steps: w.trained.Steps, Loss: w.trained.Loss,
		HeldOutLoss: w.trained.HeldOutLoss, Seconds: w.trained.Seconds, Time: time.Now().UTC(),
	}
	switch {
	case cause == nil:
		ended.Version = w.job.Version
	case errors.Is(cause, errCancelled):
		verb, w.job.Phase = contracts.TrainingVerbCancelled, contracts.JobCancelled
	default:
		verb, w.job.Phase = contracts.TrainingVerbFailed, contracts.JobFailed
	}
	if cause != nil {
		ended.Reason, w.job.Reason = cause.Error(), cause.Error()
	}
	if err := w.publishOnce(ctx, contracts.StreamTraining, contracts.SubjectTraining(verb, w.job.JobID), ended); err != nil {
		return err
	}
	w.config.Hook.at(AfterEnd, w.job.JobID)
	if err := w.save(ctx); err != nil {
		return err
	}
	if cause != nil {
		w.log.Warn("no version came of the training", "job", w.job.JobID, "phase", string(w.job.Phase), "reason", w.job.Reason)
	} else {
		w.log.Info("trained", "job", w.job.JobID, "version", w.job.Version, "steps", w.trained.Steps,
			"held_out_loss", w.trained.HeldOutLoss, "parent_loss", w.trained.ParentLoss, "seconds", w.trained.Seconds)
	}
	if err := os.RemoveAll(w.dir()); err != nil {
		w.log.Warn("the job's folder stays", "job", w.job.JobID, "err", err)
	}
	return nil
}
