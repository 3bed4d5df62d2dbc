package train_test

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/golden"
	"github.com/grokputer/grokputer/lm/lora"
	decoder "github.com/grokputer/grokputer/lm/model"
	"github.com/grokputer/grokputer/lm/train"
)

// stored is testdata/trl.json; golden/train.py makes it and says what it holds.
type stored struct {
	Rank    int     `json:"rank"`
	Alpha   float32 `json:"alpha"`
	Samples int     `json:"samples"`
	DPO     run     `json:"dpo"`
	KTO     run     `json:"kto"`
	SFT     run     `json:"sft"`

	numbers []byte // of trl.f32, what was not taken yet
}

type run struct {
	A        float64 `json:"a"` // size of the elements of A
	B        float64 `json:"b"`
	Examples []struct {
		Prompt     []int32 `json:"prompt_ids"`
		Chosen     []int32 `json:"chosen_ids"`
		Rejected   []int32 `json:"rejected_ids"`
		Completion []int32 `json:"completion_ids"`
		Label      bool    `json:"label"`
		Input      []int32 `json:"input_ids"`
		Labels     []int32 `json:"labels"`
	} `json:"examples"`
	Steps int `json:"steps"`
}

func readStored(t *testing.T) *stored {
	t.Helper()
	var s stored
	cases, err := os.ReadFile(filepath.Join("testdata", "trl.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(cases, &s); err != nil {
		t.Fatal(err)
	}
	if s.numbers, err = os.ReadFile(filepath.Join("testdata", "trl.f32")); err != nil {
		t.Fatal(err)
	}
	return &s
}

// take returns the next n stored numbers.
func (s *stored) take(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(s.numbers[4*i:])))
	}
	s.numbers = s.numbers[4*n:]
	return out
}

// start returns the adapter that TRL started from.
func (s *stored) start(t *testing.T, m *decoder.Model, r run) *lora.Adapter {
	t.Helper()
	a, err := lora.New(lora.Config{Rank: s.Rank, Alpha: s.Alpha, Targets: lora.AllModules()}, m.Config().Dims(), 0)
	if err != nil {
		t.Fatal(err)
	}
	number := 0
	for p := range a.Params() {
		size := []float64{r.A, r.B}[number%2]
		for i := range p.Data {
			hashed := uint32((uint64(i) + 1000003*uint64(number)) * 2654435761)
			p.Data[i] = float32((float64(hashed)/(1<<32) - 0.5) * size)
		}
		number++
	}
	return a
}

// genuine is the real model. It keeps the gradient of the first step.
type genuine struct {
	*decoder.Model

	grad *lora.Adapter
	kept bool // the first step is over
}

func (g *genuine) LogProbs(ctx context.Context, b train.Batch, a *lora.Adapter, dst []float64) error {
	return g.Model.LogProbs(ctx, decoder.Batch(b), a, dst)
}

func (g *genuine) Weighted(ctx context.Context, b train.Batch, a, grad *lora.Adapter, weigh func(int, []float64, []float64)) error {
	if err := g.Model.Weighted(ctx, decoder.Batch(b), a, grad, weigh); err != nil || g.kept {
		return err
	}
	g.grad = grad.Clone()
	return nil
}

// TRL's own trainers from the same start: losses, what they log, first gradients, and
// what ten steps make of the adapter.
func TestTRL(t *testing.T) {
	t.Parallel()
	base, err := decoder.Open(t.Context(), golden.ModelPath(t), decoder.Options{Precision: compute.Float32})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := base.Close(); err != nil {
			t.Error(err)
		}
	})
	s := readStored(t)

	var pairs, rated, examples train.Dataset
	for _, e := range s.DPO.Examples {
		pairs.Pairs = append(pairs.Pairs, train.Pair{Prompt: e.Prompt, Chosen: e.Chosen, Rejected: e.Rejected})
	}
	for _, e := range s.KTO.Examples {
		rated.Rated = append(rated.Rated, train.Rated{Example: train.Example{Prompt: e.Prompt, Completion: e.Completion}, Desirable: e.Label})
	}
	for _, e := range s.SFT.Examples {
		first := slices.IndexFunc(e.Labels, func(l int32) bool { return l >= 0 })
		examples.Train = append(examples.Train, train.Example{Prompt: e.Input[:first], Completion: e.Input[first:]})
	}

	s.compare(t, base, "DPO", s.DPO, pairs)
	s.compare(t, base, "KTO", s.KTO, rated)
	a := s.compare(t, base, "SFT", s.SFT, examples)

	apart := 0.0
	for p := range a.Params() {
		for i, want := range s.take(s.Samples) {
			apart = max(apart, math.Abs(float64(p.Data[i*(len(p.Data)/s.Samples)])-want))
		}
	}
	t.Logf("after ten steps the adapter is at most %.2g apart", apart)
	if apart > 2e-4 { // a step moves an element by up to 2e-4
		t.Errorf("after ten steps the adapter is %g apart", apart)
	}
	if len(s.numbers) > 0 {
		t.Errorf("%d stored bytes were not compared", len(s.numbers))
	}
}

// compare trains as TRL did and returns the adapter.
func (s *stored) compare(t *testing.T, base *decoder.Model, name string, r run, data train.Dataset) *lora.Adapter {
	t.Helper()
	m := &genuine{Model: base}
	a := s.start(t, base, r)
	opts := train.DefaultOptions()
	opts.Seed = train.SeedInOrder(len(r.Examples)) // KTO's mismatched pairs depend on the order
	opts.Epochs, opts.BatchExamples, opts.LearningRate, opts.Warmup, opts.WeightDecay = r.Steps, len(r.Examples), 2e-4, 0, 0.01
	opts.KTO.Desirable, opts.KTO.Undesirable = 1.25, 0.75
	var steps []train.Stepped
	opts.OnEvent = func(e train.Event) {
		if e, ok := e.(train.Stepped); ok {
			m.kept = true
			steps = append(steps, e)
		}
	}
	if _, err := train.Run(t.Context(), m, a, data, opts); err != nil {
		t.Fatal(err)
	}
	s.gradients(t, name, m.grad)
	for _, step := range steps {
		want := s.take(8)
		t.Logf("%s, step %d: loss %.6f, TRL %.6f; gradient %.5f, TRL %.5f", name, step.Step, step.Loss, want[0], step.GradNorm, want[1])
		for i, f := range []struct {
			name      string
			got       float64
			tolerance float64
		}{
			{"loss", step.Loss, 1e-4},
			{"gradient norm", step.GradNorm, 1e-3 * want[1]},
			{"learning rate", step.LearningRate, 1e-6 * want[2]},
			{"z", step.KL, 1e-3},
			{"chosen", step.Chosen, 1e-4},
			{"rejected", step.Rejected, 1e-4},
			{"margin", step.Margin, 1e-4},
			{"accuracy", step.Accuracy, 0},
		} {
			if !(math.Abs(f.got-want[i]) <= f.tolerance) {
				t.Errorf("%s, step %d: %s is %g, TRL's %g", name, step.Step, f.name, f.got, want[i])
			}
		}
	}
	return a
}

// gradients compares the first step's.
func (s *stored) gradients(t *testing.T, name string, grad *lora.Adapter) {
	t.Helper()
	worst := 0.0
	for p := range grad.Params() {
		samples, norm, squares := s.take(s.Samples), s.take(1)[0], 0.0
		for _, x := range p.Data {
			squares += float64(x) * float64(x)
		}
		apart := math.Abs(math.Sqrt(squares)-norm) / norm
		for i, want := range samples {
			// Against the matrix's root mean square, since single elements may be near 0.
			rms := norm / math.Sqrt(float64(len(p.Data)))
			apart = max(apart, math.Abs(float64(p.Data[i*(len(p.Data)/s.Samples)])-want)/rms)
		}
		if worst = max(worst, apart); apart > 1e-3 {
			t.Errorf("%s: the gradient of %v is %g apart", name, p, apart)
		}
	}
	t.Logf("%s: gradients at most %.2g apart", name, worst)
}
