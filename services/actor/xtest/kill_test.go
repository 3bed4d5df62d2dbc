package xtest_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/services/actor"
	"github.com/grokputer/grokputer/services/actor/internal/testwindow"
	"github.com/grokputer/grokputer/services/actor/xtest"
)

// childVariable holds what a process of this test binary is to do.
const childVariable = "XTEST_TEST_CHILD"

// job is a text to type for a process that may be killed at any time.
type job struct {
	Display   string `json:"display"`
	Authority string `json:"authority"`
	Text      string `json:"text"`
	From      int    `json:"from"`
}

func (j job) input() actor.Input {
	return actor.Input{Mark: "text", Verb: action.Type, Text: j.Text, From: j.From}
}

// runChild does a job and writes a line for each stroke. It reports false in the
// test itself.
func runChild() bool {
	settings := os.Getenv(childVariable)
	if settings == "" {
		return false
	}
	var j job
	err := json.Unmarshal([]byte(settings), &j)
	if err == nil {
		h := xtest.New(xtest.Options{Display: j.Display, Authority: j.Authority})
		err = h.Do(context.Background(), j.input(), func(n int) error {
			_, err := fmt.Println(n)
			return err
		})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return true
}

// A process that is killed while it types, at no chosen moment, has typed what
// the ledger says, and the next one goes on from there. Where the ledger is in doubt,
// that is about one character.
func TestKilledAnywhere(t *testing.T) {
	t.Parallel()
	o, _ := screen(t)
	w := testwindow.Open(t, o.Display, o.Authority)
	text := strings.Repeat("aaaabcäöü ", 30)
	j := job{Display: o.Display, Authority: o.Authority, Text: text}
	random := rand.New(rand.NewPCG(1, 2))
	kills, doubts := 0, 0
	for j.From < j.input().Strokes() {
		if killed(t, j, time.Duration(random.IntN(12_000))*time.Microsecond) {
			kills++
		}
		n, known, err := hands(t, o).Sent(t.Context(), j.input().Mark)
		if err != nil {
			t.Fatalf("Sent is %d, %t, %v", n, known, err)
		}
		got := w.State(t).Text
		if !known && got == string([]rune(text)[:n+1]) {
			n++
		}
		if !known {
			doubts++
		}
		if got != string([]rune(text)[:n]) {
			t.Fatalf("after %d kills the ledger says %d characters (known: %t), the window has %q", kills, n, known, got)
		}
		j.From = n
	}
	if kills == 0 {
		t.Error("no process was killed")
	}
	if doubts > kills/2 {
		t.Errorf("the ledger is in doubt after %d of %d kills", doubts, kills)
	}
	t.Logf("%d kills in %d characters, %d doubts", kills, j.From, doubts)
	if got := w.State(t); got.Text != text || got.Held != 0 {
		t.Errorf("typed %q, %d keys are held", got.Text, got.Held)
	}
}

// killed runs a process and kills it some time after its first stroke. It reports
// false when the process was done before.
func killed(t *testing.T, j job, after time.Duration) bool {
	t.Helper()
	settings, err := json.Marshal(j)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"="+string(settings))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	if lines.Scan() {
		timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
		defer timer.Stop()
	}
	for lines.Scan() { // until the process has ended
		continue
	}
	return cmd.Wait() != nil
}
