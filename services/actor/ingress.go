package actor

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"go.opentelemetry.io/otel/trace"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
)

// accept is the ingress: it turns a request into a task that waits, or rejects
// it with a reason. The message is done when the task is stored: from then on
// the task does not depend on the message. It is safe to repeat.
func (s *service) accept(ctx context.Context, m bus.Message) error {
	req, err := parseRequest(m)
	if err == nil {
		known, ok, err := s.tasks.get(ctx, req.ID)
		if err != nil {
			return err
		}
		if ok { // delivered before, or sent twice with one id
			return s.welcome(ctx, known)
		}
	}
	if err == nil {
		err = s.admit(ctx, req)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if no, ok := errors.AsType[*refusal](err); ok {
		return s.reject(ctx, req, no)
	}
	if err != nil {
		return err
	}
	now := time.Now()
	session, err := reserveSession(LogDir(s.dataDir), req.Session, now)
	if err != nil {
		return err
	}
	state := contracts.TaskState{
		TaskID: req.ID, SessionID: session, Desktop: req.Desktop, Task: req.Task,
		Verb: contracts.VerbAccepted, Adapter: req.Adapter, DryRun: req.DryRun, Started: now.UTC(), Updated: now.UTC(),
	}
	if err := s.tasks.create(ctx, state); err != nil {
		return errors.Join(err, removeEmpty(filepath.Join(LogDir(s.dataDir), session)))
	}
	return s.welcome(ctx, state)
}

// welcome tells of an accepted task and puts it into the queue.
func (s *service) welcome(ctx context.Context, state contracts.TaskState) error {
	if state.Verb != contracts.VerbAccepted {
		return nil
	}
	if err := s.tellAccepted(ctx, state); err != nil {
		return err
	}
	s.queue.push(waiting{id: state.TaskID, trace: trace.SpanContextFromContext(ctx)})
	return nil
}

// tellAccepted publishes a task's first event.
func (s *service) tellAccepted(ctx context.Context, state contracts.TaskState) error {
	return s.publish(ctx, contracts.VerbAccepted, state.TaskID, contracts.TaskAccepted{
		TaskID: state.TaskID, SessionID: state.SessionID, Desktop: state.Desktop, Task: state.Task,
		Adapter: state.Adapter, Time: state.Started,
	})
}

// publish stores a task's event; each verb but step and approval comes once.
func (s *service) publish(ctx context.Context, verb contracts.Verb, taskID string, event any) error {
	return s.bus.Publish(ctx, contracts.SubjectTask(verb, taskID), event,
		bus.WithID(taskID+"."+string(verb)), bus.WithTask(taskID))
}

// admit checks that the task can be worked on: the refusal says why not.
func (s *service) admit(ctx context.Context, req contracts.TaskRequested) error {
	if req.Desktop != s.config.Desktop {
		return refuse(contracts.ReasonDesktop, "there is no desktop %q (known: %s)", req.Desktop, s.config.Desktop)
	}
	if err := s.ports.Hands.Ready(ctx); err != nil {
		return refuse(contracts.ReasonDesktop, "the desktop %s cannot be used: %s", req.Desktop, err)
	}
	free, err := freeBytes(s.dataDir)
	if err != nil {
		return err
	}
	if free < s.config.MinFreeBytes {
		return refuse(contracts.ReasonDiskFull, "the disk of the data directory has %.1f GB free, a task needs %.1f GB",
			float64(free)/1e9, float64(s.config.MinFreeBytes)/1e9)
	}
	if err := s.ports.Planner.Ready(ctx); err != nil {
		return refuse(contracts.ReasonNoModel, "%s", err)
	}
	return nil
}

// freeBytes is the space that the data directory's disk has for us.
func freeBytes(dir string) (uint64, error) {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(dir, &stat); err != nil {
		return 0, fmt.Errorf("look how full the disk of %s is: %w", dir, err)
	}
	return stat.Bavail * uint64(stat.Bsize), nil
}

// reject ends a request that did not become a task.
func (s *service) reject(ctx context.Context, req contracts.TaskRequested, no *refusal) error {
	s.log.Info("task rejected", "task", req.ID, "code", no.code)
	now := time.Now().UTC()
	err := s.publish(ctx, contracts.VerbRejected, req.ID, contracts.TaskEnded{
		TaskID: req.ID, Task: req.Task, Code: no.code, Reason: no.reason, Time: now,
	})
	if err != nil {
		return err
	}
	return s.tasks.create(ctx, contracts.TaskState{
		TaskID: req.ID, Desktop: req.Desktop, Task: req.Task, Verb: contracts.VerbRejected, Started: now, Updated: now,
	})
}

// enqueueUnfinished puts the tasks that an earlier process left into the queue:
// first the one that was under way, then those that waited, oldest first.
func (s *service) enqueueUnfinished(ctx context.Context) error {
	states, err := s.tasks.unfinished(ctx, s.config.Desktop)
	if err != nil {
		return err
	}
	slices.SortFunc(states, func(a, b contracts.TaskState) int {
		if aWaits, bWaits := a.Verb == contracts.VerbAccepted, b.Verb == contracts.VerbAccepted; aWaits != bWaits {
			if bWaits {
				return -1
			}
			return 1
		}
		return a.Started.Compare(b.Started)
	})
	for _, state := range states {
		first, told, err := s.traceOf(ctx, state.TaskID)
		if err != nil {
			return err
		}
		if !told && state.Verb == contracts.VerbAccepted { // a crash came between its state and its event
			if err := s.tellAccepted(ctx, state); err != nil {
				return err
			}
		}
		s.queue.push(waiting{id: state.TaskID, trace: first})
	}
	return nil
}

// traceOf finds the trace of a task's request in its first event. told is false
// when there is none; the task begins a trace of its own then.
func (s *service) traceOf(ctx context.Context, taskID string) (first trace.SpanContext, told bool, err error) {
	err = keep(ctx, s.log, "look for a task's first event", func(ctx context.Context) error {
		stream, err := s.bus.JetStream().Stream(ctx, contracts.StreamTasks)
		if err != nil {
			return err
		}
		msg, err := stream.GetLastMsgForSubject(ctx, contracts.SubjectTask(contracts.VerbAccepted, taskID))
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			return nil
		}
		if err == nil {
			first, told = trace.SpanContextFromContext(bus.Extract(context.WithoutCancel(ctx), msg.Header)), true
		}
		return err
	})
	return first, told, err
}
