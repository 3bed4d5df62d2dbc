package trainer_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/services/trainer"
)

// What a training would learn from can be had before it, byte for byte.
func TestTheDatasetBeforeItsTraining(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.rate("good", 5, false)
	w.rate("bad", 1, true)
	f := &fake{}
	w.run(f)
	reply, err := w.bus.Conn().Request(contracts.SubjectTrainerDataset, nil, patience)
	if err != nil {
		t.Fatal(err)
	}
	var made contracts.DatasetMade
	if err := json.Unmarshal(reply.Data, &made); err != nil || reply.Header.Get("Nats-Service-Error") != "" {
		t.Fatalf("%v %v", reply.Header, err)
	}
	if made.Lessons-made.Varied != 1 || made.Varied == 0 || made.Good != 1 || made.Through != 2 || made.Examples == 0 {
		t.Errorf("%+v", made)
	}
	w.ask(contracts.TrainingRequested{ID: "mine"})
	w.untilRecorded(contracts.JobCompleted)
	if trained := f.last.Load().DatasetSHA256; trained != made.Dataset.SHA256 {
		t.Errorf("it trained on %s, and said that it would on %s", trained, made.Dataset.SHA256)
	}
}

func (w *world) ask(r contracts.TrainingRequested) {
	w.t.Helper()
	if err := w.bus.Publish(w.t.Context(), contracts.SubjectTrainingRequested(), r); err != nil {
		w.t.Fatal(err)
	}
}

// give stores a dataset.
func (w *world) give(examples ...trainer.Example) contracts.Blob {
	w.t.Helper()
	file := filepath.Join(w.t.TempDir(), "given")
	if err := trainer.WriteExamples(file, examples); err != nil {
		w.t.Fatal(err)
	}
	body, err := os.ReadFile(file)
	if err != nil {
		w.t.Fatal(err)
	}
	pointer, err := w.blobs.PutContent(w.t.Context(), trainer.DatasetPrefix, trainer.DatasetSuffix, body, trainer.DatasetType)
	if err != nil {
		w.t.Fatal(err)
	}
	return pointer
}

// A training can learn from a dataset that it is given, without any rated session.
func TestAGivenDataset(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	f := &fake{}
	w.run(f)
	done := action.Action{Verb: action.Done}
	var examples []trainer.Example
	for task := range strings.FieldsSeq("a b c d e f g h i j k") {
		examples = append(examples, trainer.Example{Kind: trainer.KindGood, State: prompt.State{Task: task}, Right: done})
	}
	examples[3].Source = &trainer.Source{SessionID: "s", TaskID: "t", Said: done}
	w.ask(contracts.TrainingRequested{ID: "given", Dataset: w.give(examples...)})
	started := decode[contracts.TrainingStarted](t, w.until(contracts.StreamTraining, "training.started.*"))
	if started.Good != 10 || started.HeldOut != 1 || started.Lessons != 0 || !strings.Contains(started.Why, "a dataset of their own") {
		t.Errorf("%+v", started)
	}
	published := decode[contracts.AdapterPublished](t, w.until(contracts.StreamAdapters, "adapter.published.*.*"))
	if len(published.Tasks) != 1 || published.Tasks[0] != "t" || published.Dataset.SHA256 != f.last.Load().DatasetSHA256 {
		t.Errorf("%+v", published)
	}
}

// One that has its own held-out examples is learned from as it is.
func TestAGivenDatasetAsItIs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	f := &fake{}
	w.run(f)
	given := w.give(
		trainer.Example{Kind: "press", State: prompt.State{Task: "a"}, Right: action.Action{Verb: action.Done}},
		trainer.Example{Kind: "press", State: prompt.State{Task: "b"}, Right: action.Action{Verb: action.Done}, HeldOut: true},
	)
	w.ask(contracts.TrainingRequested{ID: "given", Dataset: given})
	w.untilRecorded(contracts.JobCompleted)
	if got := f.last.Load().DatasetSHA256; got != given.SHA256 {
		t.Errorf("it trained on %s, and was given %s", got, given.SHA256)
	}
}

func TestAGivenDatasetThatIsNone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		give func(w *world) contracts.Blob
		want string
	}{
		"gone": {func(w *world) contracts.Blob {
			b := w.give(trainer.Example{Kind: trainer.KindBad})
			if err := w.blobs.Remove(w.t.Context(), b.Key); err != nil {
				w.t.Fatal(err)
			}
			return b
		}, "the dataset that it was given"},
		"damaged": {func(w *world) contracts.Blob {
			b, err := w.blobs.Put(w.t.Context(), "datasets/x", []byte("x"), "text/plain")
			if err != nil {
				w.t.Fatal(err)
			}
			return b
		}, "the file is damaged"},
		"nothing right": {func(w *world) contracts.Blob {
			wrong := action.Action{Verb: action.Done}
			return w.give(trainer.Example{Kind: trainer.KindBad, Wrong: &wrong})
		}, "says what is right"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			f := &fake{}
			w.run(f)
			w.ask(contracts.TrainingRequested{ID: "given", Dataset: c.give(w)})
			if failed := w.untilFailed(); !strings.Contains(failed.Reason, c.want) || f.runs.Load() != 0 {
				t.Errorf("%+v", failed)
			}
		})
	}
}
