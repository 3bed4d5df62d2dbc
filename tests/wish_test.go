package tests

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/kit/blob"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/kit/kittest"
	"github.com/grokputer/grokputer/kit/unit"
	"github.com/grokputer/grokputer/lm"
	"github.com/grokputer/grokputer/lm/chat"
	"github.com/grokputer/grokputer/lm/lmtest"
	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/safetensors"
	"github.com/grokputer/grokputer/services/actor/adapters"
	"github.com/grokputer/grokputer/services/feedback"
	"github.com/grokputer/grokputer/services/feedback/sqlite"
	"github.com/grokputer/grokputer/services/feedback/web"
	"github.com/grokputer/grokputer/services/registry"
	"github.com/grokputer/grokputer/services/trainer"
	"github.com/grokputer/grokputer/services/trainer/job"
)

// wish is the loop with one simple wish of its user: whatever they ask for, it is button A. Registry,
// feedback and trainer are the real ones; the agent is a tiny model without a desktop, which takes its
// adapters as the actor does. What it does not know it does wrong, by pressing B.
type wish struct {
	t      *testing.T
	bus    *bus.Bus
	blobs  *blob.Store
	engine *lm.Engine
	model  string
	door   string
	shelf  *adapters.Adapters
	// ruins has the trainings learn so fast that they destroy what there was.
	ruins atomic.Bool
	n     int
}

// done is a task that the agent carried out.
type done struct {
	task    string // its id
	version string // that planned it, empty for the model alone
	right   bool
}

// newWish starts the loop, with a way for new versions to come into use.
func newWish(t *testing.T, way string) *wish {
	t.Helper()
	s3 := kittest.BlobServer(t)
	w := &wish{t: t, bus: kittest.NATS(t), model: lmtest.TinyModel(t, 48)}
	var err error
	w.blobs, err = blob.Open(t.Context(), blob.Options{Endpoint: s3.Endpoint(), AccessKey: kittest.AccessKey, SecretKey: kittest.SecretKey})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.blobs.Close)
	if w.engine, err = lm.Open(t.Context(), w.model, lm.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.engine.Close() })
	w.newShelf()

	plan, err := (registry.Rollout{Way: way, TrialRatings: 20}).Plan()
	if err != nil {
		t.Fatal(err)
	}
	o := registry.DefaultOptions()
	o.Plan = plan
	r, err := registry.New(o)
	if err != nil {
		t.Fatal(err)
	}
	tr, err := trainer.New(w.recipe(), w)
	if err != nil {
		t.Fatal(err)
	}
	bound := make(chan string, 1)
	f := web.NewUnit(feedback.DefaultOptions(), web.Options{
		Listen: "127.0.0.1:0", Version: "0.0.0", Bound: func(address string) { bound <- address },
	}, sqlite.Open)
	for _, u := range []unit.Unit{r, tr, f} {
		w.start(u)
	}
	w.door = "http://" + <-bound
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	return w
}

// recipe are settings with which a tiny model learns within a second or two, when it is asked to.
func (w *wish) recipe() trainer.Config {
	c := trainer.DefaultConfig()
	c.Model, c.LeaseTTL = w.model, time.Second
	c.Rules = trainer.Rules{Volume: 1 << 20, Window: 50, Below: 1, Failures: 1 << 20}
	c.When.CoolDown, c.When.Idle, c.When.LookEvery = 0, 0, 10*time.Millisecond
	r := &c.Recipe
	r.Rank, r.Batch, r.MinSteps, r.MaxSteps, r.Epochs, r.LearningRate, r.CheckpointEvery = 8, 2, 60, 60, 1, 1e-2, 1000
	r.Variants, r.Replay, r.MinReplay, r.LeaveOut, r.TaskShare = 0, 0, 0, 3, 1
	return c
}

// Run implements trainer.Runner: the real process, which may be told to ruin what it makes.
func (w *wish) Run(ctx context.Context, a trainer.Assignment, tell func(trainer.Update), rest <-chan bool) (trainer.Trained, error) {
	if w.ruins.Load() {
		a.Recipe.LearningRate = 1
	}
	return job.Process{}.Run(ctx, a, tell, rest)
}

func (w *wish) start(u unit.Unit) {
	w.t.Helper()
	ctx, cancel := context.WithCancel(w.t.Context())
	ready, ended := make(chan struct{}), make(chan error, 1)
	data := w.t.TempDir()
	go func() {
		ended <- unit.Run(ctx, unit.Env{Bus: w.bus, Blobs: w.blobs, DataDir: data, Ready: func() { close(ready) }}, u)
	}()
	w.t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			w.t.Error(err)
		}
	})
	select {
	case <-ready:
	case err := <-ended:
		ended <- nil
		w.t.Fatalf("%s ended at its start: %v", u.Name(), err)
	case <-time.After(patience):
		w.t.Fatalf("%s is not ready", u.Name())
	}
}

// newShelf has the agent forget the adapters' files.
func (w *wish) newShelf() {
	w.t.Helper()
	var err error
	w.shelf, err = adapters.New(adapters.Options{Bus: w.bus, Blobs: w.blobs, Folder: filepath.Join(w.t.TempDir(), "adapters"), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		w.t.Fatal(err)
	}
}

// panelABC is the screen of every task.
func panelABC() screen.Screen {
	return screen.Screen{Title: "P", Elements: []screen.Element{
		{Kind: screen.Button, Text: "A"}, {Kind: screen.Button, Text: "B"}, {Kind: screen.Button, Text: "C"},
	}}
}

func press(button string) action.Action {
	return action.Action{Verb: action.Click, Target: screen.Target{Kind: screen.Button, Text: button}}
}

// says is what an adapter has the model say; empty for the model alone.
func (w *wish) says(adapter, request string) string {
	w.t.Helper()
	if adapter == "" {
		adapter = lm.NoAdapter
	}
	state := prompt.State{Task: request, Screen: panelABC()}
	said, err := w.engine.Generate(w.t.Context(), []chat.Message{{Role: "system", Content: prompt.System}, {Role: "user", Content: prompt.Render(state)}},
		lm.GenerateOptions{Adapter: adapter, MaxTokens: 32})
	if err != nil {
		w.t.Fatal(err)
	}
	return said.Text
}

// attach loads the adapter for a task as the actor does, and returns its version: what cannot be had is
// passed over. Without a task it is the one in use.
func (w *wish) attach(task string) string {
	w.t.Helper()
	chosen, err := w.shelf.Choose(w.t.Context(), contracts.AdapterQuery{Role: contracts.RolePlanner, TaskID: task})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, a := range chosen {
		fetched, err := w.shelf.Fetch(w.t.Context(), a)
		if err == nil {
			_, err = w.engine.LoadAdapter(a.Version, fetched.Folder, fetched.SHA256)
		}
		if err == nil {
			return a.Version
		}
		w.t.Logf("%s is passed over: %v", a.Version, err)
	}
	return ""
}

// do has the agent carry out a request.
func (w *wish) do(request string) done {
	w.t.Helper()
	w.n++
	d := done{task: fmt.Sprint("task-", w.n)}
	d.version = w.attach(d.task)
	act, verb := press("B"), contracts.VerbFailed
	if d.right = w.says(d.version, request) == press("A").String(); d.right {
		act, verb = press("A"), contracts.VerbCompleted
	}
	session, now := "session_"+d.task, time.Now().UTC()
	state := prompt.State{Task: request, Screen: panelABC()}
	w.tell(contracts.VerbAccepted, d.task, contracts.TaskAccepted{TaskID: d.task, SessionID: session, Desktop: "main", Task: request, Time: now})
	w.tell(contracts.VerbStarted, d.task, contracts.TaskStarted{TaskID: d.task, SessionID: session, Planner: "local", Model: "tiny", Adapter: d.version, Time: now})
	w.tell(contracts.VerbStep, d.task, contracts.TaskStep{
		TaskID: d.task, SessionID: session, Step: 1, State: &state, Action: act, Outcome: contracts.OutcomeChanged, Ended: now,
	})
	w.tell(verb, d.task, contracts.TaskEnded{TaskID: d.task, SessionID: session, Steps: 1, Time: now})
	return d
}

func (w *wish) tell(verb contracts.Verb, task string, event any) {
	w.t.Helper()
	if err := w.bus.Publish(w.t.Context(), contracts.SubjectTask(verb, task), event, bus.WithTask(task)); err != nil {
		w.t.Fatal(err)
	}
}

// rate rates a task over HTTP, and says which button would have been right; empty says nothing.
func (w *wish) rate(d done, stars int, button string) {
	w.t.Helper()
	rating := map[string]any{"task_id": d.task, "rating": stars}
	if button != "" {
		rating["steps"] = []map[string]any{{"step": 1, "corrected_action": press(button).String()}}
	}
	body, err := json.Marshal(rating)
	if err != nil {
		w.t.Fatal(err)
	}
	kittest.Await(w.t, "the session of "+d.task, func() bool { // its events are on their way to the service
		response, err := http.Post(w.door+"/v1/feedback", "application/json", bytes.NewReader(body))
		if err != nil {
			w.t.Fatal(err)
		}
		defer func() { _ = response.Body.Close() }()
		answer, err := io.ReadAll(response.Body)
		if err != nil {
			w.t.Fatal(err)
		}
		switch response.StatusCode {
		case http.StatusCreated:
			return true
		case http.StatusNotFound, http.StatusConflict:
			return false
		default:
			w.t.Fatalf("rating %s: %d %s", d.task, response.StatusCode, answer)
			return false
		}
	})
}

// train asks for a training and waits for its end; the version is empty when none came of it.
func (w *wish) train() (version string) {
	w.t.Helper()
	id := bus.NewID()
	if err := w.bus.Publish(w.t.Context(), contracts.SubjectTrainingRequested(), contracts.TrainingRequested{ID: id, Time: time.Now()}); err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	name := contracts.RequestedJob(id)
	subjects := []string{contracts.SubjectTraining(contracts.TrainingVerbCompleted, name), contracts.SubjectTraining(contracts.TrainingVerbFailed, name)}
	err := w.bus.Watch(ctx, contracts.StreamTraining, subjects, bus.FromStart(), func(m bus.Message) error {
		ended, err := bus.Decode[contracts.TrainingEnded](m)
		if err != nil {
			return err
		}
		if m.Subject == subjects[0] {
			version = ended.Version
		}
		w.t.Logf("%s: %s %s", m.Subject, ended.Version, ended.Reason)
		return bus.ErrStop
	})
	if err != nil {
		w.t.Fatalf("waiting for the training: %v", err)
	}
	return version
}

// considered waits until the registry has said what becomes of a version.
func (w *wish) considered(version string) contracts.Adapter {
	w.t.Helper()
	var found contracts.Adapter
	kittest.Await(w.t, "what becomes of "+version, func() bool {
		for _, a := range w.list().Adapters {
			if found = a; a.Version == version && (a.State != contracts.AdapterPublishedState || a.Why != "") {
				return true
			}
		}
		return false
	})
	return found
}

func (w *wish) list() (list contracts.AdapterList) {
	w.t.Helper()
	w.request(contracts.SubjectRegistryList, "", &list)
	return list
}

func (w *wish) request(subject, question string, answer any) {
	w.t.Helper()
	reply, err := w.bus.Conn().Request(subject, []byte(question), patience)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := json.Unmarshal(reply.Data, answer); err != nil {
		w.t.Fatalf("%s: %v in %s %v", subject, err, reply.Data, reply.Header)
	}
}

// try has an honest user work until a version is no longer compared.
func (w *wish) try(version string) contracts.Adapter {
	w.t.Helper()
	for range 400 {
		a := w.considered(version)
		if a.State != contracts.AdapterChallenger {
			w.t.Logf("%s is %s: %s", version, a.State, a.Why)
			return a
		}
		for range 5 {
			d := w.do(fmt.Sprintf("get me %c", 'a'+w.n%26))
			stars := 1
			if d.right {
				stars = 5
			}
			w.rate(d, stars, "")
		}
	}
	w.t.Fatalf("%s is still compared: %+v", version, w.list().Aliases)
	return contracts.Adapter{}
}

// success is the share of some fixed requests that are right with what is in use now, as its user
// meets it: tasks that take part in no comparison.
func (w *wish) success() float64 {
	w.t.Helper()
	version, right := w.attach(""), 0
	const n = 10
	for i := range n {
		if w.says(version, fmt.Sprintf("get me %c", 'a'+i)) == press("A").String() {
			right++
		}
	}
	return float64(right) / n
}

// put publishes an adapter's folder as a version that passed a gate.
func (w *wish) put(version string, a *lora.Adapter) contracts.AdapterPublished {
	w.t.Helper()
	folder := filepath.Join(w.t.TempDir(), version)
	meta, err := w.engine.SaveAdapter(folder, a, safetensors.BF16, lora.Metadata{CreatedBy: "test", CreatedAt: time.Now().UTC()})
	if err != nil {
		w.t.Fatal(err)
	}
	event := contracts.AdapterPublished{
		Role: contracts.RolePlanner, Version: version, BaseModel: meta.BaseModel, BaseSHA256: meta.BaseSHA256, SHA256: meta.AdapterSHA256,
		Gate: contracts.GatePassed, GateWhy: "it passed the gate", Time: time.Now().UTC(),
	}
	for _, name := range []string{lora.ConfigFile, lora.WeightsFile, lora.MetadataFile} {
		body, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			w.t.Fatal(err)
		}
		stored, err := w.blobs.Put(w.t.Context(), "adapters/"+version+"/"+name, body, "application/octet-stream")
		if err != nil {
			w.t.Fatal(err)
		}
		event.Files = append(event.Files, contracts.AdapterFile{Name: name, Blob: stored})
	}
	return event
}

func (w *wish) publish(a contracts.AdapterPublished) {
	w.t.Helper()
	if err := w.bus.Publish(w.t.Context(), contracts.SubjectAdapter(contracts.AdapterVerbPublished, a.Role, a.Version), a); err != nil {
		w.t.Fatal(err)
	}
}

// learned is an adapter that presses A, made without the loop.
func (w *wish) learned() *lora.Adapter {
	w.t.Helper()
	folder := w.t.TempDir()
	config := w.recipe()
	a := trainer.Assignment{
		JobID: "j", Version: "good", Folder: folder, Model: w.model, Recipe: config.Recipe, Gate: config.Gate, CreatedBy: "test", Sessions: []string{"s"},
	}
	a.Recipe.LeaveOut = 0
	var examples []trainer.Example
	for c := 'k'; c < 'q'; c++ {
		examples = append(examples, trainer.Example{
			Kind: trainer.KindLesson, State: prompt.State{Task: fmt.Sprintf("get me %c", c), Screen: panelABC()}, Right: press("A"),
			Source: &trainer.Source{SessionID: "s", Said: press("B"), Weight: 1},
		})
	}
	if err := trainer.WriteExamples(filepath.Join(folder, trainer.DatasetFile), examples); err != nil {
		w.t.Fatal(err)
	}
	if _, err := (job.Process{}).Run(w.t.Context(), a, func(trainer.Update) {}, nil); err != nil {
		w.t.Fatal(err)
	}
	adapter, _, err := lora.Load(filepath.Join(folder, trainer.AdapterFolder), w.engine.Dims(), lora.Expect{})
	if err != nil {
		w.t.Fatal(err)
	}
	return adapter
}

// noisy is an adapter with Gaussian noise on its weights, which destroys what it knew.
func noisy(a *lora.Adapter) *lora.Adapter {
	a = a.Clone()
	r := rand.New(rand.NewPCG(1, 1))
	for _, layer := range a.Layers {
		for _, pair := range layer {
			if pair == nil {
				continue
			}
			for _, weights := range [][]float32{pair.A, pair.B} {
				for i := range weights {
					weights[i] += float32(0.5 * r.NormFloat64())
				}
			}
		}
	}
	return a
}
