package simulation_test

import (
	"math"
	"testing"

	"github.com/grokputer/grokputer/services/registry/experiment/simulation"
)

func TestStarsHaveTheirMeans(t *testing.T) {
	t.Parallel()
	for name, family := range map[string]func(float64) simulation.Stars{
		"binary": simulation.Binary, "u": simulation.U, "bell": simulation.Bell,
	} {
		for _, mean := range []float64{2.8, 3.3, 3.8, 4.3} {
			s := family(mean)
			if math.Abs(s.Mean()-mean) > 1e-6 {
				t.Errorf("%s has a mean of %g, want %g", name, s.Mean(), mean)
			}
			sum := 0.0
			for _, p := range s {
				sum += p
			}
			if math.Abs(sum-1) > 1e-9 {
				t.Errorf("%s with a mean of %g adds up to %g", name, mean, sum)
			}
		}
	}
	if sd := simulation.Bell(3.8).SD(); math.Abs(sd-simulation.BellSD) > 1e-6 {
		t.Errorf("the bell has a standard deviation of %g, want %g", sd, simulation.BellSD)
	}
	if u := simulation.U(3.3); u[0] < u[1] || u[4] < u[3] || u[1] < u[2] {
		t.Errorf("%v is no U", u)
	}
}
