package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/kit/kittest"
	"github.com/grokputer/grokputer/kit/standalone"
	"github.com/grokputer/grokputer/services/actor"
	"github.com/grokputer/grokputer/services/actor/cmd/safety"
)

// The program answers over NATS, and rejects a task when there is no display.
func TestRun(t *testing.T) { //nolint:paralleltest // it sets the environment
	t.Setenv("DISPLAY", "")
	endpoint := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(endpoint.Close)
	b, _ := kittest.Program(t, &program{}, "--desktop", "attic",
		"--planner-url", endpoint.URL, "--planner-model", "some-model", "--apps", "shell|sh=true", "--folders", "vault="+t.TempDir())
	reply, err := b.Conn().RequestWithContext(t.Context(), actor.StatusSubject, nil)
	if err != nil {
		t.Fatal(err)
	}
	var status actor.Status
	if err := json.Unmarshal(reply.Data, &status); err != nil {
		t.Fatal(err)
	}
	if status.Desktop != "attic" || status.Planner != "openai" || status.Model != "some-model" {
		t.Errorf("the status is %+v", status)
	}
	body := `{"task": "x", "id": "t", "desktop": "attic"}`
	if _, err := b.JetStream().Publish(t.Context(), contracts.SubjectTaskRequested(), []byte(body)); err != nil {
		t.Fatal(err)
	}
	watching, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	err = b.Watch(watching, contracts.StreamTasks, []string{contracts.SubjectTask(contracts.VerbRejected, "t")}, bus.FromStart(), func(m bus.Message) error {
		end, err := bus.Decode[contracts.TaskEnded](m)
		if err != nil {
			return err
		}
		if end.Code != contracts.ReasonDesktop || !strings.Contains(end.Reason, "DISPLAY is not set") {
			t.Errorf("rejected with %s: %s", end.Code, end.Reason)
		}
		return bus.ErrStop
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestRunRefuses(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"an unknown flag":    {"--colour"},
		"a level of the log": {"--log-level", "loud"},
		"a class":            {"--approve-from", "harmless"},
		"not a duration":     {"--task-timeout", "soon"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := standalone.Run(t.Context(), &program{}, append(args, "--data", t.TempDir()), func() { t.Error("it serves") }); err == nil {
				t.Error("it is accepted")
			}
		})
	}
}

// What is wrong with the ports is told before anything is served.
func TestUnitRefuses(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(*program){
		"no planner":    func(p *program) { p.Planner = planner{} },
		"not a URL":     func(p *program) { p.Planner = planner{URL: "localhost", Name: "m"} },
		"a folder":      func(p *program) { p.Folders = map[string]string{"a/b": "/x"} },
		"an app":        func(p *program) { p.Apps = map[string]string{"a": ""} },
		"max steps":     func(p *program) { p.Safety.MaxSteps = 0 },
		"no such class": func(p *program) { p.Safety.ApproveFrom = 0 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := &program{Desktop: "main", Planner: planner{URL: "http://127.0.0.1:1", Name: "m"}}
			p.Safety = safety.Settings{ApproveFrom: actor.Send, ApprovalTimeout: time.Second, MaxSteps: 1, TaskTimeout: time.Second}
			prepare(p)
			if _, err := p.unit(nil, nil, nil); err == nil {
				t.Error("it is accepted")
			}
		})
	}
}
