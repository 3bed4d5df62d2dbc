package job_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"go.uber.org/goleak"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/lm"
	"github.com/grokputer/grokputer/lm/lmtest"
	"github.com/grokputer/grokputer/services/trainer"
	"github.com/grokputer/grokputer/services/trainer/job"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// assignment is a small one, with its dataset in its folder.
func assignment(t *testing.T) trainer.Assignment {
	t.Helper()
	recipe := trainer.DefaultConfig().Recipe
	recipe.Rank, recipe.Batch, recipe.MinSteps, recipe.Epochs = 2, 2, 8, 1
	recipe.CheckpointEvery, recipe.EvalEvery, recipe.LearningRate = 2, 4, 1e-2
	a := trainer.Assignment{
		JobID: "j", Version: "lora-v1", Folder: t.TempDir(), Model: lmtest.TinyModel(t, 48),
		Recipe: recipe, Power: trainer.Power{Watts: 100, PricePerKWh: 0.5, Currency: "EUR"},
		DatasetSHA256: "d", Sessions: []string{"s"}, CreatedBy: "test",
	}
	var examples []trainer.Example
	for i, text := range []string{"A", "B", "C", "D", "E"} {
		examples = append(examples, trainer.Example{
			Kind:    trainer.KindLesson,
			State:   prompt.State{Task: "get " + text, Screen: screen.Screen{Elements: []screen.Element{{Kind: screen.Button, Text: text}}}},
			Right:   action.Action{Verb: action.Click, Target: screen.Target{Kind: screen.Button, Text: text}},
			HeldOut: i == 4,
		})
	}
	if err := trainer.WriteExamples(filepath.Join(a.Folder, trainer.DatasetFile), examples); err != nil {
		t.Fatal(err)
	}
	return a
}

func run(t *testing.T, a trainer.Assignment) (trainer.Trained, []trainer.Update) {
	t.Helper()
	var updates []trainer.Update
	trained, err := job.Process{}.Run(t.Context(), a, func(u trainer.Update) { updates = append(updates, u) }, nil)
	if err != nil {
		t.Fatal(err)
	}
	return trained, updates
}

func TestProcessTrains(t *testing.T) {
	t.Parallel()
	a := assignment(t)
	trained, updates := run(t, a)
	if trained.Steps != 8 || trained.HeldOutLoss <= 0 || trained.HeldOutLoss >= trained.ParentLoss || trained.CPUSeconds <= 0 || trained.Cost <= 0 {
		t.Errorf("%+v", trained)
	}
	plan, ok := updates[0].(trainer.Planned)
	if !ok || plan.Steps != 8 || plan.Parameters != trained.Parameters || plan.Seconds <= 0 || plan.Tokens == 0 {
		t.Errorf("the first update is %+v", updates[0])
	}
	steps, checkpoints := 0, 0
	for _, u := range updates {
		switch u := u.(type) {
		case trainer.Progressed:
			steps = max(steps, u.Step)
		case trainer.Checkpointed:
			checkpoints++
		}
	}
	if steps != 8 || checkpoints != 4 {
		t.Errorf("%d steps and %d checkpoints were told of", steps, checkpoints)
	}
	body, err := os.ReadFile(filepath.Join(a.Folder, trainer.AdapterFolder, "metadata.json"))
	if err != nil {
		t.Fatal(err)
	}
	var meta struct {
		Version       string          `json:"version"`
		DatasetSHA256 string          `json:"dataset_sha256"`
		Sessions      []string        `json:"sessions"`
		Training      trainer.Trained `json:"training"`
	}
	if err := json.Unmarshal(body, &meta); err != nil {
		t.Fatal(err)
	}
	if meta.Version != "lora-v1" || meta.DatasetSHA256 != "d" || len(meta.Sessions) != 1 || meta.Training.SHA256 != trained.SHA256 {
		t.Errorf("metadata.json: %s", body)
	}
	again, updates := run(t, a)
	if again != trained || len(updates) != 0 {
		t.Errorf("once more: %+v after %d updates", again, len(updates))
	}
}

// A training that is told to rest does no more steps until it is told to go on, and
// then ends with the very adapter of one that did not rest; its rest is not paid for.
func TestRests(t *testing.T) {
	t.Parallel()
	whole, _ := run(t, assignment(t))
	a := assignment(t)
	orders := make(chan bool, 1)
	orders <- true // it is there before the first step
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	last := 0
	_, err := job.Process{}.Run(ctx, a, func(u trainer.Update) {
		if p, ok := u.(trainer.Progressed); ok {
			last = p.Step
			cancel() // if it rested, it rests still
		}
	}, orders)
	if !errors.Is(err, context.Canceled) || last != 1 {
		t.Fatalf("it came to step %d, %v; want it to rest after the first", last, err)
	}
	orders <- true
	trained, err := job.Process{}.Run(t.Context(), a, func(u trainer.Update) {
		if p, ok := u.(trainer.Progressed); ok && p.Step == 2 {
			orders <- false
		}
	}, orders)
	if err != nil || trained.SHA256 != whole.SHA256 {
		t.Errorf("after its rests it made %s, %v; want %s", trained.SHA256, err, whole.SHA256)
	}
}

// A training that was interrupted ends with the very adapter of one that was not.
func TestInterruptedGoesOn(t *testing.T) {
	t.Parallel()
	long := func() trainer.Assignment { // it is not done before it hears that it is to end
		a := assignment(t)
		a.Recipe.MinSteps, a.Recipe.Patience = 60, 0
		return a
	}
	whole, _ := run(t, long())
	a := long()
	ctx, cancel := context.WithCancel(t.Context())
	_, err := job.Process{}.Run(ctx, a, func(u trainer.Update) {
		if p, ok := u.(trainer.Progressed); ok && p.Step == 3 {
			cancel()
		}
	}, nil)
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("the interrupted one ended with %v", err)
	}
	rest, updates := run(t, a)
	if rest.SHA256 != whole.SHA256 {
		t.Errorf("the adapter is %s, uninterrupted %s", rest.SHA256, whole.SHA256)
	}
	resumed := slices.ContainsFunc(updates, func(u trainer.Update) bool {
		p, ok := u.(trainer.Planned)
		return ok && p.Resumed >= 3
	})
	if !resumed {
		t.Error("it began anew")
	}
}

func TestBeginsFromTheParent(t *testing.T) {
	t.Parallel()
	first := assignment(t)
	parent, _ := run(t, first)
	second := assignment(t)
	second.Parent, second.ParentFolder, second.ParentSHA256 = "lora-v1", filepath.Join(first.Folder, trainer.AdapterFolder), parent.SHA256
	second.Recipe.Alpha *= 2 // another scale for the same weights
	child, _ := run(t, second)
	// BF16 rounds what was saved.
	if diff := child.ParentLoss - parent.HeldOutLoss; diff > 0.02*parent.HeldOutLoss || diff < -0.02*parent.HeldOutLoss {
		t.Errorf("it begins at a loss of %g, the parent ended at %g", child.ParentLoss, parent.HeldOutLoss)
	}
}

func TestUntrainable(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*trainer.Assignment){
		"no model":        func(a *trainer.Assignment) { a.Model = filepath.Join(a.Folder, "none") },
		"another model":   func(a *trainer.Assignment) { a.ModelSHA256 = "00" },
		"no parent":       func(a *trainer.Assignment) { a.ParentFolder = filepath.Join(a.Folder, "none") },
		"no room for any": func(a *trainer.Assignment) { long(t, a) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := assignment(t)
			change(&a)
			_, err := job.Process{}.Run(t.Context(), a, func(trainer.Update) {}, nil)
			if !errors.Is(err, trainer.ErrUntrainable) {
				t.Errorf("%v, want ErrUntrainable", err)
			}
		})
	}
}

// long replaces the dataset by one example that no small model can hold.
func long(t *testing.T, a *trainer.Assignment) {
	t.Helper()
	engine, err := lm.Open(t.Context(), a.Model, lm.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	task := make([]byte, engine.Info().Context+1)
	for i := range task {
		task[i] = "xq"[i%2]
	}
	e := trainer.Example{State: prompt.State{Task: string(task)}, Right: action.Action{Verb: action.Done}}
	if err := trainer.WriteExamples(filepath.Join(a.Folder, trainer.DatasetFile), []trainer.Example{e}); err != nil {
		t.Fatal(err)
	}
}

func TestDamagedDataset(t *testing.T) {
	t.Parallel()
	a := assignment(t)
	if err := os.WriteFile(filepath.Join(a.Folder, trainer.DatasetFile), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := (job.Process{}).Run(t.Context(), a, func(trainer.Update) {}, nil); err == nil {
		t.Error("it trained on nothing")
	}
}
