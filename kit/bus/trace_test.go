package bus_test

import (
	"context"
	"testing"
	"time"

	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/kit/kittest"
)

func TestOneTraceFromPublisherThroughHandlerToWhatItPublishes(t *testing.T) {
	t.Parallel()
	spans := tracetest.NewSpanRecorder()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))
	s := kittest.NATSServer(t)
	b := kittest.Connect(t, s, bus.Options{Tracing: provider})
	handled := make(chan trace.SpanContext, 1)
	stop := work(t, b, consumer(time.Minute, 3), 1, func(ctx context.Context, _ bus.Message) error {
		handled <- trace.SpanContextFromContext(ctx)
		return b.Publish(ctx, contracts.SubjectTask(contracts.VerbCancelled, "a"), contracts.TaskEnded{TaskID: "a"})
	})
	ctx, root := provider.Tracer("test").Start(t.Context(), "root")
	if err := b.Publish(ctx, contracts.SubjectTaskCancel(), contracts.TaskCancel{TaskID: "a"}); err != nil {
		t.Fatal(err)
	}
	inHandler := receive(t, handled, "the handler")
	stop()
	root.End()
	want := root.SpanContext().TraceID()
	if inHandler.TraceID() != want {
		t.Errorf("the handler runs in trace %s, want %s", inHandler.TraceID(), want)
	}
	parent := map[string]trace.SpanID{}
	id := map[string]trace.SpanID{}
	for _, span := range spans.Ended() {
		if span.SpanContext().TraceID() != want {
			t.Errorf("span %q is in trace %s, want %s", span.Name(), span.SpanContext().TraceID(), want)
		}
		parent[span.Name()], id[span.Name()] = span.Parent().SpanID(), span.SpanContext().SpanID()
	}
	for child, of := range map[string]string{
		"publish task.cancel":    "root",
		"process task.cancel":    "publish task.cancel",
		"publish task.cancelled": "process task.cancel",
	} {
		if parent[child] != id[of] || !id[child].IsValid() {
			t.Errorf("the parent of %q is %s, want %q (%s)", child, parent[child], of, id[of])
		}
	}
}

// A service without tracing of its own passes a trace on.
func TestTraceGoesThroughABusWithoutTracing(t *testing.T) {
	t.Parallel()
	b := kittest.NATS(t)
	handled := make(chan trace.SpanContext, 1)
	work(t, b, consumer(time.Minute, 3), 1, func(ctx context.Context, _ bus.Message) error {
		handled <- trace.SpanContextFromContext(ctx)
		return nil
	})
	ctx, root := sdktrace.NewTracerProvider().Tracer("test").Start(t.Context(), "root")
	defer root.End()
	if err := b.Publish(ctx, contracts.SubjectTaskCancel(), contracts.TaskCancel{TaskID: "a"}); err != nil {
		t.Fatal(err)
	}
	if got := receive(t, handled, "the handler"); got.TraceID() != root.SpanContext().TraceID() {
		t.Errorf("the handler runs in trace %s, want %s", got.TraceID(), root.SpanContext().TraceID())
	}
}
