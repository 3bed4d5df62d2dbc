package bench_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/lm/bench"
	"github.com/grokputer/grokputer/lm/lmtest"
)

func options(t *testing.T) bench.Options {
	t.Helper()
	return bench.Options{Model: lmtest.TinyModel(t, 64), Threads: 1, Rounds: 1, Size: tinySize(), Seed: 1, Process: process(t, "serve")}
}

// The whole run, each measurement in a process of its own, and the JSON that it gives.
func TestRun(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.Rounds = 2
	done := map[bench.Kind]int{}
	o.Done = func(_ int, k bench.Kind, out bench.Outcome) {
		done[k]++
		if k == bench.Step && (len(out.Texts) != o.Size.Steps || out.Texts[0] == "") {
			t.Errorf("the steps' actions are %q", out.Texts)
		}
	}
	report, err := bench.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range bench.Kinds() {
		if done[k] != o.Rounds {
			t.Errorf("%s was measured %d times", k, done[k])
		}
	}
	text, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	var flat map[string]any
	if err := json.Unmarshal(text, &flat); err != nil {
		t.Fatal(err)
	}
	differences := []string{"swap_warm_ms", "swap_cold_ms", "adapter_cost_pct"} // noise can make them negative
	for _, name := range []string{
		"train_tok_s", "prefill_tok_s", "decode_tok_s", "step_ms", "swap_warm_ms", "swap_cold_ms", "first_token_ms",
		"train_peak_rss_mb", "threads", "decode_lora_tok_s", "adapter_cost_pct", "load_ms", "rounds",
	} {
		v, ok := flat[name].(float64)
		if !ok || math.IsNaN(v) || math.IsInf(v, 0) || v <= 0 && !slices.Contains(differences, name) {
			t.Errorf("%s is %v", name, flat[name])
		}
	}
	for _, name := range []string{"isa", "model"} {
		if s, ok := flat[name].(string); !ok || s == "" || strings.Contains(s, " ") {
			t.Errorf("%s is %v", name, flat[name])
		}
	}
	for m, s := range report.Spreads {
		if s.Least > s.Median || s.Median > s.Most {
			t.Errorf("%s: %+v", m, s)
		}
	}
	if flat["threads"] != 1.0 || flat["rounds"] != 2.0 {
		t.Errorf("threads %v, rounds %v", flat["threads"], flat["rounds"])
	}
	if peak := flat["train_peak_rss_mb"].(float64); peak > 1000 {
		t.Errorf("a training of the tiny model took %.0f MB", peak)
	}
}

func TestRunOnlySome(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.Kinds = []bench.Kind{bench.Prefill}
	report, err := bench.Run(t.Context(), o)
	if err != nil || len(report.Spreads) != 1 || report.Spreads[bench.PrefillSpeed].Median <= 0 {
		t.Errorf("%+v, %v", report, err)
	}
}

func TestRunRefuses(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*bench.Options){
		"Model":    func(o *bench.Options) { o.Model = "" },
		"Threads":  func(o *bench.Options) { o.Threads = 0 },
		"Rounds":   func(o *bench.Options) { o.Rounds = 0 },
		"Process":  func(o *bench.Options) { o.Process.Args = nil },
		"Examples": func(o *bench.Options) { o.Size.Examples = 0 },
	} {
		o := options(t)
		change(&o)
		if _, err := bench.Run(t.Context(), o); !errors.Is(err, bench.ErrInvalid) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAssignmentRefuses(t *testing.T) {
	t.Parallel()
	right := bench.Assignment{Kind: bench.First, Model: "m", Threads: 1, Workload: "w"}
	if err := right.Validate(); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*bench.Assignment){
		"speed":    func(a *bench.Assignment) { a.Kind = "speed" },
		"Model":    func(a *bench.Assignment) { a.Model = "" },
		"Threads":  func(a *bench.Assignment) { a.Threads = -1 },
		"Workload": func(a *bench.Assignment) { a.Workload = "" },
	} {
		a := right
		change(&a)
		if _, err := bench.Measure(t.Context(), a); !errors.Is(err, bench.ErrInvalid) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A process that says anything but an outcome, or nothing, is told of with what it wrote.
func TestProcessFails(t *testing.T) {
	t.Parallel()
	a := bench.Assignment{Kind: bench.Prefill, Model: filepath.Join(t.TempDir(), "none.gguf"), Threads: 1, Workload: "none.json"}
	for _, c := range []struct{ role, says string }{
		{"serve", "none.json"},
		{"no JSON", "no outcome"},
		{`{"values":{}}`, "no prefill_tok_s"},
		{`{"values":{"prefill_tok_s":1,"step_ms":1}}`, "step_ms"},
		{`{"values":{"prefill_tok_s":1e999}}`, "no outcome"},
	} {
		if _, err := process(t, c.role).Measure(t.Context(), a); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", c.role, err, c.says)
		}
	}
	out, err := process(t, `{"values":{"prefill_tok_s":2.5},"device":"d"}`).Measure(t.Context(), a)
	if err != nil || !maps.Equal(out.Values, map[bench.Metric]float64{bench.PrefillSpeed: 2.5}) || out.Device != "d" {
		t.Errorf("%+v, %v", out, err)
	}
	a.Kind = bench.Decode
	if _, err := process(t, `{"values":{"decode_tok_s":1}}`).Measure(t.Context(), a, bench.AdaptedSpeed, bench.AdapterCost); err != nil {
		t.Errorf("optional numbers: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := process(t, "serve").Measure(ctx, a); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := (bench.Process{}).Measure(t.Context(), a); !errors.Is(err, bench.ErrInvalid) {
		t.Errorf("no program: %v", err)
	}
}

func TestServeRefuses(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	for _, in := range []string{"", "{", `{"kind":7}`, `{"kind":"train","threads":1}`} {
		if err := bench.Serve(t.Context(), strings.NewReader(in), &out); err == nil || out.Len() > 0 {
			t.Errorf("%q: %v, wrote %q", in, err, out.String())
		}
	}
}

func TestSpread(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		values []float64
		want   bench.Spread
	}{
		{nil, bench.Spread{}},
		{[]float64{3}, bench.Spread{Median: 3, Least: 3, Most: 3}},
		{[]float64{3, -1, 2}, bench.Spread{Median: 2, Least: -1, Most: 3}},
		{[]float64{4, 1, 2, 3}, bench.Spread{Median: 2.5, Least: 1, Most: 4}},
	} {
		if got := bench.SpreadOf(c.values...); got != c.want {
			t.Errorf("%v: %+v", c.values, got)
		}
	}
}

func TestDevice(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		device, isa string
		threads     int
	}{
		{"cpu avx512, 2 threads", "avx512", 2},
		{"cpu amx, bfloat16, 2 threads", "amx", 2},
		{"cpu generic, 1 thread", "generic", 1},
		{"other", "other", 0},
		{"", "", 0},
	} {
		if isa, threads := bench.ISA(c.device), bench.Threads(c.device); isa != c.isa || threads != c.threads {
			t.Errorf("%q: %q, %d", c.device, isa, threads)
		}
	}
}

func TestParseKinds(t *testing.T) {
	t.Parallel()
	all, err := bench.ParseKinds(nil)
	if err != nil || !slices.Equal(all, bench.Kinds()) {
		t.Errorf("%v, %v", all, err)
	}
	some, err := bench.ParseKinds([]string{"train", "swap", "train"})
	if err != nil || !slices.Equal(some, []bench.Kind{bench.Train, bench.Swap}) {
		t.Errorf("%v, %v", some, err)
	}
	if _, err := bench.ParseKinds([]string{"train", "speed"}); !errors.Is(err, bench.ErrInvalid) || !strings.Contains(err.Error(), `"speed"`) {
		t.Error(err)
	}
}
