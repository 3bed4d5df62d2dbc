package tests

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
)

// The trace that a request began spans everything that is stored about the task,
// by whichever service, to its end. A collector gets the spans.
func TestTrace(t *testing.T) {
	t.Parallel()
	const theirs = "4bf92f3577b34da6a3ce929d0e0e4736" // the example of W3C Trace Context, section 3.2
	spans := newCollector(t)
	h := newHome(t, append(scripted(t, inTurn("wait 1", `answer "hello"`)), "--otlp-endpoint", spans.URL)...)
	up := h.up()
	nc := h.connect()
	err := nc.PublishMsg(&nats.Msg{
		Subject: contracts.SubjectTaskRequested(), Data: []byte(`{"task": "greet", "id": "traced"}`),
		Header: nats.Header{contracts.HeaderTraceParent: {"00-" + theirs + "-00f067aa0ba902b7-01"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	b := h.bus()
	check(t, ended(t, b, "traced"), theirs)
	check(t, observed(t, b, "traced"), theirs)

	publish(t, nc, `{"task": "greet", "id": "plain"}`) // it has no trace: one begins
	events := ended(t, b, "plain")
	check(t, events, traceID(events[0]))
	check(t, observed(t, b, "plain"), traceID(events[0]))

	up.interrupt()
	for _, id := range []string{theirs, traceID(events[0])} {
		if !spans.got(0x0a, unhex(t, id)) {
			t.Errorf("the collector got nothing of the trace %s", id)
		}
	}
	for _, name := range []string{"publish task.accepted", "task", "step", "plan", "act", "process observation.requested", "publish task.completed"} {
		if !spans.got(0x2a, name) {
			t.Errorf("the collector got no span %q", name)
		}
	}
}

// check fails the test unless all messages carry one trace.
func check(t *testing.T, messages []bus.Message, want string) {
	t.Helper()
	if len(messages) == 0 || len(want) != 32 {
		t.Errorf("%d messages in the trace %q", len(messages), want)
	}
	for _, m := range messages {
		if got := traceID(m); got != want {
			t.Errorf("%s is in the trace %q, want %q", m.Subject, got, want)
		}
	}
}

// traceID is the second part of the message's traceparent.
func traceID(m bus.Message) string {
	parts := strings.Split(m.Header.Get(contracts.HeaderTraceParent), "-")
	if len(parts) != 4 {
		return ""
	}
	return parts[1]
}

// observed returns what is stored of the observations for a task that has ended.
func observed(t *testing.T, b *bus.Bus, task string) []bus.Message {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	last, err := b.LastSequence(ctx, contracts.StreamObservations)
	if err != nil {
		t.Fatal(err)
	}
	var found []bus.Message
	err = b.Watch(ctx, contracts.StreamObservations, nil, bus.FromStart(), func(m bus.Message) error {
		if m.Header.Get(contracts.HeaderSubject) == task {
			found = append(found, m)
		}
		if m.Sequence == last {
			return bus.ErrStop
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// collector takes spans as an OpenTelemetry collector does, over HTTP.
type collector struct {
	*httptest.Server

	mu     sync.Mutex
	bodies []string
}

func newCollector(t *testing.T) *collector {
	t.Helper()
	c := new(collector)
	c.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err = errors.Join(err, r.Body.Close()); err != nil || r.URL.Path != "/v1/traces" {
			return
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.bodies = append(c.bodies, string(body))
	}))
	t.Cleanup(c.Close)
	return c
}

// got reports whether a span came that has this value in the field with this tag:
// 0x0a is trace_id and 0x2a name (opentelemetry/proto/trace/v1, Span). In the
// protocol's encoding a short value follows its tag and its length.
func (c *collector) got(tag byte, value string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.ContainsFunc(c.bodies, func(body string) bool {
		return strings.Contains(body, string([]byte{tag, byte(len(value))})+value)
	})
}

func unhex(t *testing.T, digits string) string {
	t.Helper()
	raw, err := hex.DecodeString(digits)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
