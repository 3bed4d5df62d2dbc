// Package telemetry sets up a program's log and its traces. The log goes to
// standard error; traces leave the process only when an OTLP endpoint is set.
// How a trace travels in a message is the bus's business.
package telemetry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"strings"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// The formats of the log.
const (
	FormatText = "text"
	FormatJSON = "json"
)

// Options are the settings of log and traces.
type Options struct {
	// Service names the program in logs and traces; Version is optional.
	Service, Version string
	// Endpoint is an OTLP collector's URL, such as http://127.0.0.1:4318; no
	// trace is exported when it is empty.
	Endpoint string
	// LogLevel is debug, info (when empty), warn or error.
	LogLevel string
	// LogFormat is FormatText (when empty) or FormatJSON.
	LogFormat string
	// Output gets the log; standard error when nil.
	Output io.Writer
}

// Telemetry is what a program logs and traces with.
type Telemetry struct {
	Log *slog.Logger
	// Tracing is the provider, for the bus and for libraries; Tracer is the
	// program's own tracer of it.
	Tracing trace.TracerProvider
	Tracer  trace.Tracer
}

// Setup sets up log and traces. The returned function sends what is not sent
// yet, for as long as its context allows. Every program calls Setup once: it
// also has OpenTelemetry's own complaints, which are one per process, logged.
func Setup(ctx context.Context, o Options) (Telemetry, func(context.Context) error, error) {
	log, err := newLog(o)
	if err != nil {
		return Telemetry{}, nil, err
	}
	name := []attribute.KeyValue{attribute.String("service.name", o.Service)}
	if o.Version != "" {
		name = append(name, attribute.String("service.version", o.Version))
	}
	options := []sdktrace.TracerProviderOption{sdktrace.WithResource(resource.NewSchemaless(name...))}
	if o.Endpoint != "" {
		exporter, err := newExporter(ctx, o.Endpoint)
		if err != nil {
			return Telemetry{}, nil, fmt.Errorf("export traces to %s: %w", o.Endpoint, err)
		}
		options = append(options, sdktrace.WithBatcher(exporter))
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { log.Warn("telemetry", "err", err) }))
	// Without an exporter spans still get ids: a trace that begins here can be
	// followed in a service that exports.
	provider := sdktrace.NewTracerProvider(options...)
	return Telemetry{
		Log:     log,
		Tracing: provider,
		Tracer:  provider.Tracer("github.com/grokputer/grokputer/" + o.Service),
	}, provider.Shutdown, nil
}

// newExporter sends to a collector. As everywhere in OTLP over HTTP, an address
// without a path stands for the collector's usual one.
func newExporter(ctx context.Context, endpoint string) (*otlptrace.Exporter, error) {
	u, err := url.Parse(endpoint)
	if err != nil {
		return nil, err
	}
	if u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("not an http or https address")
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = "/v1/traces"
	}
	return otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(u.String()))
}

func newLog(o Options) (*slog.Logger, error) {
	var level slog.Level
	if o.LogLevel != "" {
		if err := level.UnmarshalText([]byte(o.LogLevel)); err != nil {
			return nil, fmt.Errorf("log level %q is not debug, info, warn or error", o.LogLevel)
		}
	}
	if o.Output == nil {
		o.Output = os.Stderr
	}
	options := &slog.HandlerOptions{Level: level}
	var h slog.Handler
	switch strings.ToLower(o.LogFormat) {
	case FormatText, "":
		h = slog.NewTextHandler(o.Output, options)
	case FormatJSON:
		h = slog.NewJSONHandler(o.Output, options)
	default:
		return nil, fmt.Errorf("log format %q is not %s or %s", o.LogFormat, FormatText, FormatJSON)
	}
	return slog.New(traced{h}).With("service", o.Service), nil
}
