package figures

import (
	"math"

	"github.com/grokputer/grokputer/contracts"
)

// z975 is the standard normal quantile of 97.5 %: an interval to both sides of it holds 95 %.
const z975 = 1.959963984540054

// Proportion is the share of successes of n trials with the Wilson score interval (Wilson
// 1927, Journal of the American Statistical Association 22), which needs no many of them.
func Proportion(successes, n int) contracts.Estimate {
	if n == 0 {
		return contracts.Estimate{}
	}
	trials, p := float64(n), float64(successes)/float64(n)
	z2 := z975 * z975
	centre := (p + z2/(2*trials)) / (1 + z2/trials)
	half := z975 / (1 + z2/trials) * math.Sqrt(p*(1-p)/trials+z2/(4*trials*trials))
	return contracts.Estimate{N: n, Value: p, Low: max(0, centre-half), High: min(1, centre+half)}
}

// ProportionGain is the share a less the share b, with Newcombe's hybrid score interval (1998,
// Statistics in Medicine 17, method 10): the distances to the ends of the two Wilson intervals, squared and added.
func ProportionGain(a, b contracts.Estimate) contracts.Estimate {
	if a.N == 0 || b.N == 0 {
		return contracts.Estimate{}
	}
	d := a.Value - b.Value
	return contracts.Estimate{
		N: min(a.N, b.N), Value: d,
		Low: d - math.Hypot(a.Value-a.Low, b.High-b.Value), High: d + math.Hypot(a.High-a.Value, b.Value-b.Low),
	}
}
