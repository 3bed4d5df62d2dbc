package lora_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/grokputer/grokputer/lm/lora"
)

// product is weight·scale·B·A.
func product(p *lora.Pair, weight float64) []float64 {
	sum := make([]float64, p.Out*p.In)
	for o := range p.Out {
		for k := range p.Rank {
			for j := range p.In {
				sum[o*p.In+j] += weight * float64(p.Scale) * float64(p.B[o*p.Rank+k]) * float64(p.A[k*p.In+j])
			}
		}
	}
	return sum
}

func TestStackIsTheSum(t *testing.T) {
	t.Parallel()
	one := config()
	two := config()
	two.Rank, two.Targets, two.RSLoRA = 3, []lora.Module{lora.Query, lora.Up}, true
	two.RankPattern = []lora.Pattern[int]{{Key: "layers.1.*", Value: 5}}
	three := config()
	three.Layers = []int{2}
	parts := []lora.Weighted{{filled(t, one), 0.25}, {filled(t, two), -1.5}, {filled(t, three), 1}, {filled(t, one), 0}}
	stack, err := lora.Stack(parts...)
	if err != nil {
		t.Fatal(err)
	}
	if err := dims().Check(stack); err != nil {
		t.Fatal(err)
	}
	for i, ranks := range [][lora.Modules]int{{lora.Query: 7, lora.Value: 4, lora.Down: 4, lora.Up: 3}, {lora.Query: 9, lora.Value: 4, lora.Down: 4, lora.Up: 5}, {lora.Query: 11, lora.Value: 8, lora.Down: 8, lora.Up: 3}} {
		for m, rank := range ranks {
			p := stack.At(i, lora.Module(m))
			if rank == 0 && p == nil {
				continue
			}
			if p == nil || p.Rank != rank || p.Scale != 1 {
				t.Fatalf("layer %d, module %d: %+v, want rank %d", i, m, p, rank)
			}
			want := make([]float64, p.Out*p.In)
			for _, part := range parts {
				if q := part.Adapter.At(i, lora.Module(m)); q != nil {
					for j, x := range product(q, float64(part.Weight)) {
						want[j] += x
					}
				}
			}
			for j, x := range product(p, 1) {
				if math.Abs(x-want[j]) > 1e-6*(1+math.Abs(want[j])) {
					t.Fatalf("layer %d, module %d: element %d is %g, want %g", i, m, j, x, want[j])
				}
			}
		}
	}
	if !slices.Equal(stack.Config.Targets, []lora.Module{lora.Query, lora.Value, lora.Up, lora.Down}) || stack.Config.Validate() != nil {
		t.Errorf("config %+v", stack.Config)
	}
	dir, _ := saved(t, stack, lora.SaveOptions{})
	if again, _, err := lora.Load(dir, dims(), lora.Expect{}); err != nil || !slices.Equal(elements(again), elements(stack)) {
		t.Errorf("saved and loaded: %v", err)
	}
}

func TestStackRefuses(t *testing.T) {
	t.Parallel()
	a := filled(t, config())
	wide := filled(t, config())
	wide.At(1, lora.Value).Out++
	for name, c := range map[string]struct {
		parts []lora.Weighted
		err   error
	}{
		"nothing":      {nil, lora.ErrInvalid},
		"no adapter":   {[]lora.Weighted{{a, 1}, {nil, 1}}, lora.ErrInvalid},
		"weight 0":     {[]lora.Weighted{{a, 0}}, lora.ErrInvalid},
		"not a number": {[]lora.Weighted{{a, float32(math.NaN())}}, lora.ErrInvalid},
		"other base":   {[]lora.Weighted{{a, 1}, {wide, 1}}, lora.ErrMismatch},
	} {
		if _, err := lora.Stack(c.parts...); !errors.Is(err, c.err) {
			t.Errorf("%s: got %v, want %v", name, err, c.err)
		}
	}
}
