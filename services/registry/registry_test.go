package registry_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
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

func TestAVersionIsPromotedAndTakenBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	starter := starterFolder(t, "one")
	w.run(options(func(o *registry.Options) { o.Starter = starter }))
	if list := w.states("starter champion"); list.Aliases.Champion != "starter" || list.Adapters[0].BaseModel != "tiny" {
		t.Errorf("%+v", list)
	}
	w.publish(w.version(1))
	event := w.decided(contracts.AdapterVerbPromoted, 2)
	if event.Version != "lora-v1" || event.Champion != "lora-v1" || event.Previous != "starter" || event.By != "auto" || event.Why == "" {
		t.Errorf("%+v", event)
	}
	w.states("starter previous", "lora-v1 champion")
	resolved, err := ask[contracts.AdapterResolved](w, contracts.SubjectRegistryResolve, `{"task_id": "t"}`)
	if err != nil || resolved.Adapter.Version != "lora-v1" || len(resolved.Fallback) != 1 || resolved.Fallback[0].Version != "starter" {
		t.Errorf("%+v, %v", resolved, err)
	}
	now, err := ask[contracts.Aliases](w, contracts.SubjectRegistryRollback, `{"by": "me", "why": "it is worse"}`)
	if err != nil || now.Champion != "starter" || now.Previous != "" {
		t.Errorf("%+v, %v", now, err)
	}
	if event := w.decided(contracts.AdapterVerbRolledBack, 1); event.Version != "lora-v1" || event.Champion != "starter" || event.By != "me" {
		t.Errorf("%+v", event)
	}
	list := w.states("starter champion", "lora-v1 rolledback")
	if list.Adapters[1].Why != "it is worse" {
		t.Errorf("%+v", list.Adapters[1])
	}
	// The version's event comes once more, as after a restart: the decision stands.
	w.publish(w.version(1))
	w.publish(w.version(2))
	w.states("starter previous", "lora-v1 rolledback", "lora-v2 champion")
	if _, err := ask[contracts.Aliases](w, contracts.SubjectRegistryPromote, "lora-v1"); err != nil {
		t.Error(err)
	}
	w.states("starter published", "lora-v1 champion", "lora-v2 previous")
}

func TestRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run(options(nil))
	w.publish(w.version(1))
	w.states("lora-v1 champion")
	for _, c := range []struct{ subject, body, want string }{
		{contracts.SubjectRegistryGet, "lora-v7", "404 there is no such adapter: planner lora-v7 (there are lora-v1)"},
		{contracts.SubjectRegistryGet, `{"version": 7}`, "400"},
		{contracts.SubjectRegistryGet, "a.b", "400"},
		{contracts.SubjectRegistryResolve, "lora-v7", "404"},
		{contracts.SubjectRegistryPromote, "lora-v7", "404"},
		{contracts.SubjectRegistryRollback, "", "409"},
		{contracts.SubjectRegistryRollback, "lora-v7", "409"},
		{contracts.SubjectRegistryList, "{", "400"},
	} {
		if _, err := ask[json.RawMessage](w, c.subject, c.body); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s %q: %v, want %s", c.subject, c.body, err, c.want)
		}
	}
	a, err := ask[contracts.Adapter](w, contracts.SubjectRegistryGet, "lora-v1")
	if err != nil || a.Version != "lora-v1" {
		t.Errorf("%+v, %v", a, err)
	}
	if a, err = ask[contracts.Adapter](w, contracts.SubjectRegistryGet, ""); err != nil || a.Version != "lora-v1" {
		t.Errorf("%+v, %v", a, err)
	}
	none, err := ask[contracts.AdapterResolved](w, contracts.SubjectRegistryResolve, "none")
	if err != nil || none.Adapter != nil || len(none.Fallback) != 0 {
		t.Errorf("%+v, %v", none, err)
	}
	if again, err := ask[contracts.Aliases](w, contracts.SubjectRegistryPromote, "lora-v1"); err != nil || again.Champion != "lora-v1" {
		t.Errorf("%+v, %v", again, err)
	}
}

func TestNotPromotedByItself(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		auto bool
		loss float64
		want string
	}{
		"a person decides":   {false, 0.1, "wait for a person"},
		"worse than parent":  {true, 0.3, "0.3000 is worse than its parent's, 0.2000"},
		"better than parent": {true, 0.1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			starter := starterFolder(t, "one")
			w.run(options(func(o *registry.Options) { o.AutoPromote, o.Starter = c.auto, starter }))
			v := w.version(1)
			v.HeldOutLoss, v.ParentLoss = c.loss, 0.2
			w.publish(v)
			if c.want == "" {
				w.states("starter previous", "lora-v1 champion")
				return
			}
			list := w.states("starter champion", "lora-v1 published")
			for list.Adapters[1].Why == "" { // it is on record before it is decided about
				list = w.list()
			}
			if why := list.Adapters[1].Why; !strings.Contains(why, c.want) || !strings.Contains(why, "grokputer adapters promote lora-v1") {
				t.Errorf("why: %s", why)
			}
			if _, err := ask[contracts.Aliases](w, contracts.SubjectRegistryPromote, "lora-v1"); err != nil {
				t.Error(err)
			}
			w.states("starter previous", "lora-v1 champion")
		})
	}
}

func TestAnOlderVersionDoesNotReplaceANewer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run(options(nil))
	w.publish(w.version(2))
	w.states("lora-v2 champion")
	late := w.version(1)
	late.Time = late.Time.Add(time.Second)
	w.publish(late)
	w.states("lora-v2 champion", "lora-v1 published")
}

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
	for list := w.list(); list.Aliases.Champion != "lora-v6"; {
		list = w.list()
	}
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
	for list := w.list(); list.Aliases.Champion != "lora-v1"; {
		list = w.list()
	}
	stop()
	three := starterFolder(t, "three")
	w.run(options(func(o *registry.Options) { o.Starter = three }))
	if list := w.list(); len(list.Adapters) != 4 || list.Aliases.Champion != "lora-v1" {
		t.Errorf("%d versions, %+v", len(list.Adapters), list.Aliases)
	}
}
