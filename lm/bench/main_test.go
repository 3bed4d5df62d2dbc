package bench_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/grokputer/grokputer/lm/bench"
)

// childEnv has the test binary be a process that measures.
const childEnv = "GROKPUTER_TEST_BENCH_CHILD"

func TestMain(m *testing.M) {
	switch os.Getenv(childEnv) {
	case "":
		goleak.VerifyTestMain(m)
	case "serve":
		if err := bench.Serve(context.Background(), os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	default: // says what it is told to
		fmt.Println("a library that prints")
		fmt.Println(os.Getenv(childEnv))
	}
}

// process runs the test binary in that role.
func process(t *testing.T, role string) bench.Process {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return bench.Process{Args: []string{program}, Env: []string{childEnv + "=" + role}}
}

// tinySize fits lmtest's model, whose tokens are bytes and whose context is 512.
func tinySize() bench.Size {
	return bench.Size{
		Examples: 6, Least: 200, Most: 420, AnswerLeast: 10, AnswerMost: 50, Batch: 3,
		Prefill: 100, Context: 40, Decode: 8, Steps: 2, Screen: 400, Seen: 220, Repeats: 2, Swaps: 4,
	}
}
