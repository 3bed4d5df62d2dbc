package model_test

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/golden"
	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/model"
)

// PEFT has loaded an adapter that a job of the trainer made (../golden/adapter.py): our
// engine gives the same logits with it.
func TestPEFTReadsWhatOurTrainerMade(t *testing.T) {
	t.Parallel()
	m, err := model.Open(t.Context(), golden.ModelPath(t), model.Options{Precision: compute.Float32})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	adapter, _, err := lora.Load(filepath.Join("testdata", "lora-v1"), m.Config().Dims(), lora.Expect{})
	if err != nil {
		t.Fatal(err)
	}
	var cases struct {
		Texts [][]int32 `json:"texts"`
	}
	body, err := os.ReadFile(filepath.Join("testdata", "peft.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(body, &cases); err != nil {
		t.Fatal(err)
	}
	stored, err := os.ReadFile(filepath.Join("testdata", "peft.f32"))
	if err != nil {
		t.Fatal(err)
	}
	vocab := m.Config().Vocab
	if len(cases.Texts) == 0 || len(stored) != 4*vocab*len(cases.Texts) {
		t.Fatalf("%d texts, and %d bytes of logits", len(cases.Texts), len(stored))
	}
	const allowed = 2e-3
	worst, changed := 0.0, 0.0
	got, plain := make([]float32, vocab), make([]float32, vocab)
	for i, tokens := range cases.Texts {
		if err := m.Forward(t.Context(), m.NewCache(len(tokens)), adapter, tokens, got); err != nil {
			t.Fatal(err)
		}
		if err := m.Forward(t.Context(), m.NewCache(len(tokens)), nil, tokens, plain); err != nil {
			t.Fatal(err)
		}
		for j, logit := range got {
			want := math.Float32frombits(binary.LittleEndian.Uint32(stored[4*(i*vocab+j):]))
			worst = max(worst, math.Abs(float64(logit-want)))
			changed = max(changed, math.Abs(float64(logit-plain[j])))
		}
	}
	t.Logf("the largest difference to PEFT is %.2g; the adapter changes up to %.2g", worst, changed)
	if worst > allowed || changed < 100*allowed {
		t.Errorf("the largest difference is %g, allowed are %g; the adapter changes %g", worst, allowed, changed)
	}
}
