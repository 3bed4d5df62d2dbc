package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/kit/bus"
)

// dlqCmd is `grokputer dlq`.
type dlqCmd struct {
	List dlqListCmd `cmd:"" default:"withargs" help:"List the messages that no service could take."`
	Show dlqShowCmd `cmd:"" help:"Show one of them with its content."`
}

type dlqListCmd struct {
	JSON bool `env:"-" help:"Print JSON for programs instead of a table."`
}

// letter is a dead letter with its number in the stream.
type letter struct {
	Number uint64 `json:"number"`
	contracts.DeadLetter
}

// Run lists the dead letters, the newest last.
func (cmd *dlqListCmd) Run(ctx context.Context, c *call) error {
	b, err := c.bus(ctx)
	if err != nil {
		return err
	}
	defer b.Close()
	letters := []letter{}
	err = b.Read(ctx, contracts.StreamDeadLetters, nil, bus.FromStart(), func(m bus.Message) error {
		l, err := readLetter(m)
		letters = append(letters, l)
		return err
	})
	if err != nil {
		return err
	}
	if cmd.JSON {
		return c.json(letters)
	}
	rows := make([][]string, len(letters))
	for i, l := range letters {
		rows[i] = []string{
			strconv.FormatUint(l.Number, 10), local(l.Time), l.Durable,
			strconv.FormatUint(l.Delivered, 10), l.Subject, screen.Line(l.Reason),
		}
	}
	return c.table([]string{"NUMBER", "TIME", "READER", "TRIED", "SUBJECT", "REASON"}, rows)
}

func readLetter(m bus.Message) (letter, error) {
	l := letter{Number: m.Sequence}
	if err := json.Unmarshal(m.Data, &l.DeadLetter); err != nil {
		return letter{}, fmt.Errorf("read the dead letter %d: %w", l.Number, err)
	}
	return l, nil
}

type dlqShowCmd struct {
	Number uint64 `arg:"" help:"The letter's number in the list."`
	JSON   bool   `env:"-" help:"Print JSON for programs instead of text."`
}

// Run shows one dead letter.
func (cmd *dlqShowCmd) Run(ctx context.Context, c *call) error {
	b, err := c.bus(ctx)
	if err != nil {
		return err
	}
	defer b.Close()
	stream, err := b.JetStream().Stream(ctx, contracts.StreamDeadLetters)
	if err != nil {
		return fmt.Errorf("look at the dead letters: %w", err)
	}
	m, err := stream.GetMsg(ctx, cmd.Number)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return fmt.Errorf("there is no dead letter %d: `grokputer dlq` lists them", cmd.Number)
	}
	if err != nil {
		return fmt.Errorf("read the dead letter: %w", err)
	}
	l := letter{Number: cmd.Number}
	if err := json.Unmarshal(m.Data, &l.DeadLetter); err != nil {
		return fmt.Errorf("read the dead letter: %w", err)
	}
	if cmd.JSON {
		return c.json(l)
	}
	if err := c.say("number   %d\nstream   %s, message %d\nreader   %s, tried %d times\nsubject  %s\ntime     %s\nreason   %s",
		l.Number, l.Stream, l.Sequence, l.Durable, l.Delivered, l.Subject,
		local(l.Time), screen.Line(l.Reason)); err != nil {
		return err
	}
	for name, values := range l.Header {
		for _, value := range values {
			if err := c.say("header   %s: %s", screen.Line(name), screen.Line(value)); err != nil {
				return err
			}
		}
	}
	return c.say("content  %s", content(l.Data))
}

// content is a body on one line, without anything that a terminal could obey.
func content(data []byte) string {
	if !utf8.Valid(data) {
		return fmt.Sprintf("%d bytes that are not text: %q", len(data), data)
	}
	return screen.Line(string(data))
}
