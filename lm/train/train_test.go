package train_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/train"
)

func TestLearns(t *testing.T) {
	t.Parallel()
	a, m, data := adapter(t, 1), &model{}, dataset(40)
	before, err := train.Evaluate(t.Context(), m, a, data.HeldOut, 20)
	if err != nil {
		t.Fatal(err)
	}
	var events []train.Event
	opts := options()
	opts.EvalEvery = 10
	opts.OnEvent = func(e train.Event) { events = append(events, e) }
	res, err := train.Run(t.Context(), m, a, data, opts)
	if err != nil {
		t.Fatal(err)
	}
	after, err := train.Evaluate(t.Context(), m, a, data.HeldOut, 20)
	if err != nil {
		t.Fatal(err)
	}
	if after > 0.9*before || res.HeldOutLoss != after || res.BestStep != res.Steps {
		t.Errorf("held-out loss %.4f before, %.4f after, result %+v", before, after, res)
	}
	if want := (40*4 + 5) / 6; res.Steps != want || res.Stopped {
		t.Errorf("result %+v, want %d steps", res, want)
	}
	if m.dropped == 0 {
		t.Error("the dropout seed is not used: the test is blind to it")
	}

	if s, ok := events[0].(train.Started); !ok || s.Steps != res.Steps || s.Examples != 40 || s.HeldOut != 5 || s.Resumed != 0 || s.Labels == 0 {
		t.Errorf("first event %+v", events[0])
	}
	steps, evaluated := 0, []int{}
	tokens := 0
	for _, e := range events[1:] {
		switch e := e.(type) {
		case train.Stepped:
			steps++
			tokens += e.Tokens
			if e.Step != steps || e.Steps != res.Steps || e.Loss <= 0 || e.LearningRate <= 0 || e.GradNorm <= 0 || e.TokensPerSecond <= 0 || e.Left < 0 {
				t.Errorf("event %+v", e)
			}
			if e.Step == e.Steps && (e.Epoch != 4 || e.Left != 0) {
				t.Errorf("last step %+v", e)
			}
		case train.Evaluated:
			evaluated = append(evaluated, e.Step)
		default:
			t.Errorf("event %T", e)
		}
	}
	if steps != res.Steps || tokens != res.Tokens || !slices.Equal(evaluated, []int{10, 20, res.Steps}) {
		t.Errorf("%d steps of %d tokens, evaluated after %v; result %+v", steps, tokens, evaluated, res)
	}
}

// sequences returns a batch's sequences as text, each with its beginning.
func sequences(b train.Batch) []string {
	var all []string
	var tokens, labels []int32
	for i, start := range b.Starts {
		end := len(b.Tokens)
		if i+1 < len(b.Starts) {
			end = b.Starts[i+1]
		}
		begins := i+1 < len(b.Starts) && b.Continues[i+1]
		if !b.Continues[i] {
			tokens, labels = nil, nil
			if begins {
				tokens, labels = b.Tokens[start:end], b.Labels[start:end]
				continue
			}
		}
		all = append(all, fmt.Sprint(slices.Concat(tokens, b.Tokens[start:end]), slices.Concat(labels, b.Labels[start:end])))
	}
	return all
}

// Every batch keeps its bounds, every example is used once an epoch, and labels are
// the completions' tokens at the places before them.
func TestBatches(t *testing.T) {
	t.Parallel()
	data, m, opts := dataset(31), &model{}, options()
	opts.Epochs = 2
	if _, err := train.Run(t.Context(), m, adapter(t, 1), data, opts); err != nil {
		t.Fatal(err)
	}
	used := map[string]int{}
	seeds := map[uint64]bool{}
	for _, b := range m.batches {
		if len(b.Tokens) > opts.MicroTokens || len(b.Labels) != len(b.Tokens) || b.Starts[0] != 0 {
			t.Fatalf("batch %+v", b)
		}
		seeds[b.DropoutSeed] = true
		for _, s := range sequences(b) {
			used[s]++
		}
	}
	if len(seeds) != len(m.batches) {
		t.Errorf("%d dropout seeds for %d batches", len(seeds), len(m.batches))
	}
	want := map[string]int{}
	for _, e := range data.Train {
		tokens := slices.Concat(e.Prompt, e.Completion[:len(e.Completion)-1])
		labels := slices.Concat(slices.Repeat([]int32{-1}, len(e.Prompt)-1), e.Completion)
		want[fmt.Sprint(tokens, labels)] += 2
	}
	if fmt.Sprint(used) != fmt.Sprint(want) {
		t.Errorf("used %v, want %v", used, want)
	}
}

// However a step is cut into passes, it is the same step.
func TestAccumulation(t *testing.T) {
	t.Parallel()
	var results [][]float32
	var passes []int
	for _, tokens := range []int{9, 20, 1000} {
		a, m, opts := adapter(t, 1), &model{}, options()
		a.Config.Dropout = 0
		opts.MicroTokens = tokens
		if _, err := train.Run(t.Context(), m, a, train.Dataset{Train: dataset(24).Train}, opts); err != nil {
			t.Fatal(err)
		}
		results = append(results, elements(a))
		passes = append(passes, m.passes)
	}
	if passes[0] <= passes[1] || passes[1] <= passes[2] || passes[2] != 16 {
		t.Errorf("passes %v: smaller micro-batches must take more", passes)
	}
	for i := range results[0] {
		for _, r := range results[1:] {
			if d := math.Abs(float64(r[i] - results[0][i])); d > 1e-4 {
				t.Fatalf("element %d differs by %g", i, d)
			}
		}
	}
}

// A run that overfits stops, and the adapter is the best one.
func TestPatience(t *testing.T) {
	t.Parallel()
	data := train.Dataset{
		Train:   []train.Example{{Prompt: []int32{0}, Completion: []int32{1}}},
		HeldOut: []train.Example{{Prompt: []int32{0}, Completion: []int32{1}}, {Prompt: []int32{0}, Completion: []int32{2}}},
	}
	a, opts := adapter(t, 1), options()
	a.Config.Dropout = 0
	opts.Epochs, opts.BatchExamples, opts.EvalEvery, opts.Patience, opts.Schedule = 2000, 1, 5, 3, train.Constant
	var last, best train.Evaluated
	opts.OnEvent = func(e train.Event) {
		if e, ok := e.(train.Evaluated); ok {
			last = e
			if e.Best {
				best = e
			}
		}
	}
	res, err := train.Run(t.Context(), &model{}, a, data, opts)
	if err != nil {
		t.Fatal(err)
	}
	if !res.Stopped || res.Steps != last.Step || last.Step != best.Step+15 || res.BestStep != best.Step || last.Loss <= best.Loss {
		t.Errorf("result %+v, last %+v, best %+v", res, last, best)
	}
	got, err := train.Evaluate(t.Context(), &model{}, a, data.HeldOut, 20)
	if err != nil || got != best.Loss || res.HeldOutLoss != best.Loss {
		t.Errorf("the adapter's loss is %v (%v), want the best %v; result %v", got, err, best.Loss, res.HeldOutLoss)
	}
}

// scripted is a model whose held-out losses are given.
type scripted struct {
	model
	losses []float64
}

func (s *scripted) LogProbs(_ context.Context, _ train.Batch, _ *lora.Adapter, dst []float64) error {
	dst[0] = -s.losses[0]
	s.losses = s.losses[1:]
	return nil
}

// A new least loss renews the patience.
func TestPatienceIsRenewed(t *testing.T) {
	t.Parallel()
	opts := options()
	opts.Epochs, opts.EvalEvery, opts.Patience = 20, 2, 3
	data := dataset(6)
	data.HeldOut = []train.Example{{Prompt: []int32{1}, Completion: []int32{2}}}
	m := &scripted{losses: []float64{5, 6, 4, 5, 6, 3, 3, 4, 5, 1}}
	res, err := train.Run(t.Context(), m, adapter(t, 1), data, opts)
	if err != nil {
		t.Fatal(err)
	}
	if len(m.losses) != 1 || res.Steps != 18 || !res.Stopped || res.BestStep != 12 || res.HeldOutLoss != 3 {
		t.Errorf("%d evaluations left, result %+v; want to stop after the ninth, with the sixth", len(m.losses), res)
	}
}

// Pairs and ratings are learnt: margins and accuracy rise, and events say so.
func TestLearnsPreferences(t *testing.T) {
	t.Parallel()
	for kind, data := range datasets() {
		if kind == "examples" {
			continue
		}
		// Good answers are of one token, bad ones of another.
		for _, p := range data.Pairs {
			copy(p.Chosen, make([]int32, 4))
			copy(p.Rejected, []int32{2, 2, 2, 2})
		}
		for _, r := range data.Rated {
			copy(r.Completion, []int32{2, 2, 2, 2})
			if r.Desirable {
				clear(r.Completion)
			}
		}
		opts := options()
		opts.MaxSteps = 60
		opts.Epochs, opts.DPO.Beta, opts.KTO.Beta = 20, 1, 1
		var first, last train.Evaluated
		var steps []train.Stepped
		opts.EvalEvery = 5
		opts.OnEvent = func(e train.Event) {
			switch e := e.(type) {
			case train.Evaluated:
				if first.Step == 0 {
					first = e
				}
				last = e
			case train.Stepped:
				steps = append(steps, e)
			}
		}
		a := adapter(t, 1)
		res, err := train.Run(t.Context(), &model{}, a, train.Dataset{
			Train: data.Train, Pairs: data.Pairs, Rated: data.Rated,
			HeldOut: data.Train, HeldOutPairs: data.Pairs, HeldOutRated: data.Rated,
		}, opts)
		if err != nil {
			t.Fatal(err)
		}
		if !(last.Loss < first.Loss && last.Margin > first.Margin && last.Margin > 0) || res.HeldOutLoss != last.Loss {
			t.Errorf("%s: evaluated %+v, then %+v; result %+v", kind, first, last, res)
		}
		if kind == "pairs" && (last.Accuracy <= 0.5 || steps[len(steps)-1].Accuracy == 0) {
			t.Errorf("accuracy %g", last.Accuracy)
		}
		if s := steps[len(steps)-1]; s.Margin != s.Chosen-s.Rejected || s.Margin == 0 || s.Tokens == 0 {
			t.Errorf("%s: step %+v", kind, s)
		}
	}
}

func TestMaxSteps(t *testing.T) {
	t.Parallel()
	opts := options()
	opts.MaxSteps = 7
	var rates []float64
	opts.OnEvent = func(e train.Event) {
		if e, ok := e.(train.Stepped); ok {
			rates = append(rates, e.LearningRate)
		}
	}
	res, err := train.Run(t.Context(), &model{}, adapter(t, 1), dataset(40), opts)
	if err != nil || res.Steps != 7 || res.Stopped || len(rates) != 7 {
		t.Fatalf("%+v, %v", res, err)
	}
	if rates[0] != opts.LearningRate || rates[6] > 0.1*opts.LearningRate {
		t.Errorf("rates %v: the schedule does not end with the run", rates)
	}
}

// With an epsilon far above the gradient, a step is as long as the clipped gradient.
func TestClipNorm(t *testing.T) {
	t.Parallel()
	for _, clip := range []float64{0, 0.01, 1e6} {
		a, opts := adapter(t, 1), options()
		opts.MaxSteps, opts.Epsilon, opts.LearningRate, opts.ClipNorm = 1, 100, 1, clip
		size := 0.0
		opts.OnEvent = func(e train.Event) {
			if e, ok := e.(train.Stepped); ok {
				size = e.GradNorm
			}
		}
		before := elements(a)
		if _, err := train.Run(t.Context(), &model{}, a, dataset(20), opts); err != nil {
			t.Fatal(err)
		}
		moved := 0.0
		for i, x := range elements(a) {
			moved += math.Pow(float64(x-before[i]), 2)
		}
		want := size
		if clip > 0 {
			want = min(size, clip)
		}
		if got := math.Sqrt(moved) * opts.Epsilon / opts.LearningRate; math.Abs(got-want) > 0.05*want || size < 0.01 {
			t.Errorf("clip %g: moved like a gradient of %g, want %g", clip, got, want)
		}
	}
}

func TestDiverged(t *testing.T) {
	t.Parallel()
	a := adapter(t, 1)
	a.At(0, lora.Query).A[0] = float32(math.Inf(1))
	if _, err := train.Run(t.Context(), &model{}, a, dataset(10), options()); !errors.Is(err, train.ErrDiverged) {
		t.Errorf("got %v, want ErrDiverged", err)
	}
	if _, err := train.Evaluate(t.Context(), &model{}, a, dataset(10).HeldOut, 20); !errors.Is(err, train.ErrDiverged) {
		t.Errorf("evaluate: got %v, want ErrDiverged", err)
	}
	a = adapter(t, 1)
	before := elements(a)
	fails := &model{fail: func(pass int) error {
		if pass == 1 {
			return errBroken
		}
		return nil
	}}
	if _, err := train.Run(t.Context(), fails, a, dataset(10), options()); !errors.Is(err, errBroken) {
		t.Errorf("got %v, want the model's error", err)
	}
	if !slices.Equal(elements(a), before) {
		t.Error("a failed step changed the adapter")
	}
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	type input struct {
		a    *lora.Adapter
		data train.Dataset
		opts train.Options
	}
	for want, change := range map[string]func(*input){
		"Epochs is 0, want at least 1":               func(i *input) { i.opts.Epochs = 0 },
		"MaxSteps is -1":                             func(i *input) { i.opts.MaxSteps = -1 },
		"BatchExamples is 0":                         func(i *input) { i.opts.BatchExamples = 0 },
		"MicroTokens is 0":                           func(i *input) { i.opts.MicroTokens = 0 },
		"LearningRate is NaN":                        func(i *input) { i.opts.LearningRate = math.NaN() },
		"Warmup is 1":                                func(i *input) { i.opts.Warmup = 1 },
		"FinalRate is 2":                             func(i *input) { i.opts.FinalRate = 2 },
		"Beta1 is 1":                                 func(i *input) { i.opts.Beta1 = 1 },
		"Beta2 is -1":                                func(i *input) { i.opts.Beta2 = -1 },
		"Epsilon is 0":                               func(i *input) { i.opts.Epsilon = 0 },
		"WeightDecay is -0.1":                        func(i *input) { i.opts.WeightDecay = -0.1 },
		"ClipNorm is +Inf":                           func(i *input) { i.opts.ClipNorm = math.Inf(1) },
		"EvalEvery is -1":                            func(i *input) { i.opts.EvalEvery = -1 },
		"Patience is -1":                             func(i *input) { i.opts.Patience = -1 },
		"CheckpointEvery is -1":                      func(i *input) { i.opts.CheckpointEvery = -1 },
		`Schedule is "step"`:                         func(i *input) { i.opts.Schedule = "step" },
		"EvalEvery is 0, want at least 1":            func(i *input) { i.opts.Patience = 1 },
		"CheckpointDir is empty":                     func(i *input) { i.opts.CheckpointEvery = 1 },
		"there are no training examples":             func(i *input) { i.data.Train = nil },
		"training example 1 has 0 prompt":            func(i *input) { i.data.Train[1].Prompt = nil },
		"held-out example 2 has 1 prompt and 0 comp": func(i *input) { i.data.HeldOut[2] = train.Example{Prompt: []int32{1}} },
		"training example 0 has 20 tokens, a micro-batch holds 19": func(i *input) {
			i.opts.MicroTokens = 19
			i.data.Train[0] = train.Example{Prompt: make([]int32, 20), Completion: []int32{1}}
		},
		"training pair 1 has 1 prompt and 0 completion": func(i *input) {
			i.data.Pairs = []train.Pair{{Prompt: []int32{1}, Chosen: []int32{1}, Rejected: []int32{2}}, {Prompt: []int32{1}, Chosen: []int32{1}}}
		},
		"training pair 0 has 21 tokens, a micro-batch holds 20": func(i *input) {
			i.data.Pairs = []train.Pair{{Prompt: make([]int32, 12), Chosen: make([]int32, 4), Rejected: make([]int32, 6)}}
		},
		"held-out rated example 0 has 8 tokens, the model's context 7": func(i *input) {
			i.opts.Context, i.data.Train, i.data.HeldOut = 7, i.data.Train[:1], nil
			i.data.HeldOutRated = []train.Rated{{Example: train.Example{Prompt: make([]int32, 5), Completion: make([]int32, 4)}}}
		},
		"Reference is the adapter that is trained":          func(i *input) { i.opts.Reference = i.a },
		"nothing to train":                                  func(i *input) { i.a = &lora.Adapter{} },
		"Patience is 1, but there are no held-out examples": func(i *input) { i.opts.Patience, i.opts.EvalEvery, i.data.HeldOut = 1, 1, nil },
	} {
		in := input{adapter(t, 1), dataset(8), options()}
		change(&in)
		if _, err := train.Run(t.Context(), &model{}, in.a, in.data, in.opts); !errors.Is(err, train.ErrInvalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want ErrInvalid with %q", err, want)
		}
	}
	if _, err := train.Evaluate(t.Context(), &model{}, nil, nil, 20); !errors.Is(err, train.ErrInvalid) {
		t.Errorf("nothing to evaluate: got %v", err)
	}
	if err := train.DefaultOptions().Validate(); err != nil {
		t.Errorf("the default options: %v", err)
	}
}
