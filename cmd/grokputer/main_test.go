package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// programEnv has the test binary be the program itself.
const programEnv = "GROKPUTER_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(programEnv) != "" {
		os.Exit(run())
	}
	os.Exit(m.Run())
}

// patience is how long a test waits for the program.
const patience = 60 * time.Second

// home is a user's home with a data folder in it.
type home struct {
	t    *testing.T
	dir  string
	args []string // for commands that start services
	env  []string // beyond what every program gets
}

func newHome(t *testing.T, planner string) home {
	t.Helper()
	return home{t: t, dir: t.TempDir(), args: []string{
		"--nats-port", "0", "--s3-port", "0", "--planner-url", planner, "--planner-model", "scripted", "--http-port", "0",
	}}
}

func (h home) data() string { return filepath.Join(h.dir, "data") }

// program is a running program.
type program struct {
	t      *testing.T
	cmd    *exec.Cmd
	ended  chan struct{} // closed when it has ended and all that it wrote is read
	status int           // its exit status, after ended

	mu    sync.Mutex
	text  []byte // what it has written
	seen  int    // how much of it until has passed
	grown chan struct{}
}

// start runs the program with arguments.
func (h home) start(args ...string) *program {
	h.t.Helper()
	reader, writer, err := os.Pipe()
	if err != nil {
		h.t.Fatal(err)
	}
	return h.launch(reader, nil, writer, args...)
}

// launch runs the program with these streams, and reads what it writes from
// output. Its own ends of the streams are closed here.
func (h home) launch(output, in, out *os.File, args ...string) *program {
	h.t.Helper()
	self, err := os.Executable()
	if err != nil {
		h.t.Fatal(err)
	}
	p := &program{t: h.t, cmd: exec.Command(self, args...), ended: make(chan struct{}), grown: make(chan struct{}, 1)}
	if in != nil {
		p.cmd.Stdin = in
	}
	p.cmd.Stdout, p.cmd.Stderr, p.cmd.Dir = out, out, h.dir
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "GROKPUTER_") && !strings.HasPrefix(kv, "DISPLAY=") && !strings.HasPrefix(kv, "XAUTHORITY=") {
			p.cmd.Env = append(p.cmd.Env, kv)
		}
	}
	p.cmd.Env = append(p.cmd.Env, programEnv+"=1", "GROKPUTER_DATA="+h.data(), "HOME="+h.dir, "XDG_CONFIG_HOME="+filepath.Join(h.dir, "config"))
	p.cmd.Env = append(p.cmd.Env, h.env...)
	if err := errors.Join(p.cmd.Start(), out.Close()); err != nil {
		h.t.Fatal(err)
	}
	go p.follow(output)
	h.t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // it should have ended
		<-p.ended
	})
	return p
}

// follow reads what the program writes, until it has ended.
func (p *program) follow(output *os.File) {
	defer close(p.ended)
	defer func() { _ = output.Close() }() // only read from
	chunk := make([]byte, 4096)
	for {
		n, err := output.Read(chunk)
		p.mu.Lock()
		p.text = append(p.text, chunk[:n]...)
		p.mu.Unlock()
		select {
		case p.grown <- struct{}{}:
		default:
		}
		if err != nil { // the end; a terminal calls it an error
			break
		}
	}
	_ = p.cmd.Wait() // the status tells
	p.status = p.cmd.ProcessState.ExitCode()
}

// said is what the program has written so far.
func (p *program) said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return string(p.text)
}

// passed looks for a text in what was written after the last one.
func (p *program) passed(text string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := bytes.Index(p.text[p.seen:], []byte(text))
	if i >= 0 {
		p.seen += i + len(text)
	}
	return i >= 0
}

// until waits for a text.
func (p *program) until(text string) {
	p.t.Helper()
	deadline := time.After(patience)
	for !p.passed(text) {
		select {
		case <-p.grown:
		case <-p.ended:
			if !p.passed(text) {
				p.t.Fatalf("it ended with %d before it said %q:\n%s", p.status, text, p.said())
			}
			return
		case <-deadline:
			p.t.Fatalf("it did not say %q:\n%s", text, p.said())
		}
	}
}

// wait returns when the program has ended, and fails the test unless it did so
// with the status and said all the texts.
func (p *program) wait(status int, texts ...string) string {
	p.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.t.Fatalf("it does not end:\n%s", p.said())
	}
	said := p.said()
	if p.status != status {
		p.t.Fatalf("it ended with %d, want %d:\n%s", p.status, status, said)
	}
	for _, text := range texts {
		if !strings.Contains(said, text) {
			p.t.Errorf("it did not say %q:\n%s", text, said)
		}
	}
	return said
}

func (p *program) interrupt() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGINT); err != nil {
		p.t.Fatal(err)
	}
}

// planner is an OpenAI-compatible endpoint that gives these answers in turn,
// and the last of them for ever.
func planner(t *testing.T, answers ...string) string {
	t.Helper()
	var mu sync.Mutex
	next := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/chat/completions") {
			_, _ = io.WriteString(w, `{"data":[]}`)
			return
		}
		mu.Lock()
		answer := answers[min(next, len(answers)-1)]
		next++
		mu.Unlock()
		_ = json.NewEncoder(w).Encode(map[string]any{
			"choices": []any{map[string]any{"message": map[string]any{"role": "assistant", "content": answer}}},
		})
	}))
	t.Cleanup(s.Close)
	return s.URL + "/v1"
}

// state is what up.json says.
func (h home) state() map[string]any {
	h.t.Helper()
	body, err := os.ReadFile(filepath.Join(h.data(), "up.json"))
	if err != nil {
		h.t.Fatal(err)
	}
	var s map[string]any
	if err := json.Unmarshal(body, &s); err != nil {
		h.t.Fatal(err)
	}
	return s
}
