package bus

import (
	"context"
	"time"

	"github.com/nats-io/nats.go"
	"go.opentelemetry.io/otel/propagation"

	"github.com/grokputer/grokputer/contracts"
)

// carrier lets a propagator read and write W3C trace context in NATS headers,
// under the lower-case names that the specification gives.
type carrier nats.Header

func (c carrier) Get(key string) string { return nats.Header(c).Get(key) }

func (c carrier) Set(key, value string) { nats.Header(c).Set(key, value) }

func (c carrier) Keys() []string {
	keys := make([]string, 0, len(c))
	for k := range c {
		keys = append(keys, k)
	}
	return keys
}

// Inject writes the trace of ctx into the header.
func Inject(ctx context.Context, h nats.Header) {
	propagation.TraceContext{}.Inject(ctx, carrier(h))
}

// Extract returns ctx with the trace that the header carries, if it carries one.
func Extract(ctx context.Context, h nats.Header) context.Context {
	return propagation.TraceContext{}.Extract(ctx, carrier(h))
}

// header returns the CloudEvents headers (CloudEvents 1.0, NATS protocol
// binding, binary mode) of an event.
func (b *Bus) header(kind string, o publishOptions) nats.Header {
	h := nats.Header{}
	h.Set(contracts.HeaderMsgID, o.id)
	h.Set(contracts.HeaderID, o.id)
	h.Set(contracts.HeaderType, kind)
	h.Set(contracts.HeaderSource, b.name)
	h.Set(contracts.HeaderSpecVersion, contracts.SpecVersion)
	h.Set(contracts.HeaderTime, time.Now().UTC().Format(time.RFC3339Nano))
	if o.task != "" {
		h.Set(contracts.HeaderSubject, o.task)
	}
	return h
}
