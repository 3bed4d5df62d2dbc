package tests

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
)

// idiom is how one person asks for one button: no model can know that.
type idiom struct {
	caption  string
	wordings []string // the first is taught, the others are not
}

// idioms are those that the test draws from.
func idioms() []idiom {
	return []idiom{
		{"Espresso", []string{"get me the usual", "I will have the usual please", "the usual, thanks"}},
		{"Finish", []string{"let us call it a day", "time to call it a day", "call it a day now"}},
		{"Mute", []string{"give me some peace", "I need a bit of peace here", "a little peace please"}},
		{"Jazz", []string{"put on my favourite", "my favourite again please", "I would like my favourite"}},
		{"Archive", []string{"off to the attic with it", "send this to the attic", "the attic is the place for this"}},
		{"Pause", []string{"time for a coffee", "I am off for a coffee", "coffee break now"}},
		{"Night", []string{"my eyes hurt", "this hurts my eyes", "it hurts in the eyes"}},
		{"Dispatch", []string{"let the pigeon fly", "the pigeon may leave", "off goes the pigeon"}},
	}
}

// attempt is one request on one arrangement of the buttons, and what came of it.
type attempt struct {
	idiom

	request string
	buttons []string
	task    string // its id
	pressed string
	adapter string
}

func (a attempt) right() bool { return a.pressed == a.caption }

// learner is a running program that is taught.
type learner struct {
	home

	rng *rand.Rand
	nc  *nats.Conn
	n   int
}

// try has the agent carry out a request on a window with these buttons.
func (l *learner) try(i idiom, request string, buttons []string) attempt {
	l.t.Helper()
	l.n++
	a := attempt{idiom: i, request: request, buttons: buttons, task: fmt.Sprintf("try-%d", l.n)}
	window := l.desk().panel(buttons...)
	defer window.close()
	body, err := json.Marshal(contracts.TaskRequested{Task: request, ID: a.task})
	if err != nil {
		l.t.Fatal(err)
	}
	if err := l.nc.Publish(contracts.SubjectTaskRequested(), body); err != nil {
		l.t.Fatal(err)
	}
	for _, m := range ended(l.t, l.bus(), a.task) {
		if verb(m.Subject) == contracts.VerbStarted {
			a.adapter = decode[contracts.TaskStarted](l.t, m.Data).Adapter
		}
	}
	a.pressed = window.first()
	l.t.Logf("%-32q with %-8s pressed %-10q want %-10q %t", request, a.adapter, a.pressed, i.caption, a.right())
	return a
}

// shuffled is a new arrangement of all captions.
func (l *learner) shuffled() []string {
	var captions []string
	for _, i := range idioms() {
		captions = append(captions, i.caption)
	}
	l.rng.Shuffle(len(captions), func(i, j int) { captions[i], captions[j] = captions[j], captions[i] })
	return captions
}

// rate gives a session one star, and says what would have been right in its first step.
func (l *learner) rate(a attempt) {
	l.t.Helper()
	body, err := json.Marshal(map[string]any{
		"task_id": a.task, "rating": 1, "issues": []string{"wrong_action"},
		"steps": []map[string]any{{"step": 1, "corrected_action": fmt.Sprintf("click button %q", a.caption)}},
	})
	if err != nil {
		l.t.Fatal(err)
	}
	response, err := http.Post(l.state().HTTP+"/v1/feedback", "application/json", bytes.NewReader(body))
	if err != nil {
		l.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if answer, err := io.ReadAll(response.Body); err != nil || response.StatusCode != http.StatusCreated {
		l.t.Fatalf("rating %q: %d %s, %v", a.request, response.StatusCode, answer, err)
	}
}

// decided waits for the event of a decision about a version.
func (l *learner) decided(verb contracts.AdapterVerb, version string, within time.Duration) {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(l.t.Context(), within)
	defer cancel()
	b := l.bus()
	go func() { // a training that fails is told at once
		failed := []string{contracts.SubjectTraining(contracts.TrainingVerbFailed, "*")}
		_ = b.Watch(ctx, contracts.StreamTraining, failed, bus.FromStart(), func(m bus.Message) error {
			l.t.Errorf("the training failed: %s", m.Data)
			cancel()
			return bus.ErrStop
		})
	}()
	subject := contracts.SubjectAdapter(verb, contracts.RolePlanner, version)
	err := b.Watch(ctx, contracts.StreamAdapters, []string{subject}, bus.FromStart(), func(bus.Message) error { return bus.ErrStop })
	if err != nil {
		l.t.Fatalf("waiting for %s: %v", subject, err)
	}
}

// One person's ratings change what the agent does next, and taking the version back
// undoes it. The real model, a real window, and only the doors that everyone has:
// NATS and HTTP.
func TestRatingsChangeALaterAction(t *testing.T) {
	t.Parallel()
	model := modelFile(t)
	h := newHome(t,
		"--model", model, "--max-steps", "2",
		"--registry-starter", filepath.Join(repositoryRoot(t), "adapters", "starter"),
		// Settings that fit into a test: 5 corrected steps are all that there is.
		"--train-learning-rate", "3e-4", "--train-batch", "8", "--train-epochs", "1", "--train-min-steps", "110",
		"--train-variants", "60", "--train-replay", "1", "--train-eval-every", "40", "--train-idle", "0",
		// A version that goes a part of the way understands four of five new wordings after these 110 steps, and
		// now and then three.
		"--train-part", "1",
		// Five different tasks teach nothing about each other, forty steps have a wider interval
		// than a hundred, and nobody waits for a comparison.
		"--train-leave-out", "0", "--train-guards", "40", "--train-gate-margin", "0.25", "--registry-rollout", "direct",
	)
	up := h.up()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	l := &learner{home: h, rng: rand.New(rand.NewPCG(seed, 1)), nc: h.connect()}

	kept := l.failures(5)
	for i, a := range kept {
		if i == len(kept)-1 {
			if s := l.training(); s.Due || s.Job != nil {
				t.Errorf("a training is due after %d ratings: %+v", i, s)
			}
		}
		l.rate(a)
	}
	began := time.Now()
	l.decided(contracts.AdapterVerbPromoted, "lora-v1", 15*time.Minute)
	t.Logf("from the fifth low rating to the new version in use: %s", time.Since(began).Round(time.Second))
	l.logTraining()

	right := 0
	for _, a := range kept {
		again := l.try(a.idiom, a.wordings[1+l.rng.IntN(len(a.wordings)-1)], l.shuffled())
		if again.adapter != "lora-v1" {
			t.Errorf("planned with %q", again.adapter)
		}
		if again.right() {
			right++
		}
	}
	if right < 4 {
		t.Errorf("%d of 5 wordings that it had not seen were understood, want 4", right)
	}
	l.stillCan()

	var now contracts.Aliases
	l.request(contracts.SubjectRegistryRollback, &now)
	if now.Champion != contracts.VersionStarter {
		t.Errorf("after the rollback %+v", now)
	}
	for _, a := range kept {
		if again := l.try(a.idiom, a.request, a.buttons); again.adapter != contracts.VersionStarter || again.right() {
			t.Errorf("after the rollback %q pressed %q with %q, before %q", a.request, again.pressed, again.adapter, a.pressed)
		}
	}
	up.interrupt()
	none(t, h)
}

// failures finds requests that the starter gets wrong.
func (l *learner) failures(n int) []attempt {
	l.t.Helper()
	var kept []attempt
	drawn := idioms()
	l.rng.Shuffle(len(drawn), func(i, j int) { drawn[i], drawn[j] = drawn[j], drawn[i] })
	for _, i := range drawn {
		// A first guess can be right by chance: then another arrangement is tried once.
		for range 2 {
			if a := l.try(i, i.wordings[0], l.shuffled()); !a.right() {
				kept = append(kept, a)
				break
			}
		}
		if len(kept) == n {
			return kept
		}
	}
	l.t.Fatalf("the starter gets only %d of the requests wrong", len(kept))
	return nil
}

// request asks a micro service.
func (l *learner) request(subject string, answer any) {
	l.t.Helper()
	reply, err := l.nc.Request(subject, nil, patience)
	if err != nil {
		l.t.Fatal(err)
	}
	if err := json.Unmarshal(reply.Data, answer); err != nil {
		l.t.Fatalf("%s: %v in %s %v", subject, err, reply.Data, reply.Header)
	}
}

func (l *learner) training() (s contracts.TrainingStatus) {
	l.t.Helper()
	l.request(contracts.SubjectTrainerStatus, &s)
	return s
}

// logTraining says what the one training did.
func (l *learner) logTraining() {
	l.t.Helper()
	var list contracts.AdapterList
	l.request(contracts.SubjectRegistryList, &list)
	names := []string{}
	for _, a := range list.Adapters {
		names = append(names, a.Version)
	}
	if !slices.Equal(names, []string{contracts.VersionStarter, "lora-v1"}) {
		l.t.Fatalf("the versions are %v", names)
	}
	a := list.Adapters[1]
	l.t.Logf("%d steps in %.0f s, loss %.4f, held-out loss %.4f, the starter's %.4f, from %d sessions",
		a.Steps, a.Seconds, a.Loss, a.HeldOutLoss, a.ParentLoss, len(a.Sessions))
	if len(a.Sessions) != 5 || a.Parent != contracts.VersionStarter {
		l.t.Errorf("it learned from %v, beginning with %s", a.Sessions, a.Parent)
	}
}

// stillCan has the new version do two random tasks of each kind that the starter can. One
// of the eight may fail: the starter itself does about 79 of 80.
func (l *learner) stillCan() {
	l.t.Helper()
	folder := filepath.Join(l.dir, "lora-v1")
	l.run(0, "adapters", "download", "lora-v1", "--output", folder)
	other := newHome(l.t)
	out := other.run(0, "bench", "tasks", "-n", "2", "--json", "--model", modelFile(l.t), "--adapter", folder)
	var report struct {
		Tasks map[string]struct{ N, Success int } `json:"tasks"`
	}
	out.decode(l.t, &report)
	done := 0
	for kind, score := range report.Tasks {
		l.t.Logf("with lora-v1, %s: %d of %d", kind, score.Success, score.N)
		if done += score.Success; score.Success == 0 {
			l.t.Errorf("lora-v1 can no longer do a task of the kind %s", kind)
		}
	}
	if len(report.Tasks) != 4 || done < 7 {
		l.t.Errorf("lora-v1 does %d of 8 tasks of %d kinds:\n%s", done, len(report.Tasks), out.text())
	}
}
