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
		err := b.Watch(ctx, contracts.StreamTasks, []string{contracts.SubjectTask(contracts.VerbCompleted, "t"), contracts.SubjectTask(contracts.VerbFailed, "t")},
			bus.FromStart(), func(bus.Message) error { return bus.ErrStop })
		if err == nil {
			cancel()
		}
	}()
	return unit.Run(ctx, unit.Env{Bus: b, DataDir: c.DataDir, Log: testLog()}, a)
}

// A process that is killed at any moment of a step repeats nothing and leaves
// nothing out. What counts is what the program on the screen was given.
func TestKill(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it kills and starts processes for ten seconds")
	}
	for name, crashes := range map[string][]crash{
		"click": {
			{Moment: actor.AfterIntent, Step: 1}, {Moment: actor.AfterActing, Step: 1}, {Moment: actor.AfterStroke, Step: 1, Stroke: 1},
			{Moment: actor.AfterDone, Step: 2}, {Moment: actor.AfterPublished, Step: 3},
		},
		"type": {
			{Moment: actor.AfterAct, Step: 1}, {Moment: actor.AfterActing, Step: 3}, {Moment: actor.AfterStroke, Step: 3, Stroke: 1},
			{Moment: actor.AfterStroke, Step: 3, Stroke: 8}, {Moment: actor.AfterStroke, Step: 3, Stroke: 14},
		},
		"key": {
			{Moment: actor.AfterAct, Step: 3}, {Moment: actor.AfterStroke, Step: 4, Stroke: 1}, {Moment: actor.AfterDone, Step: 5}, {Moment: actor.AfterPublished, Step: 5},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kill(t, crashes)
		})
	}
}

// kill runs one task through these crashes, one after the other.
func kill(t *testing.T, crashes []crash) {
	s := kittest.Screen(t)
	server := kittest.NATSServer(t)
	h := &house{t: t, bus: kittest.Connect(t, server, bus.Options{}), dataDir: t.TempDir()}
	last := crash{URL: server.URL(), Display: s.Display(), DataDir: h.dataDir}
	for _, kv := range s.Env() {
		if file, ok := strings.CutPrefix(kv, "XAUTHORITY="); ok {
			last.Authority = file
		}
	}
	w := testwindow.Open(t, last.Display, last.Authority)
	stopObserver := observe(t, h.bus, w)
	h.ask(`{"task": "write", "id": "t"}`)
	for _, c := range crashes {
		c.URL, c.Display, c.Authority, c.DataDir = last.URL, last.Display, last.Authority, last.DataDir
		err := child(t, c)
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
			t.Fatalf("the process that was to die at %s of step %d ended with %v", c.Moment, c.Step, err)
		}
	}
	if err := child(t, last); err != nil {
		t.Fatalf("the last process: %v", err)
	}
	stopObserver()
	verb, end := h.ended("t")
	if verb != contracts.VerbCompleted || end.Steps != 5 {
		t.Errorf("the task was %s (%s: %s) after %d steps", verb, end.Code, end.Reason, end.Steps)
	}
	got := w.State(t)
	if got.Clicks != 1 || got.Text != "hello wörld €!" || !slices.Equal(got.Keys, []string{"ctrl+s"}) || got.Held != 0 {
		t.Errorf("the program was given %+v", got)
	}
	if verbs := h.verbs("t"); verbs != "accepted started step*5 completed" {
		t.Errorf("the events were %s", verbs)
	}
}

func child(t *testing.T, c crash) error {
	t.Helper()
	settings, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"="+string(settings))
	cmd.Stderr = os.Stderr
	return cmd.Run()
}

// observe answers for the observer: it reads the test window's own state.
func observe(t *testing.T, b *bus.Bus, w *testwindow.Window) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	button, area := w.Button(t), w.Area(t)
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
				{Kind: screen.Button, Text: "Press", Box: around(button)}, {Kind: screen.Field, Text: state.Text, Box: around(area)},
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
