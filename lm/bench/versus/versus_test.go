package versus_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/grokputer/grokputer/lm/bench"
	"github.com/grokputer/grokputer/lm/bench/versus"
)

// sayEnv has the test binary be a contestant: it notes that it ran and says the
// outcome that it is told for the kind that it is asked for.
const sayEnv = "GROKPUTER_TEST_VERSUS"

// role is what a contestant says.
type role struct {
	Log  string                       `json:"log"` // a line is added for each time it runs
	Name string                       `json:"name"`
	Says map[bench.Kind]bench.Outcome `json:"says"`
	// Fails makes the run with that number fail, from 1.
	Fails int `json:"fails"`
}

func TestMain(m *testing.M) {
	if text := os.Getenv(sayEnv); text != "" {
		if err := play(text); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

func play(text string) error {
	var r role
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		return err
	}
	var a bench.Assignment
	if err := json.NewDecoder(os.Stdin).Decode(&a); err != nil {
		return err
	}
	log, err := os.OpenFile(r.Log, os.O_APPEND|os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	fmt.Fprintf(log, "%s %s\n", a.Kind, r.Name)
	_, _ = log.Seek(0, io.SeekStart)
	before, err := io.ReadAll(log)
	if err != nil {
		return err
	}
	if r.Fails > 0 && strings.Count(string(before), r.Name+"\n") == r.Fails {
		return errors.New("out of breath")
	}
	return json.NewEncoder(os.Stdout).Encode(r.Says[a.Kind])
}

func contestant(t *testing.T, r role) versus.Contestant {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	c := versus.Contestant{
		Name: r.Name, Process: bench.Process{Args: []string{program}, Env: []string{sayEnv + "=" + string(text)}},
		Optional: []bench.Metric{bench.AdaptedSpeed, bench.AdapterCost},
	}
	for _, k := range bench.Kinds() {
		if _, ok := r.Says[k]; ok {
			c.Kinds = append(c.Kinds, k)
		}
	}
	return c
}

func says(values map[bench.Metric]float64) bench.Outcome { return bench.Outcome{Values: values} }

func contest(t *testing.T, roles ...role) (c versus.Contest, log string) {
	t.Helper()
	dir := t.TempDir()
	log = filepath.Join(dir, "log")
	c = versus.Contest{
		Rounds: 2, Kinds: []bench.Kind{bench.Prefill, bench.Decode}, State: filepath.Join(dir, "state"),
		Assignment: bench.Assignment{Model: "m", Threads: 2, Workload: "w"},
	}
	for _, r := range roles {
		r.Log = log
		c.Contestants = append(c.Contestants, contestant(t, r))
	}
	return c, log
}

func lines(t *testing.T, path string) []string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

func two(fails int) []role {
	return []role{
		{Name: versus.Ours, Says: map[bench.Kind]bench.Outcome{
			bench.Prefill: says(map[bench.Metric]float64{bench.PrefillSpeed: 900}),
			bench.Decode:  says(map[bench.Metric]float64{bench.DecodeSpeed: 200}),
		}},
		{Name: "llama.cpp", Fails: fails, Says: map[bench.Kind]bench.Outcome{
			bench.Prefill: says(map[bench.Metric]float64{bench.PrefillSpeed: 300}),
		}},
	}
}

// In each round the contestants take turns in each kind, and each only in its own.
func TestContestantsTakeTurns(t *testing.T) {
	t.Parallel()
	c, log := contest(t, two(0)...)
	all, err := c.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	round := []string{"prefill ours", "prefill llama.cpp", "decode ours"}
	if got, want := lines(t, log), slices.Concat(round, round); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if n := len(all[bench.Prefill]["llama.cpp"]); n != 2 || all[bench.Decode]["llama.cpp"] != nil {
		t.Errorf("%v", all)
	}
}

// A contest that broke off measures only what is missing, half a file included.
func TestInterruptedContestGoesOn(t *testing.T) {
	t.Parallel()
	c, log := contest(t, two(2)...)
	if _, err := c.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "out of breath") || !strings.Contains(err.Error(), "round 2, llama.cpp") {
		t.Fatal(err)
	}
	torn := filepath.Join(c.State, "001-decode-ours.json")
	if err := os.Truncate(torn, 5); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(log); err != nil {
		t.Fatal(err)
	}
	before := 0
	c.Contestants[1] = contestant(t, role{Log: log, Name: "llama.cpp", Says: two(0)[1].Says})
	c.Done = func(_ int, _ bench.Kind, _ string, _ bench.Outcome, kept bool) {
		if kept {
			before++
		}
	}
	if _, err := c.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, want := lines(t, log), []string{"decode ours", "prefill llama.cpp", "decode ours"}; !slices.Equal(got, want) || before != 3 {
		t.Errorf("%q and %d kept, want %q and 3", got, before, want)
	}
}

func TestContestRefuses(t *testing.T) {
	t.Parallel()
	c, _ := contest(t, two(0)...)
	c.Rounds = 0
	if _, err := c.Run(t.Context()); !errors.Is(err, bench.ErrInvalid) {
		t.Error(err)
	}
	c.Rounds = 1
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func rounds(metric bench.Metric, values ...float64) []bench.Outcome {
	var all []bench.Outcome
	for _, v := range values {
		all = append(all, says(map[bench.Metric]float64{metric: v}))
	}
	return all
}

// goals judges outcomes and returns the rows by their number.
func goals(t *testing.T, all versus.Outcomes, vector bool) map[bench.Metric]versus.Goal {
	t.Helper()
	by := map[bench.Metric]versus.Goal{}
	for _, g := range versus.Judge(all, versus.Machine{Vector: vector}).Goals {
		by[g.Metric] = g
	}
	return by
}

func TestJudge(t *testing.T) {
	t.Parallel()
	train := func(speed, memory float64) []bench.Outcome {
		return []bench.Outcome{says(map[bench.Metric]float64{bench.TrainSpeed: speed, bench.TrainMemory: memory, bench.TrainingPeak: memory})}
	}
	all := versus.Outcomes{
		bench.Train: {
			versus.Ours: train(900, 1200), "peft-fp32": train(150, 4000), "peft-autocast": train(280, 3000), "peft-bf16": train(310, 2300),
		},
		// The machine slowed down to half in the second round: the ratios tell.
		bench.Prefill: {versus.Ours: rounds(bench.PrefillSpeed, 2000, 1000, 2100), "llama.cpp": rounds(bench.PrefillSpeed, 300, 150, 300)},
		bench.Step:    {versus.Ours: rounds(bench.StepTime, 100, 100, 100), "llama.cpp": rounds(bench.StepTime, 500, 700, 650)},
		bench.Swap:    {versus.Ours: {says(map[bench.Metric]float64{bench.SwapWarm: -0.01, bench.SwapCold: 50})}},
	}
	by := goals(t, all, true)
	for _, c := range []struct {
		metric bench.Metric
		peer   string
		ratio  bench.Spread
		want   string
		met    bool
	}{
		{bench.TrainSpeed, "peft-bf16", bench.SpreadOf(900.0 / 310), ">= 3x", false},
		{bench.TrainMemory, "peft-bf16", bench.SpreadOf(1200.0 / 2300), "< 0.5x", false},
		{bench.PrefillSpeed, "llama.cpp", bench.SpreadOf(2000.0/300, 1000.0/150, 7), ">= 6x", true},
		{bench.StepTime, "llama.cpp", bench.SpreadOf(5, 7, 6.5), ">= 6x", true},
		{bench.SwapWarm, "", bench.Spread{}, "< 1 ms", true},
		{bench.SwapCold, "", bench.Spread{}, "< 50 ms", false},
	} {
		g, ok := by[c.metric]
		if !ok {
			t.Errorf("%s: no line", c.metric)
			continue
		}
		ratio := bench.Spread{}
		if g.Ratio != nil {
			ratio = *g.Ratio
		}
		if g.Peer != c.peer || math.Abs(ratio.Median-c.ratio.Median) > 1e-9 || ratio != c.ratio || g.Want != c.want || g.Met != c.met {
			t.Errorf("%s: %+v with ratio %+v, want %+v", c.metric, g, ratio, c)
		}
	}
	if _, ok := by[bench.FirstTime]; ok {
		t.Error("a line for what was not measured")
	}
	by = goals(t, all, false) // a processor of the other kind has lower goals
	if g := by[bench.TrainSpeed]; !g.Met || g.Want != ">= 1.5x" {
		t.Errorf("without AVX-512: %+v", g)
	}
	delete(all[bench.Prefill], "llama.cpp")
	if g := goals(t, all, true)[bench.PrefillSpeed]; g.Met || g.Peer != "" {
		t.Errorf("without a peer nothing is beaten: %+v", g)
	}
}

func TestAgreement(t *testing.T) {
	t.Parallel()
	step := func(texts ...string) []bench.Outcome {
		return []bench.Outcome{{Values: map[bench.Metric]float64{bench.StepTime: 1}, Texts: texts}}
	}
	r := versus.Judge(versus.Outcomes{bench.Step: {versus.Ours: step("a", "b", "c"), "llama.cpp": step("a", "x", "c")}}, versus.Machine{})
	if got := r.Agreement["llama.cpp"]; got != "2 of 3" {
		t.Errorf("%q", got)
	}
}

func TestTables(t *testing.T) {
	t.Parallel()
	r := versus.Judge(versus.Outcomes{
		bench.Prefill: {versus.Ours: rounds(bench.PrefillSpeed, 1800, 2000), "llama.cpp": rounds(bench.PrefillSpeed, 300, 250)},
	}, versus.Machine{CPU: "a processor", Vector: true})
	r.Rounds, r.Commit, r.Workload = 2, "abc", bench.FullSize()
	r.Versions["torch"] = "9.9"
	var b strings.Builder
	if err := r.Table(&b); err != nil {
		t.Fatal(err)
	}
	for where, text := range map[string]string{"table": b.String(), "page": r.Markdown()} {
		for _, want := range []string{"1900 (1800 to 2000) tokens/s", "275 (250 to 300) tokens/s (llama.cpp)", "7.00 (6.00 to 8.00)x", ">= 6x", "yes"} {
			if !strings.Contains(text, want) {
				t.Errorf("the %s has no %q:\n%s", where, want, text)
			}
		}
	}
	for _, want := range []string{"a processor", "commit abc", "torch 9.9", "2 rounds", "256 examples of 60 to 250 tokens"} {
		if !strings.Contains(r.Markdown(), want) {
			t.Errorf("the page has no %q:\n%s", want, r.Markdown())
		}
	}
}
