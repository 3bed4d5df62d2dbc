package main

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/kit/kittest"
	"github.com/grokputer/grokputer/kit/standalone"
)

func TestRun(t *testing.T) {
	t.Parallel()
	nats, blobs := kittest.NATSServer(t), kittest.BlobServer(t)
	b := kittest.Connect(t, nats, bus.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- standalone.Run(ctx, &program{}, []string{
			"--data", t.TempDir(), "--log-level", "error", "--no-registry-auto-promote",
			"--nats-url", nats.URL(), "--nats-user", kittest.User, "--nats-password", kittest.Password,
			"--s3-endpoint", blobs.Endpoint(), "--s3-access-key", kittest.AccessKey, "--s3-secret-key", kittest.SecretKey,
		}, func() { close(ready) })
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	select {
	case <-ready:
	case err := <-ended:
		ended <- nil
		t.Fatal(err)
	}
	reply, err := b.Conn().RequestWithContext(t.Context(), contracts.SubjectRegistryList, nil)
	if err != nil {
		t.Fatal(err)
	}
	var list contracts.AdapterList
	if err := json.Unmarshal(reply.Data, &list); err != nil || list.Adapters == nil {
		t.Errorf("the answer is %s, %v", reply.Data, err)
	}
}

func TestRunRefuses(t *testing.T) {
	t.Parallel()
	args := []string{"--data", t.TempDir(), "--registry-auto-promote=perhaps"}
	if err := standalone.Run(t.Context(), &program{}, args, func() { t.Error("it serves") }); err == nil {
		t.Error("it is accepted")
	}
}
