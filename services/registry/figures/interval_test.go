package figures_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/services/registry/figures"
)

func near(a, b float64) bool { return math.Abs(a-b) < 5e-4 }

// Published values: Newcombe (1998), Statistics in Medicine 17, table I of each of the two papers.
func TestPublishedIntervals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		successes, n int
		low, high    float64
	}{{81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0, 0.1611}, {1, 29, 0.0061, 0.1718}} {
		if e := figures.Proportion(c.successes, c.n); !near(e.Low, c.low) || !near(e.High, c.high) || e.N != c.n {
			t.Errorf("%d of %d: %+v, want %.4f to %.4f", c.successes, c.n, e, c.low, c.high)
		}
	}
	for _, c := range []struct {
		a, n, b, m int
		low, high  float64
	}{{56, 70, 48, 80, 0.0524, 0.3339}, {9, 10, 3, 10, 0.1705, 0.8090}, {10, 10, 0, 20, 0.6791, 1}} {
		if e := figures.ProportionGain(figures.Proportion(c.a, c.n), figures.Proportion(c.b, c.m)); !near(e.Low, c.low) || !near(e.High, c.high) {
			t.Errorf("%d of %d less %d of %d: %+v, want %.4f to %.4f", c.a, c.n, c.b, c.m, e, c.low, c.high)
		}
	}
}

func TestNothingIsKnownOfNoSessions(t *testing.T) {
	t.Parallel()
	none, some := figures.Stars{}, figures.Stars{0, 0, 1, 2, 3}
	for name, e := range map[string]contracts.Estimate{
		"mean": none.Mean(), "gain": some.Gain(none), "gain over": none.Gain(some), "share": figures.Proportion(0, 0),
		"gain in share": figures.ProportionGain(figures.Proportion(1, 2), figures.Proportion(0, 0)),
	} {
		if e != (contracts.Estimate{}) {
			t.Errorf("%s: %+v", name, e)
		}
	}
}

// Ratings that agree, and single ones, do not make one sure.
func TestFewRatingsSayLittle(t *testing.T) {
	t.Parallel()
	if e := (figures.Stars{0, 0, 0, 0, 3}).Mean(); e.Value != 5 || e.Low > 3 || e.High != 5 {
		t.Errorf("three times 5 stars: %+v", e)
	}
	if e := (figures.Stars{0, 0, 0, 1, 0}).Mean(); e.Low != 1 || e.High != 5 {
		t.Errorf("one rating: %+v", e)
	}
	if e := (figures.Stars{0, 0, 0, 0, 40}).Mean(); e.Low < 4.5 || e.Low > 4.8 {
		t.Errorf("forty times 5 stars: %+v", e)
	}
}

// shapes are distributions of stars: their cumulated shares of 1, 2, 3, 4 and 5.
func shapes() map[string][5]float64 {
	return map[string][5]float64{
		"bell": {0.02, 0.10, 0.35, 0.78, 1}, "u": {0.20, 0.25, 0.33, 0.43, 1},
		"good": {0.01, 0.03, 0.08, 0.30, 1}, "of 1 and 5": {0.3, 0.3, 0.3, 0.3, 1},
	}
}

func draw(rng *rand.Rand, shape [5]float64, n int) (s figures.Stars) {
	for range n {
		u, i := rng.Float64(), 0
		for u > shape[i] {
			i++
		}
		s[i]++
	}
	return s
}

func meanOf(shape [5]float64) float64 {
	mean, before := 0.0, 0.0
	for i, c := range shape {
		mean += float64(i+1) * (c - before)
		before = c
	}
	return mean
}

// The intervals hold the truth about as often as they say, also of few ratings, and are not
// so wide that they would say nothing.
func TestIntervalsCover(t *testing.T) {
	t.Parallel()
	const runs = 4000
	rng := rand.New(rand.NewPCG(3, 4))
	for name, shape := range shapes() {
		mean := meanOf(shape)
		for _, n := range []int{4, 8, 20, 60} {
			in, gainIn, width := 0, 0, 0.0
			for range runs {
				a := draw(rng, shape, n)
				e, g := a.Mean(), a.Gain(draw(rng, shape, 20))
				width += (e.High - e.Low) / runs
				if e.Low <= mean && mean <= e.High {
					in++
				}
				if g.Low <= 0 && 0 <= g.High {
					gainIn++
				}
			}
			t.Logf("%-10s n=%2d: mean %.3f of %.2f wide, gain %.3f", name, n, float64(in)/runs, width, float64(gainIn)/runs)
			if float64(in)/runs < 0.92 || float64(gainIn)/runs < 0.93 {
				t.Errorf("%s of %d ratings: the intervals hold the truth in %d and %d of %d", name, n, in, gainIn, runs)
			}
			if n == 60 && width > 1 {
				t.Errorf("%s of %d ratings: the interval is %.2f stars wide", name, n, width)
			}
		}
	}
}
