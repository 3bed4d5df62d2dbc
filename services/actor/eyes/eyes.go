// Package eyes lets the actor see through the observer: it asks for an
// observation over the bus and waits for the answer.
package eyes

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/services/actor"
)

// DefaultPatience is how long an observation may take besides the wait for
// stillness: reading a screen takes a second or two.
const DefaultPatience = 20 * time.Second

// Eyes ask the observer of one desktop.
type Eyes struct {
	bus      *bus.Bus
	desktop  string
	patience time.Duration
}

// New returns eyes for a desktop. patience 0 is DefaultPatience.
func New(b *bus.Bus, desktop string, patience time.Duration) *Eyes {
	if patience == 0 {
		patience = DefaultPatience
	}
	return &Eyes{bus: b, desktop: desktop, patience: patience}
}

// Look implements actor.Eyes. The answer is heard on the connection itself, not
// read from the stream: one that is lost is asked for again by the next Look.
func (e *Eyes) Look(ctx context.Context, how actor.Look) (actor.View, error) {
	request := contracts.ObservationRequested{
		ID:        bus.NewID(),
		Desktop:   e.desktop,
		TaskID:    how.TaskID,
		StillMS:   int(how.Still.Milliseconds()),
		TimeoutMS: int(how.Most.Milliseconds()),
		Mask:      how.Hide.Areas,
		MaskSince: how.Hide.Since,
		Secrets:   how.Hide.Secrets,
	}
	patience := e.patience + how.Most
	ctx, cancel := context.WithTimeoutCause(ctx, patience,
		fmt.Errorf("%w: the observer of desktop %s did not answer within %s (does it run?)", actor.ErrBlind, e.desktop, patience))
	defer cancel()
	answers, err := e.bus.Conn().SubscribeSync(contracts.SubjectObservationCaptured(e.desktop))
	if err != nil {
		return actor.View{}, fmt.Errorf("%w: listen for the observer: %w", actor.ErrBlind, err)
	}
	defer func() { _ = answers.Unsubscribe() }() // the connection may be gone, and the subscription with it
	err = e.bus.Publish(ctx, contracts.SubjectObservationRequested(e.desktop), request, bus.WithID(request.ID), bus.WithTask(how.TaskID))
	if err != nil {
		return actor.View{}, blind(ctx, err)
	}
	for {
		msg, err := answers.NextMsgWithContext(ctx)
		if err != nil {
			return actor.View{}, blind(ctx, err)
		}
		captured, ok := answer(msg, request.ID)
		switch {
		case !ok:
		case captured.Error != "":
			return actor.View{}, fmt.Errorf("%w: %s", actor.ErrBlind, captured.Error)
		default:
			return actor.View{
				Frame: captured.Frame, Screen: captured.Screen, Hidden: captured.Masked,
				Moving: captured.Moving, Windows: captured.Windows,
			}, nil
		}
	}
}

// blind is the error of a look that failed: the caller's context's own where
// that ended it, an actor.ErrBlind else.
func blind(ctx context.Context, err error) error {
	cause := context.Cause(ctx)
	switch {
	case cause == nil:
		return fmt.Errorf("%w: %w", actor.ErrBlind, err)
	case errors.Is(cause, actor.ErrBlind):
		return cause
	default:
		return ctx.Err()
	}
}

// answer reads one observation; ok is false when it answers another request.
func answer(msg *nats.Msg, id string) (captured contracts.ObservationCaptured, ok bool) {
	if err := json.Unmarshal(msg.Data, &captured); err != nil {
		return captured, false // not from an observer of ours
	}
	return captured, captured.RequestID == id
}
