package tests

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/blob"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/kit/kittest"
	"github.com/grokputer/grokputer/kit/unit"
	"github.com/grokputer/grokputer/services/registry"
	"github.com/grokputer/grokputer/services/registry/experiment"
	"github.com/grokputer/grokputer/services/trainer"
	"github.com/grokputer/grokputer/services/trainer/job"
)

// loopVictimVariable has this test binary be a process that a loop kills.
const loopVictimVariable = "GROKPUTER_E2E_LOOP"

// loopVictim is what such a process has to know.
type loopVictim struct {
	NATS    string         `json:"nats"`
	S3      string         `json:"s3"`
	Data    string         `json:"data"`
	Units   []string       `json:"units"` // trainer, registry
	Trainer trainer.Config `json:"trainer"`
	Starter string         `json:"starter"`
	Kill    kill           `json:"kill"`
}

// kill is when a process kills itself.
type kill struct {
	// Point is what it passes: a moment of the trainer or the registry, with a decision's verb
	// after a dot, or atStart. Empty is never.
	Point string `json:"point"`
	// Nth is the how manieth time, from 1, and After how long afterwards.
	Nth   int           `json:"nth"`
	After time.Duration `json:"after"`
}

func (k kill) String() string { return fmt.Sprintf("%s#%d+%s", k.Point, k.Nth, k.After) }

const (
	atStart = "start"
	// killedAfter stands before the last point in what a process says when it kills itself.
	killedAfter = "killed after "
)

// run runs the units until it is interrupted or kills itself.
func (v *loopVictim) run(setting string) error {
	if err := json.Unmarshal([]byte(setting), v); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	go func() { // the test is gone
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(1)
	}()
	trap := &trap{kill: v.Kill}
	trap.pass(atStart)
	b, err := bus.Connect(ctx, bus.Options{URL: v.NATS, User: kittest.User, Password: kittest.Password, Name: fmt.Sprint(v.Units)})
	if err != nil {
		return err
	}
	defer b.Close()
	if err := b.Provision(ctx); err != nil {
		return err
	}
	store, err := blob.Open(ctx, blob.Options{Endpoint: v.S3, AccessKey: kittest.AccessKey, SecretKey: kittest.SecretKey})
	if err != nil {
		return err
	}
	defer store.Close()
	var units []unit.Unit
	for name, build := range map[string]func() (unit.Unit, error){
		"trainer":  func() (unit.Unit, error) { return v.trainer(trap) },
		"registry": func() (unit.Unit, error) { return v.registry(ctx, b, trap) },
	} {
		if !slices.Contains(v.Units, name) {
			continue
		}
		u, err := build()
		if err != nil {
			return err
		}
		units = append(units, u)
	}
	return unit.Run(ctx, unit.Env{Bus: b, Blobs: store, DataDir: v.Data}, units...)
}

func (v *loopVictim) trainer(t *trap) (unit.Unit, error) {
	v.Trainer.Hook = func(m trainer.Moment, _ string) { t.pass(string(m)) }
	return trainer.New(v.Trainer, job.Process{})
}

// registry compares new versions on half of the sessions, and believes ratings at once.
func (v *loopVictim) registry(ctx context.Context, b *bus.Bus, t *trap) (unit.Unit, error) {
	plan := experiment.AB()
	plan.Settle, plan.SuccessLoss = 0, 0.9
	o := registry.DefaultOptions()
	o.Plan, o.Look, o.Starter = &plan, time.Second, v.Starter
	o.Hook = func(m registry.Moment, version string) error {
		switch m {
		case registry.AfterAliases, registry.AfterEvent, registry.AfterExperiment, registry.AfterState:
			verb, err := decisionIn(ctx, b)
			if err != nil {
				return err
			}
			t.pass(string(m) + "." + string(verb))
		case registry.AfterRecord:
			t.pass(string(m) + "." + version)
		default:
			t.pass(string(m))
		}
		return nil
	}
	return registry.New(o)
}

// decisionIn is the last decision that the aliases hold.
func decisionIn(ctx context.Context, b *bus.Bus) (contracts.AdapterVerb, error) {
	kv, err := b.KV(ctx, contracts.BucketAliases)
	if err != nil {
		return "", err
	}
	entry, err := kv.Get(ctx, string(contracts.RolePlanner))
	if err != nil {
		return "", err
	}
	var a contracts.Aliases
	err = json.Unmarshal(entry.Value(), &a)
	if a.Version == contracts.VersionStarter {
		a.Verb += ".starter"
	}
	return a.Verb, err
}

// trap kills its process.
type trap struct {
	kill kill

	mu     sync.Mutex
	passed int
	last   string
}

// pass notes that the process has come to a point, and kills it there or some time later.
func (t *trap) pass(point string) {
	t.mu.Lock()
	t.last = point
	if point != t.kill.Point {
		t.mu.Unlock()
		return
	}
	t.passed++
	due := t.passed == t.kill.Nth
	t.mu.Unlock()
	switch {
	case !due:
	case t.kill.After == 0:
		t.spring()
	default:
		time.AfterFunc(t.kill.After, t.spring)
	}
}

// spring kills the process as nothing else can: nobody in it gets to do anything.
func (t *trap) spring() {
	t.mu.Lock() // nobody passes any more
	fmt.Fprintf(os.Stderr, "%s%s\n", killedAfter, t.last)
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {} // until the signal arrives
}

// signalled reports whether a process ended by a signal.
func signalled(err error, by syscall.Signal) bool {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return false
	}
	status, ok := exit.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == by
}
