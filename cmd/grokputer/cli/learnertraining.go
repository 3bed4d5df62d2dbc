package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/grokputer/grokputer/cmd/grokputer/bench/learning"
	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
)

// dueTimeout is how long the trainer may take to begin once the last session is rated. One
// that is due begins at once; what is not due begins never.
const dueTimeout = 2 * time.Minute

// errNotDue means that no training began.
var errNotDue = errors.New("no training began")

// awaitTraining returns what comes of a round's ratings: a training begins by itself, and the
// registry decides about its version by itself.
func (l *learner) awaitTraining(ctx context.Context, s *service, r *learning.Round) (learning.Training, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case <-s.ended:
			cancel(errors.New("the services have ended"))
		case <-ctx.Done():
		}
	}()
	unwatch, err := l.watchTicks(s.Bus())
	if err != nil {
		return learning.Training{}, err
	}
	defer unwatch()
	job, err := l.awaitJob(ctx, s.Bus(), r.Began)
	if errors.Is(err, errNotDue) {
		status, err := askTrainer(ctx, s.Bus(), ofRole{}, contracts.SubjectTrainerStatus)
		if err != nil {
			return learning.Training{}, err
		}
		why := status.Why
		if status.Held != "" {
			why += ", but " + status.Held
		}
		return learning.Training{State: "not due", Why: why}, nil
	}
	if err != nil {
		return learning.Training{}, err
	}
	t := learning.Training{State: string(job.Phase), Why: job.Reason, Trigger: string(job.Trigger), Parent: job.Parent, Steps: job.Steps}
	if job.Phase != contracts.JobCompleted {
		return t, nil
	}
	a, err := awaitDecision(ctx, s.Bus(), job.Version)
	if err != nil {
		return learning.Training{}, err
	}
	t.Version, t.SHA256, t.Parent, t.Gate, t.State, t.Why = a.Version, a.SHA256, a.Parent, string(a.Gate), string(a.State), a.Why
	t.Let = a.State != contracts.AdapterRejected && a.State != contracts.AdapterPublishedState
	t.Steps, t.Loss, t.HeldOutLoss, t.ParentLoss, t.Seconds = a.Steps, a.Loss, a.HeldOutLoss, a.ParentLoss, a.Seconds
	return t, nil
}

// awaitJob returns the job that began since a round did, once it has ended.
func (l *learner) awaitJob(ctx context.Context, b *bus.Bus, since time.Time) (contracts.JobState, error) {
	looking, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	late := time.AfterFunc(dueTimeout, func() { cancel(errNotDue) })
	defer late.Stop()
	begun := ""
	return await(looking, b, contracts.BucketJobs, ">", func(job contracts.JobState) bool {
		if job.Created.Before(since) {
			return false
		}
		late.Stop()
		if begun != job.JobID {
			begun = job.JobID
			_ = l.note("training %s: %s", job.Version, job.Why)
		}
		return job.Phase.Ends()
	})
}

// awaitDecision returns a version once the registry has decided about it.
func awaitDecision(ctx context.Context, b *bus.Bus, version string) (contracts.Adapter, error) {
	return await(ctx, b, contracts.BucketAdapters, string(contracts.RolePlanner)+"."+version, func(a contracts.Adapter) bool {
		return a.State != contracts.AdapterPublishedState || a.Why != ""
	})
}

// await returns the first value that is as wanted of those that are, or come, under the keys
// of a bucket.
func await[T any](ctx context.Context, b *bus.Bus, bucket, keys string, wanted func(T) bool) (T, error) {
	var v T
	kv, err := b.KV(ctx, bucket)
	if err != nil {
		return v, err
	}
	watch, err := kv.Watch(ctx, keys, jetstream.IgnoreDeletes())
	if err != nil {
		return v, fmt.Errorf("watch the bucket %s: %w", bucket, err)
	}
	defer func() { _ = watch.Stop() }() // the connection may be gone
	for {
		select {
		case <-ctx.Done():
			return v, context.Cause(ctx)
		case entry, ok := <-watch.Updates():
			if !ok {
				if ctx.Err() != nil {
					return v, context.Cause(ctx)
				}
				return v, fmt.Errorf("the watch of the bucket %s has ended", bucket)
			}
			if entry == nil { // what there was is told
				continue
			}
			var value T
			if err := json.Unmarshal(entry.Value(), &value); err != nil {
				return v, fmt.Errorf("read %s in the bucket %s: %w", entry.Key(), bucket, err)
			}
			if wanted(value) {
				return value, nil
			}
		}
	}
}

// watchTicks shows how far trainings are, until unwatch.
func (l *learner) watchTicks(b *bus.Bus) (unwatch func(), err error) {
	shown := newTicker(l.err)
	live, err := b.Conn().Subscribe(contracts.SubjectLiveTraining("*"), func(m *nats.Msg) {
		var p contracts.TrainingProgress
		if json.Unmarshal(m.Data, &p) == nil { // a tick that cannot be read is not missed
			shown.show(p)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("watch the training: %w", err)
	}
	return func() { _ = live.Unsubscribe() }, nil // the connection closes next
}

// champion is the version in use.
func (l *learner) champion(ctx context.Context, s *service) (string, error) {
	aliases, err := await(ctx, s.Bus(), contracts.BucketAliases, string(contracts.RolePlanner), func(a contracts.Aliases) bool {
		return a.Champion != ""
	})
	return aliases.Champion, err
}
