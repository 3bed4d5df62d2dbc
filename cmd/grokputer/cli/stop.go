package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

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
	answers, err := b.Gather(ctx, contracts.SubjectControlStop(), stop, stopTimeout, stopQuiet)
	if errors.Is(err, bus.ErrNoAnswer) {
		return nil, errNobody
	}
	if err != nil {
		return nil, fmt.Errorf("send the stop: %w", err)
	}
	acks := make([]contracts.StopAck, len(answers))
	for i, answer := range answers {
		if err := json.Unmarshal(answer.Data, &acks[i]); err != nil {
			return nil, fmt.Errorf("read an answer: %w", err)
		}
	}
	return acks, nil
}
