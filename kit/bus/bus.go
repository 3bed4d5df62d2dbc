// Package bus is JetStream as the services use it: events published until they
// are stored, messages worked on one per free slot with heartbeats, retries
// and dead letters, leases, and one trace through it all.
//
// What a message means is not decided here: streams, consumers and subjects
// come from the contracts, and only a Handler knows whether a message succeeded.
package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.opentelemetry.io/otel/trace"
)

// ErrClosed tells that the bus was closed, or the server ended the connection for good.
var ErrClosed = errors.New("the connection to NATS is closed")

const (
	// connectTimeout bounds one attempt to connect.
	connectTimeout = 5 * time.Second
	// reconnectWait is the pause between attempts to come back to a server.
	reconnectWait = 200 * time.Millisecond
	// closeTimeout bounds the wait for what is still on its way at Close.
	closeTimeout = 5 * time.Second
)

// Bus is a connection to NATS. It is safe for concurrent use.
type Bus struct {
	name     string
	replicas int
	log      *slog.Logger
	tracer   trace.Tracer
	conn     *nats.Conn
	js       jetstream.JetStream
	closed   chan struct{}
}

// Connect connects to the server. Without Options.Wait a server that is not
// there is an error at once; with it, attempts go on until ctx ends. A refused
// password is never tried again.
func Connect(ctx context.Context, o Options) (*Bus, error) {
	o = o.withDefaults()
	b := &Bus{
		name:     o.Name,
		replicas: o.Replicas,
		log:      o.Log,
		tracer:   o.Tracing.Tracer("github.com/grokputer/grokputer/kit/bus"),
		closed:   make(chan struct{}),
	}
	conn, err := dial(ctx, o, b.connOptions(o))
	if err != nil {
		return nil, fmt.Errorf("connect to NATS at %s: %w", redact(o.URL), err)
	}
	js, err := jetstream.New(conn)
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("connect to JetStream: %w", err)
	}
	b.conn, b.js = conn, js
	return b, nil
}

func dial(ctx context.Context, o Options, opts []nats.Option) (*nats.Conn, error) {
	connect := func(ctx context.Context) (*nats.Conn, error) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		return nats.Connect(o.URL, opts...)
	}
	if !o.Wait {
		return connect(ctx)
	}
	return retry(ctx, o.Log, "connect to NATS", connectTimeout, connect)
}

func (b *Bus) connOptions(o Options) []nats.Option {
	opts := []nats.Option{
		nats.Name(o.Name),
		nats.Timeout(connectTimeout),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(reconnectWait),
		nats.ReconnectJitter(reconnectWait/2, reconnectWait/2),
		// Nothing is buffered for a server that is away: a publisher knows at
		// once and tries again, with the same message id.
		nats.ReconnectBufSize(-1),
		nats.ClosedHandler(func(*nats.Conn) { close(b.closed) }),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				b.log.Warn("lost NATS, trying to come back", "err", err)
			}
		}),
		nats.ReconnectHandler(func(*nats.Conn) { b.log.Info("NATS is back") }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			b.log.Warn("NATS reported an error", "err", err)
		}),
	}
	if o.User != "" {
		opts = append(opts, nats.UserInfo(o.User, o.Password))
	}
	if o.CredentialsFile != "" {
		opts = append(opts, nats.UserCredentials(o.CredentialsFile))
	}
	return opts
}

// Name is what the bus was told to call itself: the source of its events.
func (b *Bus) Name() string { return b.name }

// Conn is the connection itself, for requests, core subscriptions and micro
// services. Bus closes it.
func (b *Bus) Conn() *nats.Conn { return b.conn }

// JetStream is the JetStream API on the same connection.
func (b *Bus) JetStream() jetstream.JetStream { return b.js }

// KV opens a key-value bucket of the contracts; Provision makes them.
func (b *Bus) KV(ctx context.Context, bucket string) (jetstream.KeyValue, error) {
	kv, err := b.js.KeyValue(ctx, bucket)
	if err != nil {
		return nil, fmt.Errorf("open key-value bucket %s: %w", bucket, err)
	}
	return kv, nil
}

// Await returns when the server answers, and JetStream is up on it. away is true when
// it had to be waited for.
func (b *Bus) Await(ctx context.Context) (away bool, err error) {
	tries := 0
	_, err = retry(ctx, b.log, "reach NATS", apiTimeout, func(ctx context.Context) (*jetstream.AccountInfo, error) {
		tries++
		return b.js.AccountInfo(ctx)
	})
	if err != nil {
		return tries > 1, fmt.Errorf("wait for NATS: %w", closedError(err))
	}
	return tries > 1, nil
}

// Close sends what is still on its way, for at most a few seconds, and closes
// the connection. Workers end before it is called.
func (b *Bus) Close() {
	if err := b.conn.Drain(); err != nil {
		b.conn.Close()
	}
	select {
	case <-b.closed:
	case <-time.After(closeTimeout):
		b.conn.Close()
		<-b.closed
	}
}
