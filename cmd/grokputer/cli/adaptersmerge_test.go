package cli_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/lm"
	"github.com/grokputer/grokputer/lm/lmtest"
	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/services/trainer/federate"
)

// installation is an adapter of another installation for that model, trained on so many
// examples; 0 for one that does not say so.
func installation(t *testing.T, model string, seed uint64, rank, examples int) (folder string, a *lora.Adapter) {
	t.Helper()
	engine, err := lm.Open(t.Context(), model, lm.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	}()
	if a, err = engine.NewAdapter(lora.Config{Rank: rank, Alpha: 4, Targets: []lora.Module{lora.Query, lora.Up}}, seed); err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(seed, 2))
	for p := range a.Params() {
		for i := range p.Data {
			p.Data[i] = float32(rng.NormFloat64())
		}
	}
	folder = filepath.Join(t.TempDir(), "a")
	meta, err := engine.SaveAdapter(folder, a, "", lora.Metadata{})
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(struct {
		lora.Metadata

		Examples int      `json:"examples,omitempty"`
		Sessions []string `json:"sessions"`
	}{meta, examples, []string{"session_secret"}})
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, lora.MetadataFile), body, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return folder, a
}

// weight is what an adapter adds to the first weight of a layer's query.
func weight(a *lora.Adapter) float64 {
	p, sum := a.At(1, lora.Query), 0.0
	for r := range p.Rank {
		sum += float64(p.B[r]) * float64(p.A[r*p.In])
	}
	return float64(p.Scale) * sum
}

// mergeOf is what `adapters merge --json` prints, as far as the tests look at it.
type mergeOf struct {
	Folder, SHA256 string
	Rank           int
	Parts          []struct{ Weight, Norm float64 }
	Sigma, Lost    float64
	Epsilon        *float64
}

// An adapter of another installation and a version of this one are averaged by their numbers of
// examples, and nothing but the weights is in the result.
func TestAdaptersMerge(t *testing.T) {
	t.Parallel()
	w := newReplayWorld(t)
	here, ours := installation(t, w.model, 1, 2, 30)
	there, theirs := installation(t, w.model, 2, 3, 10)
	version := contracts.Adapter{AdapterPublished: contracts.AdapterPublished{Version: "lora-v3"}}
	for _, name := range []string{lora.ConfigFile, lora.WeightsFile, lora.MetadataFile} {
		body, err := os.ReadFile(filepath.Join(here, name))
		if err != nil {
			t.Fatal(err)
		}
		pointer, err := w.blobs.Put(t.Context(), "adapters/"+name, body, "application/octet-stream")
		if err != nil {
			t.Fatal(err)
		}
		version.Files = append(version.Files, contracts.AdapterFile{Name: name, Blob: pointer})
		if name == lora.WeightsFile {
			version.SHA256 = pointer.SHA256
		}
	}
	serve(t, w.bus, contracts.SubjectRegistryGet, func(q contracts.AdapterQuery) (any, string) {
		if q.Version != "lora-v3" {
			return "there is no such adapter", contracts.MicroNotFound
		}
		return version, ""
	})
	merge := func(args ...string) []string {
		return append(append([]string{"adapters", "merge", "--model", w.model}, args...), w.flags...)
	}
	out := filepath.Join(t.TempDir(), "merged")
	text := ok(t, merge("lora-v3", there, "--out", out)...)
	for _, want := range []string{"lora-v3", "0.750", "0.250", "rank 5", "nothing is promised", "run --adapter " + out} {
		if !strings.Contains(text, want) {
			t.Errorf("merge lacks %q:\n%s", want, text)
		}
	}
	got := loadMerged(t, w.model, out)
	if want := 0.75*weight(ours) + 0.25*weight(theirs); math.Abs(weight(got)-want) > 1e-5*max(1, math.Abs(want)) {
		t.Errorf("a merged weight is %g, want %g", weight(got), want)
	}
	files, err := os.ReadDir(out)
	if err != nil || len(files) != 3 {
		t.Errorf("the folder has %v, %v", files, err)
	}
	if meta, err := os.ReadFile(filepath.Join(out, lora.MetadataFile)); err != nil || strings.Contains(string(meta), "secret") || !strings.Contains(string(meta), `"examples": "40"`) {
		t.Errorf("%s, %v", meta, err)
	}
	// What was merged counts as much as its parts together.
	again := decode[mergeOf](t, ok(t, merge(out, there, "--out", out+"2", "--rank", "1", "--json")...))
	if again.Parts[0].Weight != 0.8 || again.Rank != 1 || again.Lost <= 0 || again.Epsilon != nil || again.Folder != out+"2" {
		t.Errorf("merged again: %+v", again)
	}
	noisy := decode[mergeOf](t, ok(t, merge(here, there, "--out", out+"3", "--weights", "1,1", "--clip", "0.5", "--noise", "2", "--delta", "1e-6", "--json")...))
	epsilon, err := federate.Epsilon(2, 1e-6)
	if err != nil || noisy.Epsilon == nil || *noisy.Epsilon != epsilon || noisy.Sigma != 0.5 || noisy.Rank != 3 || noisy.Parts[0].Norm <= 0.5 {
		t.Errorf("with noise: %+v, want epsilon %g: %v", noisy, epsilon, err)
	}
	// The same merge has other noise.
	text = ok(t, merge(here, there, "--out", out+"4", "--weights", "1,1", "--clip", "0.5", "--noise", "2")...)
	if !strings.Contains(text, "privacy spent: epsilon 1.993 for delta 1e-05") || !strings.Contains(text, "squared norm, with its noise") || strings.Count(text, "yes") != 2 {
		t.Errorf("with noise:\n%s", text)
	}
	if a, b := loadMerged(t, w.model, out+"3"), loadMerged(t, w.model, out+"4"); weight(a) == weight(b) {
		t.Error("two merges have the same noise")
	}

	foreign, _ := installation(t, lmtest.TinyModel(t, 64), 3, 2, 10)
	silent, _ := installation(t, w.model, 4, 2, 0)
	none := filepath.Join(t.TempDir(), "none")
	for says, args := range map[string][]string{
		"at least two":                {here},
		"adapter is for another base": {here, foreign},
		"are the same adapter":        {here, "lora-v3"},
		"how many examples":           {here, silent},
		"weights: there are 1 for 2":  {here, there, "--weights", "1"},
		"has -1, want more than 0":    {here, there, "--weights=1,-1"},
		"set clip, too":               {here, there, "--noise", "1"},
		"delta is 2":                  {here, there, "--noise", "1", "--clip", "1", "--delta", "2"},
		"lora-v9 is no folder":        {here, "lora-v9"},
		"grokputer models pull":       {here, there, "--model", w.model + "2"},
	} {
		fails(t, 1, says, merge(append(args, "--out", none)...)...)
	}
	fails(t, 1, "is there already", merge(here, there, "--out", out)...)
	if left, err := os.ReadDir(filepath.Dir(none)); err != nil || len(left) != 0 {
		t.Errorf("failed merges left %v, %v", left, err)
	}
}

// loadMerged reads an adapter for a model.
func loadMerged(t *testing.T, model, folder string) *lora.Adapter {
	t.Helper()
	engine, err := lm.Open(t.Context(), model, lm.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	a, _, err := lora.Load(folder, engine.Dims(), lora.Expect{BaseSHA256: engine.Info().SHA256})
	if err != nil {
		t.Fatal(err)
	}
	if err := engine.Close(); err != nil {
		t.Fatal(err)
	}
	return a
}
