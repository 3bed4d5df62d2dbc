package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/grokputer/grokputer/kit/kittest"
)

// TestUp goes through the life of one `grokputer up`.
func TestUp(t *testing.T) {
	t.Parallel()
	h := newHome(t, planner(t, "wait 30"))
	up := h.start(append([]string{"up"}, h.args...)...)
	up.until("ready after")

	checkTold(t, h, up)
	// There is one to a data folder, and one to a port.
	h.start(append([]string{"up"}, h.args...)...).wait(1, "already up")
	port := strings.TrimPrefix(h.state()["nats"].(string), "nats://127.0.0.1:")
	h.start("run", "x", "--data", filepath.Join(h.dir, "other"), "--s3-port", "0", "--nats-port", port).wait(1, "in use")
	// Other commands find it.
	h.start("doctor", "--planner-url", h.args[5]).wait(0, "answers")
	h.start("stop").wait(0, "stopped the desktop main")
	h.start("approve").wait(0, "nothing waits")
	h.start("run", "--desktop", "other", "x").wait(1, "nobody serves this desktop there: other")
	// A task can be interrupted, and the services go on.
	task := h.start("run", "wait for rain")
	task.until("planned by openai")
	task.interrupt()
	task.wait(130, "cancelling the task", "cancelled after")

	up.interrupt()
	up.wait(0, "stopping")
	if _, err := os.Stat(filepath.Join(h.data(), "up.json")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("up.json is still there: %v", err)
	}
}

// checkTold: it tells the user's other programs where it is, and nobody else.
func checkTold(t *testing.T, h home, up *program) {
	t.Helper()
	info, err := os.Stat(filepath.Join(h.data(), "up.json"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("up.json: %v, %v; want mode 0600", info, err)
	}
	if s := h.state(); s["pid"] != float64(up.cmd.Process.Pid) || !strings.HasPrefix(s["display"].(string), ":") {
		t.Errorf("up.json: %v", s)
	}
	context, err := os.ReadFile(filepath.Join(h.dir, "config", "nats", "context", "grokputer.json"))
	if err != nil || !strings.Contains(string(context), h.state()["nats"].(string)) {
		t.Errorf("the context of the nats client: %s, %v", context, err)
	}
}

// TestUpAfterKill: what a killed one left behind keeps nobody from starting.
func TestUpAfterKill(t *testing.T) {
	t.Parallel()
	h := newHome(t, planner(t, "done"))
	first := h.start(append([]string{"up"}, h.args...)...)
	first.until("ready after")
	if err := first.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-first.ended
	if _, err := os.Stat(filepath.Join(h.data(), "up.json")); err != nil {
		t.Fatalf("a killed one cannot tidy up, but: %v", err)
	}
	h.start("stop").wait(1, "no Grokputer is up")
	second := h.start(append([]string{"up"}, h.args...)...)
	second.until("ready after")
	if err := second.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	second.wait(0, "stopping")
}

func TestUpAsksBeforeItUsesADisplay(t *testing.T) {
	t.Parallel()
	h := newHome(t, planner(t, "done"))
	h.start(append([]string{"up", "--display", ":64999"}, h.args...)...).wait(1, "about to use the display :64999", "add --yes")
	if _, err := os.Stat(h.data()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("something was begun before the answer: %v", err)
	}
}

// TestUpWithOtherServers starts no servers of its own, and takes the secrets to
// no file.
func TestUpWithOtherServers(t *testing.T) {
	t.Parallel()
	h := newHome(t, planner(t, `answer "4"`))
	h.env = []string{
		"GROKPUTER_NATS_URL=" + kittest.NATSServer(t).URL(),
		"GROKPUTER_NATS_USER=" + kittest.User, "GROKPUTER_NATS_PASSWORD=" + kittest.Password,
		"GROKPUTER_S3_ENDPOINT=" + kittest.BlobServer(t).Endpoint(),
		"GROKPUTER_S3_ACCESS_KEY=" + kittest.AccessKey, "GROKPUTER_S3_SECRET_KEY=" + kittest.SecretKey,
	}
	up := h.start(append([]string{"up"}, h.args...)...)
	up.until("ready after")
	// One with another data folder finds it by the bus.
	h.start("run", "2+2", "--data", filepath.Join(h.dir, "other")).wait(0, "answer: 4", "last picture: ")
	for _, name := range []string{"nats", "s3"} {
		if _, err := os.Stat(filepath.Join(h.data(), name)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("it keeps data of the embedded %s: %v", name, err)
		}
	}
	if body, err := os.ReadFile(filepath.Join(h.data(), "up.json")); err != nil || strings.Contains(string(body), kittest.Password) {
		t.Errorf("up.json: %s, %v", body, err)
	}
	up.interrupt()
	up.wait(0, "stopping")
}

// TestUpEndsWithItsScreen: without it there is nothing left to work on.
func TestUpEndsWithItsScreen(t *testing.T) {
	t.Parallel()
	h := newHome(t, planner(t, "wait 30"))
	up := h.start(append([]string{"up"}, h.args...)...)
	up.until("ready after")
	if err := syscall.Kill(child(t, up.cmd.Process.Pid, "Xvfb"), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	up.wait(1, "the screen has ended")

	// So does a task that runs without `grokputer up`.
	task := h.start(append([]string{"run", "wait for rain"}, h.args...)...)
	task.until("planned by openai")
	if err := syscall.Kill(child(t, task.cmd.Process.Pid, "Xvfb"), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	task.wait(1, "the screen has ended")
}

// child returns the process of that name which a process has started.
func child(t *testing.T, parent int, name string) int {
	t.Helper()
	lists, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", parent))
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range lists {
		body, _ := os.ReadFile(list) // a thread may have ended
		for pid := range strings.FieldsSeq(string(body)) {
			if comm, _ := os.ReadFile("/proc/" + pid + "/comm"); strings.TrimSpace(string(comm)) == name {
				n, err := strconv.Atoi(pid)
				if err != nil {
					t.Fatal(err)
				}
				return n
			}
		}
	}
	t.Fatalf("process %d has started no %s", parent, name)
	return 0
}
