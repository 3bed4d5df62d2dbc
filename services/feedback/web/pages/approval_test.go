package pages_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/feedback"
)

// waits is the session s-1, which waits for an answer.
func waits() feedback.Session {
	s := running("s-1")
	s.Waiting = &contracts.TaskApproval{
		TaskID: s.TaskID, Step: 3, State: contracts.ApprovalRequested, Action: `click button "Send <b>"`, Class: "send",
		Rule: "sending caption", Words: "send", Expires: clock().Add(5 * time.Minute), Boxes: []screen.Box{{X: 200, Y: 120, W: 120, H: 40}},
		Frame: &contracts.Frame{Image: contracts.Blob{Key: "frames/b.png"}, Width: 640, Height: 400},
	}
	return s
}

// An action that waits is shown with its picture, what it would do and why it
// waits, on its session's page and on the first.
func TestWaitingIsShown(t *testing.T) {
	t.Parallel()
	server := serve(t, &desk{sessions: []feedback.Session{waits(), ended("s-2", "another")}})
	for _, path := range []string{"/", "/sessions/s-1"} {
		got := ask(t, server, "GET", path, nil)
		got.shows(t, 200, "Waits for your answer", "write a letter", `<code>click button &#34;Send &lt;b&gt;&#34;</code>`,
			"Its class is send, by the rule “sending caption”, for &#34;send&#34;.", `/v1/sessions/s-1/steps/3/screenshot`,
			`<rect x="200" y="120" width="120" height="40"`, `action="/sessions/s-1/approval"`, `name="csrf" value="token-1"`,
			`name="step" value="3"`, `name="answer" value="allow"`, `name="answer" value="deny"`, "Today, 12:05", `data-refresh="3"`)
		got.hides(t, "<b>", "onclick")
	}
	ask(t, server, "GET", "/sessions/s-2", nil).hides(t, "Waits for your answer")
}

func TestWhatHasRunOutDoesNotWait(t *testing.T) {
	t.Parallel()
	s := waits()
	s.Waiting.Expires = clock().Add(-time.Second)
	server := serve(t, &desk{sessions: []feedback.Session{s}})
	for _, path := range []string{"/", "/sessions/s-1"} {
		ask(t, server, "GET", path, nil).hides(t, "Waits for your answer")
	}
}

// The forms work as a browser without scripts sends them.
func TestAnswer(t *testing.T) {
	t.Parallel()
	for said, allow := range map[string]bool{"allow": true, "deny": false} {
		d := &desk{sessions: []feedback.Session{waits()}}
		server := serve(t, d)
		got := ask(t, server, "POST", "/sessions/s-1/approval", form("step", "3", "action", `click button "Send <b>"`, "answer", said, "reason", "a\r\nb"))
		if got.status != 303 || got.header.Get("Location") != "/sessions/s-1" {
			t.Fatalf("%d to %q", got.status, got.header.Get("Location"))
		}
		want := []feedback.Answer{{ID: "s-1", Step: 3, Action: `click button "Send <b>"`, Allow: allow, Reason: "a\nb", By: contracts.ByPage}}
		if diff := cmp.Diff(want, d.answers); diff != "" {
			t.Error(diff)
		}
		ask(t, server, "GET", "/sessions/s-1", nil).hides(t, "Waits for your answer")
	}
}

func TestAnswersThatDecideNothing(t *testing.T) {
	t.Parallel()
	d := &desk{sessions: []feedback.Session{waits()}}
	server := serve(t, d)
	ask(t, server, "POST", "/sessions/s-1/approval", form("step", "3")).shows(t, 422, "Nothing was decided")
	ask(t, server, "POST", "/sessions/s-1/approval", form("answer", "allow")).shows(t, 422, "Nothing was decided")
	ask(t, server, "POST", "/sessions/none/approval", form("step", "3", "answer", "allow")).shows(t, 404, "There is no such session")
	ask(t, server, "GET", "/sessions/s-1/approval?step=3&answer=allow", nil).shows(t, 303)
	d.change(func() { d.fails = map[string]error{"Answer": feedback.ErrConflict} })
	ask(t, server, "POST", "/sessions/s-1/approval", form("step", "3", "answer", "allow")).shows(t, 409, "Not now")
	if len(d.answers) != 0 {
		t.Errorf("it was answered: %+v", d.answers)
	}
}

// Every page has the button that stops, which is no link.
func TestStopButton(t *testing.T) {
	t.Parallel()
	d := &desk{sessions: []feedback.Session{ended("s-1", "x")}, stops: []contracts.StopAck{{Desktop: "main", TaskID: "t1"}, {Desktop: "second"}}}
	server := serve(t, d)
	for _, path := range []string{"/", "/sessions/s-1", "/sessions/none", "/sessions/s-1/delete"} {
		got := ask(t, server, "GET", path, nil)
		got.shows(t, got.status, `<form method="post" action="/stop"><input type="hidden" name="csrf" value="token-1">`)
	}
	ask(t, server, "POST", "/stop", form()).shows(t, 200, "Stopped", "Desktop main: the task <code>t1</code> was cancelled", "Desktop second: no task")
	if got := ask(t, server, "GET", "/stop", nil); got.status != 303 || got.header.Get("Location") != "/" {
		t.Errorf("%d to %q", got.status, got.header.Get("Location"))
	}
	d.change(func() { d.fails = map[string]error{"Stop": feedback.ErrUnavailable} })
	ask(t, server, "POST", "/stop", form()).shows(t, 503, "Nobody says that it has stopped")
}
