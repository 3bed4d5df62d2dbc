package job_test

import (
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/lm"
	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/safetensors"
	"github.com/grokputer/grokputer/services/trainer"
	"github.com/grokputer/grokputer/services/trainer/gate"
)

// noisy writes an adapter with Gaussian noise of a size on each of its weights, and returns its
// folder and hash.
func noisy(t *testing.T, model, folder string, size float64) (to, sha256 string) {
	t.Helper()
	engine, err := lm.Open(t.Context(), model, lm.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	a, _, err := lora.Load(folder, engine.Dims(), lora.Expect{})
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 1))
	for _, layer := range a.Layers {
		for _, pair := range layer {
			if pair == nil {
				continue
			}
			for _, weights := range [][]float32{pair.A, pair.B} {
				for i := range weights {
					weights[i] += float32(size * r.NormFloat64())
				}
			}
		}
	}
	to = filepath.Join(t.TempDir(), "noisy")
	meta, err := engine.SaveAdapter(to, a, safetensors.BF16, lora.Metadata{CreatedBy: "test", CreatedAt: time.Now().UTC()})
	if err != nil {
		t.Fatal(err)
	}
	return to, meta.AdapterSHA256
}

// A candidate that was made worse on purpose does not pass: it is the champion with noise on its weights. The
// same without noise is no better, and has unlearned nothing.
func TestTheGateStopsNoise(t *testing.T) {
	t.Parallel()
	before := gated(t, four()...)
	champion, _ := run(t, before)
	folder := filepath.Join(before.Folder, trainer.AdapterFolder)
	all := four()
	for range 24 { // of fewer that are all kept, the interval is wider than the margin
		all = append(all, measured(four()[0], gate.Replay), measured(four()[0], gate.Regression))
	}
	all = append(all, measured(four()[0], gate.Corrections))
	for name, c := range map[string]struct {
		size float64
		lost int
	}{"with noise": {0.5, 24}, "without": {0, 0}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := gated(t, all...)
			a.Recipe.MinSteps, a.Recipe.LearningRate = 1, 1e-9 // nothing mends it
			a.Version, a.Parent, a.Champion = "lora-v2", "lora-v1", "lora-v1"
			a.ChampionFolder, a.ChampionSHA256 = folder, champion.SHA256
			a.ParentFolder, a.ParentSHA256 = noisy(t, a.Model, folder, c.size)
			trained, _ := run(t, a)
			sets := map[gate.Name]gate.Set{}
			for _, s := range reportOf(t, a).Sets {
				sets[s.Name] = s
			}
			if trained.Gate != contracts.GateRejected {
				t.Errorf("%s: %s", trained.Gate, trained.GateWhy)
			}
			for _, name := range []gate.Name{gate.Replay, gate.Regression} {
				said := strings.Contains(trained.GateWhy, "24 steps of the "+string(name)+" set it may be worse")
				if s := sets[name]; s.Lost != c.lost || s.Both != 24-c.lost || said != (c.lost > 0) {
					t.Errorf("%s: %+v: %s", name, s, trained.GateWhy)
				}
			}
		})
	}
}
