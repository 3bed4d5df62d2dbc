package federate_test

import (
	"math"
	"testing"

	"github.com/grokputer/grokputer/services/trainer/federate"
)

// The values are those of Google's differential privacy library (go/noise/gaussian_noise_test.go).
func TestDelta(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ noise, epsilon, want float64 }{
		{10, 0.1, 0.008751768145810},
		{2, math.Log(3), 0.004159742234000802},
		{1, math.Log(3), 0.10985556344445052},
		{1 / math.Sqrt2, math.Log(3), 0.26546844106038714},
		{0.5, 0, 0.6826894921370859},
		{50, 0.5, 3.129776773173962e-141},
	} {
		if got := federate.Delta(c.noise, c.epsilon); math.Abs(got-c.want) > 1e-9*c.want {
			t.Errorf("noise %g, epsilon %g: delta %g, want %g", c.noise, c.epsilon, got, c.want)
		}
	}
}

// The variances are published there, too, for noise that is found to a thousandth.
func TestEpsilon(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ variance, delta, want float64 }{
		{28.76478576660, 1e-10, math.Log(3)},
		{7.65948867798, 1e-10, 2 * math.Log(3)},
		{11.73597717285, 1e-5, math.Log(3)},
	} {
		got, err := federate.Epsilon(math.Sqrt(c.variance), c.delta)
		if err != nil || got > c.want || got < c.want*0.997 {
			t.Errorf("variance %g, delta %g: epsilon %g, %v; want %g", c.variance, c.delta, got, err, c.want)
		}
	}
	for _, c := range [][2]float64{{0.01, 1e-6}, {0.3, 1e-6}, {1, 1e-12}, {5, 1e-5}, {100, 1e-9}} {
		epsilon, err := federate.Epsilon(c[0], c[1])
		if err != nil || math.Abs(federate.Delta(c[0], epsilon)-c[1]) > 1e-5*c[1] {
			t.Errorf("noise %g: epsilon %g has delta %g, %v; want %g", c[0], epsilon, federate.Delta(c[0], epsilon), err, c[1])
		}
	}
	if epsilon, err := federate.Epsilon(1e6, 1e-5); err != nil || epsilon != 0 {
		t.Errorf("much noise: epsilon %g, %v", epsilon, err)
	}
	for _, c := range [][2]float64{{0, 0.1}, {-1, 0.1}, {math.Inf(1), 0.1}, {math.NaN(), 0.1}, {1, 0}, {1, 1}, {1, math.NaN()}} {
		if _, err := federate.Epsilon(c[0], c[1]); err == nil {
			t.Errorf("noise %g and delta %g are taken", c[0], c[1])
		}
	}
}
