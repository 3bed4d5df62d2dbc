package actor_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/kit/secrets"
	"github.com/grokputer/grokputer/services/actor"
	"github.com/grokputer/grokputer/services/actor/scripted"
)

// password is typed in these tests, and must be found nowhere.
const password = "Xk9q2Zp7wV"

// secretFile is a store with one secret.
func secretFile(t *testing.T) secrets.Store {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secrets")
	if err := os.WriteFile(path, []byte("mail="+password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return secrets.File(path)
}

// unknown fails the test if the password is in a stream, a bucket or a file of the
// data folder.
func (h *house) unknown() {
	h.t.Helper()
	streams := h.bus.JetStream().StreamNames(h.t.Context())
	n := 0
	for name := range streams.Name() { // buckets are streams, too
		h.read(name, func(m jetstream.Msg) {
			n++
			if bytes.Contains(m.Data(), []byte(password)) {
				h.t.Errorf("%s on %s holds the secret: %s", name, m.Subject(), m.Data())
			}
		})
	}
	if err := streams.Err(); err != nil || n == 0 {
		h.t.Fatalf("%d messages were read, %v", n, err)
	}
	err := filepath.WalkDir(h.dataDir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := os.ReadFile(path)
		if bytes.Contains(body, []byte(password)) {
			h.t.Errorf("%s holds the secret", path)
		}
		return err
	})
	if err != nil {
		h.t.Error(err)
	}
}

// read calls f with every message that a stream holds.
func (h *house) read(stream string, f func(jetstream.Msg)) {
	h.t.Helper()
	s, err := h.bus.JetStream().Stream(h.t.Context(), stream)
	if err != nil {
		h.t.Fatal(err)
	}
	for left := s.CachedInfo().State.Msgs; left > 0; {
		consumer, err := s.OrderedConsumer(h.t.Context(), jetstream.OrderedConsumerConfig{})
		if err != nil {
			h.t.Fatal(err)
		}
		batch, err := consumer.Fetch(int(left))
		if err != nil {
			h.t.Fatal(err)
		}
		for m := range batch.Messages() {
			f(m)
			left--
		}
		if err := batch.Error(); err != nil {
			h.t.Fatal(err)
		}
	}
}

// A secret is typed, and nobody but the desktop knows it: not the planner, no
// stream, no bucket, no file.
func TestSecret(t *testing.T) {
	t.Parallel()
	h := build(t, editor())
	h.secrets = secretFile(t)
	h.config.Policy.Line = actor.Critical
	var told []prompt.State
	h.planner = scripted.New(func(s prompt.State) (action.Action, error) {
		told = append(told, s)
		if strings.Contains(prompt.Render(s), password) {
			t.Errorf("the planner was told the secret: %s", prompt.Render(s))
		}
		return action.Parse([]string{`click field ""`, `type "{{secret:mail}}"`, `click button "Bold"`, `done`}[len(s.Done)])
	})
	h.start()
	h.ask(`{"task": "log in with {{secret:mail}}", "id": "t"}`)
	h.completed()
	if got := h.desktop.Text(); got != password {
		t.Errorf("the field holds %q", got)
	}
	step := h.steps()[1]
	if step.Action.Text != "{{secret:mail}}" || step.Class != "send" || step.Rule != "secret" || step.Outcome != contracts.OutcomeChanged {
		t.Errorf("the step was %+v", step)
	}
	if hide := h.desktop.State().Hide; len(hide.Areas) != 1 || hide.Since != nil || len(hide.Secrets) != 1 || hide.Secrets[0] != "mail" {
		t.Errorf("the last look was to hide %+v", hide)
	}
	if field := told[len(told)-1].Screen.Elements[0]; field.Text != "•••" {
		t.Errorf("the planner was told of %+v", field)
	}
	h.unknown()
}

// What cannot be typed is said without a character of it.
func TestSecretThatIsNotThere(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		store secrets.Store
		mode  os.FileMode
		want  string
	}{
		"no store": {nil, 0, "names no store"},
		"exposed":  {secretFile(t), 0o644, "chmod 600"},
		"unknown":  {secretFile(t), 0o600, `"bank" is not in`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := build(t, editor(), `click field ""`, `type "{{secret:bank}}"`, `done`)
			h.secrets, h.config.Policy.Line = tt.store, actor.Critical
			if f, ok := tt.store.(secrets.File); ok {
				if err := os.Chmod(string(f), tt.mode); err != nil {
					t.Fatal(err)
				}
			}
			h.start()
			h.ask("log in with {{secret:bank}}")
			if verb, end := h.ended(""); verb != contracts.VerbFailed || end.Code != contracts.ReasonHands || !strings.Contains(end.Reason, tt.want) {
				t.Errorf("the task was %s (%s: %s)", verb, end.Code, end.Reason)
			}
			if step := h.steps()[1]; step.Outcome != contracts.OutcomeError || !strings.Contains(step.Result, tt.want) {
				t.Errorf("the step was %+v", step)
			}
			if got := h.desktop.State().Typed; got != "" {
				t.Errorf("%q was typed", got)
			}
		})
	}
}

// A secret that the task does not name is of the gravest class: a person is asked.
func TestSecretThatNobodyNamed(t *testing.T) {
	t.Parallel()
	h := build(t, editor(), `click field ""`, `type "{{secret:mail}}"`)
	h.secrets, h.config.Policy.Line = secretFile(t), actor.Critical
	h.start()
	h.ask(`{"task": "read the page", "id": "t"}`)
	asked := decode[contracts.TaskApproval](t, h.await(contracts.VerbApproval, "t").data)
	if asked.Class != "critical" || asked.Rule != "unnamed secret" || asked.Words != "mail" {
		t.Errorf("asked %+v", asked)
	}
	h.approval(contracts.TaskApproval{Step: 2, State: contracts.ApprovalDenied})
	h.ended("t")
	if got := h.desktop.State().Typed; got != "" {
		t.Errorf("%q was typed", got)
	}
	h.unknown()
}

// A crash in the middle of a secret: the journal knows how many characters were
// typed, and the next process types the rest.
func TestSecretAfterACrash(t *testing.T) {
	t.Parallel()
	for name, forget := range map[string]bool{"the ledger knows": false, "nobody knows": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := build(t, editor(), `done`)
			h.secrets, h.config.Policy.Line = secretFile(t), actor.Critical
			h.leave(contracts.PhaseActing, "send", 4, `wait 1`, `type "{{secret:mail}}"`)
			h.desktop.Focus(true)
			h.did(actor.Input{Mark: "t.2", Verb: action.Type, Text: password}, 4)
			want := password
			if forget {
				h.desktop.Forget()
				want = password[:4]
			}
			h.start()
			h.ended("t")
			if got := h.desktop.Text(); got != want {
				t.Errorf("the field holds %q, want %q", got, want)
			}
			if hide := h.desktop.State().Hide; len(hide.Secrets) != 1 || len(hide.Areas)+len(h.session("s").Hidden) == 0 {
				t.Errorf("the last look was to hide %+v", hide)
			}
			h.unknown()
		})
	}
}
