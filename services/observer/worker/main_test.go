package worker_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"go.uber.org/goleak"

	"github.com/grokputer/grokputer/services/observer"
	"github.com/grokputer/grokputer/services/observer/sim"
	"github.com/grokputer/grokputer/services/observer/worker"
)

// The environment variables that make the test binary a worker, or a program
// that has a pool of them.
const (
	workerEnv = "GROKPUTER_TEST_WORKER"
	parentEnv = "GROKPUTER_TEST_PARENT"
)

func TestMain(m *testing.M) {
	switch {
	case os.Getenv(workerEnv) != "":
		if err := worker.Serve(os.Stdin, os.Stdout, open); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	case os.Getenv(parentEnv) != "":
		parent(os.Getenv(parentEnv))
	default:
		goleak.VerifyTestMain(m)
	}
}

// script is what a worker of a test does with a line that is as wide as the
// number says; it reads any other.
type script struct {
	// Folder has the pipe "began", on which a worker tells its process before it
	// waits at a line, and the pipe "go", whose end of waiting it is.
	Folder string `json:"folder"`
	Broken string `json:"broken"` // why the reader cannot be opened
}

const (
	waits     = 11 // waits until it is told to go on
	waitsOnce = 12 // as waits, unless a worker has done so before
	ends      = 13 // ends the process
	complains = 14 // is an error
	says      = 15 // reads its process's number
)

func open(config []byte) (observer.Reader, error) {
	var s script
	if err := json.Unmarshal(config, &s); err != nil {
		return nil, err
	}
	if s.Broken != "" {
		return nil, errors.New(s.Broken)
	}
	return scripted{s}, nil
}

type scripted struct{ script }

// Read implements observer.Reader.
func (s scripted) Read(ctx context.Context, line *image.Gray) ([]observer.Word, error) {
	switch line.Rect.Dx() {
	case waits:
		s.wait()
	case waitsOnce:
		if err := os.Mkdir(filepath.Join(s.Folder, "once"), 0o700); err == nil {
			s.wait()
		}
	case ends:
		fmt.Fprintln(os.Stderr, "this line is too much")
		os.Exit(3)
	case complains:
		return nil, errors.New("no such letters")
	case says:
	default:
		return sim.Reader{}.Read(ctx, line)
	}
	return []observer.Word{{Text: strconv.Itoa(os.Getpid()), Box: line.Rect, Confidence: 1}}, nil
}

// wait tells that it waits, and keeps the pipe open until the process ends.
func (s scripted) wait() {
	began, err := os.OpenFile(filepath.Join(s.Folder, "began"), os.O_WRONLY, 0)
	if err == nil {
		_, err = fmt.Fprintln(began, os.Getpid())
	}
	if err == nil {
		_, err = os.ReadFile(filepath.Join(s.Folder, "go"))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// options are those of a pool of such workers.
func (s script) options() worker.Options {
	config, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return worker.Options{Workers: 1, Config: config, Command: func() *exec.Cmd {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), workerEnv+"=1", parentEnv+"=")
		return cmd
	}}
}

// parent has a worker wait at a line, until it is killed.
func parent(folder string) {
	p, err := worker.Start(script{Folder: folder}.options())
	if err == nil {
		_, err = p.Read(context.Background(), lineOf(waits))
	}
	fmt.Fprintln(os.Stderr, "the worker is through:", err)
	os.Exit(1)
}

// folder is a script's folder with its pipes.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"began", "go"} {
		if err := syscall.Mkfifo(filepath.Join(dir, name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// start starts a pool.
func start(t *testing.T, o worker.Options) *worker.Pool {
	t.Helper()
	p, err := worker.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// lineOf is a line as wide as a script's number.
func lineOf(width int) *image.Gray { return image.NewGray(image.Rect(0, 0, width, 4)) }

// waiting returns the process of a worker once it waits, and the pipe that is
// at its end when the process has ended.
func waiting(t *testing.T, folder string) (pid int, pipe *os.File) {
	t.Helper()
	pipe, err := os.Open(filepath.Join(folder, "began")) // waits for the worker's end
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pipe.Close() })
	if _, err := fmt.Fscanln(pipe, &pid); err != nil {
		t.Fatal(err)
	}
	return pid, pipe
}

// goOn ends a worker's waiting.
func goOn(t *testing.T, folder string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(folder, "go"), nil, 0); err != nil {
		t.Fatal(err)
	}
}

// process reads the number of the process that reads.
func process(t *testing.T, p *worker.Pool) int {
	t.Helper()
	words, err := p.Read(t.Context(), lineOf(says))
	if err != nil || len(words) != 1 {
		t.Fatalf("read %v, %v", words, err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(words[0].Text))
	if err != nil {
		t.Fatal(err)
	}
	return pid
}
