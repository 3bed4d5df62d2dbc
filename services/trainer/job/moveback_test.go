package job_test

import (
	"math"
	"path/filepath"
	"testing"

	"github.com/grokputer/grokputer/lm"
	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/services/trainer"
)

// A version lies between its parent and what was trained; one that has no parent is what was trained.
func TestGoesAPartOfTheWay(t *testing.T) {
	t.Parallel()
	first := assignment(t)
	first.Recipe.Part = 0.5
	parent, _ := run(t, first)
	whole := assignment(t)
	whole.Recipe.Part = 1
	if alone, _ := run(t, whole); alone.SHA256 != parent.SHA256 {
		t.Errorf("without a parent half of the way is %s, all of it %s", parent.SHA256, alone.SHA256)
	}

	child := func(part float64) ([]float32, trainer.Trained) {
		t.Helper()
		a := assignment(t)
		a.Version, a.Parent, a.ParentSHA256 = "lora-v2", "lora-v1", parent.SHA256
		a.ParentFolder = filepath.Join(first.Folder, trainer.AdapterFolder)
		a.Recipe.Part = part
		trained, _ := run(t, a)
		return adapterOf(t, a), trained
	}
	from := adapterOf(t, first)
	all, trained := child(1)
	half, moved := child(0.5)
	for j, x := range half { // all three were rounded to BF16, to 8 bits
		room := math.Abs(float64(all[j]))/256 + math.Abs(float64(x))/256 + 1e-6
		if want := from[j] + 0.5*(all[j]-from[j]); math.Abs(float64(x-want)) > room {
			t.Fatalf("element %d is %g, between %g and %g", j, x, from[j], all[j])
		}
	}
	if moved.HeldOutLoss == trained.HeldOutLoss {
		t.Errorf("the held-out loss %g is that of all of the way", moved.HeldOutLoss)
	}
	if old, _ := child(0); old[len(old)-1] != all[len(all)-1] {
		t.Error("an assignment of before there were parts did not go all of the way")
	}
}

// adapterOf returns all elements of what an assignment made.
func adapterOf(t *testing.T, a trainer.Assignment) []float32 {
	t.Helper()
	engine, err := lm.Open(t.Context(), a.Model, lm.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	adapter, _, err := lora.Load(filepath.Join(a.Folder, trainer.AdapterFolder), engine.Dims(), lora.Expect{})
	if err != nil {
		t.Fatal(err)
	}
	var all []float32
	for p := range adapter.Params() {
		all = append(all, p.Data...)
	}
	return all
}
