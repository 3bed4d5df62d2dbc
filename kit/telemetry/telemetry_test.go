package telemetry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace"
	"go.uber.org/goleak"

	"github.com/grokputer/grokputer/kit/telemetry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func setup(t *testing.T, o telemetry.Options) telemetry.Telemetry {
	t.Helper()
	tel, shutdown, err := telemetry.Setup(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return tel
}

func TestLogCarriesServiceAndTrace(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	tel := setup(t, telemetry.Options{Service: "actor", LogFormat: "json", Output: &out})
	ctx, span := tel.Tracer.Start(t.Context(), "s")
	tel.Log.With("k", "v").InfoContext(ctx, "hello")
	span.End()
	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatalf("%v: %s", err, out.String())
	}
	for key, want := range map[string]string{
		"msg": "hello", "level": "INFO", "service": "actor", "k": "v",
		"trace_id": span.SpanContext().TraceID().String(), "span_id": span.SpanContext().SpanID().String(),
	} {
		if line[key] != want {
			t.Errorf("%s is %v, want %s", key, line[key], want)
		}
	}
}

func TestLogLevelAndFormat(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	tel := setup(t, telemetry.Options{Service: "x", LogLevel: "warn", Output: &out})
	tel.Log.Info("quiet")
	tel.Log.WithGroup("g").Warn("loud", "k", 1)
	if got := out.String(); strings.Contains(got, "quiet") || !strings.Contains(got, "level=WARN msg=loud service=x g.k=1\n") {
		t.Errorf("the log is %q", got)
	}
}

func TestSetupRefuses(t *testing.T) {
	t.Parallel()
	for want, o := range map[string]telemetry.Options{
		`"loud"`:                       {LogLevel: "loud"},
		`"xml"`:                        {LogFormat: "xml"},
		"not an http or https address": {Endpoint: "localhost:4318"},
	} {
		if _, _, err := telemetry.Setup(t.Context(), o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want an error with %s", err, want)
		}
	}
}

func TestSpansHaveIDsWithoutAnExporter(t *testing.T) {
	t.Parallel()
	tel := setup(t, telemetry.Options{Service: "x", Output: io.Discard})
	_, span := tel.Tracing.Tracer("lib").Start(t.Context(), "s")
	defer span.End()
	if !span.SpanContext().IsValid() {
		t.Error("a span without ids: no trace can be followed from here")
	}
}

func TestTracesReachTheCollector(t *testing.T) {
	t.Parallel()
	got := make(chan []byte, 1)
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		if r.URL.Path == "/v1/traces" {
			got <- body
		}
	}))
	t.Cleanup(collector.Close)
	tel, shutdown, err := telemetry.Setup(t.Context(), telemetry.Options{
		Service: "the-service", Version: "1.2.3", Endpoint: collector.URL, Output: io.Discard,
	})
	if err != nil {
		t.Fatal(err)
	}
	_, span := tel.Tracer.Start(t.Context(), "the-span", trace.WithSpanKind(trace.SpanKindServer))
	span.End()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := shutdown(ctx); err != nil {
		t.Fatal(err)
	}
	select {
	case body := <-got:
		for _, want := range []string{"the-service", "1.2.3", "the-span"} { // strings stand plainly in protobuf
			if !bytes.Contains(body, []byte(want)) {
				t.Errorf("the export lacks %s", want)
			}
		}
	default:
		t.Error("nothing was exported")
	}
}
