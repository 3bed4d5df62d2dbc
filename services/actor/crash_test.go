package actor_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/kit/kittest"
	"github.com/grokputer/grokputer/kit/unit"
	"github.com/grokputer/grokputer/services/actor"
	"github.com/grokputer/grokputer/services/actor/eyes"
	"github.com/grokputer/grokputer/services/actor/internal/testwindow"
	"github.com/grokputer/grokputer/services/actor/scripted"
	"github.com/grokputer/grokputer/services/actor/simulated"
	"github.com/grokputer/grokputer/services/actor/xtest"
)

// childVariable holds the crash that a process of this test binary is to have.
const childVariable = "ACTOR_TEST_CRASH"

// crash is a point at which a process kills itself, and what it needs until then.
type crash struct {
	URL       string       `json:"url"`
	Display   string       `json:"display"`
	Authority string       `json:"authority"`
	DataDir   string       `json:"data_dir"`
	Moment    actor.Moment `json:"moment"` // none: it is not to crash
	Step      int          `json:"step"`
	Stroke    int          `json:"stroke"`
}

// plan is what the agent does in these tests: the step's action is decided by
// what it is told was done.
func plan(s prompt.State) (action.Action, error) {
	list := []string{`click button "Press"`, `click field ""`, `type "hello wörld €!"`, `key ctrl+s`, `done`}
	return action.Parse(list[len(s.Done)])
}

// crashChild is the process that crashes: an actor on a real display. It reports
// false in the test itself.
func crashChild() bool {
	settings := os.Getenv(childVariable)
	if settings == "" {
		return false
	}
	if err := runChild(settings); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return true
}

func runChild(settings string) error {
	var c crash
	if err := json.Unmarshal([]byte(settings), &c); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	b, err := bus.Connect(ctx, bus.Options{URL: c.URL, User: kittest.User, Password: kittest.Password})
	if err != nil {
		return err
	}
	defer b.Close()
	config := actor.DefaultConfig()
	config.LeaseTTL, config.MinFreeBytes = time.Second, 1
	config.Hook = func(m actor.Moment, step, stroke int) {
		if m == c.Moment && step == c.Step && stroke == c.Stroke {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {} // until the signal arrives
		}
	}
	desktop := simulated.NewDesktop(screen.Screen{})
	a, err := actor.New(config, actor.Ports{
		Planner: scripted.New(plan), Hands: xtest.New(xtest.Options{Display: c.Display, Authority: c.Authority}),
		Eyes: eyes.New(b, config.Desktop, 0), Apps: desktop.Apps("editor"), Vault: new(simulated.Vault), Frames: desktop.Frames(),
	})
	if err != nil {
		return err
	}
	go func() { // it is over when the task has ended
		if c.Moment == actor.AfterEnded {
			return // it ends itself a moment later
		}
		err := b.Watch(ctx, contracts.StreamTasks, []string{contracts.SubjectTask(contracts.VerbCompleted, "t"), contracts.SubjectTask(contracts.VerbFailed, "t")},
			bus.FromStart(), func(bus.Message) error { return bus.ErrStop })
		if err == nil {
			cancel()
		}
	}()
	return unit.Run(ctx, unit.Env{Bus: b, DataDir: c.DataDir, Log: testLog()}, a)
}

// victim is a task of an actor that is killed and started again, on a screen that
// outlives it, and the program there that counts what it is given.
type victim struct {
	*house
	window *testwindow.Window
	last   crash // how a process is started that is not killed
	stop   func()
}

func newVictim(t *testing.T) *victim {
	t.Helper()
	s := kittest.Screen(t)
	server := kittest.NATSServer(t)
	v := &victim{house: &house{t: t, bus: kittest.Connect(t, server, bus.Options{}), dataDir: t.TempDir()}}
	v.last = crash{URL: server.URL(), Display: s.Display(), DataDir: v.dataDir}
	for _, kv := range s.Env() {
		if file, ok := strings.CutPrefix(kv, "XAUTHORITY="); ok {
			v.last.Authority = file
		}
	}
	v.window = testwindow.Open(t, v.last.Display, v.last.Authority)
	v.stop = observe(t, v.bus, v.window)
	v.ask(`{"task": "write", "id": "t"}`)
	return v
}

// crash starts a process and waits until it has killed itself.
func (v *victim) crash(c crash) {
	v.t.Helper()
	if err := v.process(c).Run(); !killed(err) {
		v.t.Fatalf("the process that was to die at %s of step %d ended with %v", c.Moment, c.Step, err)
	}
}

// process is a process of this test binary that works on the task.
func (v *victim) process(c crash) *exec.Cmd {
	v.t.Helper()
	c.URL, c.Display, c.Authority, c.DataDir = v.last.URL, v.last.Display, v.last.Authority, v.last.DataDir
	settings, err := json.Marshal(c)
	if err != nil {
		v.t.Fatal(err)
	}
	cmd := exec.CommandContext(v.t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"="+string(settings))
	cmd.Stderr = os.Stderr
	return cmd
}

// killed reports whether a process ended by SIGKILL.
func killed(err error) bool {
	var exit *exec.ExitError
	return errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL
}

// judge lets a last process end the task, and says what is wrong by what the program
// on the screen was given and what is stored.
func (v *victim) judge() error {
	v.t.Helper()
	if err := v.process(v.last).Run(); err != nil {
		return fmt.Errorf("the last process: %w", err)
	}
	v.stop()
	var wrong error
	verb, end := v.ended("t")
	if verb != contracts.VerbCompleted || end.Steps != 5 {
		wrong = errors.Join(wrong, fmt.Errorf("the task was %s (%s: %s) after %d steps", verb, end.Code, end.Reason, end.Steps))
	}
	got := v.window.State(v.t)
	if got.Clicks != 1 || got.Text != "hello wörld €!" || !slices.Equal(got.Keys, []string{"ctrl+s"}) || got.Held != 0 {
		wrong = errors.Join(wrong, fmt.Errorf("the program was given %+v", got))
	}
	if verbs := v.verbs("t"); verbs != "accepted started step*5 completed" {
		wrong = errors.Join(wrong, fmt.Errorf("the events were %s", verbs))
	}
	if s := v.session(end.SessionID); s.Outcome != verb || len(s.Steps) != end.Steps {
		wrong = errors.Join(wrong, fmt.Errorf("the log has %d steps and says %s", len(s.Steps), s.Outcome))
	}
	return wrong
}

// observe answers for the observer: it reads the test window's own state, and where
// it is now, since a window manager that is behind may still move it.
func observe(t *testing.T, b *bus.Bus, w *testwindow.Window) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	around := func(p actor.Point) screen.Box { return screen.Box{X: p.X - 10, Y: p.Y - 10, W: 20, H: 20} }
	go func() {
		subjects := []string{contracts.SubjectObservationRequested("main")}
		done <- b.Watch(ctx, contracts.StreamObservations, subjects, bus.FromStart(), func(m bus.Message) error {
			request, err := bus.Decode[contracts.ObservationRequested](m)
			if err != nil {
				return err
			}
			state := w.State(t)
			seen := screen.Screen{Title: fmt.Sprintf("test window, %d clicks, keys %q", state.Clicks, state.Keys), Elements: []screen.Element{
				{Kind: screen.Button, Text: "Press", Box: around(w.Button(t))}, {Kind: screen.Field, Text: state.Text, Box: around(w.Area(t))},
			}}
			hash := sha256.Sum256([]byte(fmt.Sprint(state)))
			return b.Publish(ctx, contracts.SubjectObservationCaptured("main"), contracts.ObservationCaptured{
				RequestID: request.ID, Desktop: "main", Screen: seen,
				Frame: contracts.Frame{Image: contracts.Blob{SHA256: hex.EncodeToString(hash[:])}, Width: 1280, Height: 800, Scale: 1},
			})
		})
	}()
	return func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("the observer ended with %v", err)
		}
	}
}
