//go:build crashpoints

package crashpoint_test

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"github.com/grokputer/grokputer/services/actor"
	"github.com/grokputer/grokputer/services/actor/crashpoint"
)

func TestMain(m *testing.M) {
	if os.Getenv("CRASHPOINT_CHILD") == "" {
		os.Exit(m.Run())
	}
	hook, err := crashpoint.Hook()
	if err != nil {
		os.Exit(3)
	}
	if hook != nil {
		hook(actor.AfterStroke, 2, 7)
		hook(actor.AfterAct, 3, 0)
		hook(actor.AfterStroke, 3, 7)
	}
}

func TestHook(t *testing.T) {
	t.Parallel()
	for setting, want := range map[string]int{
		"stroke:3:7": -1, "act:3": -1, "stroke:3:8": 0, "act:2": 0, "": 0, "nap:1": 3, "act:x": 3, "act:1:2:3": 3,
	} {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "CRASHPOINT_CHILD=1", crashpoint.Variable+"="+setting)
		err := cmd.Run()
		var exit *exec.ExitError
		got := 0
		if errors.As(err, &exit) {
			got = exit.ExitCode()
		}
		if got != want {
			t.Errorf("%q: the exit status is %d, want %d (%v)", setting, got, want, err)
		}
		if want == -1 && exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
			t.Errorf("%q: ended with %v", setting, err)
		}
	}
}
