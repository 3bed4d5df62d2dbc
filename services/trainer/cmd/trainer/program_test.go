package main

import (
	"context"
	"encoding/json"
	"strings"
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
			"--data", t.TempDir(), "--log-level", "error", "--model", "none.gguf", "--train-failures", "2",
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
	reply, err := b.Conn().RequestWithContext(t.Context(), contracts.SubjectTrainerStatus, nil)
	if err != nil {
		t.Fatal(err)
	}
	var status contracts.TrainingStatus
	if err := json.Unmarshal(reply.Data, &status); err != nil {
		t.Fatal(err)
	}
	if status.Due || !strings.Contains(status.Why, "no session was rated") {
		t.Errorf("the status is %+v", status)
	}
}

func TestRunRefuses(t *testing.T) {
	t.Parallel()
	nats, blobs := kittest.NATSServer(t), kittest.BlobServer(t)
	for name, args := range map[string][]string{
		"an unknown flag": {"--colour"},
		"a rate":          {"--train-learning-rate", "3"},
		"a rank":          {"--train-rank", "0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := append(args, "--data", t.TempDir(), "--log-level", "error",
				"--nats-url", nats.URL(), "--nats-user", kittest.User, "--nats-password", kittest.Password,
				"--s3-endpoint", blobs.Endpoint(), "--s3-access-key", kittest.AccessKey, "--s3-secret-key", kittest.SecretKey)
			if err := standalone.Run(t.Context(), &program{}, args, func() { t.Error("it serves") }); err == nil {
				t.Error("it is accepted")
			}
		})
	}
}
