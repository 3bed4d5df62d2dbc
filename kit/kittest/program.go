package kittest

import (
	"context"
	"testing"
	"time"

	"github.com/grokputer/grokputer/kit/blobserver"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/kit/busserver"
	"github.com/grokputer/grokputer/kit/standalone"
)

// ServerArgs are the arguments with which a service's program uses these servers.
func ServerArgs(nats *busserver.Server, blobs *blobserver.Server) []string {
	return []string{
		"--nats-url", nats.URL(), "--nats-user", User, "--nats-password", Password,
		"--s3-endpoint", blobs.Endpoint(), "--s3-access-key", AccessKey, "--s3-secret-key", SecretKey,
	}
}

// Program runs a service's program on servers of its own, with further arguments, until
// the test ends. It returns when the program serves, with a connection to its NATS server
// and the S3 server.
func Program(tb testing.TB, p standalone.Program, args ...string) (*bus.Bus, *blobserver.Server) {
	tb.Helper()
	nats, blobs := NATSServer(tb), BlobServer(tb)
	b := Connect(tb, nats, bus.Options{})
	ctx, cancel := context.WithCancel(context.WithoutCancel(tb.Context()))
	ready, ended := make(chan struct{}), make(chan error, 1)
	all := append(ServerArgs(nats, blobs), "--data", tb.TempDir(), "--log-level", "error")
	go func() { ended <- standalone.Run(ctx, p, append(all, args...), func() { close(ready) }) }()
	tb.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			tb.Error(err)
		}
	})
	select {
	case <-ready:
	case err := <-ended:
		ended <- nil
		tb.Fatalf("the program ended at its start: %v", err)
	case <-time.After(startTimeout):
		tb.Fatal("the program does not serve")
	}
	return b, blobs
}
