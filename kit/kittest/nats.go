package kittest

import (
	"context"
	"testing"
	"time"

	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/kit/busserver"
)

// User and Password of the servers that NATSServer starts.
const (
	User     = "test"
	Password = "test-password"
)

// startTimeout bounds the start of one server.
const startTimeout = 30 * time.Second

// NATSServer starts a NATS server on a free port, with its streams in the
// test's folder. It does not sync each message: a test that ends the process
// itself starts its own.
func NATSServer(tb testing.TB) *busserver.Server {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), startTimeout)
	defer cancel()
	s, err := busserver.Start(ctx, busserver.Options{
		StoreDir: tb.TempDir(),
		Port:     busserver.RandomPort,
		User:     User,
		Password: Password,
	})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Shutdown(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

// NATS connects to a server of its own, on which every stream, consumer and
// bucket of the contracts stands.
func NATS(tb testing.TB) *bus.Bus {
	tb.Helper()
	return Connect(tb, NATSServer(tb), bus.Options{})
}

// Connect connects to a server that NATSServer started and provisions it. User
// and password are filled in.
func Connect(tb testing.TB, s *busserver.Server, o bus.Options) *bus.Bus {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), startTimeout)
	defer cancel()
	o.URL, o.User, o.Password = s.URL(), User, Password
	if o.Name == "" {
		o.Name = tb.Name()
	}
	b, err := bus.Connect(ctx, o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(b.Close)
	if err := b.Provision(ctx); err != nil {
		tb.Fatal(err)
	}
	return b
}
