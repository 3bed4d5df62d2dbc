package bus

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/grokputer/grokputer/contracts"
)

// apiTimeout bounds one request to the JetStream API.
const apiTimeout = 5 * time.Second

// Provision creates or updates every stream, consumer and key-value bucket of
// the contracts. It waits for a server that is starting until ctx ends.
func (b *Bus) Provision(ctx context.Context) error {
	for _, cfg := range contracts.Streams() {
		cfg.Replicas = b.replicas
		if b.replicas > 1 {
			// Only an unreplicated stream may persist asynchronously.
			cfg.PersistMode = jetstream.DefaultPersistMode
		}
		_, err := retry(ctx, b.log, "make stream "+cfg.Name, apiTimeout,
			func(ctx context.Context) (jetstream.Stream, error) { return b.js.CreateOrUpdateStream(ctx, cfg) })
		if err != nil {
			return fmt.Errorf("make stream %s: %w", cfg.Name, err)
		}
	}
	for _, c := range contracts.Consumers() {
		if _, err := b.consumer(ctx, c); err != nil {
			return err
		}
	}
	for _, cfg := range contracts.Buckets() {
		cfg.Replicas = b.replicas
		_, err := retry(ctx, b.log, "make bucket "+cfg.Bucket, apiTimeout,
			func(ctx context.Context) (jetstream.KeyValue, error) { return b.js.CreateOrUpdateKeyValue(ctx, cfg) })
		if err != nil {
			return fmt.Errorf("make key-value bucket %s: %w", cfg.Bucket, err)
		}
	}
	return nil
}

// consumer creates or updates one durable consumer.
//
// The server is told to deliver without limit: it would stop at MaxDeliver and
// leave the message where no one sees it. Work counts instead, so that the
// dead letter is written first.
func (b *Bus) consumer(ctx context.Context, c contracts.Consumer) (jetstream.Consumer, error) {
	cfg := jetstream.ConsumerConfig{
		Durable:        c.Durable,
		FilterSubjects: c.Filter,
		AckPolicy:      jetstream.AckExplicitPolicy,
		AckWait:        c.AckWait,
		MaxDeliver:     -1,
	}
	cons, err := retry(ctx, b.log, "make consumer "+c.Durable, apiTimeout,
		func(ctx context.Context) (jetstream.Consumer, error) {
			return b.js.CreateOrUpdateConsumer(ctx, c.Stream, cfg)
		})
	if err != nil {
		return nil, fmt.Errorf("make consumer %s of %s: %w", c.Durable, c.Stream, err)
	}
	return cons, nil
}
