//go:build linux

package standin_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/grokputer/grokputer/lm/compute/gpu/standin"
)

// each runs f with waves of both sizes, in several orders, on one thread and on three.
func each(t *testing.T, f func(t *testing.T, o standin.Options, p *standin.Program)) {
	t.Helper()
	for _, o := range []standin.Options{{Wave: 32}, {Wave: 64}, {Wave: 32, Seed: 1}, {Wave: 64, Seed: 2, Threads: 3}} {
		t.Run(fmt.Sprintf("wave %d, seed %d, threads %d", o.Wave, o.Seed, o.Threads), func(t *testing.T) {
			t.Parallel()
			_, program := checks(t, o)
			f(t, o, program)
		})
	}
}

// Kernels that keep the rules give what is written in them, in whatever order lanes run.
func TestRightKernels(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, o standin.Options, p *standin.Program) {
		t.Helper()
		tests := []struct {
			kernel string
			lanes  int
			shared uint32
			want   func(in []float32, i int) float32
		}{
			{"scan", 1024, 0, func(_ []float32, i int) float32 { return float32((i + 1) * (i + 2) / 2) }},
			{"scan", 96, 0, func(_ []float32, i int) float32 { return float32((i + 1) * (i + 2) / 2) }},
			{"scan", 1, 0, func(_ []float32, _ int) float32 { return 1 }},
			{"reverse_wave", 1024, 0, func(in []float32, i int) float32 { return in[i/o.Wave*o.Wave+o.Wave-1-i%o.Wave] }},
			{"wave_sums", 256, 0, func(in []float32, i int) float32 {
				sum, first := float32(0), i/o.Wave*o.Wave
				for _, v := range in[first : first+o.Wave] {
					sum += v
				}

				return sum
			}},
			{"wide", 128, 0, func(_ []float32, i int) float32 { return float32(i ^ 1) }},
			{"dynamic_reverse", 1000, 4000, func(in []float32, i int) float32 { return in[999-i] }},
			{"own_arguments", 1024, 0, func(_ []float32, i int) float32 { return float32(65*i + 63*32) }},
		}
		for _, test := range tests {
			in, out := counted(test.lanes), make([]float32, test.lanes)
			if err := launch(p, test.kernel, [3]uint32{1, 1, 1}, uint32(test.lanes), test.shared, &job{out: &out[0], in: &in[0]}); err != nil {
				t.Error(err)
			}
			for i, got := range out {
				if want := test.want(in, i); got != want {
					t.Errorf("%s of %d lanes: element %d is %g, want %g", test.kernel, test.lanes, i, got, want)

					break
				}
			}
		}
	})
}

func TestGrid(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, _ standin.Options, p *standin.Program) {
		t.Helper()
		out := make([]float32, 5*4*3)
		if err := launch(p, "places", [3]uint32{5, 4, 3}, 32, 0, &job{out: &out[0]}); err != nil {
			t.Fatal(err)
		}
		for i, got := range out {
			if want := float32(i%5 + 10*(i/5%4) + 100*(i/20)); got != want {
				t.Errorf("block %d is at %g, want %g", i, got, want)
			}
		}
		in, sums := counted(1000), make([]float32, 1000)
		if err := launch(p, "early_return", [3]uint32{4, 1, 1}, 256, 0, &job{out: &sums[0], in: &in[0], n: 1000}); err != nil {
			t.Fatal(err)
		}
		if sums[999] != 1001 {
			t.Errorf("the last element is %g, want 1001", sums[999])
		}
	})
}

// A kernel with a race shows it: with another seed it gives something else.
func TestSeedShowsRaces(t *testing.T) {
	t.Parallel()
	var seen []float32
	for seed := range uint64(8) {
		_, program := checks(t, standin.Options{Seed: seed})
		out := make([]float32, 64)
		for range 2 { // and the same seed gives the same
			before := out[0]
			if err := launch(program, "race", [3]uint32{1, 1, 1}, 64, 0, &job{out: &out[0]}); err != nil {
				t.Fatal(err)
			}
			if before != 0 && before != out[0] {
				t.Errorf("seed %d gives %g and %g", seed, before, out[0])
			}
		}
		if !slices.Contains(seen, out[0]) {
			seen = append(seen, out[0])
		}
	}
	if len(seen) < 3 {
		t.Errorf("8 seeds give only %v", seen)
	}
}
