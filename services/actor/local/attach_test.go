package local_test

import (
	"math"
	"path/filepath"
	"testing"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/lm"
	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/lmtest"
	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/safetensors"
	"github.com/grokputer/grokputer/services/actor"
	"github.com/grokputer/grokputer/services/actor/local"
)

// adapterOf writes an adapter of a model that changes what it says.
func adapterOf(t *testing.T, model, version string, seed uint64) actor.Adapter {
	t.Helper()
	engine, err := lm.Open(t.Context(), model, lm.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	config := lora.DefaultConfig()
	config.Rank = 2
	a, err := engine.NewAdapter(config, seed)
	if err != nil {
		t.Fatal(err)
	}
	for p := range a.Params() {
		for i := range p.Data {
			p.Data[i] = float32((uint64(i)*2654435761+seed)%17)/8 - 1
		}
	}
	folder := filepath.Join(t.TempDir(), version)
	meta, err := engine.SaveAdapter(folder, a, safetensors.F32, lora.Metadata{})
	if err != nil {
		t.Fatal(err)
	}
	return actor.Adapter{Version: version, Folder: folder, SHA256: meta.AdapterSHA256}
}

// same is how far two confidences of one model can be apart in float32: a prompt that is in the cache
// is not computed anew.
const same = 1e-6

func TestAttach(t *testing.T) {
	t.Parallel()
	model := lmtest.TinyModel(t, 48)
	p := open(t, local.Options{Model: model, MaxTokens: 24, Engine: lm.Options{Precision: compute.Float32}})
	state := prompt.State{Task: "x", Screen: screen.Screen{Elements: []screen.Element{
		{Kind: screen.Button, Text: "A"}, {Kind: screen.Button, Text: "B"}, {Kind: screen.Field},
	}}}
	confidence := func() float64 {
		t.Helper()
		d, err := p.Plan(t.Context(), state, actor.Constraint{})
		if err != nil {
			return -1 // a random model may not come to an end; that is as good as a number
		}
		return d.Confidence
	}
	one, two := adapterOf(t, model, "lora-v1", 1), adapterOf(t, model, "lora-v2", 2)
	said := map[string]float64{}
	for _, a := range []actor.Adapter{one, two, {Version: contracts.VersionNone}, one, two, two} {
		if err := p.Attach(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		if got := p.Identity().Adapter; got != a.Version {
			t.Errorf("it says that it plans with %q, not %q", got, a.Version)
		}
		c := confidence()
		if before, ok := said[a.Version]; ok && math.Abs(before-c) > same {
			t.Errorf("with %s it was %g sure, now it is %g", a.Version, before, c)
		}
		said[a.Version] = c
	}
	if said["lora-v1"] == said[contracts.VersionNone] && said["lora-v2"] == said[contracts.VersionNone] {
		t.Errorf("the adapters change nothing: %v", said)
	}
	before := confidence()
	wrong := one
	wrong.SHA256 = "00"
	other := adapterOf(t, lmtest.TinyModel(t, 56), "lora-v3", 1)
	for name, a := range map[string]actor.Adapter{
		"a wrong hash": wrong, "another base": other, "no folder": {Version: "lora-v4", Folder: t.TempDir()},
	} {
		if err := p.Attach(t.Context(), a); err == nil {
			t.Errorf("%s is attached", name)
		}
		if p.Identity().Adapter != "lora-v2" || math.Abs(confidence()-before) > same {
			t.Errorf("%s took the place of what was there", name)
		}
	}
}
