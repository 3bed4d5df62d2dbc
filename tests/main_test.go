package tests

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// programVariable is the environment variable with the path of the program
// under test, for the tests of this process.
const programVariable = "GROKPUTER_E2E_PROGRAM"

// patience is how long a test waits for what comes within seconds, unless
// something is broken or the machine has other work.
const patience = 2 * time.Minute

// TestMain builds the program that the tests start, or is a process that a loop kills.
func TestMain(m *testing.M) {
	if setting := os.Getenv(loopVictimVariable); setting != "" {
		if err := new(loopVictim).run(setting); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	dir, err := os.MkdirTemp("", "grokputer-e2e-")
	if err == nil {
		err = build(filepath.Join(dir, "grokputer"))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "build the program under test:", err)
		os.Exit(1)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(status int) {
		if err := os.RemoveAll(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			status = max(status, 1)
		}
		os.Exit(status)
	}))
}

func build(program string) error {
	root, err := findRoot()
	if err != nil {
		return err
	}
	command := exec.Command("go", "build", "-o", program, ".")
	command.Dir, command.Stdout, command.Stderr = filepath.Join(root, "cmd", "grokputer"), os.Stderr, os.Stderr
	if err := command.Run(); err != nil {
		return err
	}
	return os.Setenv(programVariable, program)
}

// findRoot returns the folder of the repository that the tests lie in.
func findRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.work")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("no go.work above the tests: is this the repository?")
		}
		dir = parent
	}
}

func repositoryRoot(t *testing.T) string {
	t.Helper()
	root, err := findRoot()
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// modelFile is the base model.
func modelFile(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("it needs the base model")
	}
	file := filepath.Join(repositoryRoot(t), ".cache", "models", "SmolLM2-135M-Instruct.Q4_1.gguf")
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		t.Fatal("the base model is not there: run make model")
	}
	return file
}

// planning are the flags with which the base model plans with the starter
// adapter, or with the adapter that GROKPUTER_ADAPTER names.
func planning(t *testing.T) []string {
	t.Helper()
	model := modelFile(t)
	adapter := os.Getenv("GROKPUTER_ADAPTER")
	if adapter == "" {
		adapter = filepath.Join(repositoryRoot(t), "adapters", "starter")
	}
	if _, err := os.Stat(adapter); errors.Is(err, fs.ErrNotExist) {
		t.Fatal("the starter adapter is not there: run make starter")
	}
	return []string{"--model", model, "--adapter", adapter}
}
