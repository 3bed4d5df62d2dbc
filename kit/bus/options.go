package bus

import (
	"log/slog"
	"net/url"
	"strings"

	"github.com/nats-io/nats.go"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// Options are the settings of a connection.
type Options struct {
	// URL is the server's address, or several with commas; nats.DefaultURL
	// (127.0.0.1:4222) when empty.
	URL string
	// User and Password are presented when User is not empty.
	User, Password string
	// CredentialsFile is a NATS .creds file, for servers that want a JWT.
	CredentialsFile string
	// Name is the source of this connection's events (ce-source) and the
	// connection's name at the server; "grokputer" when empty.
	Name string
	// Log is silent when nil.
	Log *slog.Logger
	// Tracing makes the spans of published and handled messages. When nil no
	// span is recorded, but a trace that a message began still goes on.
	Tracing trace.TracerProvider
	// Replicas is how many servers hold each stream: 1 (when 0), or 3 in a cluster.
	Replicas int
	// Wait keeps trying to connect until the context ends, for a service that
	// may start before its server.
	Wait bool
}

func (o Options) withDefaults() Options {
	if o.URL == "" {
		o.URL = nats.DefaultURL
	}
	if o.Name == "" {
		o.Name = "grokputer"
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Tracing == nil {
		o.Tracing = noop.NewTracerProvider()
	}
	if o.Replicas == 0 {
		o.Replicas = 1
	}
	return o
}

// redact takes passwords out of a list of server addresses.
func redact(servers string) string {
	list := strings.Split(servers, ",")
	for i, s := range list {
		u, err := url.Parse(strings.TrimSpace(s))
		if err != nil {
			list[i] = "(unreadable address)"
			continue
		}
		if u.User != nil {
			u.User = url.User("***")
		}
		list[i] = u.String()
	}
	return strings.Join(list, ",")
}
