package starter_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/grokputer/grokputer/lm"
	"github.com/grokputer/grokputer/lm/lmtest"
	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/train"
	"github.com/grokputer/grokputer/services/trainer"
	"github.com/grokputer/grokputer/services/trainer/starter"
)

// short keeps the examples that a model with a small context can hold.
func short(examples []trainer.Example) []trainer.Example {
	var kept []trainer.Example
	for _, e := range examples {
		if len(e.State.Screen.Elements) < 3 && len(e.State.Done) < 2 {
			kept = append(kept, e)
		}
	}
	return kept
}

func TestBuild(t *testing.T) {
	t.Parallel()
	engine, err := lm.Open(t.Context(), lmtest.TinyModel(t, 48), lm.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	})
	drawn := starter.Draw(3, 300, 100, nil)
	data := starter.Dataset{Train: short(drawn.Train)[:12], HeldOut: short(drawn.HeldOut)[:3]}
	digest, err := data.Digest()
	if err != nil {
		t.Fatal(err)
	}
	opts := starter.Options{Seed: 3, Lora: lora.DefaultConfig(), Train: train.DefaultOptions(), Replay: 5, Version: "test"}
	opts.Regression = starter.Draw(6, 2, 0, nil).Train
	opts.Lora.Rank = 2
	dir := filepath.Join(t.TempDir(), "starter")
	for range 2 { // the second takes the place of the first
		report, err := starter.Build(t.Context(), engine, data, dir, opts)
		if err != nil {
			t.Fatal(err)
		}
		if report.Digest != digest || report.HeldOut != 3 || report.Result.Steps == 0 {
			t.Errorf("report: %+v", report)
		}
	}
	meta, err := engine.LoadAdapter("starter", dir, "")
	if err != nil {
		t.Fatal(err)
	}
	if meta.Notes["dataset_sha256"] != digest || meta.BaseSHA256 != engine.Info().SHA256 {
		t.Errorf("metadata: %+v", meta)
	}
	replay, err := trainer.ReadExamples(filepath.Join(dir, trainer.ReplayFile))
	if err != nil {
		t.Fatal(err)
	}
	if len(replay) != 5 {
		t.Errorf("%d steps to replay, want 5", len(replay))
	}
	if steps, err := trainer.ReadExamples(filepath.Join(dir, trainer.RegressionFile)); err != nil || len(steps) != len(opts.Regression) {
		t.Errorf("%d steps that no version may unlearn, %v; want %d", len(steps), err, len(opts.Regression))
	}
}

func TestFileKeepsExamples(t *testing.T) {
	t.Parallel()
	want := starter.Draw(5, 40, 0, nil).Train
	path := filepath.Join(t.TempDir(), "examples.jsonl.gz")
	if err := trainer.WriteExamples(path, want); err != nil {
		t.Fatal(err)
	}
	got, err := trainer.ReadExamples(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestReadNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	_, err := trainer.ReadExamples(filepath.Join(t.TempDir(), "nothing"))
	if err == nil || !strings.Contains(err.Error(), "nothing") {
		t.Errorf("error: %v", err)
	}
}

// What is held out is never trained on.
func TestHeldOutIsApart(t *testing.T) {
	t.Parallel()
	data := starter.Draw(1, 1500, 300, nil)
	seen := map[string]bool{}
	for _, e := range data.Train {
		seen[e.State.Task] = true
	}
	same := 0
	for _, e := range data.HeldOut {
		if seen[e.State.Task] {
			same++
		}
	}
	if share := float64(same) / float64(len(data.HeldOut)); share > 0.1 {
		t.Errorf("%.0f %% of the held-out steps have a task that was trained on", 100*share)
	}
}

// Recorded sessions are held out as a whole, some of them, and lost never.
func TestRecordedSessionsAreHeldOut(t *testing.T) {
	t.Parallel()
	var recorded []trainer.Example
	for i := range 400 {
		for _, action := range []string{"click", "done"} {
			e := trainer.Example{Kind: action}
			e.State.Task = fmt.Sprintf("task %d", i)
			recorded = append(recorded, e)
		}
	}
	data := starter.Draw(1, 0, 0, recorded)
	if len(data.HeldOutRecorded) == 0 || len(data.Train)+len(data.HeldOutRecorded) != len(recorded) {
		t.Fatalf("%d steps are held out and %d are not, of %d", len(data.HeldOutRecorded), len(data.Train), len(recorded))
	}
	for _, e := range data.Train {
		if slices.ContainsFunc(data.HeldOutRecorded, func(h trainer.Example) bool { return h.State.Task == e.State.Task }) {
			t.Errorf("%q is on both sides", e.State.Task)
		}
	}
}
