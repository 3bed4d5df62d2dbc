package tests

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/services/registry"
	"github.com/grokputer/grokputer/services/trainer"
)

// A user teaches the loop, and then poisons it with all that a user can do: corrections that contradict
// each other, one star for all that is right, and a training that destroys. What is in use never does less than before.
func TestThePoisonedLoop(t *testing.T) {
	t.Parallel()
	w := newWish(t, registry.RolloutTrial)
	if before := w.success(); before != 0 {
		t.Fatalf("the model alone does %.0f %%", 100*before)
	}
	for c := 'a'; c < 'f'; c++ {
		w.rate(w.do(fmt.Sprintf("get me %c", c)), 1, "A")
	}
	first := w.train()
	w.considered(first)
	learned := w.success()
	if first != "lora-v1" || learned < 0.9 {
		t.Fatalf("it learned %.0f %% from what is true", 100*learned)
	}
	never := func(how string) {
		t.Helper()
		if now := w.success(); now < learned {
			t.Errorf("%s: %s does %.0f %%, %.0f %% before", how, w.list().Aliases.Champion, 100*now, 100*learned)
		}
	}
	settle := func(version string) {
		t.Helper()
		if version != "" {
			w.try(version)
		}
	}

	// On the same screen each, one session says that B would have been right, and a later one C, or the other way
	// round. The later word is learned from, though it is as wrong.
	want := map[string]string{}
	for i, c := range "abcdef" {
		request := fmt.Sprintf("get me %c", c)
		words := []string{"B", "C"}
		if i%2 == 0 {
			words = []string{"C", "B"}
		}
		for _, word := range words {
			w.rate(w.do(request), 1, word)
		}
		want[request] = words[1]
	}
	version := w.train()
	checkWords(t, w, version, want)
	settle(version)
	never("corrections that contradict each other")

	// Somebody else says B all the time: that can be learned. The gate knows no better, unless what was rated well is
	// unlearned by it; then who wants A finds out when it is tried.
	for c := 'g'; c < 'p'; c++ {
		w.rate(w.do(fmt.Sprintf("get me %c", c)), 1, "B")
	}
	version = w.train()
	if a := w.considered(version); a.State != contracts.AdapterChallenger {
		t.Logf("the gate stopped it: %s", a.GateWhy)
	}
	settle(version)
	never("corrections to what is wrong")

	// One star for all that is right, with nothing said.
	for c := 'p'; c < 'z'; c++ {
		d := w.do(fmt.Sprintf("get me %c", c))
		if !d.right {
			t.Errorf("%s does not do what it could: %+v", d.version, d)
		}
		w.rate(d, 1, "")
	}
	settle(w.train())
	never("one star for all")

	// A training that destroys: the gate stops it, and the registry says so.
	w.ruins.Store(true)
	w.rate(w.do("get me z"), 5, "")
	version = w.train()
	if a := w.considered(version); a.State != contracts.AdapterRejected || a.Gate != contracts.GateRejected {
		t.Errorf("%+v", a)
	}
	waitFor(t, w.bus, contracts.StreamAdapters, contracts.SubjectAdapter(contracts.AdapterVerbRejected, contracts.RolePlanner, version))
	never("a training that destroys")
}

// checkWords checks that a version was to learn one word of each request only: the last.
func checkWords(t *testing.T, w *wish, version string, want map[string]string) {
	t.Helper()
	published := decode[contracts.AdapterPublished](t, waitFor(t, w.bus, contracts.StreamAdapters,
		contracts.SubjectAdapter(contracts.AdapterVerbPublished, contracts.RolePlanner, version)).Data)
	file := filepath.Join(t.TempDir(), trainer.DatasetFile)
	if err := w.blobs.Download(t.Context(), published.Dataset, file); err != nil {
		t.Fatal(err)
	}
	examples, err := trainer.ReadExamples(file)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, e := range examples {
		word, ours := want[e.State.Task]
		if e.Kind != trainer.KindLesson || e.Varied || !ours {
			continue
		}
		if seen[e.State.Task] = true; e.Right.String() != press(word).String() {
			t.Errorf("%q is taught %s, the last word was %s", e.State.Task, e.Right, word)
		}
	}
	if len(seen) != len(want) {
		t.Errorf("%d of %d corrected requests are taught", len(seen), len(want))
	}
}

// A version that got past the gate though it was made worse on purpose is taken back by what its tasks come to, and
// the one in use does what it did.
func TestAWorseVersionIsTakenBack(t *testing.T) {
	t.Parallel()
	for _, way := range []string{registry.RolloutCanary, registry.RolloutAB, registry.RolloutTrial} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			w := newWish(t, way)
			good := w.learned()
			w.publish(w.put("lora-v1", good))
			w.considered("lora-v1")
			before := w.success()
			if before < 0.9 {
				t.Fatalf("the good one does %.0f %%", 100*before)
			}
			w.publish(w.put("lora-v2", noisy(good)))
			if a := w.considered("lora-v2"); a.State != contracts.AdapterChallenger {
				t.Fatalf("%+v", a)
			}
			if a := w.try("lora-v2"); a.State != contracts.AdapterRolledBack && a.State != contracts.AdapterRetired {
				t.Errorf("%+v", a)
			}
			if after := w.success(); after < before || w.list().Aliases.Champion != "lora-v1" {
				t.Errorf("%s does %.0f %%, %.0f %% before", w.list().Aliases.Champion, 100*after, 100*before)
			}
		})
	}
}

// Damage in S3: a new version whose files are not what was published is rejected, and says so; of one in use the agent
// falls back to the one before it, and does as much as before.
func TestADamagedVersionIsPassedOver(t *testing.T) {
	t.Parallel()
	w := newWish(t, registry.RolloutTrial)
	good := w.learned()
	for _, version := range []string{"lora-v1", "lora-v2"} {
		w.publish(w.put(version, good))
		w.considered(version)
	}
	var promoted contracts.Aliases
	if w.request(contracts.SubjectRegistryPromote, "lora-v2", &promoted); promoted.Champion != "lora-v2" || promoted.Previous != "lora-v1" {
		t.Fatalf("%+v", promoted)
	}
	damage := func(a contracts.AdapterPublished) {
		t.Helper()
		key := a.Files[1].Blob.Key
		if err := w.blobs.Remove(t.Context(), key); err != nil {
			t.Fatal(err)
		}
		if _, err := w.blobs.Put(t.Context(), key, make([]byte, a.Files[1].Blob.Size), "application/octet-stream"); err != nil {
			t.Fatal(err)
		}
	}
	bad := w.put("lora-v3", good)
	damage(bad)
	w.publish(bad)
	if a := w.considered("lora-v3"); a.State != contracts.AdapterRejected {
		t.Errorf("%+v", a)
	}
	waitFor(t, w.bus, contracts.StreamAdapters, contracts.SubjectAdapter(contracts.AdapterVerbRejected, contracts.RolePlanner, "lora-v3"))

	if d := w.do("get me a"); d.version != "lora-v2" || !d.right {
		t.Errorf("%+v", d)
	}
	for _, a := range w.list().Adapters {
		if a.Version == "lora-v2" {
			damage(a.AdapterPublished)
		}
	}
	if d := w.do("get me b"); d.version != "lora-v2" || !d.right { // its files are on this machine
		t.Errorf("%+v", d)
	}
	w.newShelf() // another machine
	for c := 'c'; c < 'h'; c++ {
		if d := w.do(fmt.Sprintf("get me %c", c)); d.version != "lora-v1" || !d.right {
			t.Errorf("after the damage: %+v", d)
		}
	}
}
