package tests

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/contracts"
)

// nats runs the ordinary nats client, which finds the program by its own configuration.
func (h home) nats(args ...string) string {
	h.t.Helper()
	cmd := exec.Command(filepath.Join(repositoryRoot(h.t), ".cache", "bin", "nats"), args...)
	cmd.Dir, cmd.Env = h.dir, h.environment()
	out, err := cmd.CombinedOutput()
	if err != nil {
		h.t.Fatalf("nats %s: %v (make servers builds it)\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// What the README says of the ordinary nats client is so.
func TestTheNATSClient(t *testing.T) {
	t.Parallel()
	h := newHome(t, scripted(t, inTurn(`answer "hello"`, `answer "hello again"`))...)
	up := h.up()
	h.nats("pub", "task.requested", "greet once more") // one task at a time: it is over before the next
	h.nats("pub", "task.requested", `{"task": "greet", "id": "json"}`)
	events := ended(t, h.bus(), "json")
	if v := verb(events[len(events)-1].Subject); v != contracts.VerbCompleted {
		t.Errorf("the task was %s", v)
	}
	if sessions := h.run(0, "sessions", "--json").text(); !strings.Contains(sessions, "greet once more") {
		t.Errorf("the sessions are %s", sessions)
	}
	var list contracts.AdapterList
	if out := h.nats("req", "--raw", contracts.SubjectRegistryList, ""); json.Unmarshal([]byte(out), &list) != nil || list.Adapters == nil {
		t.Errorf("the registry's answer is %s", out)
	}
	var resolved contracts.AdapterResolved
	if out := h.nats("req", "--raw", contracts.SubjectRegistryResolve, "none"); json.Unmarshal([]byte(out), &resolved) != nil || resolved.Role != contracts.RolePlanner {
		t.Errorf("the registry's answer is %s", out)
	}
	services := h.nats("micro", "ls")
	for _, name := range []string{"actor", "observer", "registry"} {
		if !strings.Contains(services, name) {
			t.Errorf("nats micro ls does not list %s:\n%s", name, services)
		}
	}
	up.interrupt()
}
