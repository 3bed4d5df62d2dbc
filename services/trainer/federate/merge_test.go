package federate_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/services/trainer/federate"
)

// dims are those of a base with layers that are wide, and high, and square.
func dims() lora.Dims {
	d := lora.Dims{Layers: 2}
	for m := range d.Shapes {
		d.Shapes[m] = lora.Shape{In: 24, Out: 24}
	}
	d.Shapes[lora.Up], d.Shapes[lora.Down] = lora.Shape{In: 24, Out: 40}, lora.Shape{In: 40, Out: 24}
	return d
}

// drawn is an adapter with random matrices.
func drawn(t *testing.T, seed uint64, rank int, targets ...lora.Module) *lora.Adapter {
	t.Helper()
	a, err := lora.New(lora.Config{Rank: rank, Alpha: 3, Targets: targets}, dims(), seed)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(seed, 1))
	for p := range a.Params() {
		for i := range p.Data {
			p.Data[i] = float32(rng.NormFloat64())
		}
	}
	return a
}

// product is what an adapter adds to a layer's weights, by its definition: scale·B·A, times a
// factor; zero where it is not adapted.
func product(a *lora.Adapter, layer int, m lora.Module, factor float64) *mat.Dense {
	s := dims().Shapes[m]
	w := mat.NewDense(s.Out, s.In, nil)
	p := a.At(layer, m)
	if p == nil {
		return w
	}
	for o := range p.Out {
		for i := range p.In {
			sum := 0.0
			for r := range p.Rank {
				sum += float64(p.B[o*p.Rank+r]) * float64(p.A[r*p.In+i])
			}
			w.Set(o, i, factor*float64(p.Scale)*sum)
		}
	}
	return w
}

// norm is the L2 norm of all products, by its definition.
func norm(a *lora.Adapter) float64 {
	sum := 0.0
	for layer := range a.Layers {
		for _, m := range lora.AllModules() {
			n := mat.Norm(product(a, layer, m, 1), 2)
			sum += n * n
		}
	}
	return math.Sqrt(sum)
}

// average is the weighted sum of products at a place.
func average(parts []federate.Part, factors []float64, layer int, m lora.Module) *mat.Dense {
	s := dims().Shapes[m]
	sum := mat.NewDense(s.Out, s.In, nil)
	for i, p := range parts {
		sum.Add(sum, product(p.Adapter, layer, m, factors[i]))
	}
	return sum
}

// far is the largest difference of two matrices, relative to the largest of the first.
func far(a, b *mat.Dense) float64 {
	var d mat.Dense
	d.Sub(a, b)
	return max(mat.Max(&d), -mat.Min(&d)) / max(1, mat.Max(a), -mat.Min(a))
}

func merge(t *testing.T, parts []federate.Part, o federate.Options) federate.Merged {
	t.Helper()
	m, err := federate.Merge(t.Context(), parts, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := dims().Check(m.Adapter); err != nil {
		t.Fatal(err)
	}
	if err := m.Adapter.Config.Validate(); err != nil {
		t.Fatal(err)
	}
	return m
}

// parts differ in their ranks and in what they adapt.
func parts(t *testing.T) []federate.Part {
	t.Helper()
	return []federate.Part{
		{Adapter: drawn(t, 1, 2, lora.Query, lora.Up, lora.Down), Weight: 30},
		{Adapter: drawn(t, 2, 4, lora.Query, lora.Up), Weight: 10},
		{Adapter: drawn(t, 3, 3, lora.Query, lora.Down), Weight: 60},
	}
}

func TestNorm(t *testing.T) {
	t.Parallel()
	for _, p := range parts(t) {
		if got, want := federate.Norm(p.Adapter), norm(p.Adapter); math.Abs(got-want) > 1e-9*want {
			t.Errorf("the norm is %g, want %g", got, want)
		}
	}
}

// The average is that of the products, weighted by the numbers of examples.
func TestAverage(t *testing.T) {
	t.Parallel()
	ps := parts(t)
	m := merge(t, ps, federate.Options{})
	for layer := range 2 {
		for _, module := range lora.AllModules() {
			want := average(ps, []float64{0.3, 0.1, 0.6}, layer, module)
			if d := far(want, product(m.Adapter, layer, module, 1)); d > 1e-6 {
				t.Errorf("layer %d's %v is %g off", layer, module, d)
			}
		}
	}
	if m.Adapter.At(0, lora.Query).Rank != 9 || m.Adapter.At(0, lora.Key) != nil || m.Lost != 0 || m.Sigma != 0 {
		t.Errorf("%+v", m)
	}
}

// A smaller rank holds what is nearest to the average: the singular values that are left out
// are the least ones.
func TestRank(t *testing.T) {
	t.Parallel()
	ps := parts(t)
	for _, rank := range []int{1, 3, 8} {
		m := merge(t, ps, federate.Options{Rank: rank})
		lost, whole := 0.0, 0.0
		for layer := range 2 {
			for _, module := range []lora.Module{lora.Query, lora.Up, lora.Down} {
				want := average(ps, []float64{0.3, 0.1, 0.6}, layer, module)
				var svd mat.SVD
				if !svd.Factorize(want, mat.SVDNone) {
					t.Fatal("no singular values")
				}
				least := 0.0
				for k, s := range svd.Values(nil) {
					whole += s * s
					if k >= rank {
						least += s * s
					}
				}
				lost += least
				var d mat.Dense
				d.Sub(want, product(m.Adapter, layer, module, 1))
				off := mat.Norm(&d, 2)
				if math.Abs(off-math.Sqrt(least)) > 1e-5*mat.Norm(want, 2) || m.Adapter.At(layer, module).Rank != rank {
					t.Errorf("rank %d, layer %d's %v is %g off, want %g", rank, layer, module, off, math.Sqrt(least))
				}
			}
		}
		if math.Abs(m.Lost-lost/whole) > 1e-5 {
			t.Errorf("rank %d: %g is lost, want %g", rank, m.Lost, lost/whole)
		}
	}
	// What fits is kept as it is, and equal adapters are merged to themselves.
	if m := merge(t, ps, federate.Options{Rank: 9}); m.Lost != 0 || m.Adapter.At(0, lora.Query).Rank != 9 {
		t.Errorf("%+v", m)
	}
	same := []federate.Part{{ps[1].Adapter, 1}, {ps[1].Adapter.Clone(), 5}}
	m := merge(t, same, federate.Options{Rank: 5})
	if d := far(product(ps[1].Adapter, 1, lora.Up, 1), product(m.Adapter, 1, lora.Up, 1)); d > 1e-5 || m.Lost > 1e-6 {
		t.Errorf("merged with itself it is %g off, and %g is lost", d, m.Lost)
	}
}

// A part that is larger than the bound is scaled down to it; a smaller one stays.
func TestClip(t *testing.T) {
	t.Parallel()
	ps := parts(t)
	bound := 0.9 * min(norm(ps[0].Adapter), norm(ps[2].Adapter))
	small := ps[1].Adapter
	for p := range small.Params() {
		for i := range p.Data {
			p.Data[i] *= 0.1
		}
	}
	m := merge(t, ps, federate.Options{Clip: bound})
	factors := []float64{0.3 * bound / norm(ps[0].Adapter), 0.1, 0.6 * bound / norm(ps[2].Adapter)}
	if norm(small) >= bound {
		t.Fatal("the small one is not small")
	}
	for _, module := range []lora.Module{lora.Query, lora.Up, lora.Down} {
		if d := far(average(ps, factors, 1, module), product(m.Adapter, 1, module, 1)); d > 3e-6 {
			t.Errorf("%v is %g off", module, d)
		}
	}
	alone := merge(t, ps[2:], federate.Options{Clip: bound})
	if n := norm(alone.Adapter); n > bound || n < bound*(1-1e-5) {
		t.Errorf("alone its norm is %g, want at most %g", n, bound)
	}
}

// With every rank kept the difference to the average is the noise: its mean, its size, and no
// more where the average has something than elsewhere.
func TestNoise(t *testing.T) {
	t.Parallel()
	ps := parts(t)
	const clip, multiplier = 5.0, 2.0
	o := federate.Options{Rank: 24, Clip: clip, Noise: multiplier, Random: rand.New(rand.NewPCG(5, 6))}
	m := merge(t, ps, o)
	if want := multiplier * clip * 0.6; math.Abs(m.Sigma-want) > 1e-12 || m.Lost > 1e-6 {
		t.Errorf("sigma is %g, want %g; %g is lost", m.Sigma, want, m.Lost)
	}
	factors := make([]float64, len(ps))
	for i := range ps {
		factors[i] = m.Weights[i] * min(1, clip/m.Norms[i])
	}
	n, sum, squares := 0.0, 0.0, 0.0
	for layer := range 2 {
		for _, module := range []lora.Module{lora.Query, lora.Up, lora.Down} {
			var d mat.Dense
			d.Sub(product(m.Adapter, layer, module, 1), average(ps, factors, layer, module))
			for _, x := range d.RawMatrix().Data {
				n, sum, squares = n+1, sum+x, squares+x*x
			}
		}
	}
	mean, sd := sum/n, math.Sqrt(squares/n)
	// Five standard errors: the seed is fixed, so that this holds or not.
	if math.Abs(mean) > 5*m.Sigma/math.Sqrt(n) || math.Abs(sd/m.Sigma-1) > 5/math.Sqrt(2*n) {
		t.Errorf("the noise on %.0f weights has mean %g and standard deviation %g, want 0 and %g", n, mean, sd, m.Sigma)
	}
	o.Rank, o.Random = 0, rand.New(rand.NewPCG(5, 6))
	if low := merge(t, ps, o); low.Adapter.At(0, lora.Query).Rank != 4 || low.Lost < 0.1 {
		t.Errorf("of rank %d, and %g is lost", low.Adapter.At(0, lora.Query).Rank, low.Lost)
	}
}

func TestMergeRefuses(t *testing.T) {
	t.Parallel()
	ps := parts(t)
	other := drawn(t, 1, 2, lora.Up)
	other.Layers[0][lora.Query] = other.Layers[0][lora.Up] // of another shape
	rng := rand.New(rand.NewPCG(1, 1))
	for name, c := range map[string]struct {
		parts []federate.Part
		o     federate.Options
		want  error
	}{
		"nothing":         {nil, federate.Options{}, lora.ErrInvalid},
		"no weight":       {[]federate.Part{{ps[0].Adapter, 0}}, federate.Options{}, lora.ErrInvalid},
		"no number":       {[]federate.Part{{ps[0].Adapter, math.NaN()}}, federate.Options{}, lora.ErrInvalid},
		"another base":    {append(ps[:2:2], federate.Part{Adapter: other, Weight: 1}), federate.Options{}, lora.ErrMismatch},
		"negative clip":   {ps, federate.Options{Clip: -1}, nil},
		"noise unbounded": {ps, federate.Options{Noise: 1, Random: rng}, nil},
		"noise undrawn":   {ps, federate.Options{Noise: 1, Clip: 1}, nil},
		"negative rank":   {ps, federate.Options{Rank: -1}, nil},
	} {
		if _, err := federate.Merge(t.Context(), c.parts, c.o); err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := federate.Merge(ctx, ps, federate.Options{Rank: 1}); !errors.Is(err, context.Canceled) {
		t.Errorf("after its end: %v", err)
	}
}
