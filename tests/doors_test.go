package tests

import (
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/screen"
)

// long is a text that is still being typed when a test has seen its beginning.
var long = strings.TrimSpace(strings.Repeat("all work and no play ", 60))

// Everyone who has the credentials gets in through the ordinary nats client and
// the command line, and nobody else does. What cannot be a task is rejected, and
// the rest goes on.
//
//nolint:tparallel // the doors of one program are tried in turn
func TestPublicDoors(t *testing.T) {
	t.Parallel()
	h := newHome(t, scripted(t, byTask(map[string]script{
		"greet":           inTurn("wait 1", `answer "hello"`),
		"print":           inTurn("key ctrl+p", `open "text editor"`, "done"),
		"write at length": inTurn(`open "text editor"`, "type "+screen.Quote(long), "done"),
	}))...)
	up := h.up()
	nc := h.connect()
	for _, door := range []struct {
		name string
		test func(*testing.T, home, *nats.Conn)
	}{
		{"plain text", testPlainText},
		{"json", testJSON},
		{"services", testServices},
		{"strangers", testStrangers},
		{"rejected", testRejected},
		{"sessions", testSessions},
		{"approve", testApprove},
		{"stop", testStop},
	} {
		t.Run(door.name, func(t *testing.T) { door.test(t, home{t: t, dir: h.dir}, nc) })
	}
	up.interrupt()
	none(t, h)
	if _, err := os.Stat(filepath.Join(h.data(), "up.json")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it has ended, and still says that it is up: %v", err)
	}
}

// listener hears the events of all tasks, as `nats sub 'task.>'` does.
type listener struct {
	t   *testing.T
	sub *nats.Subscription
}

func listen(t *testing.T, nc *nats.Conn) listener {
	t.Helper()
	sub, err := nc.SubscribeSync("task.>")
	if err == nil {
		err = nc.FlushTimeout(patience) // the server knows of it
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sub.Unsubscribe() })
	return listener{t, sub}
}

// next returns the next event of a verb.
func (l listener) next(want contracts.Verb) *nats.Msg {
	l.t.Helper()
	for {
		m, err := l.sub.NextMsg(patience)
		if err != nil {
			l.t.Fatalf("waiting for task.%s: %v", want, err)
		}
		if verb(m.Subject) == want {
			return m
		}
		if verb(m.Subject).Ends() && want.Ends() {
			l.t.Fatalf("%s came, not task.%s: %s", m.Subject, want, m.Data)
		}
	}
}

func publish(t *testing.T, nc *nats.Conn, body string) {
	t.Helper()
	if err := errors.Join(nc.Publish("task.requested", []byte(body)), nc.FlushTimeout(patience)); err != nil {
		t.Fatal(err)
	}
}

func testPlainText(t *testing.T, _ home, nc *nats.Conn) {
	events := listen(t, nc)
	publish(t, nc, "greet\n")
	var subjects []string
	for end := false; !end; {
		m, err := events.sub.NextMsg(patience)
		if err != nil {
			t.Fatalf("after %q: %v", subjects, err)
		}
		subject, _, _ := strings.Cut(m.Subject, ".task-") // an id that was assigned
		subjects, end = append(subjects, subject), verb(m.Subject).Ends()
		if end && decode[contracts.TaskEnded](t, m.Data).Answer != "hello" {
			t.Errorf("the end is %s", m.Data)
		}
	}
	want := []string{"task.requested", "task.accepted", "task.started", "task.step", "task.step", "task.completed"}
	if !slices.Equal(subjects, want) {
		t.Errorf("the events were %q, want %q", subjects, want)
	}
}

func testJSON(t *testing.T, h home, nc *nats.Conn) {
	events := listen(t, nc)
	publish(t, nc, `{"task": "greet", "desktop": "main", "session": "first"}`)
	if end := decode[contracts.TaskEnded](t, events.next(contracts.VerbCompleted).Data); end.SessionID != "first" || end.Answer != "hello" {
		t.Errorf("the end is %+v", end)
	}
	if s := h.session("first"); s.Task != "greet" || s.Outcome != contracts.VerbCompleted {
		t.Errorf("the session is %+v", s)
	}
}

// testServices finds the services as `nats micro ls` does.
func testServices(t *testing.T, _ home, nc *nats.Conn) {
	answers, err := nc.SubscribeSync(nc.NewInbox())
	if err == nil {
		err = nc.PublishRequest("$SRV.PING", answers.Subject, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	missing := []string{"actor", "observer"}
	for len(missing) > 0 {
		m, err := answers.NextMsg(patience)
		if err != nil {
			t.Fatalf("%q do not answer: %v", missing, err)
		}
		ping := decode[micro.Ping](t, m.Data)
		missing = slices.DeleteFunc(missing, func(name string) bool { return name == ping.Name })
	}
}

func testStrangers(t *testing.T, h home, _ *nats.Conn) {
	a := h.account()
	for name, options := range map[string][]nats.Option{
		"nobody":               nil,
		"a wrong password":     {nats.UserInfo(a.User, "wrong")},
		"somebody else's name": {nats.UserInfo("admin", a.Password)},
		"a token":              {nats.Token(a.Password)},
	} {
		nc, err := nats.Connect(a.URL, options...)
		if !errors.Is(err, nats.ErrAuthorization) {
			t.Errorf("%s is let in: %v", name, err)
		}
		if err == nil {
			nc.Close()
		}
	}
	for _, file := range []string{
		filepath.Join(h.dir, "config", "nats", "context", "grokputer.json"),
		filepath.Join(h.data(), "credentials.json"), filepath.Join(h.data(), "up.json"),
	} {
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v; want mode 0600", filepath.Base(file), info, err)
		}
	}
	s := h.state()
	response, err := http.Get("http://" + s.S3 + "/" + s.Bucket + "?list-type=2")
	if err != nil {
		t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil || response.StatusCode != http.StatusForbidden {
		t.Errorf("S3 answers a stranger with %s", response.Status)
	}
}

func testRejected(t *testing.T, _ home, nc *nats.Conn) {
	events := listen(t, nc)
	for name, c := range map[string]struct {
		body string
		want contracts.Reason
		says string
	}{
		"cut off JSON":        {`{"task": "greet"`, contracts.ReasonMalformed, "JSON"},
		"JSON of another":     {`{"task": 7}`, contracts.ReasonMalformed, "JSON"},
		"JSON twice":          {`{"task": "greet"}{"task": "greet"}`, contracts.ReasonMalformed, "follows"},
		"no task":             {`{"desktop": "main"}`, contracts.ReasonMalformed, "no task"},
		"nothing":             {"", contracts.ReasonMalformed, "no task"},
		"invalid UTF-8":       {"greet \xff\xfe", contracts.ReasonMalformed, "UTF-8"},
		"control characters":  {"greet \x1b[2J", contracts.ReasonMalformed, "control"},
		"too long a task":     {strings.Repeat("a", 4001), contracts.ReasonTooLarge, "4000"},
		"too large a body":    {strings.Repeat("a", 300<<10), contracts.ReasonTooLarge, "307200"},
		"an unknown desktop":  {`{"task": "greet", "desktop": "attic"}`, contracts.ReasonDesktop, "attic"},
		"a desktop of tokens": {`{"task": "greet", "desktop": "a.>"}`, contracts.ReasonDesktop, "a.>"},
		"a session of paths":  {`{"task": "greet", "session": "../x"}`, contracts.ReasonMalformed, "session"},
	} {
		publish(t, nc, c.body)
		end := decode[contracts.TaskEnded](t, events.next(contracts.VerbRejected).Data)
		if end.Code != c.want || !strings.Contains(end.Reason, c.says) {
			t.Errorf("%s: rejected as %q: %q, want %q with %q", name, end.Code, end.Reason, c.want, c.says)
		}
	}
	publish(t, nc, "greet")
	events.next(contracts.VerbCompleted)
}
