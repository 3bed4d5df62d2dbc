package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/grokputer/grokputer/kit/bus"
)

const (
	// readerIdle is how long the server keeps a reader that was not removed.
	readerIdle = time.Minute
	// readBatch is how many messages are asked for at once.
	readBatch = 256
)

// readStored calls h with every message that a stream holds now on one of the
// filter's subjects (all when it is empty), and does not wait for more.
func readStored(
	ctx context.Context, b *bus.Bus, stream string, filter []string, policy jetstream.DeliverPolicy,
	h func(jetstream.Msg) error,
) (err error) {
	reader, err := b.JetStream().CreateConsumer(ctx, stream, jetstream.ConsumerConfig{
		FilterSubjects: filter, DeliverPolicy: policy, AckPolicy: jetstream.AckNonePolicy,
		InactiveThreshold: readerIdle, MemoryStorage: true, Replicas: 1,
	})
	if err != nil {
		return fmt.Errorf("read the stream %s: %w", stream, err)
	}
	info := reader.CachedInfo()
	defer func() {
		// One that stays behind goes by itself.
		_ = b.JetStream().DeleteConsumer(context.WithoutCancel(ctx), stream, info.Name)
	}()
	for {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		batch, err := reader.FetchNoWait(readBatch)
		if err != nil {
			return fmt.Errorf("read the stream %s: %w", stream, err)
		}
		read := 0
		for m := range batch.Messages() {
			if err := h(m); err != nil {
				return err
			}
			read++
		}
		if err := batch.Error(); err != nil {
			return fmt.Errorf("read the stream %s: %w", stream, err)
		}
		if read == 0 {
			return nil
		}
	}
}
