//go:build linux

package gpu_test

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// inChild reports whether this is the process in which the test runs with those settings of the stand-in, which hold for a
// process. If not it starts that process and waits for it.
func inChild(t *testing.T, settings ...string) bool {
	t.Helper()

	const mark = "GROKPUTER_TEST_CHILD"
	if os.Getenv(mark) == t.Name() {
		return true
	}

	child := exec.CommandContext(context.WithoutCancel(t.Context()), os.Args[0], "-test.run=^"+strings.ReplaceAll(t.Name(), "/", "$/^")+"$", "-test.v")
	child.Env = append(append(os.Environ(), mark+"="+t.Name()), settings...)

	out, err := child.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("%v\n%s", err, out)
	}

	return false
}
