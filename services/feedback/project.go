package feedback

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/blob"
	"github.com/grokputer/grokputer/kit/bus"
)

// behindError says that the projection is not up to date.
type behindError struct{ events uint64 }

func (e *behindError) Error() string {
	return fmt.Sprintf("the projection has %d events to apply", e.events)
}

// slowest is the longest pause between two attempts to go on.
const slowest = 5 * time.Second

// Project applies the events of both streams to the store until ctx ends. ready is
// called when it has begun.
func (s *Service) Project(ctx context.Context, ready func()) error {
	var projectors sync.WaitGroup
	for stream, apply := range map[string]func(context.Context, bus.Message) error{
		contracts.StreamTasks: s.applyTask, contracts.StreamFeedback: s.applyFeedback,
	} {
		at, err := s.store.Position(ctx, stream)
		if err != nil {
			return err
		}
		s.position.set(stream, at)
		projectors.Go(func() { s.follow(ctx, stream, apply) })
	}
	ready()
	projectors.Wait()
	return nil
}

// follow applies a stream's events, and goes on after what failed.
func (s *Service) follow(ctx context.Context, stream string, apply func(context.Context, bus.Message) error) {
	pace := backoff.NewExponentialBackOff()
	pace.InitialInterval, pace.MaxInterval = 50*time.Millisecond, slowest
	for ctx.Err() == nil {
		at, _ := s.position.get(stream)
		err := s.bus.Watch(ctx, stream, nil, bus.FromAfter(at), func(m bus.Message) error {
			if err := apply(bus.Extract(ctx, m.Header), m); err != nil {
				return err
			}
			pace.Reset()
			s.position.set(stream, m.Sequence)
			return nil
		})
		if ctx.Err() != nil {
			return
		}
		wait := pace.NextBackOff()
		s.log.Warn("the projection waits", "stream", stream, "err", err, "wait", wait)
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// applyTask applies an event of a task. One that cannot be read is passed over: it
// would never be readable.
func (s *Service) applyTask(ctx context.Context, m bus.Message) error {
	verb, taskID, ok := contracts.ParseTaskSubject(m.Subject)
	change := func(Tx) error { return nil }
	if ok {
		fold, err := foldTask(verb, m)
		if err != nil {
			s.log.Warn("an event of a task cannot be read", "subject", m.Subject, "err", err)
		} else if fold != nil {
			change = func(tx Tx) error { return update(tx, taskID, m, fold) }
		}
	}
	return s.store.Update(ctx, m.Stream, m.Sequence, change)
}

// update folds an event into a task's record, unless its session was deleted.
func update(tx Tx, taskID string, m bus.Message, fold func(Tx, *Record) error) error {
	gone, err := tx.Deleted(taskID)
	if err != nil || gone {
		return err
	}
	r, known, err := tx.Record(taskID)
	if err != nil {
		return err
	}
	if !known {
		verb, _, _ := contracts.ParseTaskSubject(m.Subject)
		if verb != contracts.VerbAccepted {
			return nil // it was rejected, or its beginning is gone from the stream
		}
		r.TaskID = taskID
	}
	if parent := m.Header.Get(contracts.HeaderTraceParent); parent != "" {
		r.TraceParent = parent
	}
	if err := fold(tx, &r); err != nil {
		return err
	}
	return tx.Put(r)
}

// foldTask returns what an event does to a record; nil for one that says nothing.
func foldTask(verb contracts.Verb, m bus.Message) (func(Tx, *Record) error, error) {
	switch {
	case verb == contracts.VerbAccepted:
		e, err := bus.Decode[contracts.TaskAccepted](m)
		return func(_ Tx, r *Record) error {
			r.SessionID, r.Desktop, r.Task, r.Started = e.SessionID, e.Desktop, e.Task, e.Time
			return nil
		}, err
	case verb == contracts.VerbStarted:
		e, err := bus.Decode[contracts.TaskStarted](m)
		return func(_ Tx, r *Record) error {
			r.Planner, r.Model, r.Adapter, r.Started = e.Planner, e.Model, e.Adapter, e.Time
			return nil
		}, err
	case verb == contracts.VerbStep:
		e, err := bus.Decode[contracts.TaskStep](m)
		return func(tx Tx, r *Record) error { return foldStep(tx, r, e) }, err
	case verb == contracts.VerbApproval:
		e, err := bus.Decode[contracts.TaskApproval](m)
		return func(_ Tx, r *Record) error {
			r.Waiting = nil
			if e.State == contracts.ApprovalRequested {
				r.Waiting = &e
			}
			return nil
		}, err
	case verb.Ends():
		e, err := bus.Decode[contracts.TaskEnded](m)
		return func(_ Tx, r *Record) error {
			r.Waiting = nil
			r.Ended, r.Outcome, r.Code, r.Reason, r.Answer = e.Time, verb, e.Code, e.Reason, e.Answer
			if r.LastFrame == nil {
				r.LastFrame = e.Frame
			}
			return nil
		}, err
	default:
		return nil, nil //nolint:nilnil // nothing to do, which is no error
	}
}

// foldStep stores a step, and keeps what was said of it.
func foldStep(tx Tx, r *Record, e contracts.TaskStep) error {
	steps, err := tx.Steps(r.TaskID)
	if err != nil {
		return err
	}
	r.StepCount, r.Waiting = max(r.StepCount, e.Step), nil
	for _, known := range steps {
		if known.Step == e.Step {
			return nil // it came from a bundle, or comes again
		}
	}
	step := contracts.BundleStep{
		Step: e.Step, Action: e.Action, Adapters: e.Adapters, Confidence: e.Confidence, Outcome: e.Outcome, Result: e.Result, Effect: e.Effect, Region: e.Region, Landed: e.Landed, Frame: e.Frame,
	}
	if e.State != nil {
		step.State = *e.State
	}
	return tx.PutStep(r.TaskID, step)
}

// applyFeedback applies an event of the FEEDBACK stream.
func (s *Service) applyFeedback(ctx context.Context, m bus.Message) error {
	none := func(Tx) error { return nil }
	switch contracts.KindOf(m.Subject) {
	case "feedback.submitted":
		e, err := bus.Decode[contracts.FeedbackSubmitted](m)
		if err != nil {
			s.log.Warn("a rating cannot be read", "subject", m.Subject, "err", err)
			return s.store.Update(ctx, m.Stream, m.Sequence, none)
		}
		return s.applyRating(ctx, m, e)
	case "feedback.deleted":
		e, err := bus.Decode[contracts.FeedbackDeleted](m)
		if err != nil {
			s.log.Warn("a deletion cannot be read", "subject", m.Subject, "err", err)
			return s.store.Update(ctx, m.Stream, m.Sequence, none)
		}
		if err := s.erase(ctx, e.TaskID); err != nil {
			return err
		}
		return s.store.Update(ctx, m.Stream, m.Sequence, func(tx Tx) error { return tx.Delete(e.TaskID) })
	default:
		return s.store.Update(ctx, m.Stream, m.Sequence, none)
	}
}

// applyRating tells of a low rating and brings the session up to date.
func (s *Service) applyRating(ctx context.Context, m bus.Message, e contracts.FeedbackSubmitted) error {
	if err := s.tellLow(ctx, e); err != nil {
		return err
	}
	bundle, err := s.bundle(ctx, e.Bundle)
	gone := errors.Is(err, blob.ErrNotFound) || errors.Is(err, blob.ErrCorrupt)
	if err != nil && !gone {
		return err
	}
	return s.store.Update(ctx, m.Stream, m.Sequence, func(tx Tx) error {
		if gone { // deleted, as an event further on says; else the stars are what is left
			s.log.Warn("a rated session's bundle cannot be read", "session", e.SessionID, "err", err)
			return rateOnly(tx, e, m.Sequence)
		}
		return putBundle(tx, bundle, e, m.Sequence)
	})
}

// tellLow stores the event of a low rating, unless that one or a later one of the task is
// stored: a projection that is made anew reads all ratings again.
func (s *Service) tellLow(ctx context.Context, e contracts.FeedbackSubmitted) error {
	if e.Rating > contracts.LowRating {
		return nil
	}
	subject := contracts.SubjectFeedbackLow(e.TaskID)
	stream, err := s.bus.JetStream().Stream(ctx, contracts.StreamFeedback)
	if err != nil {
		return fmt.Errorf("look at stream %s: %w", contracts.StreamFeedback, err)
	}
	last, err := stream.GetLastMsgForSubject(ctx, subject)
	switch {
	case errors.Is(err, jetstream.ErrMsgNotFound):
	case err != nil:
		return fmt.Errorf("look for the event %s: %w", subject, err)
	default:
		var told contracts.FeedbackSubmitted
		if json.Unmarshal(last.Data, &told) == nil && !told.Time.Before(e.Time) {
			return nil
		}
	}
	return s.bus.Publish(ctx, subject, e, bus.WithID(e.ID+".low"), bus.WithTask(e.TaskID))
}

func (s *Service) bundle(ctx context.Context, pointer contracts.Blob) (b contracts.Bundle, err error) {
	body, err := s.blobs.Get(ctx, pointer)
	if err != nil {
		return b, err
	}
	if err := json.Unmarshal(body, &b); err != nil {
		return b, fmt.Errorf("%w: %w", blob.ErrCorrupt, err)
	}
	return b, nil
}

// putBundle has the projection say of a session what its bundle does.
func putBundle(tx Tx, b contracts.Bundle, e contracts.FeedbackSubmitted, sequence uint64) error {
	gone, err := tx.Deleted(b.TaskID)
	if err != nil || gone {
		return err
	}
	if err := tx.PutRating(e, contentOf(b)); err != nil {
		return err
	}
	r, _, err := tx.Record(b.TaskID)
	if err != nil || r.Sequence > sequence && sequence > 0 {
		return err // a newer rating is known
	}
	r.Summary = Summary{
		SessionID: b.SessionID, TaskID: b.TaskID, Desktop: b.Desktop, Task: b.Task, Started: b.Started, Ended: b.Ended,
		Outcome: b.Outcome, Code: b.Code, Reason: b.Reason, Answer: b.Answer, StepCount: len(b.Steps),
		Planner: b.Planner, Model: b.Model, Adapter: b.Adapter,
		Rating: &Rating{
			ID: b.FeedbackID, Stars: b.Rating, Comment: b.Comment, Issues: b.Issues, Corrected: e.Corrected, Time: b.Rated,
		},
	}
	r.LastFrame, r.Bundle, r.Content, r.Sequence = b.LastFrame, e.Bundle, contentOf(b), max(r.Sequence, sequence)
	for _, step := range b.Steps {
		if err := tx.PutStep(b.TaskID, step); err != nil {
			return err
		}
	}
	return tx.Put(r)
}

// rateOnly notes a rating whose bundle is gone.
func rateOnly(tx Tx, e contracts.FeedbackSubmitted, sequence uint64) error {
	gone, err := tx.Deleted(e.TaskID)
	if err != nil || gone {
		return err
	}
	if err := tx.PutRating(e, ""); err != nil {
		return err
	}
	r, known, err := tx.Record(e.TaskID)
	if err != nil || r.Sequence > sequence {
		return err
	}
	if !known {
		r.Summary = Summary{
			SessionID: e.SessionID, TaskID: e.TaskID, Outcome: e.Outcome, StepCount: e.Steps,
			Started: e.Time, Model: e.Model, Adapter: e.Adapter,
		}
	}
	r.Rating = &Rating{ID: e.ID, Stars: e.Rating, Issues: e.Issues, Corrected: e.Corrected, Time: e.Time}
	r.Sequence = sequence
	return tx.Put(r)
}
