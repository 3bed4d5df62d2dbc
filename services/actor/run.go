package actor

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"syscall"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/grokputer/grokputer/contracts"
)

// errTime is the cause of a task's context that ran out of time.
var errTime = errors.New("the time limit was reached")

// runTasks works on the queue, one task at a time, until ctx ends.
func (s *service) runTasks(ctx context.Context) error {
	for {
		w, ok := s.queue.next(ctx)
		if !ok {
			return nil
		}
		err := s.runTask(trace.ContextWithRemoteSpanContext(ctx, w.trace), w.id)
		if ctx.Err() != nil {
			return nil //nolint:nilerr // the task goes on at the next start
		}
		if err != nil {
			return fmt.Errorf("task %s: %w", w.id, err)
		}
		s.queue.drop(w.id)
	}
}

// runTask works on one task until it has ended. It returns an error only when
// the end could not be written down.
func (s *service) runTask(ctx context.Context, id string) error {
	ctx, span := s.tracer.Start(ctx, "task", trace.WithAttributes(attribute.String("task.id", id)))
	defer span.End()
	state, known, err := s.tasks.get(ctx, id)
	if err != nil {
		return err
	}
	if !known || state.Verb.Ends() {
		return nil
	}
	t, err := s.resume(ctx, state)
	if err != nil {
		return s.abandon(ctx, state, err)
	}
	if t.record.ended() { // a crash came between the record and the event
		return t.close(ctx)
	}
	endWatch := s.watchStopKey(ctx)
	end := s.untilEnd(ctx, t)
	endWatch()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if end.Verb != contracts.VerbCompleted {
		span.SetStatus(codes.Error, string(end.Code))
	}
	t.end(end)
	return t.close(ctx)
}

// abandon ends a task of which too little can be read to go on.
func (s *service) abandon(ctx context.Context, state contracts.TaskState, cause error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	err := s.publish(ctx, contracts.VerbFailed, state.TaskID, contracts.TaskEnded{
		TaskID: state.TaskID, SessionID: state.SessionID, Task: state.Task, Steps: state.Steps,
		Code: contracts.ReasonInternal, Reason: cause.Error(), Time: time.Now().UTC(),
	})
	if err != nil {
		return err
	}
	s.log.Error("task abandoned", "task", state.TaskID, "err", cause)
	state.Verb = contracts.VerbFailed
	return s.tasks.put(ctx, state)
}

// untilEnd works on the task under a context that a stop or the time limit ends.
func (s *service) untilEnd(ctx context.Context, t *task) (end ending) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	s.current.set(t.state.TaskID, stop)
	defer s.current.set("", nil)
	if why := s.queue.stopOf(t.state.TaskID); why != nil {
		stop(why)
	}
	ctx, cancel := context.WithDeadlineCause(ctx, t.deadline(time.Now()), errTime)
	defer cancel()
	defer func() {
		if v := recover(); v != nil {
			s.log.Error("panicked in a task", "task", t.state.TaskID, "stack", string(debug.Stack()))
			end = failed(contracts.ReasonInternal, "a defect stopped the task: %v", v)
		}
		s.letGo(ctx)
	}()
	end, err := t.work(ctx)
	if err != nil {
		end = endingOf(ctx, err)
	}
	return end
}

// letGo releases what the task may have left pressed.
func (s *service) letGo(ctx context.Context) {
	s.inputs.Lock()
	defer s.inputs.Unlock()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tryTimeout)
	defer cancel()
	if err := s.ports.Hands.Release(ctx); err != nil && !errors.Is(err, ErrNoDisplay) {
		s.log.Warn("keys or buttons may still be held", "err", err)
	}
}

// ending is how a task ended.
type ending struct {
	Verb   contracts.Verb
	Code   contracts.Reason
	Reason string
	Answer string
}

func failed(code contracts.Reason, format string, args ...any) ending {
	return ending{Verb: contracts.VerbFailed, Code: code, Reason: fmt.Sprintf(format, args...)}
}

// endingOf turns an error that ended the work into the task's end.
func endingOf(ctx context.Context, err error) ending {
	if stop, ok := errors.AsType[*stopped](context.Cause(ctx)); ok {
		return ending{Verb: contracts.VerbCancelled, Code: contracts.ReasonStopped, Reason: stop.reason}
	}
	if errors.Is(context.Cause(ctx), errTime) {
		return failed(contracts.ReasonTime, "the task did not end within its time limit")
	}
	for _, known := range []struct {
		err  error
		code contracts.Reason
	}{
		{ErrNoAdapter, contracts.ReasonNoAdapter},
		{ErrNoModel, contracts.ReasonNoModel},
		{ErrNoPlan, contracts.ReasonPlanner},
		{ErrBlind, contracts.ReasonObserver},
		{ErrNoDisplay, contracts.ReasonHands},
		{ErrMisaligned, contracts.ReasonHands},
		{syscall.ENOSPC, contracts.ReasonDiskFull},
	} {
		if errors.Is(err, known.err) {
			return failed(known.code, "%s", err)
		}
	}
	return failed(contracts.ReasonInternal, "%s", err)
}
