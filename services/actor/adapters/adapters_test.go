package adapters_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"go.uber.org/goleak"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/blob"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/kit/kittest"
	"github.com/grokputer/grokputer/services/actor"
	"github.com/grokputer/grokputer/services/actor/adapters"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type world struct {
	t      *testing.T
	bus    *bus.Bus
	blobs  *blob.Store
	folder string
	// answer is what the registry says; a nil one says 404.
	answer atomic.Pointer[contracts.AdapterResolved]
	asked  atomic.Pointer[contracts.AdapterQuery]
	stop   func()
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, bus: kittest.NATS(t), blobs: kittest.Blobs(t), folder: filepath.Join(t.TempDir(), "adapters")}
	w.start()
	return w
}

// start has the registry answer.
func (w *world) start() {
	w.t.Helper()
	subscription, err := w.bus.Conn().Subscribe(contracts.SubjectRegistryResolve, func(m *nats.Msg) {
		var q contracts.AdapterQuery
		_ = json.Unmarshal(m.Data, &q)
		w.asked.Store(&q)
		answer := w.answer.Load()
		if answer == nil {
			h := nats.Header{}
			h.Set("Nats-Service-Error", "there is no such adapter")
			h.Set("Nats-Service-Error-Code", contracts.MicroNotFound)
			_ = m.RespondMsg(&nats.Msg{Header: h})
			return
		}
		body, _ := json.Marshal(answer)
		_ = m.Respond(body)
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.stop = func() { _ = subscription.Unsubscribe() }
}

func (w *world) adapters() *adapters.Adapters {
	w.t.Helper()
	a, err := adapters.New(adapters.Options{Bus: w.bus, Blobs: w.blobs, Folder: w.folder, Patience: time.Millisecond, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

// version is one whose file lies in S3.
func (w *world) version(name string) contracts.Adapter {
	w.t.Helper()
	stored, err := w.blobs.Put(w.t.Context(), "adapters/"+name+"/f", []byte("weights of "+name), "")
	if err != nil {
		w.t.Fatal(err)
	}
	return contracts.Adapter{AdapterPublished: contracts.AdapterPublished{
		Version: name, SHA256: stored.SHA256, Files: []contracts.AdapterFile{{Name: "f", Blob: stored}},
	}}
}

// planner is the question for the planner's version.
func planner(version string) contracts.AdapterQuery {
	return contracts.AdapterQuery{Role: contracts.RolePlanner, TaskID: "task", Version: version}
}

func TestChoose(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.adapters()
	champion, previous := w.version("lora-v2"), w.version("lora-v1")
	w.answer.Store(&contracts.AdapterResolved{Adapter: &champion, Fallback: []contracts.Adapter{previous}})
	chosen, err := a.Choose(t.Context(), planner(""))
	if err != nil || len(chosen) != 2 || chosen[0].Version != "lora-v2" || chosen[1].Version != "lora-v1" {
		t.Errorf("%+v, %v", chosen, err)
	}
	if q := w.asked.Load(); q.TaskID != "task" || q.Version != "" || q.Role != contracts.RolePlanner {
		t.Errorf("asked %+v", q)
	}
	w.answer.Store(&contracts.AdapterResolved{})
	if chosen, err := a.Choose(t.Context(), planner("none")); err != nil || len(chosen) != 0 {
		t.Errorf("none: %+v, %v", chosen, err)
	}
	w.answer.Store(nil)
	if _, err := a.Choose(t.Context(), planner("lora-v9")); !errors.Is(err, actor.ErrNoAdapter) || !strings.Contains(err.Error(), "there is no such adapter") {
		t.Errorf("unknown: %v", err)
	}
}

// While the registry is away, what it said last about the champion serves, also in a new process.
func TestTheRegistryIsAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	champion, previous := w.version("lora-v2"), w.version("lora-v1")
	w.answer.Store(&contracts.AdapterResolved{Adapter: &champion, Fallback: []contracts.Adapter{previous}})
	if _, err := w.adapters().Choose(t.Context(), planner("")); err != nil {
		t.Fatal(err)
	}
	w.stop()
	a := w.adapters()
	if chosen, err := a.Choose(t.Context(), planner("")); err != nil || len(chosen) != 2 || chosen[0].Version != "lora-v2" {
		t.Errorf("%+v, %v", chosen, err)
	}
	if chosen, err := a.Choose(t.Context(), planner("lora-v2")); err != nil || len(chosen) != 1 {
		t.Errorf("%+v, %v", chosen, err)
	}
	if _, err := a.Choose(t.Context(), planner("lora-v1")); !errors.Is(err, actor.ErrNoAdapter) {
		t.Errorf("another version: %v", err)
	}
	w.folder = t.TempDir()
	if _, err := w.adapters().Choose(t.Context(), planner("")); !errors.Is(err, actor.ErrNoAdapter) {
		t.Errorf("nothing remembered: %v", err)
	}
}

// A role's answer is never taken for the planner's, and nobody waits for it: the planner's adapter
// serves meanwhile.
func TestARoleIsAskedForByItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.adapters()
	first, other := w.version("lora-v2"), w.version("lora-v1")
	w.answer.Store(&contracts.AdapterResolved{Adapter: &first})
	if _, err := a.Choose(t.Context(), planner("")); err != nil {
		t.Fatal(err)
	}
	recovery := contracts.AdapterQuery{Role: contracts.RoleRecovery, TaskID: "task"}
	w.answer.Store(&contracts.AdapterResolved{Role: contracts.RoleRecovery, Adapter: &other})
	if chosen, err := a.Choose(t.Context(), recovery); err != nil || len(chosen) != 1 || *w.asked.Load() != recovery {
		t.Errorf("%+v, %v; asked %+v", chosen, err, w.asked.Load())
	}
	w.answer.Store(&contracts.AdapterResolved{Role: contracts.RoleRecovery})
	if chosen, err := a.Choose(t.Context(), recovery); err != nil || len(chosen) != 0 {
		t.Errorf("without a version: %+v, %v", chosen, err)
	}
	w.stop()
	if chosen, err := a.Choose(t.Context(), planner("")); err != nil || chosen[0].Version != "lora-v2" {
		t.Errorf("the planner's: %+v, %v", chosen, err)
	}
	if _, err := a.Choose(t.Context(), recovery); !errors.Is(err, actor.ErrNoAdapter) {
		t.Errorf("the registry is away: %v", err)
	}
}

func TestFetch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.adapters()
	v := w.version("lora-v1")
	for range 2 { // the second finds it there
		got, err := a.Fetch(t.Context(), v)
		if err != nil {
			t.Fatal(err)
		}
		body, err := os.ReadFile(filepath.Join(got.Folder, "f"))
		if err != nil || string(body) != "weights of lora-v1" || got.Version != "lora-v1" || got.SHA256 != v.SHA256 {
			t.Errorf("%+v: %q, %v", got, body, err)
		}
		if err := w.blobs.Remove(t.Context(), v.Files[0].Blob.Key); err != nil {
			t.Fatal(err)
		}
	}
}

// What the disk has damaged is fetched anew.
func TestADamagedFolderIsFetchedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.adapters()
	v := w.version("lora-v1")
	got, err := a.Fetch(t.Context(), v)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(got.Folder, "f")
	if err := os.WriteFile(file, []byte("damage"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Fetch(t.Context(), v); err != nil {
		t.Fatal(err)
	}
	if body, err := os.ReadFile(file); err != nil || string(body) != "weights of lora-v1" {
		t.Errorf("%q, %v", body, err)
	}
}

func TestFetchRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.adapters()
	for name, damage := range map[string]func(*contracts.Adapter){
		"another content": func(v *contracts.Adapter) { v.Files[0].Blob.SHA256 = strings.Repeat("0a", 32) },
		"no object":       func(v *contracts.Adapter) { v.Files[0].Blob.Key = "none" },
		"a path":          func(v *contracts.Adapter) { v.Files[0].Name = "../f" },
		"a hidden file":   func(v *contracts.Adapter) { v.Files[0].Name = ".f" },
		"a version":       func(v *contracts.Adapter) { v.Version = ".." },
		"a hash":          func(v *contracts.Adapter) { v.SHA256 = "../../../../x" },
	} {
		v := w.version("lora-v1")
		damage(&v)
		if got, err := a.Fetch(t.Context(), v); err == nil {
			t.Errorf("%s: fetched to %+v", name, got)
		}
	}
	if left, err := filepath.Glob(filepath.Join(w.folder, "*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestTheLastVersionsStay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.adapters()
	for n := range 15 {
		if _, err := a.Fetch(t.Context(), w.version(fmt.Sprintf("lora-v%d", n+1))); err != nil {
			t.Fatal(err)
		}
	}
	left, err := filepath.Glob(filepath.Join(w.folder, "lora-v*"))
	if err != nil || len(left) != 12 || !slices.ContainsFunc(left, func(f string) bool { return strings.Contains(f, "lora-v15-") }) {
		t.Errorf("there are %v, %v", left, err)
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, o := range []adapters.Options{{}, {Bus: w.bus}, {Bus: w.bus, Blobs: w.blobs, Folder: "here"}} {
		if _, err := adapters.New(o); err == nil {
			t.Errorf("%+v is accepted", o)
		}
	}
}
