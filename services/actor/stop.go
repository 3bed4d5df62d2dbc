package actor

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
)

// releaseTimeout bounds letting go of what is held when input is stopped.
const releaseTimeout = 100 * time.Millisecond

// stopped is the cause of a task's context that a person ended.
type stopped struct{ reason string }

func (s *stopped) Error() string {
	if s.reason == "" {
		return "stopped"
	}
	return "stopped: " + s.reason
}

// current is the task that has the desktop.
type current struct {
	mu     sync.Mutex
	id     string
	cancel context.CancelCauseFunc
}

// set names the task, or none with an empty id.
func (c *current) set(id string, cancel context.CancelCauseFunc) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.id, c.cancel = id, cancel
}

// task returns the id of the task that runs, "" when none does.
func (c *current) task() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.id
}

// stop ends the task if it is the one named, or whichever runs when id is empty.
func (c *current) stop(id string, why *stopped) (task string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.id == "" || id != "" && id != c.id {
		return ""
	}
	c.cancel(why)
	return c.id
}

// halt ends a task, or all when id is empty, and returns when no more input goes
// to the desktop and nothing is held. It returns the task that was under way.
func (s *service) halt(ctx context.Context, id string, why *stopped) (string, error) {
	// First the queue: a task that has just come to its turn finds the mark there.
	s.queue.stop(id, why)
	task := s.current.stop(id, why)
	if task == "" && id != "" {
		return "", nil
	}
	s.inputs.Lock() // input under way ends before its next stroke
	defer s.inputs.Unlock()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTimeout)
	defer cancel()
	if err := s.ports.Hands.Release(ctx); err != nil && !errors.Is(err, ErrNoDisplay) {
		return task, fmt.Errorf("let go of held keys: %w", err)
	}
	return task, nil
}

// controls listens for stops. They are not stored: each is for what runs now.
func (s *service) controls(ctx context.Context) (end func(), err error) {
	subscription, err := s.bus.Conn().Subscribe(contracts.SubjectControlStop(), func(msg *nats.Msg) {
		var stop contracts.ControlStop
		// A stop is a stop, whatever its body says.
		if err := json.Unmarshal(msg.Data, &stop); err != nil {
			stop.Reason = ""
		}
		s.answerStop(ctx, msg, stop)
	})
	if err != nil {
		return nil, fmt.Errorf("listen for stops: %w", err)
	}
	// From here on the server knows of it.
	flushing, cancel := context.WithTimeout(ctx, tryTimeout)
	defer cancel()
	if err := s.bus.Conn().FlushWithContext(flushing); err != nil {
		return nil, errors.Join(fmt.Errorf("listen for stops: %w", err), subscription.Unsubscribe())
	}
	return func() { _ = subscription.Unsubscribe() }, nil // the connection may be gone
}

// answerStop ends everything, and tells whoever asked.
func (s *service) answerStop(ctx context.Context, msg *nats.Msg, stop contracts.ControlStop) {
	ack, ok := s.stopNow(ctx, cmp.Or(stop.Reason, "the person stopped everything"))
	if !ok || msg.Reply == "" {
		return
	}
	body, err := json.Marshal(ack)
	if err == nil {
		err = msg.Respond(body)
	}
	if err != nil {
		s.log.Warn("nobody was told of the stop", "err", err)
	}
}

// stopNow ends everything, and tells whoever listens. ok is false when something
// may still be held: then nobody is told.
func (s *service) stopNow(ctx context.Context, reason string) (ack contracts.StopAck, ok bool) {
	task, err := s.halt(ctx, "", &stopped{reason: reason})
	if err != nil {
		s.log.Error("the stop is not complete", "err", err)
		return ack, false
	}
	s.log.Info("stopped", "task", task)
	ack = contracts.StopAck{Desktop: s.config.Desktop, TaskID: task}
	if err := s.bus.PublishLive(contracts.SubjectLiveInput(s.config.Desktop), ack); err != nil {
		s.log.Warn("nobody was told of the stop", "err", err)
	}
	return ack, true
}

const (
	// earlyCancels is how often a cancellation is tried again that comes before
	// its task does, and earlyPause the time between.
	earlyCancels = 3
	earlyPause   = time.Second
)

// cancelled handles task.cancel.
func (s *service) cancelled(ctx context.Context, m bus.Message) error {
	cancel, err := bus.Decode[contracts.TaskCancel](m)
	if err != nil {
		return bus.Terminate(err)
	}
	if !contracts.ValidToken(cancel.TaskID) {
		return bus.Terminate(fmt.Errorf("%q is no task id", cancel.TaskID))
	}
	reason := cancel.Reason
	if reason == "" {
		reason = "the person cancelled the task"
	}
	if _, err := s.halt(ctx, cancel.TaskID, &stopped{reason: reason}); err != nil {
		return err
	}
	_, known, err := s.tasks.get(ctx, cancel.TaskID)
	if err == nil && !known && m.Delivered <= earlyCancels {
		return bus.RetryAfter(earlyPause, fmt.Errorf("there is no task %s yet", cancel.TaskID))
	}
	return err
}
