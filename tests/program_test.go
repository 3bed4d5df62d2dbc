package tests

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// home is a user's home folder, with the data folder in it.
type home struct {
	t    *testing.T
	dir  string
	args []string // for commands that start services
	env  []string // beyond what every program gets
}

// newHome makes an empty home. args are for the commands that start services.
func newHome(t *testing.T, args ...string) home {
	t.Helper()
	h := home{t: t, dir: t.TempDir(), args: append([]string{"--nats-port", "0", "--s3-port", "0", "--http-port", "0"}, args...)}
	if err := os.Mkdir(h.temporary(), 0o700); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h home) data() string      { return filepath.Join(h.dir, "data") }
func (h home) temporary() string { return filepath.Join(h.dir, "tmp") }

// environment is that of a user who has just logged in on a text console.
func (h home) environment() []string {
	var env []string
	for _, kv := range os.Environ() {
		switch name, _, _ := strings.Cut(kv, "="); {
		case strings.HasPrefix(name, "GROKPUTER_"), strings.HasPrefix(name, "XDG_"):
		case name == "HOME", name == "TMPDIR", name == "DISPLAY", name == "XAUTHORITY", name == "DBUS_SESSION_BUS_ADDRESS":
		default:
			env = append(env, kv)
		}
	}
	env = append(env, "HOME="+h.dir, "TMPDIR="+h.temporary(), "XDG_CONFIG_HOME="+filepath.Join(h.dir, "config"), "GROKPUTER_DATA="+h.data())
	return append(env, h.env...)
}

// program is the program under test, running.
type program struct {
	t      *testing.T
	cmd    *exec.Cmd
	output *output
	ended  chan struct{} // closed when it has ended and all that it wrote is kept
}

// start runs the program with these arguments. It is killed at the end of the
// test if it still runs.
func (h home) start(args ...string) *program {
	h.t.Helper()
	return h.startAs(exec.Command(os.Getenv(programVariable), args...))
}

// startAs runs a command line in which the program stands.
func (h home) startAs(cmd *exec.Cmd) *program {
	h.t.Helper()
	p := &program{t: h.t, cmd: cmd, output: newOutput(), ended: make(chan struct{})}
	p.cmd.Dir, p.cmd.Env = h.dir, h.environment()
	p.cmd.Stdout, p.cmd.Stderr = stream{p.output, true}, stream{p.output, false}
	p.cmd.WaitDelay = 10 * time.Second // if it leaves someone behind who holds its streams
	if err := p.cmd.Start(); err != nil {
		h.t.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		_ = p.cmd.Wait() // the state tells
	}()
	h.t.Cleanup(p.kill)
	return p
}

// up starts the services and returns when they are ready.
func (h home) up() *program {
	h.t.Helper()
	p := h.start(append([]string{"up"}, h.args...)...)
	p.until("ready after")
	return p
}

// run runs the program to its end, which has to have this status, and returns
// what it wrote.
func (h home) run(status int, args ...string) *output {
	h.t.Helper()
	p := h.start(args...)
	p.wait(status)
	return p.output
}

// until waits until the program has written a text.
func (p *program) until(text string) {
	p.t.Helper()
	deadline := time.After(patience)
	for !strings.Contains(p.output.text(), text) {
		select {
		case <-p.output.grown:
		case <-p.ended:
			if !strings.Contains(p.output.text(), text) {
				p.t.Fatalf("it ended with %d before it said %q:\n%s", p.status(), text, p.output.text())
			}
		case <-deadline:
			p.t.Fatalf("it did not say %q:\n%s", text, p.output.text())
		}
	}
}

// wait waits for the program's end, which has to have this status.
func (p *program) wait(status int) {
	p.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.t.Fatalf("it does not end:\n%s", p.output.text())
	}
	if p.status() != status {
		p.t.Fatalf("%s ended with %d, want %d:\n%s", p.cmd, p.status(), status, p.output.text())
	}
}

// status is what the program ended with; it has.
func (p *program) status() int { return p.cmd.ProcessState.ExitCode() }

// alive reports whether the program runs.
func (p *program) alive() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// kill ends the program as a crash does, and returns when it has ended.
func (p *program) kill() {
	_ = p.cmd.Process.Signal(syscall.SIGKILL) // it may have ended
	<-p.ended
}

// interrupt is Ctrl-C. The program has to end with status 0.
func (p *program) interrupt() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGINT); err != nil {
		p.t.Fatal(err)
	}
	p.wait(0)
}

// output is what a program has written so far.
type output struct {
	grown chan struct{} // has room for one signal

	mu     sync.Mutex
	all    bytes.Buffer // both streams
	result bytes.Buffer // the standard output
}

func newOutput() *output { return &output{grown: make(chan struct{}, 1)} }

// stream is one of the two streams of an output.
type stream struct {
	*output

	result bool // it is the standard output
}

func (s stream) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.result {
		s.output.result.Write(b)
	}
	select {
	case s.grown <- struct{}{}:
	default:
	}
	return s.all.Write(b)
}

var _ io.Writer = stream{}

// text is all that was written.
func (o *output) text() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.all.String()
}

// decode reads the JSON on the standard output into v.
func (o *output) decode(t *testing.T, v any) {
	t.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := json.Unmarshal(o.result.Bytes(), v); err != nil {
		t.Fatalf("%v in:\n%s", err, o.all.String())
	}
}
