package worker_test

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/grokputer/grokputer/services/observer"
	"github.com/grokputer/grokputer/services/observer/observertest"
	"github.com/grokputer/grokputer/services/observer/worker"
)

func TestReader(t *testing.T) {
	t.Parallel()
	o := script{}.options()
	o.Workers = 3
	observertest.Reader(t, start(t, o))
}

// result is what a Read returned.
type result struct {
	words []observer.Word
	err   error
}

// read reads in the background.
func read(ctx context.Context, p *worker.Pool, width int) <-chan result {
	back := make(chan result, 1)
	go func() {
		words, err := p.Read(ctx, lineOf(width))
		back <- result{words, err}
	}()
	return back
}

func TestKilledInTheMiddle(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	p := start(t, script{Folder: dir}.options())
	back := read(t.Context(), p, waitsOnce)
	pid, _ := waiting(t, dir)
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if r := <-back; r.err != nil || len(r.words) != 1 {
		t.Fatalf("the line of the killed worker: %v, %v; want it read by another", r.words, r.err)
	}
	if again := process(t, p); again == pid {
		t.Error("the killed process reads")
	}
}

func TestKilledWhileIdle(t *testing.T) {
	t.Parallel()
	p := start(t, script{}.options())
	pid := process(t, p)
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if again := process(t, p); again == pid {
		t.Error("the killed process reads")
	}
}

// A line that ends each worker that reads it is given up, and the next is read.
func TestLineThatEndsWorkers(t *testing.T) {
	t.Parallel()
	p := start(t, script{}.options())
	if _, err := p.Read(t.Context(), lineOf(ends)); err == nil || !strings.Contains(err.Error(), "this line is too much") {
		t.Errorf("got %v, want what the worker said last", err)
	}
	process(t, p)
}

func TestLineThatCannotBeRead(t *testing.T) {
	t.Parallel()
	p := start(t, script{}.options())
	pid := process(t, p)
	if _, err := p.Read(t.Context(), lineOf(complains)); err == nil || !strings.Contains(err.Error(), "no such letters") {
		t.Errorf("got %v, want the reader's words", err)
	}
	if process(t, p) != pid {
		t.Error("the worker was replaced for an error that it told")
	}
}

func TestHangingWorkerIsEnded(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	o := script{Folder: dir}.options()
	o.Patience = time.Second
	p := start(t, o)
	back := read(t.Context(), p, waitsOnce)
	_, pipe := waiting(t, dir)
	if r := <-back; r.err != nil {
		t.Errorf("the line: %v; want it read by another worker", r.err)
	}
	if _, err := io.ReadAll(pipe); err != nil { // until the process is gone
		t.Error(err)
	}
}

func TestReplacedAfterLines(t *testing.T) {
	t.Parallel()
	o := script{}.options()
	o.Lines = 3
	p := start(t, o)
	var pids []int
	for range 7 {
		pids = append(pids, process(t, p))
	}
	if pids[0] != pids[2] || pids[2] == pids[3] || pids[3] != pids[5] || pids[5] == pids[6] {
		t.Errorf("read by the processes %v, want a new one after three lines each", pids)
	}
}

func TestReplacedForItsMemory(t *testing.T) {
	t.Parallel()
	o := script{}.options()
	o.Memory = 1
	p := start(t, o)
	if first := process(t, p); first == process(t, p) {
		t.Error("a process that holds more than a byte reads twice")
	}
}

// Who gives up a line need not wait for it; the worker reads the next one.
func TestGivenUpInTheMiddle(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	p := start(t, script{Folder: dir}.options())
	ctx, cancel := context.WithCancel(t.Context())
	back := read(ctx, p, waits)
	pid, _ := waiting(t, dir)
	cancel()
	if r := <-back; !errors.Is(r.err, context.Canceled) {
		t.Errorf("got %v, want %v", r.err, context.Canceled)
	}
	goOn(t, dir)
	if process(t, p) != pid {
		t.Error("the worker was replaced")
	}
}

func TestClosedInTheMiddle(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	p := start(t, script{Folder: dir}.options())
	back := read(t.Context(), p, waits)
	_, pipe := waiting(t, dir)
	p.Close()
	if r := <-back; !errors.Is(r.err, worker.ErrClosed) {
		t.Errorf("got %v, want %v", r.err, worker.ErrClosed)
	}
	if _, err := io.ReadAll(pipe); err != nil { // until the process is gone
		t.Error(err)
	}
	if _, err := p.Read(t.Context(), lineOf(says)); !errors.Is(err, worker.ErrClosed) {
		t.Errorf("got %v, want %v", err, worker.ErrClosed)
	}
}

// A worker ends with the process that started it, however that ends.
func TestParentKilled(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), parentEnv+"="+dir)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_, pipe := waiting(t, dir)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()                              // killed
	if _, err := io.ReadAll(pipe); err != nil { // until the worker is gone
		t.Error(err)
	}
}

func TestReaderThatCannotBeOpened(t *testing.T) {
	t.Parallel()
	_, err := worker.Start(script{Broken: "install the language first"}.options())
	if err == nil || !strings.Contains(err.Error(), "install the language first") {
		t.Errorf("got %v, want the reader's words", err)
	}
	o := script{}.options()
	o.Command = func() *exec.Cmd { return exec.Command("true") } // no worker
	if _, err := worker.Start(o); err == nil {
		t.Error("a program that is no worker is accepted")
	}
	o.Command = func() *exec.Cmd { return exec.Command("yes") } // speaks another language
	if _, err := worker.Start(o); err == nil {
		t.Error("a program that speaks nonsense is accepted")
	}
}
