package launch_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/grokputer/grokputer/services/actor"
	"github.com/grokputer/grokputer/services/actor/launch"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// apps opens a list; what it started is ended with the test.
func apps(t *testing.T, o launch.Options) *launch.Apps {
	t.Helper()
	a, err := launch.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		a.Close(ctx)
	})
	return a
}

func TestOpen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a := apps(t, launch.Options{
		Dir: dir,
		Env: []string{"COLOUR=green"},
		Apps: []launch.App{
			{Name: "writer", Aliases: []string{"pen"}, Command: []string{"sh", "-c", `echo "$COLOUR $0 $GROKPUTER_NATS_PASSWORD" > out; mv out written; exec sleep 60`, "; touch hacked"}},
			{Name: "missing", Command: []string{"no-such-program-anywhere"}},
			{Name: "failing", Command: []string{"false"}},
			{Name: "handing over", Command: []string{"true"}},
		},
	})
	if got, want := a.Names(), []string{"writer", "pen", "failing", "handing over"}; !slices.Equal(got, want) {
		t.Errorf("names are %q, want %q", got, want)
	}
	if err := a.Open(t.Context(), "PEN"); err != nil {
		t.Fatal(err)
	}
	if text := written(t, filepath.Join(dir, "written")); text != "green ; touch hacked \n" {
		t.Errorf("the program wrote %q", text)
	}
	if got := a.Running(); !slices.Equal(got, []string{"writer"}) {
		t.Errorf("running: %q", got)
	}
	for name, want := range map[string]string{
		"missing":         "not on the list",
		"sh":              "not on the list",
		"writer; reboot":  "not on the list",
		"failing":         "ended at once",
		"/usr/bin/reboot": "not on the list",
	} {
		if err := a.Open(t.Context(), name); !errors.Is(err, actor.ErrNoApp) || !strings.Contains(err.Error(), want) {
			t.Errorf("open %q gave %v, want %q", name, err, want)
		}
	}
	if err := a.Open(t.Context(), "handing over"); err != nil {
		t.Errorf("a program that hands over gave %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := a.Open(ctx, "pen"); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled open gave %v", err)
	}
}

// Close ends whole process groups, also those that do not heed the first signal.
// Programs begin in the home folder that their environment names.
func TestOpenAtHome(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	a := apps(t, launch.Options{
		Env:  []string{"HOME=/nowhere", "HOME=" + home},
		Apps: []launch.App{{Name: "writer", Command: []string{"sh", "-c", `pwd > out; mv out written; exec sleep 60`}}},
	})
	if err := a.Open(t.Context(), "writer"); err != nil {
		t.Fatal(err)
	}
	if got := written(t, filepath.Join(home, "written")); got != home+"\n" {
		t.Errorf("the program began in %q, want %q", got, home)
	}
}

func TestClose(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a, err := launch.New(launch.Options{Dir: dir, Apps: []launch.App{
		{Name: "polite", Command: []string{"sh", "-c", "sleep 60 & echo $$ $! > p; mv p polite; wait"}},
		{Name: "stubborn", Command: []string{"sh", "-c", "trap '' TERM; sleep 60 & echo $$ $! > s; mv s stubborn; while :; do wait; done"}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	var pids []string
	for _, name := range a.Names() {
		if err := a.Open(t.Context(), name); err != nil {
			t.Fatal(err)
		}
		pids = append(pids, strings.Fields(written(t, filepath.Join(dir, name)))...)
	}
	if got := a.Running(); len(got) != 2 || len(pids) != 4 {
		t.Fatalf("running: %q, processes %q", got, pids)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	a.Close(ctx)
	for _, pid := range pids {
		poll(t, "the end of process "+pid, func() bool {
			stat, err := os.ReadFile("/proc/" + pid + "/stat")
			return err != nil || strings.Contains(string(stat), ") Z ")
		})
	}
}

// written returns what a program that runs beside us writes to a file, at once.
func written(t *testing.T, file string) string {
	t.Helper()
	var text []byte
	poll(t, file, func() bool {
		var err error
		text, err = os.ReadFile(file)
		return err == nil
	})
	return string(text)
}

// poll waits for what another process does, which cannot signal it.
func poll(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-deadline:
			t.Fatalf("waited in vain for %s", what)
		case <-tick.C:
		}
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for _, list := range [][]launch.App{
		{{Name: "", Command: []string{"true"}}},
		{{Name: "a"}},
		{{Name: "a", Command: []string{""}}},
		{{Name: "a", Aliases: []string{"b"}, Command: []string{"true"}}, {Name: "B", Command: []string{"true"}}},
	} {
		if _, err := launch.New(launch.Options{Apps: list, Dir: t.TempDir()}); err == nil {
			t.Errorf("New(%v) was accepted", list)
		}
	}
}
