package lm_test

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/lm"
	"github.com/grokputer/grokputer/lm/chat"
	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/train"
)

// childVariable names the checkpoint folder of a run that a test kills.
const childVariable = "GROKPUTER_TRAIN_CHILD"

var kinds = []string{"sft", "dpo", "kto", "mixed"}

// curriculum is a small data set of a kind, in the tiny model's words.
func curriculum(t *testing.T, e *lm.Engine, kind string) train.Dataset {
	t.Helper()
	var d train.Dataset
	for i := range 12 {
		messages := []chat.Message{{Role: "user", Content: fmt.Sprintf("click %d", i%5)}}
		chosen, rejected := fmt.Sprintf(`click "ok %d"`, i), fmt.Sprintf(`look %d`, i*i)
		example, err := e.Example(messages, chosen)
		if err != nil {
			t.Fatal(err)
		}
		pair, err := e.Pair(messages, chosen, rejected)
		if err != nil {
			t.Fatal(err)
		}
		if kind == "sft" || kind == "mixed" {
			d.Train = append(d.Train, example)
		}
		if kind == "dpo" || kind == "mixed" {
			d.Pairs = append(d.Pairs, pair)
		}
		if kind == "kto" || kind == "mixed" {
			d.Rated = append(d.Rated, train.Rated{Example: example, Desirable: i%2 == 0})
		}
	}
	return d
}

// learn trains on a curriculum and returns the sha256 of the adapter that comes out.
func learn(t *testing.T, kind, checkpoints string, happened func(train.Event)) string {
	t.Helper()
	e := open(t, tiny(t, 64), lm.Options{Threads: 2})
	cfg := lora.DefaultConfig()
	cfg.Rank, cfg.Dropout = 4, 0.1
	a, err := e.NewAdapter(cfg, 3)
	if err != nil {
		t.Fatal(err)
	}
	opts := train.DefaultOptions()
	opts.MaxSteps, opts.Epochs, opts.BatchExamples, opts.MicroTokens, opts.LearningRate = 12, 20, 5, 200, 5e-3
	opts.CheckpointDir, opts.CheckpointEvery, opts.OnEvent, opts.Recompute = checkpoints, 2, happened, true
	if _, err := e.Train(t.Context(), a, curriculum(t, e, kind), opts); err != nil {
		t.Fatal(err)
	}
	h := sha256.New()
	for p := range a.Params() {
		if err := binary.Write(h, binary.LittleEndian, p.Data); err != nil {
			t.Fatal(err)
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

// TestTrainChild is no test of its own: it is the program that the tests below kill. It
// says a line at each event and the result at the end.
func TestTrainChild(t *testing.T) {
	kind, dir, ok := strings.Cut(os.Getenv(childVariable), ":")
	if !ok {
		t.Skip("run by TestKilledTraining")
	}
	sum := learn(t, kind, dir, func(e train.Event) { fmt.Printf("event %T\n", e) })
	fmt.Println("result", sum)
}

// child runs TestTrainChild, kills it with SIGKILL when it has said that many lines,
// and returns its result if it came to one.
func child(t *testing.T, kind, dir string, lines int) (sum string) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), program, "-test.run=^TestTrainChild$")
	cmd.Env = append(os.Environ(), childVariable+"="+kind+":"+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said := bufio.NewScanner(out)
	for n := 0; said.Scan(); {
		if text, ok := strings.CutPrefix(said.Text(), "result "); ok {
			sum = text
		}
		if strings.HasPrefix(said.Text(), "event ") {
			if n++; n == lines {
				if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
					t.Error(err)
				}
			}
		}
	}
	if _, err := io.Copy(io.Discard, out); err != nil && said.Err() == nil {
		t.Log(err)
	}
	err = cmd.Wait()
	if exit := (*exec.ExitError)(nil); err != nil && (!errors.As(err, &exit) || exit.Exited()) {
		t.Fatalf("the child ended with %v", err)
	}
	return sum
}

// killed kills a run after so many events, once for each number, then lets it end. It
// returns how often the signal came before the end.
func killed(t *testing.T, kind string, lines ...int) (sum string, kills int) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "run")
	for kills < len(lines) {
		if sum := child(t, kind, dir, lines[kills]); sum != "" {
			return sum, kills
		}
		kills++
	}
	if sum = child(t, kind, dir, 0); sum == "" {
		t.Error("the run did not end")
	}
	return sum, kills
}

// A run that was killed with kill -9 at some step ends with the bits of one that was not.
func TestKilledTraining(t *testing.T) {
	t.Parallel()
	if os.Getenv(childVariable) != "" {
		t.Skip("this is the child")
	}
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			want := learn(t, kind, filepath.Join(t.TempDir(), "unbroken"), nil)
			at := 2 + rand.IntN(14)
			got, kills := killed(t, kind, at)
			if got != want {
				t.Errorf("killed after event %d: adapter %s, unbroken %s", at, got, want)
			}
			t.Logf("killed %d times, after event %d", kills, at)
		})
	}
}

// TestTrainChaos kills runs of all kinds at random moments, as often as make chaos says.
func TestTrainChaos(t *testing.T) {
	rounds, err := strconv.Atoi(os.Getenv("GROKPUTER_CHAOS"))
	if err != nil || os.Getenv(childVariable) != "" {
		t.Skip("run by make chaos")
	}
	want := map[string]string{}
	kills := 0
	for round := range rounds {
		kind := kinds[round%len(kinds)]
		if want[kind] == "" {
			want[kind] = learn(t, kind, filepath.Join(t.TempDir(), kind), nil)
		}
		var lines []int
		for range 1 + rand.IntN(4) {
			lines = append(lines, 1+rand.IntN(18))
		}
		got, times := killed(t, kind, lines...)
		if got != want[kind] {
			t.Fatalf("round %d, %s, killed after events %v: adapter %s, unbroken %s", round, kind, lines, got, want[kind])
		}
		kills += times
	}
	t.Logf("%d runs with %d kills ended as unbroken ones", rounds, kills)
	if kills < rounds/2 {
		t.Errorf("only %d kills in %d runs", kills, rounds)
	}
}
