package registry_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/services/registry"
)

func TestACorruptedVersionIsRejected(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(*world, *contracts.AdapterPublished){
		"another content": func(w *world, a *contracts.AdapterPublished) {
			if _, err := w.blobs.Put(w.t.Context(), a.Files[0].Blob.Key, []byte("damage!"), ""); err != nil {
				w.t.Fatal(err)
			}
		},
		"no object": func(w *world, a *contracts.AdapterPublished) {
			if err := w.blobs.Remove(w.t.Context(), a.Files[0].Blob.Key); err != nil {
				w.t.Fatal(err)
			}
		},
		"no files": func(_ *world, a *contracts.AdapterPublished) { a.Files = []contracts.AdapterFile{} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.run(options(nil))
			w.publish(w.version(1))
			w.states("lora-v1 champion")
			bad := w.version(2)
			damage(w, &bad)
			w.publish(bad)
			if event := w.decided(contracts.AdapterVerbRejected, 1); event.Version != "lora-v2" || event.Champion != "lora-v1" {
				t.Errorf("%+v", event)
			}
			w.states("lora-v1 champion", "lora-v2 rejected")
			for _, subject := range []string{contracts.SubjectRegistryPromote, contracts.SubjectRegistryResolve} {
				if _, err := ask[json.RawMessage](w, subject, "lora-v2"); err == nil || !strings.HasPrefix(err.Error(), "409") {
					t.Errorf("%s: %v", subject, err)
				}
			}
		})
	}
}

func TestAVersionNeverChanges(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run(options(nil))
	w.publish(w.version(1))
	w.states("lora-v1 champion")
	other := w.version(1)
	other.Files[0].Blob.SHA256 = strings.Repeat("0c", 32)
	w.publish(other)
	for name, a := range map[string]any{"not JSON": "x", "another version": contracts.AdapterPublished{Role: "planner", Version: "lora-v9"}} {
		if err := w.bus.Publish(t.Context(), "adapter.published.planner.lora-v3", a); err != nil {
			t.Fatal(name, err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	n := 0
	err := w.bus.Watch(ctx, contracts.StreamDeadLetters, nil, bus.FromStart(), func(bus.Message) error {
		if n++; n == 3 {
			return bus.ErrStop
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	w.states("lora-v1 champion")
}

// The registry ends between each two writes of a promotion: the next one finishes it,
// and its event is stored once.
func TestEndsInTheMiddleOfAPromotion(t *testing.T) {
	t.Parallel()
	for _, moment := range []registry.Moment{registry.AfterRecord, registry.AfterAliases, registry.AfterEvent} {
		t.Run(string(moment), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			hit := make(chan struct{}, 100)
			stop := w.run(options(func(o *registry.Options) {
				o.Hook = func(m registry.Moment, _ string) error {
					if m != moment {
						return nil
					}
					hit <- struct{}{}
					return errors.New("the power is gone")
				}
			}))
			w.publish(w.version(1))
			<-hit
			stop()
			w.run(options(nil))
			w.states("lora-v1 champion")
			w.publish(w.version(2))
			w.states("lora-v1 previous", "lora-v2 champion")
			for i, want := range []string{"lora-v1", "lora-v2"} {
				if event := w.decided(contracts.AdapterVerbPromoted, i+1); event.Version != want {
					t.Errorf("event %d is of %s", i+1, event.Version)
				}
			}
		})
	}
}

// A registry that ends between the event of a rejection and its record rejects once.
func TestEndsInTheMiddleOfARejection(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	hit := make(chan struct{}, 100)
	stop := w.run(options(func(o *registry.Options) {
		o.Hook = func(m registry.Moment, _ string) error {
			if m != registry.AfterEvent {
				return nil
			}
			hit <- struct{}{}
			return errors.New("the power is gone")
		}
	}))
	bad := w.version(1)
	bad.Files = []contracts.AdapterFile{}
	w.publish(bad)
	<-hit
	stop()
	w.run(options(nil))
	w.states("lora-v1 rejected")
	w.publish(w.version(2))
	w.states("lora-v1 rejected", "lora-v2 champion")
	if event := w.decided(contracts.AdapterVerbRejected, 1); event.Version != "lora-v1" {
		t.Errorf("%+v", event)
	}
	stream, err := w.bus.JetStream().Stream(t.Context(), contracts.StreamAdapters)
	if err != nil {
		t.Fatal(err)
	}
	info, err := stream.Info(t.Context(), jetstream.WithSubjectFilter(contracts.SubjectAdapterVerb(contracts.AdapterVerbRejected)))
	if err != nil || info.State.Subjects["adapter.rejected.planner.lora-v1"] != 1 {
		t.Errorf("the rejections are %v, %v", info.State.Subjects, err)
	}
}

// A name that no training gives is decided about like any other version.
func TestAVersionMadeElsewhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	starter := starterFolder(t, "one")
	stop := w.run(options(func(o *registry.Options) { o.AutoPromote, o.Starter = false, starter }))
	own := w.version(1)
	own.Version = "mine"
	w.publish(own)
	w.states("starter champion", "mine published")
	if _, err := ask[contracts.Aliases](w, contracts.SubjectRegistryPromote, "mine"); err != nil {
		t.Fatal(err)
	}
	stop()
	newer := starterFolder(t, "two")
	w.run(options(func(o *registry.Options) { o.Starter = newer }))
	if list := w.list(); list.Aliases.Champion != "mine" || len(list.Adapters) != 3 {
		t.Errorf("%+v, %d versions", list.Aliases, len(list.Adapters))
	}
}

func TestTwoRegistries(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 2 {
		w.run(options(nil))
	}
	var want []string
	for n := range 6 {
		w.publish(w.version(n + 1))
		want = append(want, fmt.Sprintf("lora-v%d", n+1))
	}
	w.champion("lora-v6")
	var got []string
	for _, a := range w.list().Adapters {
		got = append(got, a.Version)
	}
	if !slices.Equal(got, want) {
		t.Errorf("the versions are %v", got)
	}
}

func TestANewStarter(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	one, two := starterFolder(t, "one"), starterFolder(t, "two")
	stop := w.run(options(func(o *registry.Options) { o.Starter = one }))
	w.states("starter champion")
	stop()
	stop = w.run(options(func(o *registry.Options) { o.Starter = two }))
	list := w.list()
	if len(list.Adapters) != 2 || !strings.HasPrefix(list.Aliases.Champion, "starter-") || list.Aliases.Previous != "starter" {
		t.Errorf("%+v", list.Aliases)
	}
	w.publish(w.version(1))
	w.champion("lora-v1")
	stop()
	three := starterFolder(t, "three")
	w.run(options(func(o *registry.Options) { o.Starter = three }))
	if list := w.list(); len(list.Adapters) != 4 || list.Aliases.Champion != "lora-v1" {
		t.Errorf("%d versions, %+v", len(list.Adapters), list.Aliases)
	}
}
