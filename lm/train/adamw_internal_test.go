package train

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/grokputer/grokputer/lm/lora"
)

// The update against the formula in float64, over several steps.
func TestAdamW(t *testing.T) {
	t.Parallel()
	d := lora.Dims{Layers: 1}
	for m := range d.Shapes {
		d.Shapes[m] = lora.Shape{In: 5, Out: 3}
	}
	x, err := lora.New(lora.Config{Rank: 2, Alpha: 1, Targets: []lora.Module{lora.Key, lora.Up}}, d, 1)
	if err != nil {
		t.Fatal(err)
	}
	g := lora.ZerosLike(x)
	o := &adamW{beta1: 0.9, beta2: 0.99, epsilon: 1e-6, decay: 0.1, m: lora.ZerosLike(x), v: lora.ZerosLike(x)}
	var want []float64
	for p := range x.Params() {
		for _, e := range p.Data {
			want = append(want, float64(e))
		}
	}
	m, v := make([]float64, len(want)), make([]float64, len(want))
	rng := rand.New(rand.NewPCG(1, 1))
	for step := 1; step <= 20; step++ {
		rate, scale := 0.01/float64(step), 0.5
		i, square := 0, 0.0
		for p := range g.Params() {
			for j := range p.Data {
				p.Data[j] = float32(rng.NormFloat64())
				square += float64(p.Data[j]) * float64(p.Data[j])
				e := float64(p.Data[j]) * scale
				m[i] = 0.9*m[i] + 0.1*e
				v[i] = 0.99*v[i] + 0.01*e*e
				want[i] -= rate * 0.1 * want[i]
				want[i] -= rate * (m[i] / (1 - math.Pow(0.9, float64(step)))) / (math.Sqrt(v[i]/(1-math.Pow(0.99, float64(step)))) + 1e-6)
				i++
			}
		}
		if got := norm(g); math.Abs(got-math.Sqrt(square)) > 1e-9 {
			t.Fatalf("norm %g, want %g", got, math.Sqrt(square))
		}
		o.update(x, g, step, rate, scale)
	}
	i := 0
	for p := range x.Params() {
		for _, got := range p.Data {
			if math.Abs(float64(got)-want[i]) > 1e-5 {
				t.Fatalf("element %d is %g, want %g", i, got, want[i])
			}
			i++
		}
	}
}

func TestRate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		schedule     Schedule
		warmup, last float64
		want         []float64 // of steps 0, 1, 2, 5, 9 out of 10
	}{
		{Constant, 0, 0, []float64{1, 1, 1, 1, 1}},
		{Linear, 0, 0, []float64{1, 0.9, 0.8, 0.5, 0.1}},
		{Linear, 0.2, 0, []float64{0.5, 1, 1, 0.625, 0.125}},
		{Linear, 0, 0.5, []float64{1, 0.95, 0.9, 0.75, 0.55}},
		{Cosine, 0, 0, []float64{1, (1 + math.Cos(0.1*math.Pi)) / 2, (1 + math.Cos(0.2*math.Pi)) / 2, 0.5, (1 + math.Cos(0.9*math.Pi)) / 2}},
		{Cosine, 0.15, 0.1, []float64{0.5, 1, 1, 0.1 + 0.9*(1+math.Cos(0.375*math.Pi))/2, 0.1 + 0.9*(1+math.Cos(0.875*math.Pi))/2}},
	} {
		o := Options{LearningRate: 1, Schedule: c.schedule, Warmup: c.warmup, FinalRate: c.last}
		for i, step := range []int{0, 1, 2, 5, 9} {
			if got := o.rate(step, 10); math.Abs(got-c.want[i]) > 1e-12 {
				t.Errorf("%s, warm-up %g, final %g, step %d: %g, want %g", c.schedule, c.warmup, c.last, step, got, c.want[i])
			}
		}
	}
	if got := (Options{LearningRate: 1, Schedule: Cosine, Warmup: 0.5}).rate(0, 1); got != 1 {
		t.Errorf("a run of one step: %g", got)
	}
}

func TestPackFillsBatches(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(2, 2))
	var examples []Example
	total := 0
	for i := range 500 {
		e := Example{Prompt: make([]int32, 20+rng.IntN(150)), Completion: make([]int32, 1+rng.IntN(20))}
		e.Prompt[0] = int32(i)
		examples = append(examples, e)
		total += e.tokens()
	}
	batches := pack(examples, 0, 1024)
	held := 0
	for _, b := range batches {
		if len(b.Tokens) > 1024 {
			t.Fatalf("a batch of %d tokens", len(b.Tokens))
		}
		held += len(b.Tokens)
	}
	if least := (total + 1023) / 1024; held != total || len(batches) > least+1 {
		t.Errorf("%d tokens of %d in %d batches, at best %d", held, total, len(batches), least)
	}
}

// BenchmarkUpdate is an optimiser step of rank 16 on SmolLM2-135M: 4.9 M elements.
func BenchmarkUpdate(b *testing.B) {
	d := lora.Dims{Layers: 30, Shapes: [lora.Modules]lora.Shape{{In: 576, Out: 576}, {In: 576, Out: 192}, {In: 576, Out: 192}, {In: 576, Out: 576}, {In: 576, Out: 1536}, {In: 576, Out: 1536}, {In: 1536, Out: 576}}}
	x, err := lora.New(lora.DefaultConfig(), d, 1)
	if err != nil {
		b.Fatal(err)
	}
	g := x.Clone()
	o := &adamW{beta1: 0.9, beta2: 0.999, epsilon: 1e-8, m: lora.ZerosLike(x), v: lora.ZerosLike(x)}
	step := 0
	for b.Loop() {
		step++
		o.update(x, g, step, 1e-4, 1/norm(g))
	}
}
