package tests

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/kit/kittest"
	"github.com/grokputer/grokputer/lm"
	"github.com/grokputer/grokputer/lm/chat"
	"github.com/grokputer/grokputer/lm/lmtest"
	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/safetensors"
	"github.com/grokputer/grokputer/lm/train"
)

// tinyStarter teaches a tiny model to press a button, and returns the folder of the adapter.
func tinyStarter(t *testing.T, model string, captions []string) string {
	t.Helper()
	engine, err := lm.Open(t.Context(), model, lm.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	adapter, err := engine.NewAdapter(lora.DefaultConfig(), 1)
	if err != nil {
		t.Fatal(err)
	}
	var data train.Dataset
	for i, c := range captions {
		state := prompt.State{Task: "press " + c, Screen: screen.Screen{Title: "Panel"}}
		for j := range captions {
			state.Screen.Elements = append(state.Screen.Elements, screen.Element{Kind: screen.Button, Text: captions[(i+j)%len(captions)]})
		}
		example, err := engine.Example([]chat.Message{
			{Role: "system", Content: prompt.System}, {Role: "user", Content: prompt.Render(state)},
		}, fmt.Sprintf("click button %q", c))
		if err != nil {
			t.Fatal(err)
		}
		data.Train = append(data.Train, example)
	}
	opts := train.DefaultOptions()
	opts.Epochs, opts.LearningRate = 60, 1e-2
	if _, err := engine.Train(t.Context(), adapter, data, opts); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(t.TempDir(), "starter")
	if _, err := engine.SaveAdapter(folder, adapter, safetensors.BF16, lora.Metadata{}); err != nil {
		t.Fatal(err)
	}
	return folder
}

// Five processes, each killed once, on servers that stand alone: five bad ratings lead
// to a new version, which plans the next task. Nothing is lost, and one trace spans all five.
func TestFiveServices(t *testing.T) {
	t.Parallel()
	captions := []string{"Tea", "Milk", "Soup", "Cake"}
	model := lmtest.TinyModel(t, 48)
	xscreen := kittest.Screen(t)
	door := "127.0.0.1:" + freePort(t)
	d := deploy(t, append(xscreen.Env(), "DISPLAY="+xscreen.Display())...)
	own := map[string][]string{
		"observer": nil,
		"actor":    {"GROKPUTER_MODEL=" + model, "GROKPUTER_MAX_STEPS=2"},
		"feedback": {"GROKPUTER_HTTP_LISTEN=" + door},
		"trainer":  {"GROKPUTER_MODEL=" + model, "GROKPUTER_TRAIN_MIN_STEPS=40", "GROKPUTER_TRAIN_CHECKPOINT_EVERY=2", "GROKPUTER_TRAIN_IDLE=0", "GROKPUTER_TRAIN_LEAVE_OUT=0"},
		"registry": {"GROKPUTER_REGISTRY_ROLLOUT=direct", "GROKPUTER_REGISTRY_STARTER=" + tinyStarter(t, model, captions)},
	}
	for _, service := range []string{"registry", "observer", "actor", "feedback", "trainer"} {
		d.start(service, own[service]...)
	}
	crash := func(service string) {
		t.Helper()
		d.kill(service)
		d.start(service, own[service]...)
	}
	d.await("http://" + door + "/readyz")
	desk{t: t, display: xscreen.Display(), authority: authority(t, xscreen.Env())}.panel(captions...)
	b, err := bus.Connect(t.Context(), bus.Options{
		URL: d.setting("GROKPUTER_NATS_URL"), User: "grokputer", Password: secret, Name: t.Name(), Wait: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)

	const theirs = "4bf92f3577b34da6a3ce929d0e0e4736" // the example of W3C Trace Context, section 3.2
	ask := func(id string, header nats.Header) []bus.Message {
		t.Helper()
		body := fmt.Sprintf(`{"task": "press the one that I like", "id": %q}`, id)
		if err := b.Conn().PublishMsg(&nats.Msg{Subject: contracts.SubjectTaskRequested(), Data: []byte(body), Header: header}); err != nil {
			t.Fatal(err)
		}
		if id == "task-2" {
			crash("actor")
			crash("observer")
		}
		return ended(t, b, id)
	}
	var last []bus.Message
	for n := range 5 {
		id := fmt.Sprintf("task-%d", n+1)
		last = ask(id, nats.Header{contracts.HeaderTraceParent: {"00-" + theirs + "-00f067aa0ba902b7-01"}})
		if n == 3 {
			for _, server := range []string{"nats-server", "minio"} { // away for a while
				d.kill(server)
				if status, said := postRating(t, "http://"+door, fmt.Sprintf(`{"task_id": %q, "rating": 1}`, id)); status != http.StatusServiceUnavailable {
					t.Errorf("without %s: %d %s", server, status, said)
				}
				d.again[server]()
				d.await("http://" + door + "/readyz")
			}
		}
		rateFirstStep(t, "http://"+door, id, captions)
		if n == 1 {
			crash("feedback")
			d.await("http://" + door + "/readyz")
		}
	}
	waitFor(t, b, contracts.StreamTraining, "training.checkpointed.*")
	crash("trainer")
	published := waitFor(t, b, contracts.StreamAdapters, "adapter.published.planner.lora-v1")
	crash("registry")
	promoted := waitFor(t, b, contracts.StreamAdapters, "adapter.promoted.planner.lora-v1")
	waitFor(t, b, contracts.StreamTraining, "training.completed.*")

	check(t, last, theirs)
	check(t, observed(t, b, "task-5"), theirs)
	started := waitFor(t, b, contracts.StreamTraining, "training.started.*")
	rated := waitFor(t, b, contracts.StreamFeedback, "feedback.submitted.task-5")
	low := waitFor(t, b, contracts.StreamFeedback, "feedback.low.task-5")
	check(t, []bus.Message{rated, low, started, published, promoted}, theirs)

	for _, m := range ask("task-6", nil) {
		if verb(m.Subject) == contracts.VerbStarted {
			if adapter := decode[contracts.TaskStarted](t, m.Data).Adapter; adapter != "lora-v1" {
				t.Errorf("the next task is planned with %q", adapter)
			}
		}
	}
	for stream, want := range map[string]int{"adapter.published.planner.lora-v1": 1, "adapter.promoted.planner.lora-v1": 1} {
		if n := countOn(t, b, contracts.StreamAdapters, stream); n != want {
			t.Errorf("%d events on %s, want %d", n, stream, want)
		}
	}
	if n := countOn(t, b, contracts.StreamFeedback, "feedback.submitted.*"); n != 5 { // one that was not acknowledged is not there
		t.Errorf("%d ratings are stored, want 5", n)
	}
	if n := countOn(t, b, contracts.StreamDeadLetters, "dlq.>"); n != 0 {
		t.Errorf("%d dead letters", n)
	}
}

// authority is the file with the cookie of a screen.
func authority(t *testing.T, env []string) string {
	t.Helper()
	for _, line := range env {
		if file, found := strings.CutPrefix(line, "XAUTHORITY="); found {
			return file
		}
	}
	t.Fatal("the screen has no authority")
	return ""
}

// rateFirstStep gives a session one star, and says that another button would have been right.
func rateFirstStep(t *testing.T, door, task string, captions []string) {
	t.Helper()
	response, err := http.Get(door + "/v1/sessions/" + task)
	if err != nil {
		t.Fatal(err)
	}
	var session struct {
		Steps []contracts.BundleStep `json:"steps"`
	}
	err = json.NewDecoder(response.Body).Decode(&session)
	_ = response.Body.Close()
	if err != nil || len(session.Steps) == 0 {
		t.Fatalf("the session of %s has %d steps, %v", task, len(session.Steps), err)
	}
	right := ""
	for _, e := range session.Steps[0].State.Screen.Targets() {
		click := "click " + e.String()
		if e.Kind == screen.Button && click != session.Steps[0].Action.String() {
			right = click
		}
	}
	if right == "" {
		t.Fatalf("the observer saw no other button than %s of %v on %+v", session.Steps[0].Action, captions, session.Steps[0].State.Screen)
	}
	body, err := json.Marshal(map[string]any{
		"task_id": task, "rating": 1, "steps": []map[string]any{{"step": 1, "corrected_action": right}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if status, said := postRating(t, door, string(body)); status != http.StatusCreated {
		t.Fatalf("rating %s: %d %s", task, status, said)
	}
}

// postRating returns what the feedback service answers to a rating.
func postRating(t *testing.T, door, body string) (status int, said string) {
	t.Helper()
	response, err := http.Post(door+"/v1/feedback", "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(answer)
}

// waitFor returns the first event on a subject.
func waitFor(t *testing.T, b *bus.Bus, stream, subject string) bus.Message {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var found bus.Message
	err := b.Watch(ctx, stream, []string{subject}, bus.FromStart(), func(m bus.Message) error {
		found = m
		return bus.ErrStop
	})
	if err != nil {
		t.Fatalf("waiting for %s: %v", subject, err)
	}
	return found
}

// countOn is how many events a stream holds on a subject.
func countOn(t *testing.T, b *bus.Bus, stream, subject string) (n int) {
	t.Helper()
	s, err := b.JetStream().Stream(t.Context(), stream)
	if err != nil {
		t.Fatal(err)
	}
	info, err := s.Info(t.Context(), jetstream.WithSubjectFilter(subject))
	if err != nil {
		t.Fatal(err)
	}
	for _, events := range info.State.Subjects {
		n += int(events)
	}
	return n
}
