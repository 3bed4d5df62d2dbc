package main

import (
	"context"
	"encoding/json"
	"image"
	"os"
	"testing"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/kit/kittest"
	"github.com/grokputer/grokputer/kit/standalone"
	"github.com/grokputer/grokputer/services/observer/observertest"
)

func TestMain(m *testing.M) { os.Exit(observertest.OnScreen(m)) }

func TestRun(t *testing.T) { // one screen
	nats, blobs := kittest.NATSServer(t), kittest.BlobServer(t)
	b := kittest.Connect(t, nats, bus.Options{})
	observertest.Show(t, observertest.Shown{Title: "a window", Box: image.Rect(50, 50, 350, 250), Colour: 0xf6f5f4})
	ctx, cancel := context.WithCancel(t.Context())
	ready, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		err := standalone.Run(ctx, &program{}, []string{
			"--data", t.TempDir(), "--log-level", "error",
			"--nats-url", nats.URL(), "--nats-user", kittest.User, "--nats-password", kittest.Password,
			"--s3-endpoint", blobs.Endpoint(), "--s3-access-key", kittest.AccessKey, "--s3-secret-key", kittest.SecretKey,
		}, func() { close(ready) })
		if err != nil {
			t.Error(err)
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
	select {
	case <-ready:
	case <-ended:
		t.FailNow()
	}
	reply, err := b.Conn().RequestWithContext(t.Context(), "observer.look", nil)
	if err != nil {
		t.Fatal(err)
	}
	var seen contracts.ObservationCaptured
	if err := json.Unmarshal(reply.Data, &seen); err != nil {
		t.Fatal(err)
	}
	if seen.Screen.Title != "a window" || seen.Frame.Width != observertest.ScreenWidth || seen.Frame.Image.Key == "" {
		t.Errorf("got %+v", seen)
	}
}

func TestRunRefuses(t *testing.T) {
	for name, args := range map[string][]string{
		"an unknown flag":    {"--colour"},
		"a level of the log": {"--log-level", "loud"},
		"not a number":       {"--storage-max-gb", "lots"},
	} {
		if err := standalone.Run(t.Context(), &program{}, append(args, "--data", t.TempDir()), func() { t.Error(name, "is served") }); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}
