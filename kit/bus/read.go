package bus

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

const (
	// readerIdle is how long the server keeps a reader that was not removed.
	readerIdle = time.Minute
	// readBatch is how many messages are asked for at once.
	readBatch = 256
)

// Read calls h with every message that a stream holds now on one of the filter's subjects
// (all when it is empty), in order, and does not wait for more. Like Watch it
// acknowledges nothing. It ends with the error of h, or with ctx and its cause.
func (b *Bus) Read(ctx context.Context, stream string, filter []string, from From, h func(Message) error) error {
	cfg := jetstream.ConsumerConfig{
		FilterSubjects: filter, DeliverPolicy: from.policy, OptStartSeq: from.sequence, AckPolicy: jetstream.AckNonePolicy,
		InactiveThreshold: readerIdle, MemoryStorage: true, Replicas: 1,
	}
	if !from.time.IsZero() {
		cfg.OptStartTime = &from.time
	}
	reader, err := b.js.CreateConsumer(ctx, stream, cfg)
	if err != nil {
		return fmt.Errorf("read the stream %s: %w", stream, closedError(err))
	}
	info := reader.CachedInfo()
	defer func() {
		// One that stays behind goes by itself.
		_ = b.js.DeleteConsumer(context.WithoutCancel(ctx), stream, info.Name)
	}()
	for left := int64(info.NumPending); left > 0; {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		batch, err := reader.FetchNoWait(readBatch)
		if err != nil {
			return fmt.Errorf("read the stream %s: %w", stream, closedError(err))
		}
		read, err := readAll(batch, h)
		if err != nil {
			return err
		}
		if read == 0 { // what was there has been removed meanwhile
			return nil
		}
		left -= read
	}
	return nil
}

// readAll calls h with the messages of a batch, and returns how many there were.
func readAll(batch jetstream.MessageBatch, h func(Message) error) (read int64, err error) {
	for msg := range batch.Messages() {
		m, err := newMessage(msg)
		if err != nil {
			return read, err
		}
		if err := h(m); err != nil {
			return read, err
		}
		read++
	}
	if err := batch.Error(); err != nil {
		return read, fmt.Errorf("read a stream: %w", closedError(err))
	}
	return read, nil
}
