package cli_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grokputer/grokputer/cmd/grokputer/cli"
	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/kit/blob"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/kit/kittest"
	"github.com/grokputer/grokputer/lm/lmtest"
	"github.com/grokputer/grokputer/services/trainer"
	"github.com/grokputer/grokputer/services/trainer/job"
)

// replayWorld is what a replay looks at: rated sessions, and a version that clicks B, whatever it is
// asked for.
type replayWorld struct {
	t     *testing.T
	bus   *bus.Bus
	blobs *blob.Store
	model string
	flags []string
}

func newReplayWorld(t *testing.T) replayWorld {
	t.Helper()
	b, flags := server(t)
	s3 := kittest.BlobServer(t)
	store, err := blob.Open(t.Context(), blob.Options{Endpoint: s3.Endpoint(), AccessKey: kittest.AccessKey, SecretKey: kittest.SecretKey})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	p := replayWorld{t: t, bus: b, blobs: store, model: lmtest.TinyModel(t, 48)}
	p.flags = slices.Concat(flags, []string{"--s3-endpoint", s3.Endpoint(), "--s3-access-key", kittest.AccessKey, "--s3-secret-key", kittest.SecretKey})
	return p
}

// button is a click on a button.
func button(name string) action.Action {
	return action.Action{Verb: action.Click, Target: screen.Target{Kind: screen.Button, Text: name}}
}

// told is what the planner was told of a task: there are the buttons A and B.
func told(task string) prompt.State {
	return prompt.State{Task: task, Screen: screen.Screen{Elements: []screen.Element{{Kind: screen.Button, Text: "A"}, {Kind: screen.Button, Text: "B"}}}}
}

// rate stores a session of one step, which clicked a button, so many days ago; it is marked
// right, or corrected to another button if that is not empty. It returns its event.
func (p replayWorld) rate(id, clicked, right string, days int) contracts.FeedbackSubmitted {
	p.t.Helper()
	step := contracts.BundleStep{
		Step: 1, State: told("get " + id), Action: button(clicked), Outcome: contracts.OutcomeChanged, Verdict: contracts.VerdictRight,
	}
	event := contracts.FeedbackSubmitted{
		ID: bus.NewID(), TaskID: id, SessionID: "session_" + id, Rating: 3, Steps: 1, Outcome: contracts.VerbCompleted,
		Time: time.Now().Add(-time.Duration(days) * 24 * time.Hour).UTC(),
	}
	if right != "" {
		a := button(right)
		step.Corrected, step.Verdict, event.Corrected = &a, contracts.VerdictWrong, 1
	}
	body, err := json.Marshal(contracts.Bundle{
		TaskID: id, SessionID: event.SessionID, Task: step.State.Task, Rating: 3, FeedbackID: event.ID, Rated: event.Time,
		Outcome: contracts.VerbCompleted, Steps: []contracts.BundleStep{step},
	})
	if err != nil {
		p.t.Fatal(err)
	}
	if event.Bundle, err = p.blobs.Put(p.t.Context(), "bundles/"+event.ID, body, "application/json"); err != nil {
		p.t.Fatal(err)
	}
	publish(p.t, p.bus, contracts.SubjectFeedbackSubmitted(id), event)
	return event
}

// adapter trains the version that clicks B when asked for one of these, and stores it.
func (p replayWorld) adapter(tasks ...string) contracts.Adapter {
	p.t.Helper()
	recipe := trainer.DefaultConfig().Recipe
	recipe.Rank, recipe.Batch, recipe.MinSteps, recipe.Epochs, recipe.LearningRate = 8, 4, 80, 1, 1e-2
	a := trainer.Assignment{JobID: "j", Version: "lora-v2", Folder: p.t.TempDir(), Model: p.model, Recipe: recipe, CreatedBy: "test"}
	var examples []trainer.Example
	for _, task := range tasks {
		examples = append(examples, trainer.Example{Kind: trainer.KindGood, State: told("get " + task), Right: button("B")})
	}
	if err := trainer.WriteExamples(filepath.Join(a.Folder, trainer.DatasetFile), examples); err != nil {
		p.t.Fatal(err)
	}
	trained, err := job.Process{}.Run(p.t.Context(), a, func(trainer.Update) {}, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	v := contracts.Adapter{AdapterPublished: contracts.AdapterPublished{
		Version: "lora-v2", Parent: "lora-v1", SHA256: trained.SHA256, Sessions: []string{"session_fix"},
	}}
	for _, name := range []string{"adapter_config.json", "adapter_model.safetensors", "metadata.json"} {
		body, err := os.ReadFile(filepath.Join(a.Folder, trainer.AdapterFolder, name))
		if err != nil {
			p.t.Fatal(err)
		}
		pointer, err := p.blobs.Put(p.t.Context(), "adapters/"+name, body, "application/octet-stream")
		if err != nil {
			p.t.Fatal(err)
		}
		v.Files = append(v.Files, contracts.AdapterFile{Name: name, Blob: pointer})
	}
	return v
}

// replay are the arguments of a replay.
func (p replayWorld) replay(args ...string) []string {
	return append(append([]string{"replay", "--model", p.model, "--threads", "1"}, args...), p.flags...)
}

// replayOf is what `replay --json` prints, as far as the tests look at it.
type replayOf struct {
	Against                          string
	Steps, Measured, Known, Sessions int
	Interrupted                      bool
	All, New                         []struct {
		Name                          string
		Both, Gained, Lost, Neither   int
		Candidate, Against, Low, High float64
	}
}

// counts are both, gained, lost and neither of all steps that were right, wrong and corrected.
func (r replayOf) counts() (all, unseen [3][4]int) {
	for i := range r.All {
		all[i] = [4]int{r.All[i].Both, r.All[i].Gained, r.All[i].Lost, r.All[i].Neither}
		unseen[i] = [4]int{r.New[i].Both, r.New[i].Gained, r.New[i].Lost, r.New[i].Neither}
	}
	return all, unseen
}

// A version is asked at the steps of the rated sessions and compared with what was done there,
// and with another version; what was asked once is not asked again.
func TestReplay(t *testing.T) {
	t.Parallel()
	p := newReplayWorld(t)
	p.rate("good", "B", "", 1)                       // it does the same
	p.rate("other", "A", "", 2)                      // it does not
	p.rate("fix", "A", "B", 3)                       // it does what was right, and was trained on it
	p.rate("old", "B", "", 20)                       // not asked for
	p.rate("changed", "A", "", 1)                    // rated anew below
	p.rate("changed", "B", "A", 1)                   // it does what was wrong
	p.rate(strings.Repeat("long", 200), "B", "", 21) // longer than the model's context
	gone := p.rate("gone", "B", "", 1)
	publish(t, p.bus, contracts.SubjectFeedbackDeleted("gone"), contracts.FeedbackDeleted{TaskID: "gone", SessionID: gone.SessionID})
	lost := p.rate("lost", "B", "", 1)
	if err := p.blobs.Remove(t.Context(), lost.Bundle.Key); err != nil {
		t.Fatal(err)
	}
	a := p.adapter("good", "other", "fix", "changed")
	torn, foreign := a, a
	torn.Version, torn.SHA256 = "torn", strings.Repeat("0", 64)
	foreign.Version, foreign.BaseSHA256 = "foreign", strings.Repeat("1", 64)
	parent := contracts.Adapter{AdapterPublished: contracts.AdapterPublished{Version: "lora-v1", Sessions: []string{"session_other"}}}
	serve(t, p.bus, contracts.SubjectRegistryList, func(contracts.AdapterQuery) (any, string) {
		return contracts.AdapterList{Adapters: []contracts.Adapter{parent, a, torn, foreign}}, ""
	})

	for _, c := range []struct {
		args        []string
		all, unseen [3][4]int
		known       int
	}{
		{nil, [3][4]int{{1, 0, 1, 0}, {0, 1, 0, 1}, {0, 1, 0, 1}}, [3][4]int{{1, 0, 0, 0}, {0, 0, 0, 1}, {0, 0, 0, 1}}, 0},
		{nil, [3][4]int{{1, 0, 1, 0}, {0, 1, 0, 1}, {0, 1, 0, 1}}, [3][4]int{{1, 0, 0, 0}, {0, 0, 0, 1}, {0, 0, 0, 1}}, 4},
		// The base model says nothing that makes sense. No champion stands for it.
		{[]string{"--against", "champion"}, [3][4]int{{0, 1, 0, 1}, {1, 0, 1, 0}, {0, 1, 0, 1}}, [3][4]int{{0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}}, 0},
		{[]string{"--anew"}, [3][4]int{{1, 0, 1, 0}, {0, 1, 0, 1}, {0, 1, 0, 1}}, [3][4]int{{1, 0, 0, 0}, {0, 0, 0, 1}, {0, 0, 0, 1}}, 0},
	} {
		r := decode[replayOf](t, ok(t, p.replay(append(c.args, "--lora-version", "lora-v2", "--json")...)...))
		all, unseen := r.counts()
		if all != c.all || unseen != c.unseen || r.Known != c.known || r.Measured != 4 || r.Sessions != 5 {
			t.Errorf("%v: all %v, new %v: %+v\nwant %v and %v", c.args, all, unseen, r, c.all, c.unseen)
		}
	}
	out := ok(t, p.replay("--lora-version", "lora-v2", "--since", "30d")...)
	for _, want := range []string{
		"lora-v2 against what was done then: 5 of 6 judged steps, of 7 rated sessions since", "does the same as what was right",
		"step 1 of session_other (right, trained on): what was done then", "1 session that cannot be read any more",
		"1 step, their screen is longer than the model's context",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("replay lacks %q:\n%s", want, out)
		}
	}
	for says, args := range map[string][]string{
		`there is no adapter "lora-v9"`: {"--lora-version", "lora-v9"},
		"compared with itself":          {"--lora-version", "lora-v2", "--against", "lora-v2"},
		"the registry names two hashes": {"--lora-version", "torn"},
		"was trained on":                {"--lora-version", "foreign"},
		"names no files":                {"--lora-version", "lora-v1"},
		"no session was rated since":    {"--lora-version", "lora-v2", "--since", "1h"},
		"grokputer models pull":         {"--lora-version", "lora-v2", "--model", p.model + "2"},
		"threads: -1":                   {"--lora-version", "lora-v2", "--threads=-1"},
	} {
		fails(t, 1, says, p.replay(args...)...)
	}
	fails(t, 2, "is no span of time", p.replay("--lora-version", "lora-v2", "--since", "7x")...)
}

// interrupter ends a run when a text is written to it.
type interrupter struct {
	strings.Builder

	at     string
	cancel context.CancelCauseFunc
}

// Write implements io.Writer.
func (i *interrupter) Write(b []byte) (int, error) {
	if strings.Contains(string(b), i.at) {
		i.cancel(cli.ErrInterrupted)
	}
	return i.Builder.Write(b)
}

// A replay that is interrupted tells what it measured, and the next one goes on there.
func TestReplayInterrupted(t *testing.T) {
	t.Parallel()
	p := newReplayWorld(t)
	for i, id := range []string{"a", "b", "c"} {
		p.rate(id, "B", "", i+1)
	}
	serve(t, p.bus, contracts.SubjectRegistryList, func(contracts.AdapterQuery) (any, string) { return contracts.AdapterList{}, "" })
	serve(t, p.bus, contracts.SubjectTrainerStatus, func(contracts.AdapterQuery) (any, string) {
		return contracts.TrainingStatus{Job: &contracts.JobState{Version: "lora-v9", Phase: contracts.JobTraining}}, ""
	})
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	var out strings.Builder
	errs := &interrupter{at: "step 2 of 3", cancel: cancel}
	args := p.replay("--lora-version", "none", "--threads", "0")
	status := cli.Main(ctx, args, cli.Streams{In: strings.NewReader(""), Out: &out, Err: errs})
	if status != 130 || !strings.Contains(out.String(), "none against what was done then: 2 of 3 judged steps") ||
		!strings.Contains(errs.String(), "lora-v9 is being trained: this takes 1 thread beside it") {
		t.Fatalf("status %d\n%s%s", status, out.String(), errs.String())
	}
	r := decode[replayOf](t, ok(t, append(args, "--json")...))
	all, _ := r.counts()
	if r.Known != 2 || r.Measured != 3 || r.Interrupted || !reflect.DeepEqual(all, [3][4]int{{0, 0, 3, 0}, {}, {}}) {
		t.Errorf("it went on to %+v", r)
	}
}
