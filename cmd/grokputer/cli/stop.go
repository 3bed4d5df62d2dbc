package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
)

const (
	// stopTimeout is how long the first actor may take to say that it stopped.
	stopTimeout = 2 * time.Second
	// stopQuiet is how long others may take after it.
	stopQuiet = 300 * time.Millisecond
)

// errNobody: no actor answered.
var errNobody = errors.New("no actor answered: if input goes on, end it with Ctrl-C where `grokputer up` runs")

type stopCmd struct {
	Reason string `env:"-" help:"Why, for the record." default:"stopped at the command line" placeholder:"TEXT"`
	JSON   bool   `env:"-" help:"Print JSON for programs instead of text."`
}

// Run ends all input on every desktop.
func (cmd *stopCmd) Run(ctx context.Context, c *call) error {
	b, err := c.bus(ctx)
	if err != nil {
		return err
	}
	defer b.Close()
	acks, err := stopAll(ctx, b, contracts.ControlStop{Reason: cmd.Reason})
	if err != nil {
		return err
	}
	if cmd.JSON {
		return c.json(acks)
	}
	for _, ack := range acks {
		line := "stopped the desktop " + ack.Desktop
		if ack.TaskID != "" {
			line += ", task " + ack.TaskID
		}
		if err := c.say("%s", line); err != nil {
			return err
		}
	}
	return nil
}

// stopAll asks every actor to stop and returns what they answer.
func stopAll(ctx context.Context, b *bus.Bus, stop contracts.ControlStop) ([]contracts.StopAck, error) {
	body, err := json.Marshal(stop)
	if err != nil {
		return nil, err
	}
	inbox := b.Conn().NewInbox()
	answers, err := b.Conn().SubscribeSync(inbox)
	if err != nil {
		return nil, fmt.Errorf("listen for answers: %w", err)
	}
	defer func() { _ = answers.Unsubscribe() }() // the connection closes next
	if err := b.Conn().PublishRequest(contracts.SubjectControlStop(), inbox, body); err != nil {
		return nil, fmt.Errorf("send the stop: %w", err)
	}
	var acks []contracts.StopAck
	for wait := stopTimeout; ; wait = stopQuiet {
		answer, err := next(ctx, answers, wait)
		switch {
		case errors.Is(err, nats.ErrNoResponders) || errors.Is(err, context.DeadlineExceeded):
			if len(acks) == 0 {
				return nil, errNobody
			}
			return acks, nil
		case err != nil:
			return nil, fmt.Errorf("wait for answers: %w", err)
		}
		var ack contracts.StopAck
		if err := json.Unmarshal(answer.Data, &ack); err != nil {
			return nil, fmt.Errorf("read an answer: %w", err)
		}
		acks = append(acks, ack)
	}
}

// next waits for one message.
func next(ctx context.Context, s *nats.Subscription, most time.Duration) (*nats.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	m, err := s.NextMsgWithContext(ctx)
	if err == nil && len(m.Data) == 0 && m.Header.Get("Status") == "503" {
		return nil, nats.ErrNoResponders
	}
	return m, err
}
