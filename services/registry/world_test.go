package registry_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/blob"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/kit/kittest"
	"github.com/grokputer/grokputer/kit/unit"
	"github.com/grokputer/grokputer/services/registry"
)

const patience = time.Minute

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is what a registry lives in.
type world struct {
	t     *testing.T
	bus   *bus.Bus
	blobs *blob.Store
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return &world{t: t, bus: kittest.NATS(t), blobs: kittest.Blobs(t)}
}

// run runs a registry until the test or the returned function ends it.
func (w *world) run(o registry.Options) (stop func()) {
	w.t.Helper()
	r, err := registry.New(o)
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(w.t.Context())
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- unit.Run(ctx, unit.Env{Bus: w.bus, Blobs: w.blobs, Ready: func() { close(ready) }}, r)
	}()
	var once atomic.Bool
	stop = func() {
		if once.Swap(true) {
			return
		}
		cancel()
		if err := <-ended; err != nil {
			w.t.Error(err)
		}
	}
	w.t.Cleanup(stop)
	select {
	case <-ready:
	case err := <-ended:
		ended <- nil
		w.t.Fatalf("the registry ended at its start: %v", err)
	}
	return stop
}

// version is a version whose file lies in S3.
func (w *world) version(n int) contracts.AdapterPublished {
	w.t.Helper()
	name := contracts.Version(n)
	stored, err := w.blobs.Put(w.t.Context(), "adapters/"+name+"/weights", []byte(name), "application/octet-stream")
	if err != nil {
		w.t.Fatal(err)
	}
	return contracts.AdapterPublished{
		Role: contracts.RolePlanner, Version: name, SHA256: stored.SHA256, Tasks: []string{"t"},
		Files: []contracts.AdapterFile{{Name: "weights", Blob: stored}}, Time: time.Now().UTC(),
	}
}

func (w *world) publish(a contracts.AdapterPublished) {
	w.t.Helper()
	subject := contracts.SubjectAdapter(contracts.AdapterVerbPublished, a.Role, a.Version)
	if err := w.bus.Publish(w.t.Context(), subject, a); err != nil {
		w.t.Fatal(err)
	}
}

// decided waits for the n-th event of that verb.
func (w *world) decided(verb contracts.AdapterVerb, n int) contracts.AdapterDecided {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	var event contracts.AdapterDecided
	err := w.bus.Watch(ctx, contracts.StreamAdapters, []string{contracts.SubjectAdapterVerb(verb)}, bus.FromStart(), func(m bus.Message) error {
		var err error
		if event, err = bus.Decode[contracts.AdapterDecided](m); err != nil {
			return err
		}
		if n--; n == 0 {
			return bus.ErrStop
		}
		return nil
	})
	if err != nil {
		w.t.Fatalf("waiting for %s: %v", verb, err)
	}
	return event
}

// ask sends a request as the nats client does; the error is what the service says.
func ask[T any](w *world, subject, body string) (T, error) {
	w.t.Helper()
	var v T
	reply, err := w.bus.Conn().Request(subject, []byte(body), patience)
	if err != nil {
		w.t.Fatal(err)
	}
	if code := reply.Header.Get("Nats-Service-Error-Code"); code != "" {
		return v, errors.New(code + " " + reply.Header.Get("Nats-Service-Error"))
	}
	if err := json.Unmarshal(reply.Data, &v); err != nil {
		w.t.Fatalf("%v in %s", err, reply.Data)
	}
	return v, nil
}

func (w *world) list() contracts.AdapterList {
	w.t.Helper()
	list, err := ask[contracts.AdapterList](w, contracts.SubjectRegistryList, "")
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

// champion waits until that version is the champion.
func (w *world) champion(want string) {
	w.t.Helper()
	for deadline := time.Now().Add(patience); ; {
		list := w.list()
		if list.Aliases.Champion == want {
			return
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("the champion is %q, want %q", list.Aliases.Champion, want)
		}
	}
}

// states are the versions and where they stand, until they are as wanted.
func (w *world) states(want ...string) contracts.AdapterList {
	w.t.Helper()
	for deadline := time.Now().Add(patience); ; {
		list := w.list()
		var got []string
		for _, a := range list.Adapters {
			got = append(got, a.Version+" "+string(a.State))
		}
		if slices.Equal(got, want) {
			return list
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("the versions are %q, want %q", got, want)
		}
	}
}

func starterFolder(t *testing.T, weights string) string {
	t.Helper()
	dir := t.TempDir()
	for name, body := range map[string]string{
		"adapter_model.safetensors": weights,
		"metadata.json":             `{"base_model": "tiny", "base_model_sha256": "0a"}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func options(change func(*registry.Options)) registry.Options {
	o := registry.DefaultOptions()
	if change != nil {
		change(&o)
	}
	return o
}
