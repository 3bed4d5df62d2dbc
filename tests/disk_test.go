package tests

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/contracts"
)

// Below the space that a task may need, tasks are rejected. A file system of 1 GB
// has it, mounted where only the program sees it.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	h := newHome(t, scripted(t, inTurn("done"))...)
	if err := os.Mkdir(h.data(), 0o700); err != nil {
		t.Fatal(err)
	}
	up := h.startAs(exec.Command("unshare", append(mounting(t), append([]string{
		"sh", "-c", `mount -t tmpfs -o size=1g,mode=700 tmpfs "$GROKPUTER_DATA" && exec "$0" "$@"`,
		os.Getenv(programVariable), "up",
	}, h.args...)...)...))
	up.until("ready after")
	nc := h.connect()
	events := listen(t, nc)
	for range 2 { // the service goes on
		publish(t, nc, "greet")
		end := decode[contracts.TaskEnded](t, events.next(contracts.VerbRejected).Data)
		if end.Code != contracts.ReasonDiskFull || !strings.Contains(end.Reason, "GB free") {
			t.Errorf("rejected as %q: %s", end.Code, end.Reason)
		}
	}
	up.interrupt()
	none(t, h)
}

// mounting are the flags with which unshare lets a program mount something that
// nobody else sees.
func mounting(t *testing.T) []string {
	t.Helper()
	for _, flags := range [][]string{{"--mount"}, {"--mount", "--map-root-user"}} {
		if exec.Command("unshare", append(flags, "true")...).Run() == nil {
			return flags
		}
	}
	t.Skip("this system lets nobody but root mount a file system")
	return nil
}
