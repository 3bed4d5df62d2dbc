package tests

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/grokputer/grokputer/contracts"
)

// testSessions reads the session of testJSON at the command line and in its file.
func testSessions(t *testing.T, h home, _ *nats.Conn) {
	var list []map[string]any
	h.run(0, "sessions", "--json").decode(t, &list)
	i := slices.IndexFunc(list, func(s map[string]any) bool { return s["session_id"] == "first" })
	if i < 0 || list[i]["outcome"] != "completed" || list[i]["steps"] != 2.0 {
		t.Errorf("the list is %v", list)
	}
	if text := h.run(0, "sessions", "show", "first").text(); !strings.Contains(text, `answer "hello"`) || !strings.Contains(text, "completed") {
		t.Errorf("it shows:\n%s", text)
	}
	var shown map[string]any
	h.run(0, "sessions", "show", "first", "--json").decode(t, &shown)
	body, err := os.ReadFile(filepath.Join(h.data(), "logs", "first", "session.json"))
	if err != nil {
		t.Fatal(err)
	}
	if file := decode[map[string]any](t, body); fmt.Sprint(file) != fmt.Sprint(shown) {
		t.Errorf("the file has %v\nwhat is shown is %v", file, shown)
	}
	missing(t, "session.json", shown, "session_id", "task_id", "task", "desktop", "start", "end", "outcome", "answer", "planner", "model", "steps", "metadata")
	for _, step := range shown["steps"].([]any) {
		missing(t, "a step", step.(map[string]any), "step", "action", "frame", "confidence", "outcome", "started", "planned", "ended")
		missing(t, "a frame", step.(map[string]any)["frame"].(map[string]any), "image", "width", "height", "scale", "time")
	}
	if rating, there := shown["metadata"].(map[string]any)["user_rating"]; !there || rating != nil {
		t.Errorf("the rating is %v (%t), want null", rating, there)
	}
	h.run(1, "sessions", "show", "../first")
}

func missing(t *testing.T, what string, object map[string]any, names ...string) {
	t.Helper()
	for _, name := range names {
		if _, there := object[name]; !there {
			t.Errorf("%s has no %s: %v", what, name, object)
		}
	}
}

// testApprove: what sends waits until the person says yes or no.
func testApprove(t *testing.T, h home, nc *nats.Conn) {
	for _, c := range []struct {
		flags []string
		want  contracts.Verb
	}{{nil, contracts.VerbCompleted}, {[]string{"--deny", "--reason", "not today"}, contracts.VerbFailed}} {
		events := listen(t, nc)
		publish(t, nc, "print")
		asked := decode[contracts.TaskApproval](t, events.next(contracts.VerbApproval).Data)
		if asked.State != contracts.ApprovalRequested || asked.Action != "key ctrl+p" || asked.Class != "send" {
			t.Errorf("the approval asks for %+v", asked)
		}
		var waiting []contracts.TaskApproval
		h.run(0, "approve", "--json").decode(t, &waiting)
		if len(waiting) != 1 || waiting[0].TaskID != asked.TaskID {
			t.Errorf("what waits is %v, want the task %s", waiting, asked.TaskID)
		}
		h.run(0, append([]string{"approve", asked.TaskID}, c.flags...)...)
		end := decode[contracts.TaskEnded](t, events.next(c.want).Data)
		if c.want == contracts.VerbFailed && (end.Code != contracts.ReasonDenied || !strings.Contains(end.Reason, "not today")) {
			t.Errorf("the denied task ended as %q: %s", end.Code, end.Reason)
		}
	}
	h.run(1, "approve", "nobody")
}

// testStop: after `grokputer stop` has returned, not a character follows.
func testStop(t *testing.T, h home, nc *nats.Conn) {
	events := listen(t, nc)
	publish(t, nc, "write at length")
	id := decode[contracts.TaskAccepted](t, events.next(contracts.VerbAccepted).Data).TaskID
	typed := journal(t, nc, func(e contracts.JournalEntry) bool { return e.TaskID == id && e.Typed > 20 })
	var acks []contracts.StopAck
	h.run(0, "stop", "--json").decode(t, &acks)
	if len(acks) != 1 || acks[0].TaskID != id || acks[0].Desktop != "main" {
		t.Errorf("the stop was acknowledged with %+v", acks)
	}
	stopped := h.desk().text()
	if len(stopped) < typed.Typed || len(stopped) == len(long) || !strings.HasPrefix(long, stopped) {
		t.Errorf("%d of %d characters were typed: %q", len(stopped), len(long), stopped)
	}
	end := decode[contracts.TaskEnded](t, events.next(contracts.VerbCancelled).Data)
	if end.Code != contracts.ReasonStopped {
		t.Errorf("the task ended as %q: %s", end.Code, end.Reason)
	}
	if now := h.desk().text(); now != stopped {
		t.Errorf("%q was typed after the stop", strings.TrimPrefix(now, stopped))
	}
	h.desk().released()
}
